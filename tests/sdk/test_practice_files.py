"""The practice file servers: which one is taken, that it is what it says, and that it leaves nothing behind."""

from __future__ import annotations

import socket
import threading

import pytest

from topstitch.errors import AuthError, ConfigError
from topstitch.net.guard import Guard
from topstitch.net.sftp import SftpFiles, SshAccount
from topstitch.sdk.practice import files as module
from topstitch.sdk.practice.files import FileServer

OPENSSH = pytest.param("openssh", marks=pytest.mark.skipif(module._sshd() is None, reason="sshd is not installed"))


def connected(server, **changes):
    given = {name: value for name, value in server.settings.items() if name not in ("protocol", "root", "auth")}
    return SftpFiles(SshAccount(**{**given, "tries": 1, **changes}), guard=Guard(allow=["127.0.0.0/8"]))


@pytest.mark.parametrize("kind", ["asyncssh", OPENSSH])
def test_its_settings_reach_the_folder(tmp_path, kind):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "here.csv").write_text("x")
    with FileServer(tmp_path / "files", kind=kind) as server:
        files = connected(server, fingerprint=server.fingerprint)
        assert [file.name for file in files.listing(".")] == ["here.csv"]
        files.close()


@pytest.mark.parametrize("kind", ["asyncssh", OPENSSH])
def test_it_stops_and_leaves_no_thread_and_no_port(tmp_path, kind):
    before = set(threading.enumerate())
    with FileServer(tmp_path, kind=kind) as server:
        files = connected(server)
        files.connect()
    files.close()

    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((server.host, server.port), 1)


def test_a_client_sees_nothing_outside_of_the_folder(tmp_path):
    (tmp_path / "secret.txt").write_text("x")
    with FileServer(tmp_path / "files", kind="asyncssh") as server:
        files = connected(server)
        assert files.stat("/secret.txt") is None
        assert files.stat("../secret.txt") is None
        files.close()


@pytest.mark.parametrize("kind", ["asyncssh", OPENSSH])
def test_strangers_stay_outside(tmp_path, kind):
    with FileServer(tmp_path / "files", kind=kind, keys=tmp_path / "keys") as server:
        with FileServer(tmp_path / "files", kind="asyncssh") as other:
            stranger = other.private_key
        for secrets in ({"password": "wrong", "private_key": ""}, {"password": "", "private_key": stranger}):
            files = connected(server, **secrets)
            with pytest.raises(AuthError):
                files.connect()
            files.close()


def test_keys_that_are_kept_are_the_same_after_a_restart(tmp_path):
    shown = []
    for _ in range(2):
        with FileServer(tmp_path / "files", kind="asyncssh", keys=tmp_path / "keys") as server:
            shown.append((server.fingerprint, server.public_key))

    assert shown[0] == shown[1]
    assert (tmp_path / "keys" / "host_key").stat().st_mode & 0o777 == 0o600


def test_a_password_needs_asyncssh_and_a_key_prefers_openssh(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_sshd", lambda: "/usr/sbin/sshd")
    assert module._chosen("auto", "secret") == "asyncssh"
    assert module._chosen("auto", "") == "openssh"
    monkeypatch.setattr(module, "_sshd", lambda: None)
    assert module._chosen("auto", "") == "asyncssh"
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="no asyncssh and no openssh"):
        module._chosen("auto", "secret")


@pytest.mark.skipif(module._sshd() is None, reason="sshd is not installed")
def test_sshd_that_cannot_start_says_why(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = FileServer(tmp_path, kind="openssh", port=taken.getsockname()[1])
        with pytest.raises(ConfigError, match="Address already in use"):
            server.start()
        server.stop()
