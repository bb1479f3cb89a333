"""What listings say of files: lines of LIST and MLSD, and links."""

from __future__ import annotations

import datetime
import os

import pytest

from topstitch.net.files import RemoteFile
from topstitch.net.ftp_listing import from_list, from_mlsd

NOW = datetime.datetime(2024, 5, 2, 12, tzinfo=datetime.UTC)


def test_links_are_followed_alike_in_listings_and_alone(odd, connect):
    server = odd()
    (server.folder / "real.csv").write_text("12345")
    os.utime(server.folder / "real.csv", (1_714_557_600, 1_714_557_600))
    (server.folder / "link.csv").symlink_to("real.csv")
    (server.folder / "dangling.csv").symlink_to("gone.csv")
    files = connect(server.port)

    expected = RemoteFile("link.csv", 5, 1_714_557_600)
    assert {file.name: file for file in files.listing(".")} == {
        "link.csv": expected,
        "real.csv": RemoteFile("real.csv", 5, 1_714_557_600),
    }
    assert files.stat("link.csv") == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-rw-r--r--   1 shop shop  120 May  1 10:23 a b.csv", ("in/a b.csv", 120, "2024-05-01T10:23", False)),
        ("-rw-r--r--   1 shop shop  120 Nov 30  2023 a.csv", ("in/a.csv", 120, "2023-11-30T00:00", False)),
        ("-rw-r--r--   1 shop shop  120 Nov 30 10:23 a.csv", ("in/a.csv", 120, "2023-11-30T10:23", False)),
        ("drwxr-xr-x+  2 0 0 4096 Feb 29 00:00 out", ("in/out", 4096, "2024-02-29T00:00", True)),
        ("lrwxrwxrwx   1 a a 7 May  1 10:23 l.csv -> r.csv", ("in/l.csv", 7, "2024-05-01T10:23", False)),
        ("05-01-24  10:23AM   1,234 a.csv", ("in/a.csv", 1234, "2024-05-01T10:23", False)),
        ("05-01-2024  12:05PM  <DIR> out", ("in/out", 0, "2024-05-01T12:05", True)),
        ("total 12", None),
        ("-rw-r--r--   1 shop shop  120 Xxx  1 10:23 a.csv", None),
    ],
)
def test_lines_of_list_are_understood(line, expected):
    found = from_list(line, "in", NOW)
    if expected is None:
        assert found is None
        return
    path, size, when, folder = expected
    stamp = datetime.datetime.fromisoformat(when).replace(tzinfo=datetime.UTC).timestamp()
    assert found == RemoteFile(path, size, int(stamp), folder, is_link=line.startswith("l"))


def test_lines_of_mlsd_are_understood():
    line = "Type=file;Size=12;Modify=20240501102300.123;Perm=r; a; b=c.csv"
    assert from_mlsd(line, "/in/") == RemoteFile("/in/a; b=c.csv", 12, 1714558980, False)
    assert from_mlsd("type=cdir;modify=20240501102300; .", "/in") is None
    assert from_mlsd("Type=OS.unix=slink:/far/a.csv;Size=8; a.csv", "in") == RemoteFile("in/a.csv", 8, 0, is_link=True)
