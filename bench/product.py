"""The product under test: a home of its own, its embedded database, systems.yaml applied, one real worker process.

Topstitch is imported inside the functions: its settings are read from the environment that `installation` makes first.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.processes import kill, python

if TYPE_CHECKING:
    from topstitch.store.models import Run

SERVICE = "Bench orders"
CONFIGURATION = Path(__file__).with_name("systems.yaml")
#: Everything that a run leaves behind about records.
LEDGER = "item, attempt, stored_payload, log_line"
START_SECONDS = 60.0


class Installation:
    """One home with its database, ready to run the service. `with_worker()` starts the worker and may be called again."""

    def __init__(self, home: Path) -> None:
        self.home, self.log = home, home / "worker.log"
        self._worker = ExitStack()
        self.worker: subprocess.Popen[bytes] | None = None

    @property
    def database_pid(self) -> int:
        """The process that all others of the database come from."""
        from topstitch.runtime import postgres

        pid = postgres.status(self.home).pid
        assert pid is not None, "the database is gone"
        return pid

    @property
    def worker_pid(self) -> int:
        """The worker's process."""
        assert self.worker is not None
        return self.worker.pid

    def start_worker(self) -> None:
        """Start a worker and wait until it is at work. Raises RuntimeError when it does not come up."""
        from topstitch.runtime import workers

        before = workers.alive_count()
        self.worker = self._worker.enter_context(python("-m", "topstitch", "worker", log=self.log))
        deadline = time.monotonic() + START_SECONDS
        while workers.alive_count() <= before:
            if self.worker.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the worker did not start: {self.log.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.1)

    def stop_worker(self) -> None:
        """Let the worker come to rest and end."""
        self._worker.close()

    def kill_worker(self) -> None:
        """SIGKILL."""
        assert self.worker is not None
        kill(self.worker)

    def forget(self) -> None:
        """Empty the service's memory: every record is new again."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {LEDGER}")

    def request(self) -> Run:
        """Ask for a run of the service, as a person does."""
        from topstitch.store.actions.runs import request_run
        from topstitch.store.models import Service

        return request_run(Service.objects.get(name=SERVICE))

    def follow(self, run: Run) -> Run:
        """Wait for its end. Raises RuntimeError when it failed as a whole."""
        from topstitch.runtime.client import follow

        ended = follow(run)
        if ended.status not in ("completed", "completed_with_failures"):
            raise RuntimeError(f"the run ended as {ended.status}: {ended.reason}")
        return ended


@contextmanager
def installation(mock: str) -> Iterator[Installation]:
    """A fresh installation whose service reads from and writes to the mock at this address; deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="topstitch-bench-") as folder:
        for name in ("TOPSTITCH_DATABASE_URL", "TOPSTITCH_DATABASE_URL_FILE"):
            os.environ.pop(name, None)
        os.environ |= {
            "TOPSTITCH_HOME": str(Path(folder) / "home"),
            "BENCH_MOCK": mock,
            "TOPSTITCH_PRIVATE_HOSTS": "127.0.0.1",
        }
        home = Path(folder).resolve() / "home"
        from topstitch.runtime.postgres.testing import delete

        try:
            _configure()
            made = Installation(home)
            try:
                yield made
            finally:
                made.stop_worker()
        finally:
            delete(home)


def _configure() -> None:
    from topstitch.cli.start import ready

    ready()
    from topstitch.store.actions.companies import default_group
    from topstitch.store.files.apply import apply_plan
    from topstitch.store.files.plan import make_plan

    group = default_group()
    apply_plan(make_plan(CONFIGURATION, group), group)
