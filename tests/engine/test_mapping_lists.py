"""Lists: what drives them, which elements are kept, and where the values of their rows come from."""

from __future__ import annotations

import pytest
from tests.engine.mapping_support import mapped, mapper

from topstitch.engine.mapping import RowError
from topstitch.errors import MappingError

ORDER = {
    "id": 7,
    "items": [
        {"sku": " a ", "qty": 1, "parts": [{"n": 1}, {"n": 2}], "kind": "good"},
        {"sku": "b", "qty": 2, "parts": [], "kind": "fee"},
        {"sku": "c", "qty": 3, "parts": [{"n": 3}], "kind": "good"},
    ],
    "notes": ["first", "second", "third"],
    "taxes": [{"rate": 19}, {"rate": 7}],
    "labels": [{"name": "red"}, {"name": None}, {"name": "blue"}],
}


def test_every_element_of_the_source_list_becomes_one_of_the_target():
    rows = [
        {"to": "lines[*].sku", "from": "items[*].sku", "do": ["string.trim"]},
        {"to": "lines[*].qty", "from": "items[*].qty"},
    ]
    assert mapped(ORDER, *rows) == {"lines": [{"sku": "a", "qty": 1}, {"sku": "b", "qty": 2}, {"sku": "c", "qty": 3}]}


def test_fields_of_the_record_and_constants_repeat_in_every_line():
    rows = [
        {"to": "lines[*].order", "from": "id"},
        {"to": "lines[*].sku", "from": "items[*].sku"},
        {"to": "lines[*].type", "value": "normal"},
    ]
    assert mapped(ORDER, *rows)["lines"][2] == {"order": 7, "sku": "c", "type": "normal"}


def test_lines_are_numbered():
    rows = [{"to": "lines[*].no", "from": "items[*].@number"}, {"to": "lines[*].at", "from": "items[*].@index"}]
    assert mapped(ORDER, *rows) == {"lines": [{"no": 1, "at": 0}, {"no": 2, "at": 1}, {"no": 3, "at": 2}]}


GOODS = {"to": "lines[*]", "from": "items[*]", "when": [{"field": "items[*].kind", "op": "equals", "value": "good"}]}


def test_a_head_row_keeps_elements_and_numbers_count_the_kept_ones():
    rows = [GOODS, {"to": "lines[*].no", "from": "items[*].@number"}, {"to": "lines[*].sku", "from": "items[*].sku"}]
    assert mapped(ORDER, *rows) == {"lines": [{"no": 1, "sku": " a "}, {"no": 2, "sku": "c"}]}


def test_a_list_beside_is_read_at_the_same_place_also_when_elements_are_left_out():
    rows = [{"to": "lines[*].note", "from": "notes[*]"}, {"to": "lines[*].sku", "from": "items[*].sku"}]
    drive = {"to": "lines[*]", "from": "items[*]"}
    assert [line["note"] for line in mapped(ORDER, drive, *rows)["lines"]] == ["first", "second", "third"]
    assert [line["note"] for line in mapped(ORDER, GOODS, *rows)["lines"]] == ["first", "third"]


def test_a_list_beside_that_is_shorter_or_missing_gives_nothing():
    rows = [{"to": "lines[*]", "from": "items[*]"}, {"to": "lines[*].tax", "from": "taxes[*].rate"}]
    assert mapped(ORDER, *rows)["lines"] == [{"tax": 19}, {"tax": 7}, {}]
    assert mapped({**ORDER, "taxes": None}, *rows)["lines"] == [{}, {}, {}]
    assert mapped({**ORDER, "taxes": {"rate": 1}}, *rows)["lines"] == [{}, {}, {}]


def test_lists_within_lists():
    rows = [
        {"to": "lines[*].sku", "from": "items[*].sku"},
        {"to": "lines[*].parts[*].n", "from": "items[*].parts[*].n"},
    ]
    assert [line["parts"] for line in mapped(ORDER, *rows)["lines"]] == [[{"n": 1}, {"n": 2}], [], [{"n": 3}]]


def test_a_row_of_an_inner_list_sees_its_own_line_not_the_line_of_the_same_number():
    rows = [
        {"to": "lines[*].parts[*].n", "from": "items[*].parts[*].n"},
        {"to": "lines[*].parts[*].of", "from": "items[*].qty"},
        {"to": "lines[*].parts[*].line", "from": "items[*].@number"},
        {"to": "lines[*].parts[*].no", "from": "items[*].parts[*].@number"},
        {"to": "lines[*].parts[*].order", "from": "id"},
    ]
    assert [line["parts"] for line in mapped(ORDER, *rows)["lines"]] == [
        [{"n": 1, "of": 1, "line": 1, "no": 1, "order": 7}, {"n": 2, "of": 1, "line": 1, "no": 2, "order": 7}],
        [],
        [{"n": 3, "of": 3, "line": 3, "no": 1, "order": 7}],
    ]


