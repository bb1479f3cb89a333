"""The FTP client against vsftpd: no MLSD, hidden dot files, texts of refusals that name no permission, forced TLS."""

from __future__ import annotations

import io
import os
import time
from zoneinfo import ZoneInfo

import pytest
from tests.net.contents import content
from tests.net.vsftpd import PASSWORD, USER, needs_vsftpd, servers

from topstitch.errors import AuthError, DuplicateRecord, RemoteRejected, Unreachable
from topstitch.net.ftp import FtpAccount, FtpFiles
from topstitch.net.guard import Guard

pytestmark = needs_vsftpd
MAY = 1_714_557_600


@pytest.fixture
def serve(tmp_path):
    with servers(tmp_path / "files") as start:
        yield start


@pytest.fixture
def connect():
    opened = []

    def make(server, **settings):
        given = {"host": "127.0.0.1", "port": server.port, "username": USER, "password": PASSWORD, "tries": 1}
        secure = {"tls": server.tls, "fingerprint": server.fingerprint}
        account = FtpAccount(**{**given, **secure, "timeout": 5, **settings})
        opened.append(FtpFiles(account, guard=Guard(allow=["127.0.0.0/8"])))
        return opened[-1]

    yield make
    for files in opened:
        files.close()


@pytest.mark.parametrize("tls", ["", "explicit", "implicit"])
@pytest.mark.parametrize("passive", [True, False], ids=["passive", "active"])
def test_the_whole_interface_is_served(serve, connect, tls, passive):
    server = serve(tls=tls)
    files, data = connect(server, passive=passive), bytes(range(256)) * 30_000

    files.make_folder("out/.hidden/new")
    files.put("out/a b ü.bin", io.BytesIO(b"old"))
    files.put("out/a b ü.bin", io.BytesIO(data))
    with pytest.raises(DuplicateRecord):
        files.put("out/a b ü.bin", io.BytesIO(b"no"), overwrite=False)
    assert content(files, "out/a b ü.bin") == data
    files.rename("out/a b ü.bin", "out/.hidden/new/b.bin")
    with pytest.raises(RemoteRejected) as caught:
        files.open("out/a b ü.bin")
    assert caught.value.key == "no_such_file"

    found = files.stat("out/.hidden/new/b.bin")
    assert (found.size, found.is_folder) == (len(data), False) and abs(found.mtime - time.time()) < 60
    assert [file.path for file in files.listing("out/.hidden/new")] == ["out/.hidden/new/b.bin"]
    files.remove("out/.hidden/new/b.bin")
    files.remove_folder("out/.hidden/new")
    assert files.listing("out/.hidden") == []
    assert files.stat("out/.hidden").is_folder and files.stat("out/.hidden/new") is None
    assert sorted(path.name for path in server.folder.rglob("*")) == [".hidden", "out"]


def test_a_folder_below_a_hidden_one_is_made(serve, connect):
    server = serve()
    (server.folder / ".private").mkdir()

    connect(server).make_folder(".private/in")

    assert (server.folder / ".private/in").is_dir()


def test_a_folder_is_found_where_the_one_around_it_cannot_be_listed(serve, connect):
    server = serve(dirlist_enable="NO")
    (server.folder / "home/shop").mkdir(parents=True)
    files = connect(server)

    assert files.stat("home/shop").is_folder
    with pytest.raises(RemoteRejected, match="not permit this account to list home") as caught:
        files.listing("home")
    assert caught.value.key == "permission_denied"


def test_looking_at_a_file_asks_nothing_of_the_others(serve, connect):
    server = serve()
    for number in range(30):
        (server.folder / f"{number}.csv").write_text("x")
    files = connect(server)
    files.connect()
    before = len(server.seen)

    assert files.stat("7.csv").size == 1

    assert len(server.seen) - before <= 3


def test_exact_times_are_asked_only_for_files_that_matter(serve, connect):
    server = serve()
    for number in range(30):
        (server.folder / f"{number}.csv").write_text("x")
        os.utime(server.folder / f"{number}.csv", (MAY + number, MAY + number))
    files = connect(server)

    found = {file.name: file.mtime for file in files.listing(".", dated=lambda name: name == "7.csv")}

    assert len(found) == 30 and found["7.csv"] == MAY + 7
    assert [line for line in server.seen if line.startswith("MDTM")] == ["MDTM 7.csv"]


