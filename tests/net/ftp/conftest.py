"""Servers that are odd on demand, a certificate for them, and clients that talk to them."""

from __future__ import annotations

import ssl

import pytest
from tests.net.certificates import self_signed
from tests.net.ftp.odd_server import OddServer

from topstitch.net.ftp import FtpAccount, FtpFiles
from topstitch.net.guard import Guard


@pytest.fixture
def odd(tmp_path):
    servers = []

    def start(**options):
        folder = tmp_path / "files"
        folder.mkdir(exist_ok=True)
        servers.append(OddServer(folder, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def connect():
    opened = []

    def make(port, **settings):
        given = {"host": "127.0.0.1", "username": "practice", "password": "practice", "tries": 1, "timeout": 5}
        opened.append(FtpFiles(FtpAccount(**{**given, "port": port, **settings}), guard=Guard(allow=["127.0.0.0/8"])))
        return opened[-1]

    yield make
    for files in opened:
        files.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate: (context of a server, its fingerprint)."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    shown = self_signed(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, shown
