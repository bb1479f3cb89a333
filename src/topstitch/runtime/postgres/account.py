"""Which system account the database server runs as: our own, or, as PostgreSQL refuses root, one made for it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from topstitch.errors import ConfigError
from topstitch.runtime.home import is_root
from topstitch.runtime.postgres.explain import OWN_SERVER, explained

NAME = "topstitch"
FALLBACKS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A system account that can run PostgreSQL."""

    name: str
    uid: int
    gid: int

    def run(self, command: Sequence[str | Path], *, timeout: float) -> None:
        """Run one of PostgreSQL's programs as this account, in a session of its own (Ctrl-C does not reach it).

        It gets none of our open files, and none of our environment, which may hold secrets. Raises ConfigError with
        what the program said if it fails or takes longer than `timeout` seconds.
        """
        program = Path(command[0])
        try:
            done = subprocess.run(
                command,
                user=self.uid if is_root() else None,
                group=self.gid if is_root() else None,
                extra_groups=[] if is_root() else None,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=timeout,
                env=_environment(),
                cwd="/",
                umask=0o077,
                start_new_session=True,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise explained(f"{program.name} could not be run as {self.name}", program, str(error)) from error
        if done.returncode != 0:
            said = done.stdout or f"ended with status {done.returncode}"
            raise explained(f"{program.name} failed", program, said)


def server_account(*folders: Path) -> Account:
    """The account for the server with these folders: us, or for root who owns the first that exists, or a new one.

    Raises ConfigError if there is none.
    """
    if not is_root():
        return _by_uid(os.geteuid(), "This process runs as")
    for folder in folders:
        if folder.exists():
            return _by_uid(folder.stat().st_uid, f"The database folder {folder} belongs to")
    found = _by_name(NAME) or _created() or next(filter(None, map(_by_name, FALLBACKS)), None)
    if found is None:
        raise ConfigError(
            f"PostgreSQL does not run as root, and the system account {NAME} could not be created.",
            key="config.database",
            hint=f"Run Topstitch as a normal user, create the account {NAME}, {OWN_SERVER}.",
        )
    return found


def _by_uid(uid: int, whose: str) -> Account:
    import pwd  # not on Windows

    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise ConfigError(
            f"{whose} the user id {uid}, which has no name on this machine, so PostgreSQL will not run as it.",
            key="config.database",
            hint=f"Run as a user listed in /etc/passwd who owns the database folder (chown -R), {OWN_SERVER}.",
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _by_name(name: str) -> Account | None:
    import pwd  # not on Windows

    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _created() -> Account | None:
    """Create the account; None where that is impossible (no useradd, read-only /etc)."""
    no_login = ["--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
    try:
        subprocess.run(["useradd", "--system", "--user-group", *no_login, NAME], capture_output=True, check=False)
    except OSError:
        return None
    return _by_name(NAME)  # also when another process created it first


def _environment() -> dict[str, str]:
    libraries = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
    return {"PATH": os.defpath, "LC_ALL": "C", **libraries}
