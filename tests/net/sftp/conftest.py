"""SFTP servers of their own, asyncssh and OpenSSH where it is installed, and clients that talk to them."""

from __future__ import annotations

import pytest

from topstitch.net.guard import Guard
from topstitch.net.sftp import SftpFiles, SshAccount
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
