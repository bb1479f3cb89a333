"""The path dialect: parsing, canonical form, getting and setting."""

import itertools
import json
import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from topstitch.errors import ConfigError
from topstitch.values.paths import (
    EACH,
    Where,
    canonical,
    compile_get,
    compile_set,
    is_each,
    occurring,
    parse,
    render,
)

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
        ("orders.0.lines.*.sku", "lines[*].sku"),
        ("orders.0.lines[0].sku", "lines[0].sku"),
        ("Orders.0.lines.12", "lines[12]"),
        ("orders.0.orders.0.sku", "orders[*].sku"),
        ('orders.0.by_year["0"].total', 'by_year["0"].total'),
        ("orders[*].lines[*].sku", "orders[*].lines[*].sku"),
        ("orders.name", "orders.name"),
        ("orders", "orders"),
        ("lines[*].sku", "lines[*].sku"),
        ("lines.*.sku", "lines[*].sku"),
        ("2024", "2024"),
        ("lines.0.sku", 'lines["0"].sku'),
    ],
)
def test_both_notations_have_one_canonical_form(path, ours):
    assert canonical(path, tops=("orders",)) == ours


@pytest.mark.parametrize("path", ["orders.0", "orders.1.name", "orders.0.lines.99999.sku"])
def test_a_path_to_no_field_of_the_record_is_refused(path):
    with pytest.raises(ConfigError):
        canonical(path, tops=("orders",))


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


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("m[key=gift].value", ("m", Where((("key", "gift"),)), "value")),
        ("m[a=1, b=two words]", ("m", Where((("a", "1"), ("b", "two words"))))),
        ('m[key="a,b]=\\"c\\""].v', ("m", Where((("key", 'a,b]="c"'),)), "v")),
        ('m["a=b"=x]', ("m", Where((("a=b", "x"),)))),
        ("m[key=]", ("m", Where((("key", ""),)))),
        ("m[key=a].items[*].x", ("m", Where((("key", "a"),)), "items", EACH, "x")),
        ('["*"].a', ("*", "a")),
    ],
)
def test_elements_by_name_and_awkward_keys_are_read(path, steps):
    assert parse(path) == steps
    assert parse(render(steps)) == steps
    assert not any(is_each(step) for step in steps if step == "*")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("m[key=a].value", 1),
        ("m[key=A].value", None),
        ("m[key=b].value", 2),
        ("m[key=5].value", "five"),
        ("m[on=true].value", "yes"),
        ("m[key=None].value", None),
        ("m[key=a,on=true].value", None),
        ("m[key=c].list[*].x", [1, 2]),
        ("m[key=c].list[1].x", 2),
        ("m[key=c].list[x=2]", {"x": 2}),
        ("m[key=c]", {"key": "c", "list": [{"x": 1}, {"x": 2}]}),
        ("one[key=a].value", None),
        ("text[key=a].value", None),
        ("gone[key=a].value", None),
    ],
)
def test_the_first_element_of_a_name_is_read_and_a_missing_one_is_nothing(path, expected):
    elements = [
        None,
        "text",
        {"key": "a", "value": 1},
        {"key": "a", "value": 0},
        {"key": "b", "value": 2},
        {"key": 5, "value": "five"},
        {"on": True, "value": "yes"},
        {"value": "no name"},
        {"key": "c", "list": [{"x": 1}, {"x": 2}]},
    ]
    record = {"m": elements, "one": {"key": "a", "value": 1}, "text": "key"}
    assert compile_get(path)(record) == expected


def test_a_new_element_has_what_is_said_of_new_ones():
    step = Where((("key", "x"),), (("type", "line"), ("key", "ignored")))
    record: dict = {}
    compile_set(("m", step, "value"))(record, 1)
    compile_set(("m", Where((("key", "x"),), (("type", "other"),)), "note"))(record, 2)
    assert record == {"m": [{"type": "line", "key": "x", "value": 1, "note": 2}]}


TEXTS = st.text(
    st.one_of(st.sampled_from('.[]"=,* \\0\n\x00\ud800'), st.characters(exclude_categories=[])), min_size=1, max_size=6
).filter(lambda s: s.encode("utf-16", "surrogatepass").decode("utf-16", "replace") == s or s.isprintable())
KEYS = st.one_of(TEXTS, st.just(""))
PLACES = st.integers(0, 9)
WHERES = st.lists(st.tuples(KEYS, KEYS), min_size=1, max_size=3, unique_by=lambda pair: pair[0]).map(
    lambda pairs: Where(tuple(pairs))
)


