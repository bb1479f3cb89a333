"""The SFTP client against real servers: asyncssh, and OpenSSH where it is installed."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import socket
import threading

import asyncssh
import pytest
from asyncssh.connection import SSHServerConnection
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from paramiko.auth_handler import AuthHandler
from paramiko.common import cMSG_USERAUTH_REQUEST

from topstitch.errors import AuthError, ConfigError, DuplicateRecord, RemoteRejected, TemporaryError, Unreachable
from topstitch.net.guard import Guard
from topstitch.net.hostkeys import matches
from topstitch.net.sftp import SftpFiles, SshAccount
from topstitch.net.sftp_wire import SshTransport
from topstitch.net.sshkeys import private_key, public_line
from topstitch.net.tokens import MemoryTokenStore
from topstitch.sdk.practice.files import FileServer, _sshd

OPENSSH = pytest.param("openssh", marks=pytest.mark.skipif(_sshd() is None, reason="OpenSSH's sshd is not installed"))


@pytest.fixture
def connect():
    opened = []

    def make(server, *, keys=None, guard=None, **settings):
        given = {"host": "127.0.0.1", "port": server.port, "username": server.user, "tries": 1, "timeout": 5}
        secret = {"password": server.password} if server.password else {"private_key": server.private_key}
        account = SshAccount(**{**given, **secret, **settings})
        opened.append(SftpFiles(account, guard=guard or Guard(allow=["127.0.0.0/8"]), keys=keys))
        return opened[-1]

    yield make
    for files in opened:
        files.close()


@pytest.fixture(params=["asyncssh", OPENSSH])
def server(request, tmp_path):
    with FileServer(tmp_path / "files", kind=request.param) as running:
        yield running


@pytest.fixture
def passwords(tmp_path):
    with FileServer(tmp_path / "files", kind="asyncssh") as running:
        yield running


def content(files, path):
    with files.open(path) as stream:
        return stream.read()


def test_a_file_comes_back_as_it_was_put(connect, server):
    files = connect(server)
    data = bytes(range(256)) * 9_000

    files.put("Größe & co.bin", io.BytesIO(data))

    assert content(files, "Größe & co.bin") == data
    assert files.stat("Größe & co.bin").size == len(data)
    assert [file.name for file in files.listing(".")] == ["Größe & co.bin"]


def test_overwriting_replaces_and_can_be_refused(connect, server):
    files = connect(server)
    files.put("stock.csv", io.BytesIO(b"old and long"))
    files.put("stock.csv", io.BytesIO(b"new"))

    with pytest.raises(DuplicateRecord) as caught:
        files.put("stock.csv", io.BytesIO(b"newer"), overwrite=False)

    assert caught.value.key == "file_exists"
    assert content(files, "stock.csv") == b"new"
    assert [file.name for file in files.listing(".")] == ["stock.csv"]


def test_a_server_without_extensions_is_overwritten_too(connect, tmp_path):
    with FileServer(tmp_path, kind="asyncssh", old=True) as old:
        files = connect(old)
        files.put("stock.csv", io.BytesIO(b"old"))
        files.put("stock.csv", io.BytesIO(b"new"))

        assert content(files, "stock.csv") == b"new"


@pytest.mark.parametrize("old", [False, True], ids=["with extensions", "without"])
def test_a_publishing_that_fails_loses_no_file(connect, tmp_path, monkeypatch, old):
    """Status 4, which may mean anything: it does not say that the server lacks the rename that replaces."""
    with FileServer(tmp_path, kind="asyncssh", old=old) as server:
        files = connect(server)
        files.put("stock.csv", io.BytesIO(b"old"))

        def fail(view, oldpath, newpath):
            if newpath.endswith(b"stock.csv") and not (server.folder / "stock.csv.stop").exists():
                (server.folder / "stock.csv.stop").touch()
                raise asyncssh.SFTPFailure("disk failure")
            original(view, oldpath, newpath)

        name = "rename" if old else "posix_rename"
        original = getattr(asyncssh.SFTPServer, name)
        monkeypatch.setattr(asyncssh.SFTPServer, name, fail)
        with pytest.raises(RemoteRejected, match="disk failure"):
            files.put("stock.csv", io.BytesIO(b"new"))

        assert content(files, "stock.csv") == b"old"
        assert sorted(path.name for path in server.folder.iterdir()) == ["stock.csv", "stock.csv.stop"]


def test_folders_are_made_moved_into_and_removed(connect, server):
    files = connect(server)
    files.make_folder("out/2024/may")
    files.make_folder("out/2024/may")
    files.put("a.csv", io.BytesIO(b"1"))
    files.rename("a.csv", "out/2024/may/a.csv")

    assert [file.path for file in files.listing("out/2024/may")] == ["out/2024/may/a.csv"]
    files.remove("out/2024/may/a.csv")
    files.remove_folder("out/2024/may")
    assert files.stat("out/2024/may") is None
    assert files.stat("out/2024").is_folder


def test_renaming_never_replaces(connect, server):
    files = connect(server)
    files.put("a", io.BytesIO(b"a"))
    files.put("b", io.BytesIO(b"b"))

    with pytest.raises(DuplicateRecord):
        files.rename("a", "b")

    assert content(files, "b") == b"b"


def test_what_is_missing_is_named(connect, server):
    files = connect(server)

    for attempt in (
        lambda: files.listing("none"),
        lambda: files.open("none.csv"),
        lambda: files.put("none/x.csv", io.BytesIO(b"")),
        lambda: files.remove("none.csv"),
    ):
        with pytest.raises(RemoteRejected, match="none") as caught:
            attempt()
        assert caught.value.key == "no_such_file"


def test_names_of_another_encoding_do_not_spoil_the_listing(connect, server):
    (server.folder / "good.csv").write_text("x")
    (server.folder / "caf\udce9.csv").write_text("x")

    assert sorted(file.name for file in connect(server).listing(".")) == ["caf\ufffd.csv", "good.csv"]


def test_links_count_as_what_they_point_to(connect, server):
    (server.folder / "real.csv").write_text("12345")
    (server.folder / "link.csv").symlink_to("real.csv")
    (server.folder / "dangling.csv").symlink_to("gone.csv")
    (server.folder / "circle.csv").symlink_to("circle.csv")

    found = {file.name: file.size for file in connect(server).listing(".")}

    assert found == {"real.csv": 5, "link.csv": 5}


def test_modes_are_set_on_what_is_made(connect, server):
    files = connect(server, file_mode=0o640, folder_mode=0o750)
    files.make_folder("out")
    files.put("out/a.csv", io.BytesIO(b"1"))

    assert (server.folder / "out").stat().st_mode & 0o777 == 0o750
    assert (server.folder / "out/a.csv").stat().st_mode & 0o777 == 0o640


def test_nobody_ever_sees_half_a_file(connect, passwords):
    writer, watcher = connect(passwords), connect(passwords)
    sizes = {400_000: b"a" * 400_000, 700_000: b"b" * 700_000}
    writer.put("stock.csv", io.BytesIO(sizes[400_000]))
    seen, done = set(), threading.Event()

    def watch():
        while not done.is_set():
            seen.update((file.name, file.size) for file in watcher.listing(".") if file.name.endswith(".csv"))
            seen.add(("content", len(set(content(watcher, "stock.csv")))))

    thread = threading.Thread(target=watch)
    thread.start()
    for data in [*sizes.values()] * 6:
        writer.put("stock.csv", io.BytesIO(data))
    done.set()
    thread.join()

    assert seen <= {("stock.csv", 400_000), ("stock.csv", 700_000), ("content", 1)}


def test_a_lost_connection_is_made_anew(connect, server):
    (server.folder / "a.csv").write_text("x")
    files = connect(server)
    assert files.listing(".")
    server.drop()

    assert [file.name for file in files.listing(".")] == ["a.csv"]


@pytest.fixture
def answers_at_once(monkeypatch):
    """The server's answer to a sign-in is there before the line after the sending runs."""
    answered = threading.Event()
    send = SshTransport._send_message

    def send_and_wait(transport, message):
        asks = message.asbytes()[:1] == cMSG_USERAUTH_REQUEST
        answered.clear()
        send(transport, message)
        assert not asks or answered.wait(5)

    def heard_by(parse):
        def heard(handler, message):
            parse(handler, message)
            answered.set()

        return heard

    monkeypatch.setattr(SshTransport, "_send_message", send_and_wait)
    for name in ("_parse_userauth_success", "_parse_userauth_failure"):
        monkeypatch.setattr(AuthHandler, name, heard_by(getattr(AuthHandler, name)))


