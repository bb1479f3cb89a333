"""The last step of a row: values as the destination's field writes them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal

import orjson
import pytest
from tests.engine.mapping_support import mapped

from topstitch.engine.mapping.values import as_json, finisher
from topstitch.engine.outcome import content_hash
from topstitch.errors import MappingError
from topstitch.sdk.fields import Field
from topstitch.values.json_text import json_bytes

DECIMAL = [{"to": "x", "from": "a", "do": ["other.to_decimal"]}]


@pytest.mark.parametrize(
    ("field", "value", "written"),
    [
        (None, "12.50", 12.5),
        (None, "12.00", 12),
        (Field("x", "money"), "12.50", "12.50"),
        (Field("x", "money", format="text"), "12.50", "12.50"),
        (Field("x", "money", format="number"), "12.50", 12.5),
        (Field("x", "money", format="minor"), "1250", 1250),
        (Field("x", "text"), "12.50", "12.50"),
        (Field("x", "id"), "1250", "1250"),
        (Field("x", "decimal"), "12.50", 12.5),
        (Field("x", "integer"), "12", 12),
        (Field("x", "text"), "1E-7", "0.0000001"),
        (None, "123456789012345678", 123456789012345678),
        (None, "99999999999999999999", Decimal("99999999999999999999")),
        (None, "99999999999989999.99", Decimal("99999999999989999.99")),
        (None, "-12345678901234.5", -12345678901234.5),
    ],
)
def test_a_number_is_written_as_its_field_wants_it(field, value, written):
    out = mapped({"a": value}, *DECIMAL, fields=(field,) if field else ())["x"]
    assert out == written
    assert type(out) is type(written)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "true"),
        (False, "false"),
        (5, "5"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        ("x", "x"),
        (1e21, "1000000000000000000000"),
    ],
)
def test_a_text_field_gets_text(value, written):
    assert finisher(Field("x", "text"))(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02T03:04:00+00:00"),
        (date(2026, 1, 2), "2026-01-02"),
        (time(3, 4), "03:04:00"),
        ({"a": [Decimal("1.50"), (Decimal(2),)]}, {"a": [1.5, [2]]}),
        (None, None),
    ],
)
def test_values_become_what_json_has(value, written):
    assert as_json(value) == written
    assert finisher(Field("x", "text"))(value) == written


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity")])
@pytest.mark.parametrize("field", [None, Field("x", "text")])
def test_what_is_not_a_number_fails_the_record(value, field):
    with pytest.raises(MappingError, match="not a number"):
        finisher(field)({"deep": [value]})


def test_a_number_that_nobody_can_mean_fails_the_record():
    with pytest.raises(MappingError, match="more than 60 digits"):
        as_json(Decimal("1e999999"))


def test_every_digit_of_a_long_amount_is_sent():
    assert json_bytes(as_json({"total": Decimal("99999999999989999.99")})) == b'{"total":99999999999989999.99}'


def test_constants_and_defaults_are_written_as_their_field_wants_them():
    money = (Field("x", "money"),)
    assert mapped({}, {"to": "x", "value": 5}, fields=money) == {"x": "5"}
    row = {"to": "x", "from": "a", "do": ["other.to_decimal"], "on_error": "default", "default": 0}
    assert mapped({"a": "dear"}, row, fields=money) == {"x": "0"}


def test_a_field_of_a_list_is_known_by_its_whole_path():
    row = {"to": "lines[*].price", "from": "items[*].p", "do": ["other.to_decimal"]}
    assert mapped({"items": [{"p": "2.50"}]}, row, fields=(Field("lines[*].price", "money"),)) == {
        "lines": [{"price": "2.50"}]
    }
    tags = {"to": "codes[*]", "from": "items[*].p"}
    assert mapped({"items": [{"p": 7}]}, tags, fields=(Field("codes[*]", "text"),)) == {"codes": ["7"]}


def test_everything_that_comes_out_can_be_sent():
    orjson.dumps(as_json({"a": Decimal("1.5"), "b": date(2026, 1, 1), "c": [datetime(2026, 1, 1, tzinfo=UTC)]}))


LONG = ["1234567890123456789", "18446744073709551616", "-9223372036854775809", "1e25", "1234567890123456789012345"]


@pytest.mark.parametrize("digits", [*LONG, "1234567890123456789.12"])
def test_a_long_number_keeps_all_its_digits(digits):
    out = mapped({"a": digits}, *DECIMAL)
    content_hash(out)
    assert json.loads(json_bytes(out), parse_float=Decimal)["x"] == Decimal(digits)


def test_a_product_beyond_all_numbers_is_not_written_as_null():
    row = {"to": "x", "from": ["a"] * 8, "do": [{"number.math": {"operation": "multiply"}}]}
    with pytest.raises(MappingError, match=r"^x: 1E\+472 has more than 60 digits"):
        mapped({"a": "1e59"}, row)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity")])
def test_what_is_not_a_number_is_no_text_either(value):
    with pytest.raises(MappingError, match="not a number"):
        finisher(Field("x", "money"))(value)
