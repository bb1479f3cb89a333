"""`topstitch up`: one parent that starts the processes of the product, restarts a dead one and stops all cleanly.

Each child holds the reading end of a pipe whose writing end only the parent has. When the parent is gone, even killed,
the pipe ends and the children leave by themselves, so that nothing is left behind to disturb the next start.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

logger = structlog.get_logger()
#: A child that lived longer than this is restarted at once; one that dies sooner is waited for a little longer each time.
STABLE = 20.0
LONGEST_WAIT = 15.0
STOP_SECONDS = 25.0
GUARD_EVERY = 5
PIPE_VARIABLE = "TOPSTITCH_PARENT_PIPE"


@dataclass
class Child:
    """One process of the product: `topstitch {args}`."""

    name: str
    args: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    not_before: float = 0.0


@dataclass
class Supervisor:
    """Keeps children running until stopped."""

    children: list[Child]
    tell: Callable[[str], None]
    #: Called about every second: what else must be there.
    guard: Callable[[], None] = lambda: None
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._read_end, self._write_end = os.pipe()
        self._watcher: threading.Thread | None = None

    def start_all(self) -> None:
        """Start every child."""
        for child in self.children:
            self._start(child)

    def _start(self, child: Child) -> None:
        environment = {**os.environ, PIPE_VARIABLE: str(self._read_end)}
        command = [sys.executable, "-m", "topstitch", *child.args]
        child.process = subprocess.Popen(  # our own command
            command, env=environment, pass_fds=(self._read_end,), start_new_session=True
        )
        child.started = time.monotonic()

    def watch_beside(self) -> None:
        """Watch in a thread, while the caller does something else."""
        self._watcher = threading.Thread(target=self.watch, name="supervisor", daemon=True)
        self._watcher.start()

    def watch(self) -> None:
        """Restart what dies, until stopped."""
        looks = 0
        while not self.stopping.wait(0.2):
            looks += 1
            if looks % GUARD_EVERY == 0:
                self.guard()
            for child in self.children:
                self._look_after(child)

    def _look_after(self, child: Child) -> None:
        assert child.process is not None
        now = time.monotonic()
        code = child.process.poll()
        if code is None:
            return
        if child.not_before == 0.0:
            child.failures = 1 if now - child.started > STABLE else child.failures + 1
            wait = min(0.2 * 2 ** (child.failures - 1), LONGEST_WAIT)
            child.not_before = now + wait
            self.tell(f"{child.name} ended ({_why(code)}); it is started again in {wait:.1f} s")
        if now >= child.not_before:
            child.not_before = 0.0
            self._start(child)

    def stop_all(self) -> list[str]:
        """Ask every child to end, and end those that do not; returns the names of the latter."""
        self.stopping.set()
        if self._watcher is not None:
            # It may be starting a child at this moment, which must be among those that end.
            self._watcher.join()
        going = [child for child in self.children if child.process and child.process.poll() is None]
        for child in going:
            child.process.send_signal(signal.SIGTERM)  # type: ignore[union-attr]  # filtered above
        deadline = time.monotonic() + STOP_SECONDS
        killed = []
        for child in going:
            assert child.process is not None
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
                killed.append(child.name)
        os.close(self._read_end)
        os.close(self._write_end)
        return killed


def _why(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"


def is_child() -> bool:
    """Whether a supervisor started this process; true until `leave_with_parent` is called."""
    return PIPE_VARIABLE in os.environ


def leave_with_parent(leave: Callable[[], None] = lambda: os.kill(os.getpid(), signal.SIGTERM)) -> None:
    """In a child: end when the parent is gone. Without a supervisor nothing happens."""
    number = os.environ.pop(PIPE_VARIABLE, "")
    if not number:
        return

    def wait() -> None:
        # Nobody ever writes: reading ends when the last writing end, the parent's, is closed.
        os.read(int(number), 1)
        leave()

    threading.Thread(target=wait, name="parent", daemon=True).start()
