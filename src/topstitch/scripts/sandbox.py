"""The sandbox: a few processes of its own in which scripts run, shared by all runs and threads of a worker."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from types import TracebackType

from pydantic_monty import Monty, MontyCrashedError, MontyRuntimeError, MontySession, MontySyntaxError

from topstitch.errors import ScriptError
from topstitch.functions.lookup import FixedEnvironment
from topstitch.functions.registry import Environment
from topstitch.scripts import failures
from topstitch.scripts.batch import Batch
from topstitch.scripts.calling import Calling
from topstitch.scripts.logs import Prints
from topstitch.scripts.model import LONGEST_TIMEOUT, MOST_MEMORY, MOST_RECURSION, ScriptCall, ScriptResult, ScriptSpec
from topstitch.scripts.source import MAKER, source_of

#: Scripts that run at the same time; further ones wait.
WORKERS = 4
#: Seconds that the lines outside of functions may take when a script is checked.
CHECK_SECONDS = 2.0
#: Calls of transform functions in one exchange: each costs a seventh of a millisecond.
MOST_FUNCTION_CALLS = 200_000


class Sandbox:
    """Runs scripts. Its processes start with the first use, end with `close`, and are replaced when they die."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._workers = workers
        self._lock = threading.Lock()
        self._pool: Monty | None = None
        self._owner = 0

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End its processes; it starts them again if it is used again."""
        with self._lock:
            pool, self._pool = self._pool, None
            if pool is not None and self._owner == os.getpid():
                pool.__exit__(None, None, None)

    def check(self, code: str, *, name: str = "script") -> None:
        """Raises ScriptError with line and column for a syntax error, for lines that fail and without handle(data)."""
        spec = ScriptSpec(name, 0, code, timeout=CHECK_SECONDS)
        try:
            source = source_of(code)
        except ScriptError as error:
            raise failures.unreadable(spec, error) from None
        prints = Prints()
        calling = Calling(FixedEnvironment(datetime.now(UTC)), prints, CHECK_SECONDS)
        try:
            with self._session(CHECK_SECONDS, spec.memory) as session:
                session.feed_run(source.text)
                kind = session.feed_run(
                    f"type({MAKER}()).__name__", external_lookup=calling.lookup(), print_callback=prints
                )
        except (MontyRuntimeError, MontySyntaxError) as error:
            stop = failures.stop_of(error) if isinstance(error, MontyRuntimeError) else None
            raise (failures.stopped(spec, stop) if stop else failures.raised(spec, source, error)) from error
        except MontyCrashedError as error:
            raise failures.crashed(spec) from error
        if kind != "function":
            raise failures.not_callable(spec, str(kind))

    def run_batch(
        self,
        spec: ScriptSpec,
        calls: Sequence[ScriptCall],
        functions_env: Environment,
        *,
        seconds: float | None = None,
    ) -> list[ScriptResult]:
        """Call the script for each, in order; a call that fails has its error in its result and harms no other.

        `seconds`: for all of them together; those that are not done by then fail.

        Raises what is no fault of script or record, such as a lookup whose database is away.
        """
        try:
            source = source_of(spec.code)
        except ScriptError as error:
            return [ScriptResult(error=failures.unreadable(spec, error)) for _ in calls]
        return Batch(self._session, spec, source, calls, functions_env, seconds).run()

    @contextmanager
    def _session(self, seconds: float, memory: int) -> Iterator[MontySession]:
        """A session that knows nothing of any before it."""
        checkout = self._started().checkout(
            limits={
                "max_feed_duration_secs": min(seconds, LONGEST_TIMEOUT + 1),
                "max_memory": min(memory, MOST_MEMORY) * 1024 * 1024,
                "max_recursion_depth": MOST_RECURSION,
                "max_suspensions": MOST_FUNCTION_CALLS,
            },
            os_policy={"sleep": "zero"},
        )
        with checkout as session:
            yield session

    def _started(self) -> Monty:
        """The pool; in a process that was forked from its owner's a new one."""
        with self._lock:
            if self._pool is None or self._owner != os.getpid():
                self._pool = Monty(max_processes=self._workers)
                self._pool.__enter__()
                self._owner = os.getpid()
            return self._pool


@cache
def shared_sandbox() -> Sandbox:
    """The one sandbox of this process. Its processes end with this one."""
    sandbox = Sandbox()
    atexit.register(sandbox.close)
    return sandbox
