"""Practice: a real SFTP server over a folder in which a shop, a warehouse and a supplier have left files, all invented."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from topstitch.sdk.practice.files import FileServer
from topstitch.systems.sftp.kinds import KINDS

#: They fit `serve_files`; host and port come from the connection.
SETTINGS = {
    "protocol": "sftp",
    "host": "127.0.0.1",
    "username": "practice",
    "auth": "password",
    "password": "blue-gate-7",
    "root": ".",
}
_NAMES = {"orders": "orders_2024*.csv", "fulfilments": "despatches.csv", "custom": "gift_cards.csv"}
#: Where each kind of record lies among the practice files. They are old and complete, so nothing is waited for.
OPTIONS = {
    kind.name: {
        "folder": f"outbound/{kind.name}",
        "pattern": _NAMES.get(kind.name, f"{kind.name}.csv"),
        "min_age": 0,
        "settle": 0,
        "granularity": "each record",
        "file_name": "_".join([kind.name, *(f"{{{name}}}" for name in kind.ids or ("key",))]) + ".csv",
    }
    for kind in KINDS
}
#: A cell cannot hold an object.
BAD_RECORDS = {kind.name: [{"order_number": "SO-1", "nested": {"a": 1}}] for kind in KINDS}

HOME = Path(__file__).parent / "practice_files"
#: 1 May 2024, 10:00 UTC; a file with a day in its name is of that day.
_MORNING, _DAY = 1_714_557_600, 86_400


def seed(folder: Path) -> None:
    """Fill a folder with the practice files, unless that was done before."""
    if (folder / "outbound").exists():
        return
    shutil.copytree(HOME, folder, dirs_exist_ok=True)
    for name in ("inbound/orders", "inbound/stock"):
        (folder / name).mkdir(parents=True)
    for path in (folder / "outbound").rglob("*"):
        day = next((day for day in range(3) if f"2024050{day + 1}" in path.name), 0)
        os.utime(path, (_MORNING + day * _DAY,) * 2)


@contextmanager
def serve_files(folder: Path, *, port: int = 0) -> Iterator[FileServer]:
    """Serve the practice files from `folder`; the server's keys lie beside it."""
    seed(folder)
    keys = folder.with_name(f"{folder.name}-keys")
    with FileServer(folder, port=port, user=SETTINGS["username"], password=SETTINGS["password"], keys=keys) as server:
        yield server
