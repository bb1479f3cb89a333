"""Connections that are shared, lost, refused or not permitted."""

from __future__ import annotations

import io
import socket
import threading

import pytest
from tests.net.contents import content

from topstitch.errors import ConfigError, TemporaryError, Unreachable
from topstitch.net.guard import Guard


def test_a_lost_connection_is_made_anew(connect, server):
    (server.folder / "a.csv").write_text("x")
    files = connect(server)
    assert files.listing(".")
    server.drop()

    assert [file.name for file in files.listing(".")] == ["a.csv"]


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