def test_a_list_beside_the_lines_is_read_by_the_lines_place_in_an_inner_list_too():
    rows = [
        {"to": "lines[*].parts[*].n", "from": "items[*].parts[*].n"},
        {"to": "lines[*].parts[*].note", "from": "notes[*]"},
    ]
    assert mapped(ORDER, *rows)["lines"][2]["parts"] == [{"n": 3, "note": "third"}]


def test_a_list_of_the_record_may_be_repeated_in_every_line():
    rows = [{"to": "lines[*].sku", "from": "items[*].sku"}, {"to": "lines[*].taxes[*].rate", "from": "taxes[*].rate"}]
    assert [line["taxes"] for line in mapped(ORDER, *rows)["lines"]] == [[{"rate": 19}, {"rate": 7}]] * 3


def test_a_filter_of_an_inner_list_may_ask_the_line():
    rows = [
        {"to": "lines[*].sku", "from": "items[*].sku"},
        {
            "to": "lines[*].parts[*]",
            "from": "items[*].parts[*]",
            "when": [{"field": "items[*].qty", "op": "greater", "value": 1}],
        },
        {"to": "lines[*].parts[*].n", "from": "items[*].parts[*].n"},
    ]
    assert [line["parts"] for line in mapped(ORDER, *rows)["lines"]] == [[], [], [{"n": 3}]]


def test_a_list_of_plain_values():
    assert mapped(ORDER, {"to": "tags[*]", "from": "labels[*].name"}) == {"tags": ["red", "blue"]}
    assert mapped(ORDER, {"to": "tags[*]", "from": "labels[*].name", "empty": "null"}) == {
        "tags": ["red", None, "blue"]
    }
    loud = {"to": "tags[*]", "from": "labels[*].name", "do": ["string.upper", {"other.fallback": {"value": "?"}}]}
    assert mapped(ORDER, loud) == {"tags": ["RED", "?", "BLUE"]}
    assert mapped(ORDER, {"to": "notes[*]", "from": "notes[*]"}) == {"notes": ["first", "second", "third"]}


def test_plain_values_are_written_as_fields_are():
    prices = {"lines": [{"price": "2.50"}, {"price": "3.00"}, {"price": "dear"}]}
    row = {"to": "prices[*]", "from": "lines[*].price", "do": ["other.to_decimal"]}
    assert mapped(prices, {**row, "on_error": "default", "default": 0}) == {"prices": [2.5, 3, 0]}
    assert mapped(prices, {**row, "on_error": "empty"}) == {"prices": [2.5, 3]}
    with pytest.raises(MappingError, match=r"^prices\[\*\], function 1 \(other.to_decimal\): 'dear' is not a number"):
        mapped(prices, row)


def test_plain_values_may_be_filtered():
    row = {"to": "tags[*]", "from": "labels[*].name", "when": [{"field": "labels[*].name", "op": "is_not_empty"}]}
    assert mapped(ORDER, row) == {"tags": ["red", "blue"]}


def test_one_element_is_addressed_by_its_number():
    rows = [
        {"to": "first", "from": "items[0].sku"},
        {"to": "last", "from": "items[-1].sku"},
        {"to": "none", "from": "items[9].sku"},
    ]
    assert mapped(ORDER, *rows) == {"first": " a ", "last": "c"}


def test_a_path_through_a_list_outside_of_lists_is_a_list():
    assert mapped(ORDER, {"to": "skus", "from": "items[*].sku"}) == {"skus": [" a ", "b", "c"]}
    joined = {"to": "skus", "from": "items[*].sku", "do": [{"array.join": {"delimiter": "+"}}]}
    assert mapped(ORDER, joined) == {"skus": " a +b+c"}
    nested = {"to": "lines[*].ns", "from": "items[*].parts[*].n"}
    assert mapped(ORDER, {"to": "lines[*]", "from": "items[*]"}, nested)["lines"][0] == {"ns": [1, 2]}


@pytest.mark.parametrize("record", [{}, {"items": None}])
def test_a_record_without_the_list_has_none_in_the_result(record):
    assert mapped(record, {"to": "lines[*].sku", "from": "items[*].sku"}) == {}


def test_an_empty_list_stays_an_empty_list():
    assert mapped({"items": []}, {"to": "lines[*].sku", "from": "items[*].sku"}) == {"lines": []}


@pytest.mark.parametrize("items", ["text", 7, {"sku": "a"}])
def test_what_is_no_list_fails_the_record(items):
    with pytest.raises(MappingError, match="lines needs a list") as caught:
        mapped({"items": items}, {"to": "lines[*].sku", "from": "items[*].sku"})
    assert caught.value.row == "lines"


def test_elements_that_are_no_objects_do_no_harm():
    assert mapped({"items": [None, 1, "x", [], {"sku": "a"}]}, {"to": "lines[*].sku", "from": "items[*].sku"}) == {
        "lines": [{}, {}, {}, {}, {"sku": "a"}]
    }


