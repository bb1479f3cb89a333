"""From an empty folder to a running server: initialise, check, clear what a dead server left, start."""

from __future__ import annotations

import shlex
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from topstitch.errors import ConfigError
from topstitch.runtime.postgres import binaries
from topstitch.runtime.postgres.account import Account, server_account
from topstitch.runtime.postgres.config import ADMIN, write_config
from topstitch.runtime.postgres.explain import explained
from topstitch.runtime.postgres.layout import Layout
from topstitch.runtime.postgres.logs import tail
from topstitch.runtime.postgres.processes import forget_recycled_pids, settle_orphans

#: Seconds. Recovery after a crash reads up to 1 GB of WAL.
START_TIMEOUT = 300.0


def launch(layout: Layout, settings: Mapping[str, str]) -> None:
    """Start a server where none runs. Call it under the lock."""
    account = server_account(layout.data, layout.logs)
    programs = binaries.programs()
    layout.prepare(account)
    if not layout.data.exists():
        _initialise(layout, account, programs, durable=settings.get("fsync") != "off")
    _check_version(layout.data)
    settle_orphans(layout)
    forget_recycled_pids(layout)
    write_config(layout, account, settings)
    _pg_ctl_start(layout, account, programs)


def _pg_ctl_start(layout: Layout, account: Account, programs: Path) -> None:
    """Let pg_ctl start the server, detached from us, and wait until it takes connections. Raises ConfigError."""
    began = time.time() - 1  # clocks of file systems are coarse
    log = layout.logs / "startup.log"
    log.unlink(missing_ok=True)
    options = ["--silent", "--wait", f"--timeout={START_TIMEOUT:.0f}"]
    settings = f"-c config_file={shlex.quote(str(layout.config))}"
    command: list[str | Path] = [programs / "pg_ctl", "start", *options, "-D", layout.data, "-l", log, "-o", settings]
    try:
        account.run(command, timeout=START_TIMEOUT + 20)
    except ConfigError as error:
        said = f"{error.detail}\n{tail(layout.logs, since=began)}"
        raise explained("PostgreSQL did not start", layout.data, said) from error


def _initialise(layout: Layout, account: Account, programs: Path, *, durable: bool) -> None:
    """Make a new data folder: elsewhere first, so that a kill half way leaves nothing that looks like one."""
    for leftover in layout.state.glob("initdb-*"):
        # An initdb whose parent was killed may still be writing to it: what is left goes next time.
        shutil.rmtree(leftover, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix="initdb-", dir=layout.state))
    shutil.chown(draft, account.uid, account.gid)
    # The built-in locale sorts the same everywhere: moving to another system cannot break an index.
    locale = ["--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    options = [f"--username={ADMIN}", "--auth=peer", *locale, *([] if durable else ["--no-sync"])]
    try:
        account.run([programs / "initdb", *options, "-D", draft], timeout=START_TIMEOUT)
    except ConfigError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise explained("A new database could not be created", layout.state, error.detail) from error
    draft.rename(layout.data)


def _check_version(data: Path) -> None:
    file = data / "PG_VERSION"
    found = file.read_text().strip() if file.exists() else ""
    if found == binaries.VERSION:
        return
    if not found:
        problem, hint = "is not a database folder: PG_VERSION is missing", "Restore it from a backup, or move it away."
    else:
        problem = f"was written by PostgreSQL {found}, but this release brings PostgreSQL {binaries.VERSION}"
        hint = "Dump it with the release that wrote it (pg_dump), move it away, start, and restore the dump."
    raise ConfigError(f"The database folder {problem}.", place=str(data), key="config.database", hint=hint)
