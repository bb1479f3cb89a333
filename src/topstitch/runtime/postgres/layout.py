"""Where everything of one cluster lies, and the lock under which it is started and stopped."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from topstitch.errors import ConfigError, TemporaryError
from topstitch.runtime.home import SYSTEM_HOME, is_root
from topstitch.runtime.postgres.account import Account
from topstitch.runtime.postgres.explain import OWN_SERVER
from topstitch.runtime.postgres.folders import (
    open_to_all,
    private_folder,
    refuse_strangers,
    short_hash,
    system_folder,
)

#: Bytes for the folder of a socket: the shortest limit (macOS) less "/.s.PGSQL.5432" and the closing zero.
LONGEST_SOCKET_FOLDER = 104 - 15
UNQUOTABLE = set('"$`\\\n')
LOCK_TIMEOUT = 600.0


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of the cluster of `home`. Nothing need exist yet."""

    home: Path
    state: Path

    @classmethod
    def of(cls, home: Path) -> Layout:
        """Find the place of the cluster of `home`; creates nothing. Raises ConfigError where there can be none."""
        if sys.platform == "win32":
            raise ConfigError(
                "The embedded database runs on Linux and macOS only.",
                key="config.database",
                hint="Set TOPSTITCH_DATABASE_URL to a PostgreSQL server.",
            )
        home = home.expanduser().resolve()
        if set(str(home)) & UNQUOTABLE:
            raise ConfigError(
                "The path of the home must not contain quotation marks, dollar signs, backticks, backslashes or line "
                "breaks: PostgreSQL's programs hand it to a shell.",
                place=str(home),
                key="config.database",
                hint="Set TOPSTITCH_HOME to a folder with a plainer name.",
            )
        _refuse_other_peoples_home(home)
        return cls(home, _state(home))

    @property
    def data(self) -> Path:
        return self.state / "data"

    @property
    def logs(self) -> Path:
        return self.state / "log"

    @property
    def config(self) -> Path:
        return self.state / "topstitch.conf"

    @property
    def name(self) -> str:
        """Unique to this cluster; in the title of each of its processes."""
        return f"topstitch-{short_hash(self.state)}"

    @property
    def sockets(self) -> Path:
        """Beside the data, or in a short private folder when that path does not fit (or libpq would split it)."""
        beside = self.state / "run"
        if len(os.fsencode(beside)) <= LONGEST_SOCKET_FOLDER and "," not in str(beside):
            return beside
        shared = Path("/tmp")  # noqa: S108 - fixed, as TMPDIR may differ between processes; private_folder() checks
        return shared / f"topstitch-{os.geteuid()}-{short_hash(self.state)}"

    def refuse_strange_sockets(self) -> None:
        """Call it before any connection: whoever owns that folder can pose as our server. Raises ConfigError."""
        if os.path.lexists(self.sockets):
            servers = [self.logs.stat().st_uid] if self.logs.exists() else []  # made first, where nobody else can
            refuse_strangers(self.sockets, {os.geteuid(), *servers})

    def prepare(self, account: Account) -> None:
        """Create the folders. Only data, log and run are the server account's: what root writes is not in its reach."""
        if is_root() and self.state.parent == SYSTEM_HOME:
            system_folder()
        entry = self.home / "postgres"
        self.state.mkdir(mode=0o711 if is_root() else 0o700, exist_ok=True)
        if self.state != entry and not entry.exists():
            entry.symlink_to(self.state)
        for folder in (self.logs, self.sockets):
            private_folder(folder, account)


@contextmanager
def locked(layout: Layout) -> Iterator[None]:
    """One process at a time starts or stops the cluster of a home. Raises TemporaryError after ten minutes."""
    import fcntl  # not on Windows

    lock = os.open(layout.home / "postgres.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + LOCK_TIMEOUT
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TemporaryError(
                        f"Another process has been starting or stopping the database of {layout.home} for ten minutes.",
                        hint="Look at the log of the database; end that process if it hangs.",
                    ) from None
                time.sleep(0.05)
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)  # a forked child may hold the file open: closing it would not unlock
        os.close(lock)


def _refuse_other_peoples_home(home: Path) -> None:
    """Root must not write into a folder that somebody else can turn into a trap of links."""
    if is_root() and home.exists() and home.stat().st_uid != 0:
        raise ConfigError(
            f"This home belongs to the user id {home.stat().st_uid}, not to root.",
            place=str(home),
            key="config.database",
            hint="Run Topstitch as that user (sudo -u), or give root a home of its own with TOPSTITCH_HOME.",
        )


def _state(home: Path) -> Path:
    """The folder of the cluster. Where it lies is decided once: a link in the home remembers a place elsewhere."""
    entry = home / "postgres"
    if entry.is_symlink():
        return _linked(entry, home)
    if entry.exists() or not is_root() or open_to_all(home):
        return entry
    return SYSTEM_HOME / f"db-{short_hash(home)}"


def _linked(entry: Path, home: Path) -> Path:
    target = entry.resolve()
    expected = f"db-{short_hash(home)}"
    if not target.exists():
        problem, hint = "it is missing", f"Restore it, or remove {entry} to begin with an empty database"
    elif target.parent == SYSTEM_HOME and target.name != expected:
        problem = "it was made for another home"
        hint = f"If this home was moved: mv {target} {SYSTEM_HOME / expected}; ln -sfn {SYSTEM_HOME / expected} {entry}"
    else:
        return target
    raise ConfigError(
        f"The database of this home is said to be in {target}, but {problem}.",
        place=str(entry),
        key="config.database",
        hint=f"{hint}, {OWN_SERVER}.",
    )
