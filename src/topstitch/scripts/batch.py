"""One batch of calls of one script: sent together, and alone where one of them must not spoil the others.

All calls go in one exchange with the sandbox, which breaks off after a quarter of a second so that each has its own time.
An exception costs only its own call. A call that runs out of time is known by the mark printed before it; when memory runs
out or the sandbox dies, the calls of that exchange are made one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from math import inf
from time import monotonic
from typing import Literal

from pydantic_monty import MontyCrashedError, MontyRuntimeError, MontySession, MontySyntaxError

from topstitch.errors import ScriptError
from topstitch.functions.registry import Environment
from topstitch.scripts import failures
from topstitch.scripts.calling import Calling
from topstitch.scripts.logs import Prints, limited
from topstitch.scripts.model import MOST_OUTPUT, MOST_STOPPED, RETRIES, ScriptCall, ScriptResult, ScriptSpec
from topstitch.scripts.runner import CALL, RUNNER
from topstitch.scripts.source import Source
from topstitch.scripts.values import Meter

#: Seconds after which an exchange makes no further call.
SLICE = 0.25
#: Calls of an exchange, and what their values may measure together.
MOST_CALLS, MOST_INPUT = 1000, 10_000_000
#: Seconds and megabytes of a session -> the session.
Sessions = Callable[[float, int], AbstractContextManager[MontySession]]


class Batch:
    """The calls, and what became of each so far."""

    def __init__(
        self,
        sessions: Sessions,
        spec: ScriptSpec,
        source: Source,
        calls: Sequence[ScriptCall],
        env: Environment,
        seconds: float | None = None,
    ) -> None:
        """`seconds`: for all calls together."""
        self._sessions, self._spec, self._source, self._env = sessions, spec, source, env
        self._calls = calls
        self._until = inf if seconds is None else monotonic() + seconds
        self._results: dict[int, ScriptResult] = {}
        #: Calls that failed and may be tried again.
        self._retry: set[int] = set()
        #: Calls that are made alone.
        self._alone: set[int] = set()
        #: Calls that an exchange ends with.
        self._last: set[int] = set()
        self._crashes: Counter[int] = Counter()
        self._stops = 0
        self._flow = Meter().into(dict(env.variables))
        #: Payloads as the sandbox is given them, and what they measure.
        self._inputs: dict[int, object] = {}
        self._weights: dict[int, int] = {}

    def run(self) -> list[ScriptResult]:
        """Make the calls. Raises only what is no fault of a record or the script, such as a lost database."""
        self._attempt([number for number, call in enumerate(self._calls) if self._prepared(number, call)])
        for attempt in range(1, RETRIES + 1):
            if attempt == RETRIES:
                # An exception has a line only when nothing inside the sandbox catches it.
                self._alone |= self._retry
            again, self._retry = sorted(self._retry), set()
            self._attempt(again)
        return [self._results[number] for number in range(len(self._calls))]

    def _prepared(self, number: int, call: ScriptCall) -> bool:
        meter = Meter()
        try:
            self._inputs[number] = meter.into(call.payload)
            for given in (call.meta, call.variables):
                if given:
                    meter.into(dict(given))
        except ScriptError as error:
            self._fail(number, failures.unusable(self._spec, error, "the value cannot be given to the script"), [])
            return False
        self._weights[number] = MOST_OUTPUT - meter.left
        return True

    def _attempt(self, todo: list[int]) -> None:
        while todo:
            if self._stops >= MOST_STOPPED:
                for number in todo:
                    self._fail(number, failures.given_up(self._spec), [])
                return
            if monotonic() >= self._until:
                # What failed before, and would be tried again, keeps its own reason.
                for number in (number for number in todo if number not in self._results):
                    self._fail(number, failures.out_of_time(self._spec), [])
                return
            chunk = self._chunk(todo)
            todo = self._exchange(chunk) + todo[len(chunk) :]

    def _chunk(self, todo: Sequence[int]) -> list[int]:
        chunk: list[int] = []
        weight = 0
        for number in todo[:MOST_CALLS]:
            weight += self._weights[number]
            if chunk and (number in self._alone or weight > MOST_INPUT):
                break
            chunk.append(number)
            if number in self._alone or number in self._last:
                break
        return chunk

    def _exchange(self, chunk: list[int]) -> list[int]:
        """Make some calls; those that are to be made (again)."""
        prints, spec = Prints(), self._spec
        began = monotonic()
        seconds = min(spec.timeout, self._until - began)
        calling = Calling(self._env, prints, seconds)
        try:
            again = self._accept(chunk, self._feed(chunk, prints, calling, seconds), prints, calling.late)
        except MontyCrashedError as error:
            slow = calling.late or error.timed_out or monotonic() - began >= seconds
            again = self._timed_out(chunk, prints) if slow else self._crashed(chunk)
        except MontySyntaxError as error:
            again = self._refused(chunk, failures.raised(spec, self._source, error))
        except MontyRuntimeError as error:
            again = self._interrupted(chunk, error, prints, calling.late)
        if calling.fault:
            raise calling.fault
        return again

    def _feed(self, chunk: list[int], prints: Prints, calling: Calling, seconds: float) -> object:
        alone = len(chunk) == 1
        with self._sessions(seconds + (0 if alone else SLICE), self._spec.memory) as session:
            calling.worker = session.worker_pid
            session.feed_run(self._source.text)
            return session.feed_run(
                RUNNER + CALL,
                inputs={
                    "__payloads__": [self._inputs[number] for number in chunk],
                    "__metas__": self._given(chunk, "meta"),
                    "__variables__": dict(self._spec.variables),
                    "__own__": self._given(chunk, "variables"),
                    "__flow__": self._flow,
                    "__mark__": prints.mark,
                    "__seconds__": SLICE,
                    "__alone__": alone,
                },
                external_lookup=calling.lookup(),
                print_callback=prints,
            )

    def _given(self, chunk: Sequence[int], part: Literal["meta", "variables"]) -> dict[int, dict[str, str]]:
        """What only some of the calls have: place in the chunk -> meta or variables."""
        found = ((place, getattr(self._calls[number], part)) for place, number in enumerate(chunk))
        return {place: dict(given) for place, given in found if given}

    def _accept(self, chunk: list[int], answers: object, prints: Prints, late: set[int]) -> list[int]:
        if not isinstance(answers, list) or not answers:
            return self._crashed(chunk)
        for place, (number, answer) in enumerate(zip(chunk, answers, strict=False)):
            if place in late:
                self._stop(number, "time", prints.lines(place))
            else:
                self._settle(number, answer, prints.lines(place))
        return chunk[len(answers) :]

    def _settle(self, number: int, answer: object, printed: list[str]) -> None:
        match answer:
            case ("failed", str() as kind, str() as text):
                self._fail(number, failures.failed(self._spec, kind, text), printed)
                self._retry.add(number)
            case (payload,):
                self._finish(number, payload, None, None, printed, "", 0)
            case (payload, meta, variables, list() as logs, str() as message, int() as code):
                self._finish(number, payload, meta, variables, [*printed, *map(str, logs)], message, code)
            case _:
                self._fail(number, failures.crashed(self._spec), printed)

    def _finish(
        self, number: int, payload: object, meta: object, variables: object, logs: list[str], message: str, code: int
    ) -> None:
        meter, call = Meter(), self._calls[number]
        try:
            self._results[number] = ScriptResult(
                meter.out(payload),
                dict(call.meta) if meta is None else _texts(meter.out(meta)),
                {**self._spec.variables, **call.variables} if variables is None else _texts(meter.out(variables)),
                limited(logs) if logs else [],
                message,
                response_code=code,
            )
        except ScriptError as error:
            self._fail(number, failures.unusable(self._spec, error, "its result cannot be used"), logs)

    def _interrupted(self, chunk: list[int], error: MontyRuntimeError, prints: Prints, late: set[int]) -> list[int]:
        """Something ended the whole exchange: a limit, or in a call that was made alone any exception."""
        stop = failures.stop_of(error)
        if stop == "time":
            return self._timed_out(chunk, prints)
        if len(chunk) > 1:
            self._alone |= set(chunk)
            return chunk
        number, printed = chunk[0], prints.lines(0)
        if stop or late:
            self._stop(number, stop or "time", printed)
        else:
            self._fail(number, failures.raised(self._spec, self._source, error), printed)
            self._retry.add(number)
        return []

    def _timed_out(self, chunk: list[int], prints: Prints) -> list[int]:
        at = 0 if len(chunk) == 1 else prints.current
        if not 0 <= at < len(chunk):
            self._alone |= set(chunk)
            return chunk
        self._stop(chunk[at], "time", prints.lines(at))
        # Those before it went well: made again by themselves, they are done before another one spoils it.
        if at:
            self._last.add(chunk[at - 1])
        return chunk[:at] + chunk[at + 1 :]

    def _crashed(self, chunk: list[int]) -> list[int]:
        self._crashes.update(chunk)
        self._alone |= set(chunk)
        lost = [number for number in chunk if self._crashes[number] > RETRIES]
        for number in lost:
            self._stops += 1
            self._fail(number, failures.crashed(self._spec), [])
        return [number for number in chunk if number not in lost]

    def _refused(self, chunk: list[int], error: ScriptError) -> list[int]:
        """The script itself cannot be read: no call of it can be made."""
        for number in chunk:
            self._fail(number, error, [])
        return []

    def _stop(self, number: int, stop: failures.Stop, printed: list[str]) -> None:
        self._stops += 1
        late = stop == "time" and monotonic() >= self._until
        error = failures.out_of_time(self._spec) if late else failures.stopped(self._spec, stop)
        self._fail(number, error, printed)

    def _fail(self, number: int, error: ScriptError, printed: list[str]) -> None:
        self._retry.discard(number)
        self._results[number] = ScriptResult(error=error, logs=limited(printed))


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise ScriptError("meta and variables map text to text", key="script_value")
    return value
