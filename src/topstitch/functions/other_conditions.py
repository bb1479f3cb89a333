"""Functions that decide by what a value says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from topstitch.errors import ConfigError, MappingError
from topstitch.functions.lookup import MATCHES, TESTS
from topstitch.functions.registry import VALUE, Environment, Example, Param, function
from topstitch.functions.support import Apply, fill_variables, unmatched
from topstitch.values.text import as_text, show

MAX_ROWS = 1000
_CARRIERS = [
    {"match": "starts_with", "text": "DHL Express", "output": "DHL-EXP"},
    {"match": "contains", "text": "DHL", "output": "DHL-STD"},
    {"match": "case_insensitive", "text": "click & collect", "output": None},
]


@function(
    "other.conditional",
    title="Conditional rows",
    group="other",
    summary="The output of the first row whose text the value is, contains, starts or ends with.",
    takes=VALUE,
    gives="any",
    on_empty="run",
    params=[
        Param(
            "rows", "Rows", object, help="a list of match, text and output; {name} in an output stands for a variable"
        ),
        Param("no_match", "If nothing matches", str, default="keep", choices=("keep", "value", "null", "fail")),
        Param("otherwise", "Value if nothing matches", object, default=None, help="for `value` only"),
    ],
    examples=[
        Example(input="DHL Express 12:00", args={"rows": _CARRIERS}, output="DHL-EXP"),
        Example(input="Parcel (DHL)", args={"rows": _CARRIERS}, output="DHL-STD"),
        Example(input="Click & Collect ", args={"rows": _CARRIERS}, output=None),
        Example(input="Royal Mail", args={"rows": _CARRIERS}, output="Royal Mail"),
        Example(
            input=None,
            args={"rows": [{"match": "exact", "text": "", "output": "{channel}"}]},
            output="WEB",
        ),
        Example(
            input="Royal Mail",
            args={"rows": _CARRIERS, "no_match": "fail"},
            fails="none of the rows is for 'Royal Mail'",
        ),
    ],
    pure=False,
)
def conditional(env: Environment, rows: object, no_match: str, otherwise: object) -> Apply:
    tests = [_compiled(row, number, env) for number, row in enumerate(_listed(rows), 1)]
    hint = "Add a row for the value, or choose what happens if nothing matches."
    missed = unmatched(
        no_match,
        otherwise,
        lambda value: MappingError(f"none of the rows is for {show(value)}", value=value, hint=hint),
    )

    def apply(value: object) -> object:
        text = "" if value is None else as_text(value)
        for holds, output in tests:
            if holds(text):
                return output
        return missed(value)

    return apply


def _listed(rows: object) -> list[Any]:
    if not isinstance(rows, list) or not rows:
        raise ConfigError("the parameter 'rows' must be a list of rows, each with match, text and output")
    if len(rows) > MAX_ROWS:
        raise ConfigError(f"{len(rows)} rows are too many, {MAX_ROWS} the most", hint="Use a lookup table instead.")
    return rows


def _compiled(row: object, number: int, env: Environment) -> tuple[Callable[[str], bool], object]:
    if not isinstance(row, Mapping) or row.keys() - {"match", "text", "output"} or not {"match", "text"} <= row.keys():
        raise ConfigError(f"row {number} of 'rows' must have match, text and output, and nothing else")
    match, output = row["match"], row.get("output")
    try:
        text = as_text(row["text"])
    except MappingError as error:
        raise ConfigError(f"the text of row {number} of 'rows': {error.message}") from error
    if match not in MATCHES:
        raise ConfigError(f"the match of row {number} of 'rows' must be one of {', '.join(MATCHES)}, not {show(match)}")
    if match in TESTS and not text:
        raise ConfigError(f"row {number} of 'rows' has no text: every value contains nothing")
    return _test(match, text), fill_variables(output, env) if isinstance(output, str) else output


def _test(match: str, text: str) -> Callable[[str], bool]:
    if match in TESTS:
        test = TESTS[match]
        return lambda value: test(value, text)
    if match == "exact":
        return lambda value: value == text
    folded = text.strip().casefold()
    return lambda value: value.strip().casefold() == folded
