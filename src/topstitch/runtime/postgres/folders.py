"""Folders that others may or may not enter: the checks that keep the database private, and reachable for itself."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from topstitch.errors import ConfigError
from topstitch.runtime.home import SYSTEM_HOME, make_home
from topstitch.runtime.postgres.account import Account


def short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:10]


def open_to_all(path: Path, *, need: int = stat.S_IXOTH) -> bool:
    """May everyone reach `path`, and has it the `need`ed permission bits for them? What does not exist yet, passes."""
    may_pass = all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents if folder.exists())
    return may_pass and (not path.exists() or path.stat().st_mode & need == need)


def system_folder() -> Path:
    """The folder of root that its database account can enter. Raises ConfigError if it is not as it must be."""
    found = make_home(SYSTEM_HOME).stat()
    if found.st_uid != 0 or not open_to_all(SYSTEM_HOME):
        raise ConfigError(
            "As root, this folder must belong to root, and other accounts must be able to enter it.",
            place=str(SYSTEM_HOME),
            key="config.database",
            hint=f"Run Topstitch as the user who owns it, or: chown root {SYSTEM_HOME}; chmod 711 {SYSTEM_HOME}",
        )
    return SYSTEM_HOME


def private_folder(path: Path, account: Account) -> None:
    """Make sure that `path` is a real folder that only `account` can use. Raises ConfigError if others own it."""
    if not os.path.lexists(path):
        path.mkdir(mode=0o700)
    refuse_strangers(path, {account.uid, os.geteuid()})
    found = path.lstat()
    if found.st_uid != account.uid:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
    if stat.S_IMODE(found.st_mode) != 0o700:
        path.chmod(0o700)


def refuse_strangers(path: Path, owners: set[int]) -> None:
    """Raise ConfigError unless `path` is a folder, not a link, that belongs to one of these user ids."""
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
        raise ConfigError(
            "This must be a private folder of the database, but it is a link or belongs to someone else.",
            place=str(path),
            key="config.database",
            hint="Find out who made it, remove it, and start again.",
        )
