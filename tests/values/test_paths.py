"""The path dialect: parsing, canonical form, getting and setting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.errors import ConfigError
from topstitch.values.paths import canonical, compile_get, compile_set, occurring, parse, render

ORDER = {
    "id": 7,
    "customer": {"first": "Ada"},
    "lines": [{"sku": "A", "tax": [{"rate": 0.2}]}, {"sku": "B", "tax": []}],
    "meta": [{"key": "gift", "value": "yes"}, {"key": "vip", "value": "no"}],
    "Item.code": "X",
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("id", 7),
        ("customer.first", "Ada"),
        ("customer.last", None),
        ("id.nothing.here", None),
        ("lines[0].sku", "A"),
        ("lines[-1].sku", "B"),
        ("lines[9].sku", None),
        ("lines[*].sku", ["A", "B"]),
        ("lines[*].tax[*].rate", [0.2]),
        ("lines[*].tax[0].rate", [0.2, None]),
        ("meta[key=gift].value", "yes"),
        ("meta[key=none].value", None),
        ('["Item.code"]', "X"),
        ("id[*]", []),
    ],
)
def test_it_gets_what_the_path_says(path, expected):
    assert compile_get(path)(ORDER) == expected


@pytest.mark.parametrize(
    "path", ["", ".a", "a..b", "a[", "a[x]", "a]b", "a[*]b", "a[99999999]", "a" * 2000, "x." * 40 + "y"]
)
def test_it_refuses_what_it_cannot_read(path):
    with pytest.raises(ConfigError):
        parse(path)


def test_the_message_names_the_position():
    with pytest.raises(ConfigError, match="character 5"):
        parse("name..first")


@pytest.mark.parametrize(
    ("path", "ours"),
    [
        ("orders.0.name", "name"),
        ("orders.0.lines.0.sku", "lines[*].sku"),
        ("orders.0.lines.2.sku", "lines[2].sku"),
        ("orders[*].lines[*].sku", "lines[*].sku"),
        ("lines[*].sku", "lines[*].sku"),
    ],
)
def test_both_notations_have_one_canonical_form(path, ours):
    assert canonical(path, top="orders") == ours


def test_a_top_level_path_without_its_index_is_refused():
    with pytest.raises(ConfigError, match=r"orders\.0\."):
        canonical("orders.name", top="orders")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a", {"a": 1}),
        ("a.b.c", {"a": {"b": {"c": 1}}}),
        ("a[1].b", {"a": [None, {"b": 1}]}),
        ("m[key=x].value", {"m": [{"key": "x", "value": 1}]}),
        ("m[ns=a,key=x].value", {"m": [{"ns": "a", "key": "x", "value": 1}]}),
    ],
)
def test_it_sets_and_makes_what_is_missing(path, expected):
    record: dict = {}
    compile_set(path)(record, 1)
    assert record == expected


def test_setting_by_name_keeps_the_other_elements():
    record = {"m": [{"key": "a", "value": 0}, {"key": "b", "value": 0}]}
    compile_set("m[key=b].value")(record, 5)
    assert record == {"m": [{"key": "a", "value": 0}, {"key": "b", "value": 5}]}


def test_every_leaf_of_a_record_has_a_path():
    assert dict(occurring({"a": {"b": 1}, "l": [{"x": 1}, {"y": 2}], "e": []})) == {
        "a.b": 1,
        "l[*].x": 1,
        "l[*].y": 2,
        "e": [],
    }


KEYS = st.text(min_size=1, max_size=6).filter(lambda s: s == s.strip() and s != "*")


@given(st.lists(st.one_of(KEYS, st.integers(0, 9)), min_size=1, max_size=5))
def test_rendering_and_parsing_round_trip(steps):
    assert parse(render(steps)) == tuple(steps)


@given(st.lists(KEYS, min_size=1, max_size=5), st.integers())
def test_what_is_set_is_got(steps, value):
    record: dict = {}
    compile_set(tuple(steps))(record, value)
    assert compile_get(tuple(steps))(record) == value


@given(st.text(max_size=40))
def test_any_text_is_a_path_or_a_clear_error(text):
    try:
        steps = parse(text)
    except ConfigError:
        return
    assert parse(render(steps)) == steps
