"""The running processes of one cluster, and what a dead one left behind."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import psutil

from topstitch.errors import ConfigError
from topstitch.runtime.postgres.layout import Layout

PATIENCE = 5.0


def postmaster(layout: Layout) -> psutil.Process | None:
    """The main process of the server, if it lives: the pid file alone proves nothing, pids are used again."""
    pid = _pid_in(layout.data / "postmaster.pid")
    if pid is None or not psutil.pid_exists(pid):
        return None
    try:
        process = psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None
    return process if _serves(process, layout) else None


def server_processes(layout: Layout) -> list[psutil.Process]:
    """All processes of the cluster, with or without their postmaster."""
    if not layout.data.exists():
        return []
    return [process for process in psutil.process_iter() if _serves(process, layout)]


def still_there(layout: Layout, seconds: float) -> list[psutil.Process]:
    """Wait until the cluster has no process any more; what is left after `seconds`."""
    deadline = time.monotonic() + seconds
    while (left := server_processes(layout)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def settle_orphans(layout: Layout) -> None:
    """See off the processes that outlived their postmaster. Raises ConfigError if some stay.

    They end by themselves at their next wait; one that computes is told to quit, which loses nothing that was
    committed: the start to come recovers that from the WAL.
    """
    for process in still_there(layout, PATIENCE):
        send(process, signal.SIGQUIT)
    left = still_there(layout, PATIENCE)
    if left:
        raise ConfigError(
            f"Processes of an earlier database server do not end: {pids(left)}.",
            place=str(layout.data),
            key="config.database",
            hint="End them (kill), or restart the machine, then start again.",
        )


def forget_recycled_pids(layout: Layout) -> None:
    """Remove the pid files that would fool PostgreSQL: their pid lives, but as another program.

    Call it under the lock, and only when no process of the cluster lives. Those with a dead pid are left to
    PostgreSQL, which has checks of its own (shared memory still in use).
    """
    for file in (layout.data / "postmaster.pid", layout.sockets / ".s.PGSQL.5432.lock"):
        if file.exists():
            pid = _pid_in(file)
            if pid is None or psutil.pid_exists(pid):
                file.unlink()


def send(process: psutil.Process, number: signal.Signals) -> None:
    """Signal a process, which may be gone by now."""
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def pids(processes: list[psutil.Process]) -> str:
    return ", ".join(f"pid {process.pid}" for process in processes)


def _serves(process: psutil.Process, layout: Layout) -> bool:
    try:
        words = process.cmdline()
        if not words or process.uids().real != layout.data.stat().st_uid:
            return False
    except (psutil.NoSuchProcess, psutil.AccessDenied):  # gone, a zombie, or another user's
        return False
    title = " ".join(words)
    is_main = Path(words[0]).name == "postgres" and f" -D {layout.data} " in f"{title} "
    return is_main or title.startswith(f"postgres: {layout.name}: ")


def _pid_in(file: Path) -> int | None:
    try:
        first = file.read_text().split("\n", 1)[0].strip()
    except FileNotFoundError:
        return None
    return int(first) if first.isdecimal() else None
