"""What a server refuses or breaks off: no file is lost, nothing is left behind, and the reason is told."""

from __future__ import annotations

import io

import pytest
from tests.net.contents import content

from topstitch.errors import RemoteRejected, TemporaryError
from topstitch.net.ftp import FtpFiles


def test_a_file_is_replaced_where_renaming_does_not_do_it(odd, connect):
    server = odd()
    server.replaces = False
    files = connect(server.port)
    files.put("stock.csv", io.BytesIO(b"old"))
    files.put("stock.csv", io.BytesIO(b"new"))

    assert content(files, "stock.csv") == b"new"
    assert [path.name for path in server.folder.iterdir()] == ["stock.csv"]


def test_no_file_is_lost_when_the_new_one_cannot_take_the_place_of_the_old(odd, connect):
    server = odd()
    files = connect(server.port)
    files.put("stock.csv", io.BytesIO(b"old"))
    server.replies["RNTO"] = ["550 File exists", "", "550 disk failure"]

    with pytest.raises(RemoteRejected, match="disk failure"):
        files.put("stock.csv", io.BytesIO(b"new"))

    assert content(files, "stock.csv") == b"old"
    assert [path.name for path in server.folder.iterdir()] == ["stock.csv"]


@pytest.mark.parametrize(
    ("command", "reply"), [("RETR", "550 Failed to open file."), ("DELE", "550 Delete operation failed.")]
)
def test_what_is_there_and_refused_is_a_matter_of_rights(odd, connect, command, reply):
    server = odd(features="SIZE MDTM")
    server.replies[command] = [reply]
    (server.folder / "a.csv").write_text("x")
    act = {"RETR": FtpFiles.open, "DELE": FtpFiles.remove}[command]

    with pytest.raises(RemoteRejected, match=reply[4:-1]) as caught:
        act(connect(server.port), "a.csv")

    assert caught.value.key == "permission_denied"


def test_a_folder_that_may_not_be_read_is_not_an_empty_one(odd, connect):
    server = odd(features="SIZE MDTM")
    server.done = "226 Transfer done (but failed to open directory)."

    with pytest.raises(RemoteRejected, match="failed to open directory") as caught:
        connect(server.port).listing(".")

    assert caught.value.key == "permission_denied"


@pytest.mark.parametrize("reply", ["421 too many connections", "425 no data connection", "426 cut off"])
def test_a_cut_transfer_is_repeated_on_a_new_connection(odd, connect, reply):
    server = odd()
    server.replies["RETR"] = [reply]
    (server.folder / "a.csv").write_text("whole")

    assert content(connect(server.port), "a.csv") == b"whole"
    assert server.seen.count("PASS practice") == 2


def test_a_server_that_stays_busy_is_tried_later(odd, connect):
    server = odd()
    server.replies["RETR"] = ["425 no data connection"] * 2
    (server.folder / "a.csv").write_text("whole")

    with pytest.raises(TemporaryError):
        connect(server.port).open("a.csv")


def test_a_refused_write_says_why_and_leaves_nothing(odd, connect):
    server = odd()
    server.replies["STOR"] = ["552 Quota exceeded"]

    with pytest.raises(RemoteRejected, match="Quota exceeded") as caught:
        connect(server.port).put("a.csv", io.BytesIO(b"x"))

    assert "quota" in caught.value.hint
    assert list(server.folder.iterdir()) == []


def test_a_lost_connection_is_made_anew(odd, connect):
    server = odd()
    files = connect(server.port)
    files.put("a.csv", io.BytesIO(b"x"))
    server.drop()

    assert [file.name for file in files.listing(".")] == ["a.csv"]
