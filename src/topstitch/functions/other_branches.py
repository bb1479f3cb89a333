"""Functions that decide how a chain goes on: with another value, with none, or not at all."""

from __future__ import annotations

from collections.abc import Callable

from topstitch.errors import ConfigError
from topstitch.functions.registry import FIELDS, VALUE, Environment, Example, Param, function
from topstitch.functions.signals import Ended, SkipField, SkipRecord
from topstitch.functions.support import Apply, fill_variables
from topstitch.values.conditions import OPERATORS, compile_test
from topstitch.values.text import show
from topstitch.values.truth import is_empty

#: Operators that mean something with a value of the record on both sides.
_BETWEEN_FIELDS = tuple(op for op in OPERATORS if op not in ("between", "is_empty", "is_not_empty"))
#: The closure of a function that also looks at other fields.
ApplyFields = Callable[[object, list[object]], object]

_OUTCOMES = ("continue", "keep", "value", "field", "null")
_OUTCOME_HELP = (
    "continue with the functions behind, or end here with the value so far, another value, a field, or nothing"
)
_CONDITION = (
    Param("op", "Condition", str, choices=OPERATORS),
    Param("value", "Compared with", object, default=None),
    Param("field", "Of the field", str, default="", offer="field", help="empty: the value so far"),
    Param("value_field", "Compared with the field", str, default="", offer="field", help="in place of a value"),
)


@function(
    "other.if",
    title="If / else",
    group="other",
    summary="By a condition: go on with the functions behind, or end the chain with a value, a field, or nothing.",
    takes=FIELDS,
    gives="any",
    on_empty="run",
    params=[
        *_CONDITION,
        Param("then", "If so", str, default="continue", choices=_OUTCOMES, help=_OUTCOME_HELP),
        Param("then_value", "Value if so", object, default=None, help="{name} stands for a variable"),
        Param("then_field", "Field if so", str, default="", offer="field"),
        Param("otherwise", "Else", str, default="keep", choices=_OUTCOMES, help=_OUTCOME_HELP),
        Param("otherwise_value", "Value else", object, default=None, help="{name} stands for a variable"),
        Param("otherwise_field", "Field else", str, default="", offer="field"),
    ],
    examples=[
        Example(
            input="GB",
            args={"op": "in", "value": ["GB", "IE"], "then": "value", "then_value": "domestic"},
            output="domestic",
        ),
        Example(
            input="DE",
            args={"op": "in", "value": ["GB", "IE"], "otherwise": "value", "otherwise_value": "export"},
            output="export",
        ),
        Example(input=12, args={"op": "greater", "value": 10}, output=12),
        Example(
            input=None,
            args={"op": "is_empty", "then": "value", "then_value": "{channel}"},
            output="WEB",
        ),
        Example(input="x", args={"op": "is_not_empty", "then": "null"}, output=None),
    ],
    pure=False,
)
def if_(
    env: Environment,
    op: str,
    value: object,
    field: str,
    value_field: str,
    then: str,
    then_value: object,
    then_field: str,
    otherwise: str,
    otherwise_value: object,
    otherwise_field: str,
) -> ApplyFields:
    holds = _condition(op, value, field, value_field, env)
    if_so = _branch("then", then, then_value, then_field, 2, env)
    if_not = _branch("otherwise", otherwise, otherwise_value, otherwise_field, 3, env)
    return lambda value, fields: (if_so if holds(value, fields) else if_not)(value, fields)


def _condition(
    op: str, value: object, field: str, value_field: str, env: Environment
) -> Callable[[object, list[object]], bool]:
    """Whether the value so far, or the field, compares so with a fixed value or with what another field has."""
    if value_field:
        if value is not None:
            raise ConfigError("give value or value_field, not both")
        if op not in _BETWEEN_FIELDS:
            raise ConfigError(f"two fields are compared by {', '.join(_BETWEEN_FIELDS)}, not by {op}")
    fixed = None if value_field else compile_test(op, value, env.zone)

    def holds(value: object, fields: list[object]) -> bool:
        asked = fields[0] if field else value
        return fixed(asked) if fixed is not None else _compares(op, asked, fields[1], env.zone)

    return holds


def _compares(op: str, value: object, other: object, zone: str) -> bool:
    """As with a fixed value; nothing equals nothing, nothing is in it, and it is neither greater nor less than anything."""
    if is_empty(other):
        return {"equals": is_empty(value), "not_equals": not is_empty(value), "not_in": True}.get(op, False)
    return compile_test(op, other, zone)(value)


def _branch(name: str, outcome: str, value: object, field: str, place: int, env: Environment) -> ApplyFields:
    """What a branch gives. Raises ConfigError where it lacks what it needs."""
    if (outcome == "field") != bool(field):
        raise ConfigError(f"give {name}_field, and {name} as `field`, or neither")
    if outcome != "value" and value is not None:
        raise ConfigError(f"{name}_value is used only when {name} is `value`")
    if outcome == "continue":
        return lambda value, fields: value
    if outcome == "keep":
        return lambda value, fields: Ended(value)
    if outcome == "field":
        return lambda value, fields: Ended(fields[place])
    fixed = Ended(fill_variables(value, env) if isinstance(value, str) else value)
    return lambda value, fields: fixed


@function(
    "other.skip_field",
    title="Skip field if empty",
    group="other",
    summary="Leaves the field out when the value is empty, or when it is one of some values.",
    takes=VALUE,
    gives="any",
    on_empty="run",
    params=[Param("values", "Also these values", list, default=())],
    examples=[
        Example(input="x", output="x"),
        Example(input=0, output=0),
        Example(input="n/a", args={"values": ["none"]}, output="n/a"),
    ],
)
def skip_field(values: list[str]) -> Apply:
    tests = compile_test("in", list(values), "UTC") if values else None

    def apply(value: object) -> object:
        if is_empty(value) or (tests is not None and tests(value)):
            raise SkipField
        return value

    return apply


@function(
    "other.skip_record",
    title="Skip record if",
    group="other",
    summary="Leaves the whole record out where a condition holds, as a filter would.",
    takes=FIELDS,
    gives="any",
    on_empty="run",
    params=_CONDITION,
    examples=[
        Example(input="paid", args={"op": "equals", "value": "cancelled"}, output="paid"),
        Example(input="SKU-1", args={"op": "is_empty"}, output="SKU-1"),
    ],
)
def skip_record(env: Environment, op: str, value: object, field: str, value_field: str) -> ApplyFields:
    holds = _condition(op, value, field, value_field, env)
    words = f"{field or 'the value'} {op.replace('_', ' ')} {value_field or _words(value)}".strip()

    def apply(value: object, fields: list[object]) -> object:
        if holds(value, fields):
            raise SkipRecord(f"{words}: it is {show(fields[0] if field else value)}")
        return value

    return apply


def _words(value: object) -> str:
    return ", ".join(map(show, value)) if isinstance(value, list) else "" if value is None else show(value)
