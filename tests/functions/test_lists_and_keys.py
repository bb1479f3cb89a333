"""Amounts spread over lists, running totals, objects and columns as lists and back, lists joined by a key, texts with places."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.errors import ConfigError, MappingError
from topstitch.functions import bind
from topstitch.functions.lookup import EXAMPLE_ENVIRONMENT as ENV

CENTS = st.integers(-(10**12), 10**12).map(lambda cents: Decimal(cents).scaleb(-2))
SKU = st.sampled_from(["A", "B", "1", 1, 1.0, None, ""])


def run(name, value, /, **args):
    return bind(name, args, ENV)(value)


@given(CENTS, st.lists(st.integers(0, 10**6), min_size=1), st.sampled_from(["fail", "equal"]))
def test_shares_are_exactly_the_amount_and_none_is_a_cent_off(amount, weights, when_nothing):
    if amount and not sum(weights) and when_nothing == "fail":
        return
    shares = run("array.spread", [weights, amount], into="", when_nothing=when_nothing)
    whole = sum(weights)

    assert sum(shares) == (amount if whole or when_nothing == "equal" else 0)
    for share, weight in zip(shares, weights, strict=True):
        assert share == share.quantize(Decimal("0.01"))
        if whole:
            assert abs(share - amount * weight / whole) <= Decimal("0.01")


def test_a_line_that_is_worth_nothing_gets_nothing_of_a_discount():
    assert run("array.spread", [[0, 1, 0], "0.01"], into="") == [0, Decimal("0.01"), 0]


def test_shares_have_the_decimals_of_their_currency():
    assert run("array.spread", [[1, 2], "1.000", "KWD"], into="") == [Decimal("0.333"), Decimal("0.667")]
    with pytest.raises(MappingError, match="more than 0 decimal places"):
        run("array.spread", [[1, 2], "1.50", "JPY"], into="")


def test_an_amount_is_never_lost_with_an_empty_list():
    assert run("array.spread", [[], None], into="") == []
    with pytest.raises(MappingError, match="nothing to spread"):
        run("array.spread", [[], "5"], when_nothing="equal")


@given(st.lists(CENTS))
def test_the_last_running_total_is_the_sum(numbers):
    totals = run("array.running", numbers, into="")

    assert totals[-1:] == ([sum(numbers)] if numbers else [])
    assert [later - sooner for sooner, later in zip([0, *totals], totals, strict=False)] == numbers


@given(st.dictionaries(st.text(min_size=1), st.integers()))
def test_an_object_is_the_same_after_being_a_list(found):
    assert run("array.to_object", run("array.from_object", found), key="key", value="value") == found


def test_a_key_that_comes_again_counts_as_it_is_told():
    items = [{"k": "a", "v": "1"}, {"k": "a", "v": 2}, {"k": 7, "v": ""}]

    assert run("array.to_object", items, key="k", value="v", repeated="first") == {"a": "1"}
    assert run("array.to_object", items, key="k", value="v", repeated="last") == {"a": 2}
    assert run("array.to_object", items, key="k", value="v", repeated="sum") == {"a": 3}
    assert run("array.to_object", items, key="k", value="v", repeated="list", skip_empty=False) == {
        "a": ["1", 2],
        "7": [""],
    }


@given(st.lists(st.fixed_dictionaries({"S": st.sampled_from([0, 3, "", None]), "M": st.sampled_from([1, None])})))
def test_columns_become_lines_where_they_are_filled(rows):
    lines = run("array.unpivot", rows, columns=["S", "M"], name="size", value="qty")

    assert lines == [
        {"size": size, "qty": row[size]} for row in rows for size in ("S", "M") if row[size] not in ("", None)
    ]


def test_very_many_columns_of_very_many_rows_are_refused():
    rows, columns = [{}] * 20_000, [str(number) for number in range(100)]

    with pytest.raises(MappingError, match="more than 1000000 fields"):
        run("array.unpivot", rows, columns=columns)


@given(st.lists(SKU), st.lists(SKU))
def test_each_element_gets_those_with_the_same_key_and_nothing_matches_nothing(left, right):
    items, others = [{"sku": sku} for sku in left], [{"sku": sku, "n": n} for n, sku in enumerate(right)]
    made = run("array.match", [items, others], by="sku", into="found") if items else []

    assert [each["found"] for each in made] == [
        [other for other in others if sku not in (None, "") and key(other["sku"]) == key(sku)] for sku in left
    ]


def key(sku):
    return "1" if sku == 1 else sku


def test_very_many_elements_that_match_very_many_are_refused():
    with pytest.raises(MappingError, match="more than 1000000 matches"):
        run("array.match", [[{"a": 1}] * 2_000, [{"a": 1}] * 2_000], by="a")


def test_what_matches_or_does_not_can_be_all_that_is_kept():
    lists = [[{"id": 1}, {"id": 2}], [{"order": {"id": "2"}, "n": 1}, {"order": {"id": "2"}, "n": 2}]]

    assert run("array.match", lists, by="id", other_by="order.id", give="last", keep="matched") == [
        {"id": 2, "matches": lists[1][1]}
    ]
    assert run("array.match", lists, by="id", other_by="order.id", keep="unmatched") == [{"id": 1, "matches": []}]


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("string.template", {"text": "{1"}),
        ("string.template", {"text": "}"}),
        ("string.template", {"text": "{0}"}),
        ("string.template", {"text": "{nobody}"}),
        ("array.texts", {"text": "{a[}"}),
        ("array.unpivot", {"columns": []}),
        ("array.unpivot", {"columns": ["S", "S"]}),
        ("array.unpivot", {"columns": ["S"], "name": "x", "value": "x"}),
        ("array.from_object", {"key": "x", "value": "x"}),
    ],
)
def test_what_cannot_be_is_refused_when_the_mapping_is_read(name, args):
    with pytest.raises(ConfigError):
        bind(name, args, ENV)


def test_a_variable_that_holds_braces_is_not_read_again():
    env = type(ENV)(now=ENV.now, variables={"x": "{1}"})

    assert bind("string.template", {"text": "{x}{1}"}, env)(["A"]) == "{1}A"


def test_a_text_of_many_places_does_not_grow_without_bounds():
    with pytest.raises(MappingError, match="longer than"):
        run("string.template", ["x" * 9_000_000], text="{1}{1}")
