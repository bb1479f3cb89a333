"""Functions that ask others: scripts, sequences. Those of all records of a page are asked together."""

from __future__ import annotations

from collections.abc import Mapping

from topstitch.errors import ConfigError
from topstitch.functions.registry import VALUE, Environment, Example, Param, function
from topstitch.functions.support import Apply
from topstitch.values.text import as_text

SCRIPT = "other.script"
#: As many scripts may be in one row.
MAX_SCRIPTS = 15


@function(
    SCRIPT,
    title="Run custom script",
    group="other",
    summary="What a custom script makes of the value: its handle(data) gets it as data['payload'].",
    takes=VALUE,
    gives="any",
    on_empty="run",
    params=[
        Param("script", "Script", str, minimum=1, offer="script"),
        Param("version", "Version (empty: the latest)", int, default=None, minimum=1),
        Param("variables", "Variables", object, default=None, help="name: text; those not given have their default"),
    ],
    examples=[
        Example(input=21, args={"script": "double"}, output=42),
        Example(input="two", args={"script": "double"}, fails="'two' is not a"),
    ],
    pure=False,
    asks=True,
)
def script(env: Environment, script: str, version: int | None, variables: object) -> Apply:
    return env.script(script, version, _texts(variables))


def _texts(variables: object) -> Mapping[str, str]:
    if variables is None:
        return {}
    if not isinstance(variables, Mapping):
        raise ConfigError("the parameter 'variables' must be names with their texts")
    return {str(name): "" if value is None else as_text(value) for name, value in variables.items()}


@function(
    "other.sequence",
    title="Sequence",
    group="other",
    summary="The next number of a named sequence. A record keeps its number, however often it is mapped or sent.",
    takes=VALUE,
    gives="integer",
    on_empty="run",
    params=[
        Param(
            "name", "Name", str, minimum=1, maximum=200, help="services of a company that use the same name share it"
        ),
        Param("start", "First number", int, default=1, minimum=0),
        Param("step", "Step", int, default=1, minimum=1, maximum=1_000_000),
    ],
    examples=[
        Example(input=None, args={"name": "invoices", "start": 1000}, output=1000),
        Example(input="ignored", args={"name": "deliveries"}, output=1),
    ],
    pure=False,
    asks=True,
)
def sequence(env: Environment, name: str, start: int, step: int) -> Apply:
    return env.sequence(name, start, step)
