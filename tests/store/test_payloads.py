"""What is stored of a page comes back as it was, however it was stored."""

from __future__ import annotations

from decimal import Decimal

import orjson
import pytest

from topstitch.sdk.model import Raw
from topstitch.store.payloads import packed, unpacked

RECORDS = [{"id": 1, "name": "Weiß\n", "lines": [{"sku": '"'}]}, {"id": 2**63, "name": None}]


def test_records_come_back():
    assert unpacked(packed(RECORDS)) == RECORDS
    assert unpacked(packed([])) == []
    assert unpacked(packed([{"price": Decimal("9.90")}])) == [{"price": 9.9}]


@pytest.mark.parametrize(
    ("path", "body"),
    [("", RECORDS), ("orders", {"orders": RECORDS, "next": "x"}), ("data.found", {"data": {"found": RECORDS}})],
)
def test_what_they_were_read_from_is_stored_in_their_place(path, body):
    text = orjson.dumps(body, option=orjson.OPT_INDENT_2)

    assert unpacked(packed([], Raw(text, path, RECORDS))) == RECORDS


def test_a_key_with_a_line_break_is_no_end_of_the_path():
    assert unpacked(packed([], Raw(orjson.dumps({"a\nb": RECORDS}), '["a\\nb"]', RECORDS))) == RECORDS
