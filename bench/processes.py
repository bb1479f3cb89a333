"""What processes cost: CPU of a whole tree, memory, and starting and ending the ones that the benchmark needs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
MEGABYTE = 1 << 20


@contextmanager
def python(
    *arguments: str, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process in a session of its own, so that Ctrl-C reaches only us; ended with all it started."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes], *, patience: float = 25.0) -> None:
    """Ask it to end, wait, then kill its whole session."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to all of its session at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def tree(pid: int) -> list[psutil.Process]:
    """The process and all below it; none when it is gone."""
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def cpu_seconds(pid: int) -> float:
    """User and system time of a tree so far, with that of its children which ended and were waited for."""
    total = 0.0
    for process in tree(pid):
        with suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:4])
    return total


def resident(pid: int) -> float:
    """MB of memory that a tree has in RAM, pages shared by its processes counted in each."""
    return _sum(pid, lambda process: process.memory_info().rss)


def proportional(pid: int) -> float:
    """MB of memory of a tree, each shared page divided among those that share it; resident where that is not known."""
    return _sum(pid, lambda process: getattr(process.memory_full_info(), "pss", 0) or process.memory_info().rss)


def _sum(pid: int, of: Callable[[psutil.Process], int]) -> float:
    total = 0
    for process in tree(pid):
        with suppress(psutil.NoSuchProcess):
            total += of(process)
    return total / MEGABYTE


def pin(pids: Sequence[int], cpus: Sequence[int]) -> None:
    """Let trees run on these CPUs only."""
    for process in (each for pid in pids for each in tree(pid)):
        with suppress(psutil.NoSuchProcess):
            process.cpu_affinity(list(cpus))


@dataclass
class Watch:
    """Calls `look` now and then from a thread, for the length of a `with` block, and keeps what it gave."""

    look: Callable[[], tuple[float, float]]
    period: float = 0.2
    seen: list[tuple[float, float]] = field(default_factory=list)

    def __enter__(self) -> Watch:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self.seen.append(self.look())

    def _run(self) -> None:
        while not self._over.wait(self.period):
            self.seen.append(self.look())
