"""Whose server it is: fingerprints, host keys that are remembered, and the SHA-1 of ancient ones."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import threading

import asyncssh
import pytest
from asyncssh.connection import SSHServerConnection
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.net.sftp.keys import pem

from topstitch.errors import AuthError, ConfigError
from topstitch.net.guard import Guard
from topstitch.net.hostkeys import matches
from topstitch.net.sftp import SftpFiles, SshAccount
from topstitch.net.sshkeys import public_line
from topstitch.net.tokens import MemoryTokenStore
from topstitch.sdk.practice.files import FileServer


@pytest.mark.parametrize("form", ["md5:", "md5", "MD5 named", "sha512", "SHA256", "SHA512", "line"])
def test_a_fingerprint_is_accepted_in_every_form(connect, passwords, form):
    blob = base64.b64decode(passwords.host_key.split()[1])
    md5 = hashlib.md5(blob).hexdigest()
    given = {
        "md5:": ":".join(md5[at : at + 2] for at in range(0, 32, 2)).upper(),
        "md5": md5,
        "MD5 named": f"MD5:{md5}",
        "sha512": hashlib.sha512(blob).hexdigest(),
        "SHA256": "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("="),
        "SHA512": "SHA512:" + base64.b64encode(hashlib.sha512(blob).digest()).decode(),
        "line": passwords.host_key,
    }[form]

    assert connect(passwords, fingerprint=given).listing(".") == []


def test_another_fingerprint_is_refused_before_anything_is_said(connect, passwords):
    files = connect(passwords, fingerprint="00" * 16, password="wrong")

    with pytest.raises(AuthError, match=passwords.fingerprint.replace("+", "[+]")) as caught:
        files.listing(".")

    assert caught.value.key == "host_key"


def test_a_fingerprint_that_is_none_is_a_setting_to_correct(connect, passwords):
    with pytest.raises(ConfigError, match="fingerprint"):
        connect(passwords, fingerprint="aa:bb").listing(".")
    with pytest.raises(ConfigError):
        matches("SHA256:short", b"x")


def test_the_first_host_key_is_stored_and_a_change_is_refused(connect, tmp_path):
    keys = MemoryTokenStore()
    with FileServer(tmp_path / "files", kind="asyncssh", keys=tmp_path / "one") as server:
        connect(server, keys=keys).listing(".")
        connect(server, keys=keys).listing(".")
        port = server.port
    with FileServer(tmp_path / "files", kind="asyncssh", keys=tmp_path / "two", port=port) as server:
        files = connect(server, keys=keys)
        with pytest.raises(AuthError, match="another host key than before") as caught:
            files.listing(".")
        assert caught.value.key == "host_key"
        assert connect(server, keys=keys, fingerprint=server.fingerprint).listing(".") == []


@pytest.fixture
def ancient(monkeypatch):
    """A server that knows only RSA signatures with SHA-1 and does not say so; gives its port and a key that may sign in."""
    key = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    key.sig_algorithms, key.all_sig_algorithms = (b"ssh-rsa",), {b"ssh-rsa"}
    # Such servers are older than the message that tells (RFC 8308).
    monkeypatch.setattr(SSHServerConnection, "_send_ext_info", lambda connection: None)
    validate = SSHServerConnection.validate_public_key

    async def only_sha1(connection, username, blob, message, signature):
        old = signature[4:].startswith(b"ssh-rsa")
        return old and await validate(connection, username, blob, message, signature)

    monkeypatch.setattr(SSHServerConnection, "validate_public_key", only_sha1)
    client = pem(rsa.generate_private_key(65537, 2048))
    connections = []

    class Gate(asyncssh.SSHServer):
        def connection_made(self, conn):
            connections.append(conn)

        def password_auth_supported(self):
            return True

        def validate_password(self, username, password):
            return True

    async def close(acceptor):
        acceptor.close()
        for conn in connections:
            conn.abort()
            await conn.wait_closed()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    listening = asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[key],
        server_factory=Gate,
        sftp_factory=True,
        authorized_client_keys=asyncssh.import_authorized_keys(public_line(client)),
    )
    acceptor = asyncio.run_coroutine_threadsafe(_awaited(listening), loop).result(5)
    yield acceptor.get_port(), client
    asyncio.run_coroutine_threadsafe(close(acceptor), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def _awaited(coroutine):
    return await coroutine


def test_sha1_is_used_only_where_it_is_permitted(ancient):
    port, _ = ancient

    def account(sha1):
        return SshAccount(host="127.0.0.1", port=port, username="u", password="p", sha1=sha1, tries=1)

    guard = Guard(allow=["127.0.0.0/8"])

    with pytest.raises(ConfigError) as caught:
        SftpFiles(account(False), guard=guard).connect()
    assert "SHA-1" in caught.value.hint

    files = SftpFiles(account(True), guard=guard)
    assert files.connect().startswith("ssh-rsa SHA256:")
    files.close()


def test_an_rsa_key_signs_with_sha1_where_that_is_permitted_and_nothing_else_is_taken(ancient):
    port, key = ancient
    account = SshAccount(host="127.0.0.1", port=port, username="u", private_key=key, sha1=True, tries=1)
    files = SftpFiles(account, guard=Guard(allow=["127.0.0.0/8"]))

    assert files.connect().startswith("ssh-rsa SHA256:")
    files.close()
