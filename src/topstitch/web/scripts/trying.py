"""The test box: a draft is called in the sandbox with a sample; nothing is saved and nothing is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import UUID

import orjson

from topstitch.engine.environment import RunEnvironment, run_variables
from topstitch.errors import ConfigError, ScriptError, TopstitchError
from topstitch.net.retry import PATIENCE
from topstitch.scripts import ScriptCall, ScriptResult, ScriptSpec, shared_sandbox
from topstitch.store.actions.scripts import Draft
from topstitch.store.jsonb import written
from topstitch.store.lookups.reading import tables_of
from topstitch.store.models import Company

#: Seconds that one call may take here, where somebody waits; calls of a list that are made.
LONGEST, MOST_CALLS = 10.0, 20
CODES = {
    1: "The record fails, and is tried again with the next run.",
    2: "The run ends.",
    3: "The record fails.",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A call and its result."""

    given: Any
    result: ScriptResult
    changed_meta: bool
    changed_variables: bool

    @property
    def payload(self) -> Any:
        """What came out, as JSON has it."""
        return orjson.loads(written(self.result.payload))

    @property
    def code_words(self) -> str:
        """What the response code brings about; "" to go on."""
        return CODES.get(self.result.response_code, "")


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of all calls, or why none was made."""

    calls: Sequence[Shown] = ()
    milliseconds: float = 0
    timeout: float = LONGEST
    memory: int = 0
    #: Payloads of the list that were left out.
    more: int = 0
    error: TopstitchError | None = None

    @property
    def line(self) -> int:
        """The line of the first error, 0 without one."""
        errors = [self.error, *(call.result.error for call in self.calls)]
        return next((error.line for error in errors if isinstance(error, ScriptError) and error.line), 0)


def tried(company: Company, name: str, draft: Draft, sample: str, *, each: bool) -> Tried:
    """Call a draft with the sample, or with each of its list."""
    defaults = {variable.name: variable.default for variable in draft.variables}
    spec = ScriptSpec(name or "new", 0, draft.code, defaults, min(draft.timeout, LONGEST), draft.memory)
    try:
        given = _payloads(sample, each)
        # The sandbox starts and the script is read before the clock does.
        shared_sandbox().check(draft.code, name=spec.name)
        began = monotonic()
        calls = [ScriptCall(payload) for payload in given[:MOST_CALLS]]
        results = shared_sandbox().run_batch(spec, calls, _environment(company), seconds=PATIENCE)
    except TopstitchError as error:
        return Tried(error=error)
    took = (monotonic() - began) * 1000
    shown = [_shown(payload, result, defaults) for payload, result in zip(given, results, strict=False)]
    return Tried(shown, took, spec.timeout, spec.memory, max(len(given) - MOST_CALLS, 0))


def _payloads(sample: str, each: bool) -> list[Any]:
    try:
        payload = orjson.loads(sample)
    except orjson.JSONDecodeError:
        payload = sample
    if not each:
        return [payload]
    if not isinstance(payload, list):
        raise ConfigError("the payload is no list", hint="To call the script once for each, give a JSON list.")
    return payload


def _shown(given: Any, result: ScriptResult, defaults: dict[str, str]) -> Shown:
    return Shown(given, result, bool(result.meta), not result.error and dict(result.variables) != defaults)


def _environment(company: Company) -> RunEnvironment:
    now = datetime.now(UTC)
    variables = run_variables(str(UUID(int=0)), 0, "Test", run_time=now, company=company.name, group="Test")
    return RunEnvironment(now, tables_of(company.pk), variables=variables)
