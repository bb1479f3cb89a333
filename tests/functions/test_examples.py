"""Every example of every function is executed; hostile values end in a value or a MappingError."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topstitch.errors import MappingError
from topstitch.functions import registry
from topstitch.functions.lookup import EXAMPLE_ENVIRONMENT
from topstitch.functions.params import plain
from topstitch.functions.registry import FIELDS, LIST, NOTHING, VALUE, VALUES
from topstitch.functions.signals import Signal

FUNCTIONS = list(registry())
EXAMPLES = [
    pytest.param(function, example, id=f"{function.name}-{number}")
    for function in FUNCTIONS
    for number, example in enumerate(function.examples, 1)
]
#: One valid set of arguments per function, from its first example.
BOUND = [function.bind(function.examples[0].args, EXAMPLE_ENVIRONMENT) for function in FUNCTIONS]


def written(value):
    """A result with its type, decimals with their zeros; moments are equal whatever their zone."""
    return value.astimezone(UTC) if isinstance(value, datetime) else (type(value), plain(value))


@pytest.mark.parametrize(("function", "example"), EXAMPLES)
def test_the_example_is_true(function, example):
    bound = function.bind(example.args, EXAMPLE_ENVIRONMENT)

    if example.fails:
        with pytest.raises(MappingError) as caught:
            bound(example.input)
        assert example.fails in caught.value.message
    else:
        assert written(bound(example.input)) == written(example.output)


@pytest.mark.parametrize(("function", "example"), EXAMPLES)
def test_the_result_is_of_the_declared_type(function, example):
    kinds = {
        "text": str,
        "integer": int,
        "number": int | Decimal,
        "boolean": bool,
        "date": date,
        "list": list,
        "any": object,
    }

    assert example.output in (None, "") or isinstance(example.output, kinds[function.gives])


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_the_description_is_json_with_everything_a_form_needs(function):
    described = json.loads(json.dumps(function.describe()))

    assert described["name"].startswith(f"{described['group']}.")
    assert described["summary"].endswith(".")
    assert len(described["summary"]) <= 140
    assert len(described["examples"]) >= 2
    assert all(param["title"] and param["kind"] for param in described["params"])


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


HOSTILE = [
    "",
    " ",
    "\x00",
    "\ud800",
    "\u202e\u0661\u0662",
    "１２",
    "e\u0301" * 50,
    "<" * 1000,
    "9" * 5000,
    "1e999999999",
    "-1e-999999999",
    "NaN",
    "0000-00-00",
    "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+14:00",
    "a" * 100_000,
    0,
    -1,
    2**63,
    10**100,
    pytest.param(10**5000, id="huge integer"),
    5e-324,
    1e308,
    float("nan"),
    float("-inf"),
    Decimal("sNaN"),
    Decimal("1e999999"),
    True,
    b"\xff",
    date.min,
    datetime.max.replace(tzinfo=UTC),
    datetime.min.replace(tzinfo=UTC),
    datetime.max,  # noqa: DTZ901  # naive on purpose
    [],
    {},
    [None, ""],
    [[], {}],
    [{"sku": {"a": []}, "qty": "x", "price": float("nan")}],
    pytest.param(nested(50_000), id="deep list"),
    pytest.param({"a": nested(50_000)}, id="deep object"),
    object(),
]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("bound", BOUND, ids=lambda bound: bound.name)
def test_a_hostile_value_ends_in_a_value_or_a_mapping_error(bound, value):
    calls = {
        NOTHING: [None],
        VALUE: [value],
        LIST: [value, [value, value]],
        VALUES: [[value], [value, "1"]],
        FIELDS: [value],
    }

    for given_value in calls[bound.takes]:
        message = ""
        try:
            bound(given_value)
        except MappingError as error:
            message = error.message
        except Signal:
            pass
        assert len(message) < 300


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals() | st.datetimes()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6)


@settings(max_examples=150)
@given(JSON)
def test_any_value_ends_in_a_value_or_a_mapping_error(value):
    for bound in BOUND:
        with suppress(MappingError, Signal):
            bound([value] if bound.takes is VALUES else value)
