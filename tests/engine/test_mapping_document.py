"""A mapping as a document: exact round trips, every error told with its row, and nothing hostile taken."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.engine.mapping.document import (
    MAX_BYTES,
    MAX_ROWS,
    Document,
    DocumentError,
    End,
    document_schema,
    read_document,
    row_schema,
)
from topstitch.engine.proposals.defaults import default_mapping
from topstitch.engine.spec import MappingRow
from topstitch.errors import ConfigError, LimitExceeded, TopstitchError
from topstitch.sdk import CATALOGUE

ENDS = (End(system="shopify", entity="orders"), End(system="odoo", entity="orders"))


def text(rows: Any, **changes: Any) -> bytes:
    head = {"format": "topstitch.mapping", "version": 1, "source": {"system": "a", "entity": "b"}}
    head |= {"destination": {"system": "c", "entity": "d"}}
    return json.dumps({**head, "rows": rows, **changes}).encode()


def faults(*rows: Any) -> list[tuple[int, str]]:
    with pytest.raises(DocumentError) as caught:
        read_document(text(list(rows)))
    return [(fault.row, fault.field) for fault in caught.value.faults]


def test_every_default_mapping_comes_back_as_it_went():
    entries = [entry for entry in CATALOGUE if entry.folder]
    for source in entries:
        for destination in entries:
            for name in set(source.system.entity_names) & set(destination.system.entity_names):
                fields = destination.fields(name)
                rows = default_mapping(source.fields(name), fields, name)
                document = Document(*ENDS, tuple(rows))
                assert read_document(document.as_json().encode(), fields) == document


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@given(
    value=_VALUES,
    default=_VALUES,
    name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    empty=st.sampled_from(["omit", "null"]),
    on_error=st.sampled_from(["fail", "empty", "default"]),
    enabled=st.booleans(),
)
def test_any_row_comes_back_as_it_went(value, default, name, empty, on_error, enabled):
    row = MappingRow(
        to="a", value=value, default=default, name=name, empty=empty, on_error=on_error, enabled=enabled, required=True
    )
    document = Document(*ENDS, (row,))

    again = read_document(document.as_json().encode())
    assert again == document
    assert again.as_json() == document.as_json()


def test_the_shorthands_of_files_are_read_too():
    row = {
        "to": "a",
        "from": ["b", {"path": "c", "do": "string.trim"}],
        "do": [{"string.concatenate": {"joiner": "-"}}],
    }
    (read,) = read_document(text([row])).rows

    assert [source.path for source in read.sources] == ["b", "c"]
    assert read.do[0].args == {"joiner": "-"}


def test_every_wrong_row_is_told_with_its_number_and_field():
    good = {"to": "ok", "from": "a"}
    assert faults(good, {"from": "a"}, {"to": "", "from": "a"}, {"to": "a", "form": "b"}, 5) == [
        (2, "to"),
        (3, "to"),
        (4, "form"),
        (5, ""),
    ]
    assert faults({"to": "a", "on_error": "shrug"}, {"to": "b", "when": [{"field": "x", "op": "is"}]}) == [
        (1, "on_error"),
        (2, "when.0.op"),
    ]


def test_a_wrong_working_field_is_told_and_not_the_rows_that_read_it():
    total = {"to": "total", "from": "@work.lines[*].total", "do": ["array.sum"]}
    wrong = {"to": "@work.lines[*].total", "from": "lines[*].qty", "do": ["number.rund"]}

    assert faults(wrong, total) == [(1, "@work.lines[*].total")]
    assert faults({"to": "@work.a", "from": "x"}, {"to": "@work.a[*].b", "from": "x[*].b"}) == [(1, "@work.a")]
    assert faults(total, {"to": "@work", "from": "x"}) == [(1, "total"), (2, "@work")]
    assert faults({"to": "@work.[", "from": "x"}, {"to": "@work.a.", "from": "x"}) == [(1, "@work.["), (2, "@work.a.")]


def test_of_very_many_faults_the_first_are_told():
    with pytest.raises(DocumentError, match="and at least 49 more") as caught:
        read_document(text([{"to": "a", "do": "string.nothing", "from": "b"}] * 200))
    assert [fault.row for fault in caught.value.faults] == list(range(1, 51))


def test_every_row_that_does_not_compile_is_told():
    assert faults(
        {"to": "a", "from": "x", "do": "string.nothing"},
        {"to": "ok", "from": "x"},
        {"to": "b", "from": "x[", "do": []},
        {"to": "c[*].d", "value": 1},
    ) == [(1, "a"), (3, "b"), (4, "c[*].d")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not JSON"),
        (b"[1]", "the document"),
        (b"{", "not JSON"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (text([], format="other"), "format"),
        (text([], version=2), "version"),
        (text([], source={"system": "a"}), "source.entity"),
        (text({}), "rows"),
        (text([], extra=1), "no such key"),
        (b'{"format": 1, "format": 2}', "stands twice"),
        (text([{"to": "a", "value": float("nan")}]), "NaN is not a number"),
        (text([{"to": "a", "value": "\0"}]), "cannot be stored"),
        (text([{"to": "a", "value": "\ud800"}]), "cannot be stored"),
        (text([{"to": "a\0", "value": 1}]), "cannot be stored"),
        (text([{"to": "a", "value": 2**70}]), "in quotes"),
        (text([{"to": "a", "value": "@"}]).replace(b'"@"', b"1e999"), "in quotes"),
        (text([{"to": "a", "value": "@"}]).replace(b'"@"', b"0e9999999999999999999"), "in quotes"),
        (text([{"to": "a", "value": "@"}]).replace(b'"@"', b"9" * 9000), "in quotes"),
        (text([{"to": "a", "value": "@"}]).replace(b'"@"', b"12345678901234567.89"), "in quotes"),
    ],
    ids=range(19),
)
def test_what_is_no_document_is_refused_in_words(data, said):
    with pytest.raises(ConfigError, match=said):
        read_document(data)


@pytest.mark.parametrize(
    "data",
    [
        b" " * (MAX_BYTES + 1),
        text([{"to": "a", "value": 1}] * (MAX_ROWS + 1)),
        b'{"rows": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        text([{"to": "a", "value": json.loads("[" * 40 + "]" * 40)}]),
    ],
    ids=["bytes", "rows", "recursion", "depth"],
)
def test_what_is_too_large_or_too_deep_is_refused(data):
    with pytest.raises(LimitExceeded):
        read_document(data)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda i: st.lists(i) | st.dictionaries(st.text(), i)
    )
)
def test_whatever_rows_are_they_are_read_or_refused_in_words(rows):
    with suppress(TopstitchError):
        read_document(text(rows if isinstance(rows, list) else [rows]))


def test_the_schema_names_what_files_name():
    schema = row_schema()
    assert {"to", "from", "do", "value", "required", "locked"} <= set(schema["properties"])
    assert schema["required"] == ["to"]
    whole = document_schema()
    assert whole["properties"]["rows"]["items"] == {"$ref": "#/$defs/MappingRow"}
    assert "Step" in whole["$defs"]