def test_links_count_as_what_they_point_to(serve, connect):
    server = serve()
    (server.folder / "real.csv").write_text("12345")
    os.utime(server.folder / "real.csv", (MAY, MAY))
    (server.folder / "folder").mkdir()
    for name, target in {"link.csv": "real.csv", "dangling.csv": "gone.csv", "to folder.csv": "folder"}.items():
        (server.folder / name).symlink_to(target)

    found = {file.name: (file.size, file.mtime) for file in connect(server).listing(".") if not file.is_folder}

    assert found == {"real.csv": (5, MAY), "link.csv": (5, MAY)}


def test_local_times_are_understood_once_the_zone_is_known(serve, connect):
    server = serve(use_localtime="YES")
    (server.folder / "a.csv").write_text("x")
    os.utime(server.folder / "a.csv", (MAY, MAY))

    assert connect(server).stat("a.csv").mtime == MAY + 19_800
    files = connect(server, zone=ZoneInfo("Asia/Kolkata"))

    assert files.stat("a.csv").mtime == MAY
    assert [file.mtime for file in files.listing(".")] == [MAY]


# -- what is refused -------------------------------------------------------------------------------------------------


def test_a_file_that_may_not_be_read_is_not_taken_for_a_missing_one(serve, connect):
    server = serve(anon_world_readable_only="YES")
    (server.folder / "a.csv").write_text("x")
    (server.folder / "a.csv").chmod(0o600)

    with pytest.raises(RemoteRejected, match=r"not permit this account to read a\.csv: Failed to open file") as caught:
        connect(server).open("a.csv")

    assert caught.value.key == "permission_denied"


def test_a_write_is_refused_for_its_true_reason(serve, connect):
    server = serve(anon_upload_enable="NO")
    (server.folder / "in").mkdir()
    files = connect(server)

    for path, key in (("in/a.csv", "permission_denied"), ("none/a.csv", "no_such_file")):
        with pytest.raises(RemoteRejected) as caught:
            files.put(path, io.BytesIO(b"x"))
        assert caught.value.key == key


def test_a_missing_folder_is_named_when_writing_into_it(serve, connect):
    with pytest.raises(RemoteRejected, match="none does not exist") as caught:
        connect(serve()).put("none/a.csv", io.BytesIO(b"x"))

    assert caught.value.key == "no_such_file"


def test_what_cannot_be_deleted_is_told(serve, connect):
    server = serve(anon_other_write_enable="NO")
    (server.folder / "a.csv").write_text("x")

    with pytest.raises(RemoteRejected, match="not permit") as caught:
        connect(server).remove("a.csv")

    assert caught.value.key == "permission_denied"


def test_a_wrong_password_is_given_once(serve, connect):
    server = serve()
    files = connect(server, password="wrong", tries=3)

    for _ in range(2):
        with pytest.raises(AuthError, match="refuses the user name or password of ftp: Login incorrect"):
            files.listing(".")

    assert sum(line.startswith("PASS") for line in server.seen) == 1


def test_a_server_that_forces_encryption_asks_for_ftps(serve, connect):
    server = serve(tls="explicit")

    with pytest.raises(AuthError, match="over an encrypted connection only") as caught:
        connect(server, tls="", fingerprint="").listing(".")

    assert "FTPS" in caught.value.hint
    assert not any(line.startswith("PASS") for line in server.seen)


def test_the_servers_own_trouble_is_no_wrong_password(serve, connect):
    server = serve()
    server.forget_passwords()

    with pytest.raises(Unreachable, match="OOPS: cannot read email passwords file") as caught:
        connect(server).listing(".")

    assert "password" not in caught.value.hint


def test_a_certificate_that_is_not_trusted_is_told(serve, connect):
    with pytest.raises(AuthError, match="not to be trusted"):
        connect(serve(tls="explicit"), fingerprint="").listing(".")


def test_a_lost_connection_is_made_anew(serve, connect):
    server = serve()
    files = connect(server)
    files.put("a.csv", io.BytesIO(b"x"))
    server.drop()

    assert [file.name for file in files.listing(".")] == ["a.csv"]
