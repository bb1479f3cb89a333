"""The home: the one folder on this machine that belongs to this installation."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs

from topstitch.errors import ConfigError

#: The home of root, and where root keeps what its database account could not reach elsewhere.
SYSTEM_HOME = Path("/var/lib/topstitch")


def topstitch_home() -> Path:
    """The home of this installation, created on demand: absolute, links resolved.

    `TOPSTITCH_HOME` if set, else `/var/lib/topstitch` for root, else the user's own data folder. Two homes on one
    machine share nothing. Raises ConfigError if the folder cannot be had.
    """
    chosen = os.environ.get("TOPSTITCH_HOME")
    if chosen:
        home = Path(chosen).expanduser()
    elif is_root():
        home = SYSTEM_HOME
    else:
        home = platformdirs.user_data_path("topstitch", appauthor=False)
    return make_home(home.resolve())


def make_home(home: Path) -> Path:
    """Create `home` unless it exists: ours alone (0700).

    Root's can be entered but not listed (0711), because its database runs as another account. Raises ConfigError.
    """
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        home.mkdir(mode=0o711 if is_root() else 0o700, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"The folder {home} cannot be created: {error.strerror}.",
            place="TOPSTITCH_HOME",
            hint="Set TOPSTITCH_HOME to a folder that this user can write to.",
            detail=str(error),
        ) from error
    return home


def is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0
