"""Lists that are made of other lists than one of the source: nested ones, several, changed ones; bundles; groups."""

from __future__ import annotations

import pytest
from tests.engine.mapping_support import mapped, mapper

from topstitch.engine.mapping import RowError
from topstitch.errors import MappingError

ORDER = {
    "number": "1001",
    "lines": [
        {"sku": "KIT", "qty": 2, "parts": [{"code": "A", "per": 1}, {"code": "B", "per": 3}], "taxes": [{"rate": 19}]},
        {"sku": "MUG", "qty": 5, "parts": [], "taxes": [{"rate": 7}, {"rate": 1}]},
        {"sku": "TEA", "qty": 1},
    ],
    "shipping": [{"title": "Express", "price": "4.90", "taxes": [{"rate": 19}]}],
}
PARTS = {"to": "items[*]", "from": "lines[*].parts[*]"}


def test_lists_in_the_elements_of_a_list_become_one_list_and_see_their_own_element():
    rows = [
        PARTS,
        {"to": "items[*].code", "from": "lines[*].parts[*].code"},
        {
            "to": "items[*].qty",
            "from": ["lines[*].qty", "lines[*].parts[*].per"],
            "do": [{"number.math": {"operation": "multiply"}}],
        },
        {"to": "items[*].of", "from": "lines[*].sku"},
        {"to": "items[*].no", "from": "lines[*].parts[*].@number"},
        {"to": "items[*].line", "from": "lines[*].@number"},
        {"to": "items[*].order", "from": "number"},
    ]
    assert mapped(ORDER, *rows) == {
        "items": [
            {"code": "A", "qty": 2, "of": "KIT", "no": 1, "line": 1, "order": "1001"},
            {"code": "B", "qty": 6, "of": "KIT", "no": 2, "line": 1, "order": "1001"},
        ]
    }


def test_a_line_without_parts_stays_when_the_head_row_says_once():
    rows = [
        {**PARTS, "empty": "once"},
        {"to": "items[*].code", "from": ["lines[*].parts[*].code", "lines[*].sku"], "do": ["other.fallback"]},
        {"to": "items[*].no", "from": "lines[*].parts[*].@number"},
    ]
    assert mapped(ORDER, *rows) == {
        "items": [{"code": "A", "no": 1}, {"code": "B", "no": 2}, {"code": "MUG", "no": 3}, {"code": "TEA", "no": 4}]
    }


def test_the_condition_of_the_head_row_is_asked_of_every_part_and_of_the_line_that_stays():
    rows = [
        {**PARTS, "empty": "once", "when": [{"field": "lines[*].sku", "op": "not_equals", "value": "MUG"}]},
        {"to": "items[*].code", "from": ["lines[*].parts[*].code", "lines[*].sku"], "do": ["other.fallback"]},
    ]
    assert [item["code"] for item in mapped(ORDER, *rows)["items"]] == ["A", "B", "TEA"]


def test_several_lists_one_after_the_other():
    rows = [
        {"to": "items[*]", "from": ["lines[*]", "shipping[*]"]},
        {"to": "items[*].no", "from": ["lines[*].@number", "shipping[*].@number"], "do": ["other.fallback"]},
        {"to": "items[*].code", "from": ["lines[*].sku", "shipping[*].title"], "do": ["other.fallback"]},
        {
            "to": "items[*].kind",
            "value": "freight",
            "when": [{"field": "shipping[*].title", "op": "is_not_empty"}],
        },
        {"to": "items[*].tax[*].rate", "from": "lines[*].taxes[*].rate"},
        {"to": "items[*].fee[*]", "from": ["lines[*].taxes[*]", "shipping[*].taxes[*]"]},
        {
            "to": "items[*].fee[*].rate",
            "from": ["lines[*].taxes[*].rate", "shipping[*].taxes[*].rate"],
            "do": ["other.fallback"],
        },
    ]
    assert mapped(ORDER, *rows)["items"] == [
        {"no": 1, "code": "KIT", "tax": [{"rate": 19}], "fee": [{"rate": 19}]},
        {"no": 2, "code": "MUG", "tax": [{"rate": 7}, {"rate": 1}], "fee": [{"rate": 7}, {"rate": 1}]},
        {"no": 3, "code": "TEA"},
        {"no": 4, "code": "Express", "kind": "freight", "fee": [{"rate": 19}]},
    ]


def test_a_missing_list_among_several_is_no_harm_and_none_at_all_leaves_the_list_out():
    rows = [
        {"to": "items[*]", "from": ["lines[*]", "shipping[*]"]},
        {"to": "items[*].code", "from": ["lines[*].sku", "shipping[*].title"], "do": ["other.fallback"]},
    ]
    assert mapped({"shipping": [{"title": "Post"}]}, *rows) == {"items": [{"code": "Post"}]}
    assert mapped({"shipping": []}, *rows) == {"items": []}
    assert mapped({}, *rows) == {}


def test_functions_of_the_head_row_change_the_list():
    last_first = {
        "to": "items[*]",
        "from": "lines",
        "do": ["array.reverse", {"array.slice": {"start": 0, "length": 2}}],
    }
    sku = {"to": "items[*].sku", "from": "lines[*].sku"}
    assert [item["sku"] for item in mapped(ORDER, last_first, sku)["items"]] == ["TEA", "MUG"]
    by_quantity = {"to": "items[*]", "from": "lines[*]", "do": [{"array.sort": {"path": "qty", "descending": True}}]}
    assert [item["sku"] for item in mapped(ORDER, by_quantity, sku)["items"]] == ["MUG", "KIT", "TEA"]


