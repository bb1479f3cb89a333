"""Constants, fallback and lookup: functions that suit every type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from topstitch.errors import ConfigError, MappingError
from topstitch.functions.lookup import BY_ROW, MATCHES
from topstitch.functions.registry import (
    MISSING,
    NOTHING,
    VALUE,
    VALUES,
    Environment,
    Example,
    Param,
    function,
)
from topstitch.functions.support import Apply, ApplyAll, Constant, fill_variables, unmatched, zone_or
from topstitch.values.dates import compile_date_reader
from topstitch.values.numbers import to_integer, to_number
from topstitch.values.text import as_text, show
from topstitch.values.truth import as_boolean, is_empty


@function(
    "other.boolean",
    title="Custom boolean",
    group="other",
    summary="A constant true or false.",
    takes=NOTHING,
    gives="boolean",
    params=[Param("value", "Value", bool)],
    examples=[Example(args={"value": True}, output=True), Example(args={"value": "no"}, output=False)],
)
def boolean(value: bool) -> Constant:
    return lambda: value


@function(
    "other.null",
    title="Null value",
    group="other",
    summary="An explicit null.",
    takes=NOTHING,
    gives="any",
    examples=[Example(output=None), Example(input="ignored", output=None)],
)
def null() -> Constant:
    return lambda: None


@function(
    "other.variable",
    title="Variable",
    group="other",
    summary="A variable of the run with its type: sync_id, service_id (a number), service (its name).",
    takes=NOTHING,
    gives="any",
    params=[Param("name", "Name", str, minimum=1, maximum=200)],
    examples=[
        Example(args={"name": "season"}, output="AW25"),
        Example(input="ignored", args={"name": "channel"}, output="WEB"),
    ],
    pure=False,
)
def variable(env: Environment, name: str) -> Constant:
    if name not in env.variables:
        known = ", ".join(env.variables) or "none"
        raise ConfigError(f"there is no variable {name!r}; there are: {known}")
    value = env.variables[name]
    return lambda: value


@function(
    "other.fallback",
    title="Fallback",
    group="other",
    summary="The first source field that is not empty, else the fallback value, where {name} stands for a variable.",
    takes=VALUES,
    gives="any",
    params=[Param("value", "Fallback value", object, default=None)],
    examples=[
        Example(input=[""], args={"value": "00000"}, output="00000"),
        Example(input=[None, "", "07700 900123", "x"], output="07700 900123"),
        Example(input=[None], args={"value": "{channel}"}, output="WEB"),
        Example(input=[0, 5], output=0),
        Example(input=[[], {}], output=None),
    ],
    pure=False,
)
def fallback(env: Environment, value: object) -> ApplyAll:
    otherwise = fill_variables(value, env) if isinstance(value, str) else value

    def apply(values: list[object]) -> object:
        for candidate in values:
            if candidate or not is_empty(candidate):
                return candidate
        return otherwise

    return apply


_CASTS: dict[str, Callable[[object], object]] = {
    "text": as_text,
    "integer": to_integer,
    "number": to_number,
    "boolean": as_boolean,
    "list": lambda value: value if isinstance(value, list) else [part.strip() for part in as_text(value).split(",")],
}


@function(
    "other.map",
    title="Map",
    group="other",
    summary="Replaces the value by its pair in a lookup table; of several that match, the first counts.",
    takes=VALUE,
    gives="any",
    params=[
        Param("table", "Lookup table", str, minimum=1, offer="lookup"),
        Param("direction", "Direction", str, default="left_to_right", choices=("left_to_right", "right_to_left")),
        Param(
            "match",
            "Match type",
            str,
            default="exact",
            choices=(*MATCHES, BY_ROW),
            help="of rows that have none of their own; `row` leaves it to the rows, the others must equal the value",
        ),
        Param("field", "Field name", str, default="", help="of tables with field names, only the rows of this field"),
        Param("no_match", "If nothing matches", str, default="keep", choices=("keep", "value", "null", "fail")),
        Param("otherwise", "Value if nothing matches", object, default=None, help="for `value` only"),
        Param(
            "output_type",
            "Output type",
            str,
            default="same",
            choices=("same", *_CASTS, "date"),
            help="a list is divided at its commas",
        ),
    ],
    examples=[
        Example(input="Midnight blue", args={"table": "colours"}, output="191970"),
        Example(input="DHL-STD", args={"table": "shipping", "direction": "right_to_left"}, output="Standard"),
        Example(
            input="express (next day)", args={"table": "shipping", "match": "starts_with"}, output="express (next day)"
        ),
        Example(input="Express (next day)", args={"table": "shipping", "match": "starts_with"}, output="DHL-EXP"),
        Example(input="CRIMSON", args={"table": "colours", "match": "case_insensitive"}, output="DC143C"),
        Example(input="Teal", args={"table": "colours", "no_match": "value", "otherwise": "000000"}, output="000000"),
        Example(input="Teal", args={"table": "colours", "no_match": "fail"}, fails="'Teal' is not in the lookup table"),
        Example(
            input="Leeds",
            args={"table": "stores", "direction": "right_to_left", "output_type": "integer"},
            output=2,
        ),
        Example(input="Parcel by DHL", args={"table": "shipment map", "match": "row"}, output="DHL-STD"),
        Example(input="DHL", args={"table": "shipment map", "match": "row", "field": "carrier"}, output="parcel"),
        Example(input="Trail", args={"table": "tags", "output_type": "list"}, output=["outdoor", "running"]),
        Example(
            input="Launch",
            args={"table": "tags", "output_type": "date"},
            output=datetime(2025, 3, 1, tzinfo=UTC),
        ),
    ],
    pure=False,
)
def map_(
    env: Environment,
    table: str,
    direction: str,
    match: str,
    field: str,
    no_match: str,
    otherwise: object,
    output_type: str,
) -> Apply:
    find = env.lookup(table).find
    reverse = direction == "right_to_left"
    convert = compile_date_reader((), zone_or("", env)) if output_type == "date" else _CASTS.get(output_type)
    hint = "Add the value to the table, or choose what happens if nothing matches."
    missed = unmatched(
        no_match,
        otherwise,
        lambda value: MappingError(f"{show(value)} is not in the lookup table {table!r}", value=value, hint=hint),
    )

    def apply(value: object) -> object:
        found = find(value, reverse=reverse, match=match, field=field)
        if found is MISSING:
            found = missed(value)
        return found if convert is None or found is None else convert(found)

    return apply