def test_the_first_row_with_a_list_drives_and_a_head_row_overrules_it():
    rows = [{"to": "lines[*].rate", "from": "taxes[*].rate"}, {"to": "lines[*].sku", "from": "items[*].sku"}]
    assert len(mapped(ORDER, *rows)["lines"]) == 2
    assert len(mapped(ORDER, *rows, {"to": "lines[*]", "from": "items[*]"})["lines"]) == 3


def test_two_head_rows_are_refused():
    with pytest.raises(RowError, match=r"two rows fill lines\[\*\]"):
        mapper({"to": "lines[*]", "from": "items[*]"}, {"to": "lines[*]", "from": "taxes[*]"})


def test_a_list_without_a_name_is_refused():
    with pytest.raises(RowError, match="list without a name"):
        mapper({"to": "[*].a", "from": "items[*].a"})


def test_a_list_deep_in_the_record():
    rows = [{"to": "body.order.lines[*].sku", "from": "data.items[*].sku"}]
    assert mapped({"data": {"items": [{"sku": 1}]}}, *rows) == {"body": {"order": {"lines": [{"sku": 1}]}}}


@pytest.mark.parametrize("to", ["[0]", "[0].a", "[k=v].a", "lines[*][0]", "lines[-1].a", "lines[*].x[-2]"])
def test_a_target_that_names_no_place_is_refused(to):
    with pytest.raises(RowError, match="names no place to write to"):
        mapper({"to": to, "from": "items[*].sku"})


def test_a_list_and_one_in_an_element_of_it_cannot_both_be_made():
    with pytest.raises(RowError, match=r"channels\[0\]\.lines\[\*\]\.x and channels\[\*\] fill the same place"):
        mapper({"to": "channels[0].lines[*].x", "from": "a[*].x"}, {"to": "channels[*].code", "from": "a[*].x"})


def test_an_elements_own_field_comes_before_its_number():
    rows = [
        {"to": "lines[*].no", "from": "items[*].@number"},
        {"to": "lines[*].x[*].no", "from": "items[*].parts[*].n"},
    ]
    inner = {"to": "lines[*].x[*].line", "from": "items[*].@number"}
    record = {"items": [{"@number": "7", "parts": [{"n": 1}]}, {"parts": [{"n": 1}]}]}
    assert mapped(record, rows[0]) == {"lines": [{"no": "7"}, {"no": 2}]}
    assert [line["x"][0]["line"] for line in mapped(record, *rows, inner)["lines"]] == ["7", 2]


def test_a_list_that_is_not_there_may_be_sent_as_null():
    rows = [{"to": "lines[*]", "from": "items[*]", "empty": "null"}, {"to": "lines[*].sku", "from": "items[*].sku"}]
    assert mapped({}, *rows) == {"lines": None}
    assert mapped({"items": []}, *rows) == {"lines": []}


def test_what_is_no_list_may_be_forgiven_by_the_head_row():
    rows = [{"to": "lines[*]", "from": "items[*]", "on_error": "empty"}, {"to": "lines[*].sku", "from": "items[*].sku"}]
    assert mapped({"items": "text"}, *rows) == {}


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ({"value": [{"n": 5}]}, "made of a list, not of a value"),
        ({"from": "items[*]", "on_error": "default", "default": []}, "it has no default"),
    ],
)
def test_what_a_head_row_would_say_in_vain_is_refused(head, said):
    with pytest.raises(RowError, match=said):
        mapper({"to": "lines[*]", **head}, {"to": "lines[*].n", "from": "items[*].n"})


@pytest.mark.parametrize("row", [{"to": "a", "from": "b"}, {"to": "tags[*]", "from": "labels[*].name"}])
def test_only_a_list_with_rows_below_it_is_made_once(row):
    with pytest.raises(RowError, match="`empty: once` is for a list with rows below it"):
        mapper({**row, "empty": "once"})


def test_lists_within_lists_have_an_end():
    record = {"items": [{}] * 2000, "taxes": [{"rate": 1}] * 2000}
    with pytest.raises(MappingError, match="more than 1000000 elements, one within the other"):
        mapped(
            record, {"to": "lines[*].sku", "from": "items[*].sku"}, {"to": "lines[*].t[*].r", "from": "taxes[*].rate"}
        )
    for whole in ("taxes", "head"):
        rows = [{"to": "lines[*].sku", "from": "items[*].sku"}, {"to": "lines[*].all", "from": whole}]
        with pytest.raises(MappingError, match=r"^lines\[\*\]\.all: the lists of this record have more"):
            mapped({**record, "head": {str(n): n for n in range(2000)}}, *rows)
    row = {"to": "lines[*].sku", "from": "items[*].sku"}
    many = mapper(row)
    for _ in range(600):
        many({"items": [{}] * 2000})
