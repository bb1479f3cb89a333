"""Files and folders over SFTP, against real servers."""

from __future__ import annotations

import io
import threading

import asyncssh
import pytest
from tests.net.contents import content

from topstitch.errors import DuplicateRecord, RemoteRejected
from topstitch.sdk.practice.files import FileServer


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