def test_an_answer_that_comes_at_once_is_heard(connect, passwords, answers_at_once):
    assert connect(passwords).listing(".") == []

    with pytest.raises(AuthError, match="password"):
        connect(passwords, password="wrong").listing(".")


def test_threads_share_the_connection(connect, passwords):
    files = connect(passwords)
    wrong = []

    def work(number):
        for turn in range(8):
            data = f"{number}-{turn}".encode() * 10_000
            files.put(f"{number}.bin", io.BytesIO(data))
            if content(files, f"{number}.bin") != data:
                wrong.append((number, turn))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not wrong


# -- signing in ------------------------------------------------------------------------------------------------------


def test_a_key_signs_in(connect, passwords):
    assert connect(passwords, password="", private_key=passwords.private_key).listing(".") == []


def test_the_password_is_also_given_in_a_dialogue(connect, tmp_path):
    with FileServer(tmp_path, kind="asyncssh", dialogue=True) as server:
        assert connect(server).listing(".") == []


def test_a_wrong_password_is_given_once(connect, passwords):
    files = connect(passwords, password="wrong", tries=3)

    with pytest.raises(AuthError, match="refuses the password of practice"):
        files.listing(".")
    passwords._server.stop()
    with pytest.raises(AuthError):  # without asking: nobody listens any more
        files.listing(".")


