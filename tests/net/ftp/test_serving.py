"""The whole interface, over aioftp and over servers that know less: without MLSD, encrypted, active."""

from __future__ import annotations

import asyncio
import io
import threading
import time

import aioftp
import pytest
from tests.net.contents import content

from topstitch.errors import DuplicateRecord, RemoteRejected


@pytest.fixture
def aio(tmp_path):
    """aioftp over a folder; gives its port."""
    (tmp_path / "aio").mkdir()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = aioftp.Server([aioftp.User("practice", "practice", base_path=tmp_path / "aio")])
    asyncio.run_coroutine_threadsafe(server.start("127.0.0.1", 0), loop).result(5)
    yield server.server_port
    asyncio.run_coroutine_threadsafe(server.close(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def work_through(files):
    """All that the interface offers, with another server behind it each time."""
    data = bytes(range(256)) * 3_000
    files.make_folder("out/2024")
    files.put("out/a b ü.bin", io.BytesIO(data))
    files.put("out/a b ü.bin", io.BytesIO(data + b"!"))
    assert content(files, "out/a b ü.bin") == data + b"!"
    with pytest.raises(DuplicateRecord):
        files.put("out/a b ü.bin", io.BytesIO(b"no"), overwrite=False)
    files.rename("out/a b ü.bin", "out/2024/b.bin")
    listed = {file.path: (file.size, file.is_folder) for file in files.listing("out")}
    assert set(listed) == {"out/2024"} and listed["out/2024"][1]
    found = files.stat("out/2024/b.bin")
    assert found.size == len(data) + 1
    assert abs(found.mtime - time.time()) < 60
    with pytest.raises(RemoteRejected) as caught:
        files.open("out/none")
    assert caught.value.key == "no_such_file"
    with pytest.raises(RemoteRejected):
        files.listing("nowhere")
    files.remove("out/2024/b.bin")
    files.remove_folder("out/2024")
    assert files.listing("out") == []
    assert files.stat("out/none") is None


def test_aioftp_serves_everything(aio, connect):
    work_through(connect(aio))


def test_plain_ftp_serves_everything(odd, connect):
    work_through(connect(odd().port))


@pytest.mark.parametrize("features", ["SIZE MDTM", "MDTM", "SIZE", ""])
def test_servers_with_only_list_serve_everything(odd, connect, features):
    work_through(connect(odd(features=features).port))


@pytest.mark.parametrize("kind", ["explicit", "implicit"])
def test_ftps_serves_everything(odd, connect, certificate, kind):
    context, pin = certificate
    server = odd(tls=context, implicit=kind == "implicit", reuse=True)

    files = connect(server.port, tls=kind, fingerprint=pin)

    work_through(files)
    assert files.connect() == f"certificate {pin}"
    assert "PROT P" in server.seen


def test_active_mode_works_too(odd, connect):
    server = odd()

    work_through(connect(server.port, passive=False))

    assert "PASV" not in server.seen


def test_modes_are_set_where_the_server_can(odd, connect):
    server = odd()
    files = connect(server.port, file_mode=0o600, folder_mode=0o700)
    files.make_folder("out")
    files.put("out/a", io.BytesIO(b"1"))
    assert (server.folder / "out/a").stat().st_mode & 0o777 == 0o600

    server.replies["SITE"] = ["502 no"]
    files.put("out/b", io.BytesIO(b"1"))
    assert content(files, "out/b") == b"1"
