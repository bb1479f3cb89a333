"""What goes into a script and what comes out of it, and the limits that it runs under."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from topstitch.errors import ScriptError

#: Seconds a call may take, and the most that may be asked for.
TIMEOUT, LONGEST_TIMEOUT = 10.0, 120.0
#: Megabytes that a call may use, and the most that may be asked for.
MEMORY, MOST_MEMORY = 128, 1024
#: Bytes of a script's text.
MOST_CODE = 100 * 1024
#: Characters of all log lines of a call together, and lines of them.
MOST_LOGS, MOST_LOG_LINES = 500, 50
#: Characters of a message, and of what an error says.
MOST_MESSAGE = 500
#: Characters of a value that goes in or comes out, with some for every number and every list: pages of records are large.
MOST_OUTPUT = 30_000_000
#: Lists within lists.
MOST_DEPTH = 100
#: Calls of functions into each other.
MOST_RECURSION = 200
#: Times that a failing call is tried again.
RETRIES = 3
#: Calls of a batch that may be stopped for their time or memory before the rest of it is not tried any more.
MOST_STOPPED = 10
#: What a script may answer: 0 go on, 1 fail and retry, 2 fail the run and retry, 3 fail and do not retry.
RESPONSE_CODES = (0, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class ScriptSpec:
    """One version of a script. `variables` are the declared names with their defaults."""

    name: str
    version: int
    code: str
    variables: Mapping[str, str] = field(default_factory=dict)
    timeout: float = TIMEOUT
    memory: int = MEMORY

    @property
    def title(self) -> str:
        """How errors name it; version 0 is one that was never saved."""
        return f"script {self.name!r} version {self.version}" if self.version else f"script {self.name!r}"


@dataclass(frozen=True, slots=True)
class ScriptCall:
    """One call of `handle(data)`. `variables` take the place of the defaults of the same names."""

    payload: object
    meta: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScriptResult:
    """What became of one call; with an `error` the payload is None."""

    payload: object = None
    meta: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    logs: list[str] = field(default_factory=list)
    message: str = ""
    error: ScriptError | None = None
    response_code: int = 0