def test_a_refused_key_is_shown_so_that_it_can_be_installed(connect, passwords):
    stranger = pem(ed25519.Ed25519PrivateKey.generate())

    with pytest.raises(AuthError) as caught:
        connect(passwords, password="", private_key=stranger).listing(".")

    assert public_line(stranger) in caught.value.hint


@pytest.mark.parametrize(
    "make",
    [
        lambda: pem(ed25519.Ed25519PrivateKey.generate()),
        lambda: pem(ec.generate_private_key(ec.SECP256R1())),
        lambda: pem(rsa.generate_private_key(65537, 2048)),
        lambda: pem(rsa.generate_private_key(65537, 2048), form="TraditionalOpenSSL"),
        lambda: pem(rsa.generate_private_key(65537, 2048), form="PKCS8"),
    ],
    ids=["ed25519", "ecdsa", "rsa openssh", "rsa pem", "rsa pkcs8"],
)
def test_keys_of_every_kind_sign_in(connect, tmp_path, make):
    text = make()
    with FileServer(tmp_path, kind="asyncssh", authorized=public_line(text)) as server:
        assert connect(server, password="", private_key=text.replace("\n", "\r\n")).listing(".") == []


@pytest.mark.parametrize("form", ["OpenSSH", "PKCS8", "TraditionalOpenSSL"])
def test_a_passphrase_opens_a_key_and_a_wrong_one_is_told(form):
    text = pem(rsa.generate_private_key(65537, 2048), form=form, passphrase=b"open sesame")

    assert private_key(text, "open sesame").get_name() == "ssh-rsa"
    with pytest.raises(ConfigError, match="passphrase"):
        private_key(text, "wrong")
    with pytest.raises(ConfigError, match="protected"):
        private_key(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("PuTTY-User-Key-File-3: ssh-ed25519", "PuTTY"),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me", "public half"),
        ("hello", "cannot be read"),
    ],
)
def test_what_is_no_private_key_is_explained(text, says):
    with pytest.raises(ConfigError, match=says):
        private_key(text)


# -- whose server it is ----------------------------------------------------------------------------------------------


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


# -- not reached -----------------------------------------------------------------------------------------------------


def test_nobody_there_is_unreachable(connect, passwords):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match="refuses the connection"):
            connect(passwords, port=free.getsockname()[1]).listing(".")


def test_something_else_on_the_port_is_told(connect, passwords):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=greet, args=(listener, b"220 mail ready\r\n" * 200))
        thread.start()
        with pytest.raises(Unreachable, match="not as an SSH server"):
            connect(passwords, port=listener.getsockname()[1], timeout=2).listing(".")
        thread.join()


def greet(listener, words):
    with listener.accept()[0] as connection:
        connection.sendall(words)


def test_private_addresses_need_permission(connect, passwords):
    with pytest.raises(ConfigError, match="not permitted"):
        connect(passwords, guard=Guard()).listing(".")


def test_a_connection_lost_in_the_middle_of_a_move_is_not_repeated(connect, passwords):
    """The server may have moved the file: only the caller can tell what that means."""
    files = connect(passwords)
    files.put("a", io.BytesIO(b"a"))
    original = files._rename

    def rename(session, source, target):
        passwords.drop()
        original(session, source, target)

    files._rename = rename

    with pytest.raises(TemporaryError, match="lost"):
        files.rename("a", "b")
    assert files.stat("a") is not None


def pem(key, *, form="OpenSSH", passphrase=b""):
    hidden = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, getattr(serialization.PrivateFormat, form), hidden).decode()