@given(st.lists(st.one_of(KEYS, PLACES, WHERES, st.just(EACH)), min_size=1, max_size=5))
def test_rendering_and_parsing_round_trip(steps):
    text = render(steps)
    if len(text) > 1024:
        return
    assert parse(text) == tuple(steps)
    assert [is_each(step) for step in parse(text)] == [is_each(step) for step in steps]
    assert canonical(text) == text
    text.encode()


@given(st.lists(st.one_of(KEYS, PLACES, st.just(EACH)), min_size=1, max_size=5))
def test_the_notation_of_older_tools_means_the_same_and_is_stored_in_ours(steps):
    older = "orders.0"
    for step in steps:
        if is_each(step):
            older += ".0"
        elif isinstance(step, int):
            older += f".{step}" if step else "[0]"
        else:
            older += f"[{json.dumps(step)}]"
    ours = canonical(older, tops=("orders",))
    assert parse(ours) == tuple(steps)
    # Stored once, it is not taken for the older notation again.
    assert canonical(ours, tops=("orders", *(str(step).lower() for step in steps))) == ours


@given(
    st.lists(st.one_of(KEYS, PLACES, WHERES), min_size=1, max_size=5).filter(lambda s: isinstance(s[0], str)),
    st.integers(),
)
def test_what_is_set_is_got(steps, value):
    if isinstance(steps[-1], Where):
        steps.append("value")
    for step, after in itertools.pairwise(steps):
        # An element is an object, and what names it is set already.
        assume(not isinstance(step, Where) or (isinstance(after, str) and after not in dict(step.fields)))
    record: dict = {}
    compile_set(tuple(steps))(record, value)
    assert compile_get(tuple(steps))(record) == value
    assert compile_get(render(steps))(record) == value


RECORDS = st.recursive(
    st.one_of(st.none(), st.integers(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, RECORDS, min_size=1, max_size=4))
@example({"[*]": None})  # a field may be named like a step: only what the path says when read counts
@example({"[*]": []})
def test_every_path_that_occurs_can_be_got(record):
    for path, value in occurring(record):
        found = compile_get(path)(record)
        assert value in found if any(map(is_each, parse(path))) else found == value


@given(WHERES, st.lists(st.one_of(RECORDS, st.dictionaries(KEYS, RECORDS)), max_size=5))
def test_an_element_by_name_is_the_one_that_the_step_picks(where, items):
    assert compile_get(("m", where))({"m": items}) is where.pick(items)


def deep(levels):
    record: dict = {"leaf": 1}
    for _ in range(levels):
        record = {"a": record}
    return record


def test_what_no_path_can_reach_ends_the_walk_over_a_record():
    ((path, value),) = occurring(deep(500))
    assert compile_get(path)(deep(500)) == value
    assert list(occurring({"k" * 2000: 1})) == []


@pytest.mark.parametrize(
    "path",
    [
        "a" * 10_000,
        "a." * 5_000,
        "[*]" * 3_000,
        "[0]" * 300,
        "[" * 1000,
        "]" * 1000,
        "a" + "[" * 500 + "]" * 500,
        'a["' + "\\" * 999,
        'a["\\x"]',
        'a["\\ud8"]',
        "a[" + "=" * 1000,
        "a[" + "b=" * 400 + "]]",
        "a[" + " " * 1000 + "]",
        "a[" + "b=c," * 200 + "]",
        "a[" + '"' * 1000 + "]",
        "a. .b",
        " ",
        "a[--1]",
        "a[\u0663]",
    ],
)
def test_hostile_paths_are_refused_at_once_in_few_words(path):
    began = time.perf_counter()
    with pytest.raises(ConfigError) as caught:
        parse(path)
    assert time.perf_counter() - began < 0.5
    assert len(str(caught.value)) < 500


@given(st.text(st.characters(exclude_categories=[]), max_size=40))
def test_any_text_is_a_path_or_a_clear_error(text):
    try:
        steps = parse(text, tops=("a", "orders"))
    except ConfigError:
        return
    assert parse(render(steps)) == steps or not text.isprintable()
