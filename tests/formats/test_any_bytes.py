"""Whatever arrives, a reader yields rows or raises an error of the tree: it never falls over."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topstitch.errors import FormatError, LimitExceeded
from topstitch.formats import BadRow, CsvFormat, FixedFormat, Grouped, JsonFormat, XmlFormat, infer, suggest

READERS = [
    CsvFormat(),
    CsvFormat(encoding="utf-16", header=False),
    CsvFormat(encoding="cp1252", delimiter=";", quoting="none"),
    Grouped(CsvFormat(), key=("order_number",), lines=("sku",)),
    JsonFormat(),
    JsonFormat(record_path="data.orders", unique_names=True, decimals=True),
    JsonFormat(lines=True),
    XmlFormat(record_path="orders/order"),
    XmlFormat(record_path="*/*", strip_namespaces=False),
    FixedFormat(fields=[("a", 1, 3), ("b", 6, 2)], short_lines="pad"),
]
SEEDS = [path.read_bytes() for path in sorted((Path(__file__).parent / "fixtures").iterdir())]


@st.composite
def damaged_files(draw):
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 3))] = draw(
            st.binary(max_size=3) | st.sampled_from([b'"', b"\n", b"<", b"{"])
        )
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data)


@pytest.mark.parametrize("made", READERS, ids=lambda made: type(made).__name__)
@settings(max_examples=150, deadline=None)
@given(data=damaged_files() | st.binary(max_size=60))
def test_damage_is_told_never_fallen_over(made, data):
    rows = []
    try:
        rows.extend(made.read(io.BytesIO(data)))
    except (FormatError, LimitExceeded) as error:
        str(error).encode()
    for row in rows:
        text = f"{row.error} {row.raw}" if isinstance(row, BadRow) else str(row.record)
        assert "\0" not in text or not isinstance(row, BadRow)
        text.encode()
    infer(row.record for row in rows if not isinstance(row, BadRow))


@given(damaged_files() | st.binary(max_size=60))
def test_any_sample_gets_a_suggestion(data):
    assert isinstance(suggest(data), CsvFormat)
