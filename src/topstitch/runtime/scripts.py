"""The custom scripts of a run: at field level for the values of a page, at payload level for its records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from topstitch.engine.ports import RunLog
from topstitch.engine.reshape import Reshape
from topstitch.engine.spec import ScriptUse
from topstitch.errors import ScriptError, ScriptPostponed
from topstitch.functions.registry import Environment
from topstitch.net.retry import Stop, within
from topstitch.scripts import ScriptCall, ScriptResult, ScriptSpec, shared_sandbox
from topstitch.store.models import Run
from topstitch.store.payloads import keep_payload
from topstitch.store.queries.scripts import script_spec

#: So many lines of scripts are written into the log of a run.
MOST_LINES = 2000
#: What a script may answer besides 0, go on, and 3, fail: fail and be tried again, end the run.
RETRY, FAIL_RUN = 1, 2

Answer = Callable[[Sequence[Any]], Sequence[Any]]


class RunScripts:
    """Scripts as they were when the run began, also when it is resumed; what they say goes into its log."""

    def __init__(
        self, run: Run, environment: Environment, log: RunLog, *, stop: Stop | None = None, keep: bool = False
    ) -> None:
        """`keep`: what a payload script was given and gave is stored, for people to look at. A `stop` that is a deadline is
        kept by scripts too.
        """
        self._run, self._environment, self._log, self._stop, self._keep = run, environment, log, stop, keep
        self._lines = 0

    def field(self, name: str, version: int | None, variables: Mapping[str, str]) -> Answer:
        """A script that makes one value of another. Raises ConfigError when there is no such script."""
        spec = self._spec(name, version, variables)

        def answer(values: Sequence[Any]) -> Sequence[Any]:
            results = self._called(spec, [ScriptCall(value) for value in values])
            for result in results:
                self._tell(spec, result)
            refusals = [_refusal(spec, result) for result in results]
            for result, refusal in zip(results, refusals, strict=True):
                if refusal is not None and result.response_code == FAIL_RUN:
                    raise refusal
            return [refusal or result.payload for result, refusal in zip(results, refusals, strict=True)]

        return answer

    def _called(self, spec: ScriptSpec, calls: Sequence[ScriptCall]) -> list[ScriptResult]:
        return shared_sandbox().run_batch(spec, calls, self._environment, seconds=within(self._stop, None))

    def payload(self, use: ScriptUse) -> Reshape:
        """A script that makes the records of a page. Raises ConfigError when there is no such script."""
        spec = self._spec(use.name, use.version, use.variables)

        def reshape(records: Sequence[Any], page: int) -> Sequence[Any]:
            call = ScriptCall(list(records), meta={"page": str(page), "records": str(len(records))})
            (result,) = self._called(spec, [call])
            self._tell(spec, result, page)
            error = _refusal(spec, result)
            if error is not None:
                raise error.saying(f"page {page}: {error.message}")
            made: Any = result.payload
            if self._keep and isinstance(made, list):
                keep_payload(self._run.pk, page, "script_input", records)
                keep_payload(self._run.pk, page, "script_output", made)
            return made  # type: ignore[no-any-return]  # whether these are records is looked at by whoever asked

        return reshape

    def _spec(self, name: str, version: int | None, variables: Mapping[str, str]) -> ScriptSpec:
        company = self._run.service.group.company
        return script_spec(company, name, version, variables, at=self._run.started_at)

    def _tell(self, spec: ScriptSpec, result: ScriptResult, page: int | None = None) -> None:
        for line in [*result.logs, *([result.message] if result.message else [])]:
            self._lines += 1
            if self._lines <= MOST_LINES:
                self._log("info", "script", f"{spec.title}: {line}", page=page)
            elif self._lines == MOST_LINES + 1:
                self._log("warning", "script", f"Scripts have written {MOST_LINES} lines: the rest is left out.")


def _refusal(spec: ScriptSpec, result: ScriptResult) -> ScriptError | None:
    """Why a call failed: by an error, or because the script says so by its response code."""
    if result.error is not None or not result.response_code:
        return result.error
    said = f": {result.message}" if result.message else ""
    kind = ScriptPostponed if result.response_code == RETRY else ScriptError
    return kind(
        f"{spec.title} answered with response code {result.response_code}{said}",
        script=spec.name,
        version=spec.version,
        key="" if kind is ScriptPostponed else "script_refused",
    )