def test_a_list_may_be_made_of_a_text():
    record = {"lines": [{"bundle": "A:1,B:3", "qty": 2}, {"bundle": "C:1", "qty": 1}]}
    rows = [
        {"to": "items[*]", "from": "lines[*].bundle", "do": [{"array.split": {"delimiter": ","}}]},
        {
            "to": "items[*].sku",
            "from": "lines[*].bundle[*]",
            "do": [{"string.split_pick": {"delimiter": ":", "index": 0}}],
        },
        {
            "to": "items[*].qty",
            "from": [
                {"path": "lines[*].bundle[*]", "do": [{"string.split_pick": {"delimiter": ":", "index": 1}}]},
                "lines[*].qty",
            ],
            "do": [{"number.math": {"operation": "multiply"}}],
        },
    ]
    assert mapped(record, *rows) == {"items": [{"sku": "A", "qty": 2}, {"sku": "B", "qty": 6}, {"sku": "C", "qty": 1}]}


def test_a_record_that_is_a_list_is_walked_over_from_its_root():
    rows = [{"to": "stock[*].sku", "from": "[*].sku"}, {"to": "first", "from": "[0].sku"}]
    assert mapped([{"sku": "a"}, {"sku": "b"}], *rows) == {"first": "a", "stock": [{"sku": "a"}, {"sku": "b"}]}


def test_a_list_beside_one_that_functions_have_changed_is_refused():
    rows = [
        {"to": "items[*]", "from": "lines", "do": ["array.reverse"]},
        {"to": "items[*].note", "from": "notes[*].text"},
    ]
    with pytest.raises(RowError, match=r"notes\[\*\]\.text is another list than lines\[\*\]"):
        mapper(*rows)


def test_functions_on_several_lists_at_once_are_refused():
    rows = [{"to": "items[*]", "from": ["lines[*]", "shipping[*]"], "do": ["array.reverse"]}]
    with pytest.raises(RowError, match=r"items\[\*\] is made of 2 lists"):
        mapper(*rows, {"to": "items[*].sku", "from": "lines[*].sku"})


def test_one_place_of_a_list_and_all_of_it_cannot_both_be_filled():
    with pytest.raises(RowError, match=r"channels\[0\]\.code and channels\[\*\] fill the same place"):
        mapper({"to": "channels[*].code", "from": "shops[*].code"}, {"to": "channels[0].code", "value": "web"})


def test_what_a_head_rows_functions_cannot_do_names_the_row_and_may_be_forgiven():
    head = {"to": "items[*]", "from": "lines", "do": [{"array.sort": {"path": "sku", "compare": "number"}}]}
    sku = {"to": "items[*].sku", "from": "lines[*].sku"}
    with pytest.raises(MappingError, match=r"^items\[\*\], function 1 \(array\.sort\): 'KIT' is not a number"):
        mapped(ORDER, head, sku)
    assert mapped(ORDER, {**head, "on_error": "empty"}, sku) == {}
    with pytest.raises(MappingError, match="items needs a list"):
        mapped(ORDER, {**head, "do": ["array.first"]}, sku)


def test_a_list_that_grows_beyond_all_bounds_is_refused():
    record = {"lines": [{"parts": [0] * 60_000}, {"parts": [0] * 60_000}]}
    with pytest.raises(MappingError, match="more than 100000 elements"):
        mapped(record, PARTS, {"to": "items[*].n", "from": "lines[*].parts[*]"}, {"to": "items[*].m", "value": 1})


def test_functions_of_a_head_row_change_the_list_that_its_rows_name():
    rows = [{"to": "items[*]", "do": ["array.reverse"]}, {"to": "items[*].sku", "from": "lines[*].sku"}]
    assert [item["sku"] for item in mapped(ORDER, *rows)["items"]] == ["TEA", "MUG", "KIT"]
    inner = [
        {"to": "items[*].sku", "from": "lines[*].sku"},
        {"to": "items[*].tax[*]", "do": ["array.reverse"]},
        {"to": "items[*].tax[*].rate", "from": "lines[*].taxes[*].rate"},
    ]
    assert mapped(ORDER, *inner)["items"][1]["tax"] == [{"rate": 1}, {"rate": 7}]


def test_a_branch_of_a_source_list_ends_its_own_functions_and_no_more():
    ends = {"other.if": {"op": "is_empty", "then": "null"}}
    rows = [
        {"to": "items[*]", "from": {"path": "lines", "do": [ends]}, "do": ["array.reverse"]},
        {"to": "items[*].sku", "from": "lines[*].sku"},
    ]
    assert [item["sku"] for item in mapped(ORDER, *rows)["items"]] == ["TEA", "MUG", "KIT"]


def test_a_list_and_the_lists_in_its_elements_may_follow_each_other():
    """In a line its parts are fields of another list, so they are empty; a part has its own lists."""
    record = {"lines": [{"sku": "KIT", "parts": [{"code": "A", "lots": [{"no": 5}]}]}]}
    rows = [
        {"to": "items[*]", "from": ["lines[*]", "lines[*].parts[*]"]},
        {"to": "items[*].code", "from": ["lines[*].parts[*].code", "lines[*].sku"], "do": ["other.fallback"]},
        {"to": "items[*].lots[*].no", "from": "lines[*].parts[*].lots[*].no"},
    ]
    assert mapped(record, *rows) == {"items": [{"code": "KIT"}, {"code": "A", "lots": [{"no": 5}]}]}


def test_an_element_that_is_in_no_list_has_nothing_beside_it():
    record = {"lines": [{"sku": "MUG", "parts": [], "notes": ["first"]}]}
    rows = [
        {**PARTS, "empty": "once"},
        {"to": "items[*].of", "from": "lines[*].sku"},
        {"to": "items[*].note", "from": "lines[*].notes[*]"},
    ]
    assert mapped(record, *rows) == {"items": [{"of": "MUG"}]}
