"""Lists that change their shape: filtered, grouped, taken apart, put together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.errors import ConfigError, MappingError
from topstitch.functions import bind
from topstitch.functions.lookup import EXAMPLE_ENVIRONMENT as ENV
from topstitch.functions.lookup import FixedEnvironment

ROW = st.fixed_dictionaries({"order": st.sampled_from(["1", "2", 1, None]), "line": st.integers()})


def run(name, value, /, **args):
    return bind(name, args, ENV)(value)


@given(st.lists(ROW))
def test_a_group_has_every_row_once_and_in_order(rows):
    groups = run("array.group", rows, by="order")

    for made in groups:
        assert made["rows"] == [row for row in rows if key(row) == key(made)]
    assert len({key(made) for made in groups}) == len(groups)
    assert sum(len(made["rows"]) for made in groups) == len(rows)


def key(made):
    """A number and its text are the same order number."""
    order = made["order"]
    return (str, str(order)) if type(order) is int else (type(order), order)


@given(st.lists(ROW, min_size=1))
def test_groups_taken_apart_again_are_the_rows(rows):
    groups = run("array.group", rows, by="order", into="rows")
    again = run("array.explode", groups, path="rows", into="row")

    assert sorted(row["row"]["line"] for row in again) == sorted(row["line"] for row in rows)
    assert all(key(row["row"]) == key(row) for row in again)


def test_rows_are_grouped_by_several_fields_under_their_last_names():
    rows = [{"order": {"id": 7}, "at": "Leeds", "sku": "A"}, {"order": {"id": 7}, "at": "York", "sku": "B"}]

    assert run("array.group", rows, by=["order.id", "at"], into="lines") == [
        {"id": 7, "at": "Leeds", "lines": [rows[0]]},
        {"id": 7, "at": "York", "lines": [rows[1]]},
    ]


def test_a_row_without_an_order_joins_the_one_before_goes_or_fails():
    rows = [{"sku": "0"}, {"order": "1", "sku": "A"}, {"order": " ", "sku": "B"}, {"order": None, "sku": "C"}]
    skus = {
        choice: [
            [row["sku"] for row in made["rows"]] for made in run("array.group", rows, by="order", when_empty=choice)
        ]
        for choice in ("group", "previous", "drop")
    }

    assert skus["previous"] == [["0"], ["A"], ["B", "C"]]
    assert skus["drop"] == [["A"], ["B"]]
    assert skus["group"] == [["0", "C"], ["A"], ["B"]]
    with pytest.raises(MappingError, match="a row has nothing in order"):
        run("array.group", rows, by="order", when_empty="fail")


@pytest.mark.parametrize(
    "args",
    [
        {"by": []},
        {"by": ["order", "shop.order"]},
        {"by": "order", "into": "order"},
        {"by": "lines[0]"},
        {"by": "lines[*]"},
        {"by": "a..b"},
    ],
)
def test_a_group_whose_fields_cannot_be_named_is_refused(args):
    with pytest.raises(ConfigError, match=r"array\.group"):
        run("array.group", [], **args)


def test_a_bundle_becomes_its_parts_with_the_other_fields_of_its_line():
    line = {"id": 1, "bundle": {"name": "Kit", "parts": [{"sku": "A"}, {"sku": "B"}]}}

    assert run("array.explode", [line], path="bundle.parts", into="part") == [
        {"id": 1, "bundle": {"name": "Kit"}, "part": {"sku": "A"}},
        {"id": 1, "bundle": {"name": "Kit"}, "part": {"sku": "B"}},
    ]
    assert line["bundle"]["parts"] == [{"sku": "A"}, {"sku": "B"}]


def test_the_entry_may_take_the_name_of_its_list_and_one_that_is_bare_is_a_list_of_one():
    assert run("array.explode", [{"part": {"sku": "A"}}], path="part", into="part") == [{"part": {"sku": "A"}}]
    assert run("array.explode", [{"tags": "a"}, "x"], path="tags", into="tag") == [{"tag": "a"}, {"tag": None}]
    assert run("array.explode", [{"a": [{"b": [1]}, {"b": [2]}]}], path="a[*].b[*]") == [
        {"a": [{"b": [1]}, {"b": [2]}], "entry": 1},
        {"a": [{"b": [1]}, {"b": [2]}], "entry": 2},
    ]


def test_what_would_fill_the_memory_is_refused():
    wide = {str(number): number for number in range(2_000)} | {"parts": [1] * 2_000}

    with pytest.raises(MappingError, match="copy more than"):
        run("array.explode", [wide], path="parts")
    for times in (10**9, -1):
        with pytest.raises(MappingError, match="times is below zero, or makes more than"):
            run("array.repeat", [{"qty": times}], path="qty")
    with pytest.raises(MappingError, match="too long"):
        bind("array.zip", {"names": [str(n) for n in range(1000)]}, ENV)([[1] * 2000, *[1] * 999])


def test_pieces_are_counted_one_by_one_and_only_in_fields_of_the_element():
    assert run("array.repeat", [{"unit": {"qty": 2}}], path="unit.qty", write_one=False) == [{"unit": {"qty": 2}}] * 2
    with pytest.raises(ConfigError, match="1 can be written"):
        run("array.repeat", [], path="unit.qty")
    with pytest.raises(MappingError, match="not a whole number"):
        run("array.repeat", [{"qty": "1.5"}], path="qty")


@given(st.lists(st.integers() | st.none() | st.text()), st.integers())
def test_what_a_filter_keeps_and_what_it_drops_are_the_whole_list(items, than):
    for operator in ("greater", "equals", "is_empty", "contains", "not_in"):
        kept = run("array.filter", items, operator=operator, value=than)
        others = run("array.filter", items, operator=operator, value=than, keep="others")
        assert sorted([*kept, *others], key=repr) == sorted(items, key=repr)


def test_dates_of_a_filter_are_in_the_zone_of_the_service():
    london = FixedEnvironment(now=ENV.now, zone="Europe/London")
    late = bind("array.filter", {"operator": "after", "value": "2026-07-01T00:30:00"}, london)

    assert late(["2026-06-30T23:45:00Z", "2026-06-30T23:15:00Z"]) == ["2026-06-30T23:45:00Z"]


def test_a_filter_needs_a_value_where_its_operator_does():
    with pytest.raises(ConfigError, match="`greater` needs a value"):
        run("array.filter", [], operator="greater")
    with pytest.raises(ConfigError, match="two values"):
        run("array.filter", [], operator="between", value=[1])
    with pytest.raises(ConfigError, match="one of equals"):
        run("array.filter", [], operator="like", value=1)


def test_lists_are_read_side_by_side_and_single_values_stand_in_each_object():
    lists = [["A", "B", "C"], [1, 2], "EUR", None]
    names = ["sku", "qty", "currency", "note"]

    short = run("array.zip", lists, names=names, uneven="shortest")
    assert short == [
        {"sku": "A", "qty": 1, "currency": "EUR", "note": None},
        {"sku": "B", "qty": 2, "currency": "EUR", "note": None},
    ]
    assert run("array.zip", lists, names=names, uneven="longest")[2] == {
        "sku": "C",
        "qty": None,
        "currency": "EUR",
        "note": None,
    }
    for wrong in ([], ["a", "a"]):
        with pytest.raises(ConfigError, match="one name for each"):
            run("array.zip", lists, names=wrong)
