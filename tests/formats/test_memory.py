"""Files far larger than the memory they may take, generated as they are read."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from itertools import chain, islice, repeat

import psutil
import pytest

from topstitch.formats import CsvFormat, FixedFormat, Grouped, JsonFormat, XmlFormat

MEGABYTE = 1024 * 1024
SIZE = 30 * MEGABYTE


class Generated(io.RawIOBase):
    """A stream made of parts."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self.parts, self.given = parts, 0
        self.process = psutil.Process()
        self.before = self.highest = self.process.memory_info().rss

    def read(self, size: int = -1) -> bytes:
        part = next(self.parts, b"")
        self.given += len(part)
        self.highest = max(self.highest, self.process.memory_info().rss)
        return part


def stream_of(start: bytes, record: bytes, end: bytes) -> tuple[Generated, int]:
    """Return about SIZE bytes of the same record, and how many of them."""
    block = 64 * 1024 // len(record)
    blocks = SIZE // (block * len(record))
    return Generated(chain([start], repeat(record * block, blocks), [end])), block * blocks


LONG = b"x" * 900
CASES = {
    "csv": (CsvFormat(), b"a,b,c\r\n", b'1,"' + LONG + b'",3\r\n', b""),
    "json": (JsonFormat(record_path="data.orders"), b'{"data":{"orders":[{"a":0}', b',{"a":"' + LONG + b'"}', b"]}}"),
    "json passed over": (JsonFormat(record_path="o"), b'{"x":[0', b',{"a":"' + LONG + b'"}', b'],"o":[{"a":0}]}'),
    "json lines": (JsonFormat(lines=True), b"", b'{"a":"' + LONG + b'"}\n', b""),
    "xml": (XmlFormat(record_path="a/b"), b"<a>", b"<b><c>" + LONG + b"</c></b>\n", b"</a>"),
    "xml parents": (XmlFormat(record_path="a/*/b"), b"<a>", b"<x><b>" + LONG + b"</b></x>\n", b"</a>"),
    "xml passed over": (XmlFormat(record_path="a/b"), b"<a><x>", b"<y>" + LONG + b"</y>\n", b"</x><b/></a>"),
    "fixed": (FixedFormat(fields=[("a", 1, 400), ("b", 401, 500)]), b"", LONG + b"\n", b""),
}


@pytest.mark.parametrize("case", CASES)
def test_reading_is_flat(case):
    made, start, record, end = CASES[case]
    stream, count = stream_of(start, record, end)

    tracemalloc.start()
    try:
        rows = sum(1 for _ in made.read(stream))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    # The trees of the XML parser are not Python's and show in the process only.
    assert stream.highest - stream.before < 12 * MEGABYTE
    assert stream.given > SIZE * 0.9
    assert rows == (1 if "passed" in case else count + (case == "json"))
    assert peak < 3 * MEGABYTE


@pytest.mark.parametrize("made", [CsvFormat(), JsonFormat(), XmlFormat(record_path="a/b")])
def test_writing_is_flat(made):
    class Nowhere(io.RawIOBase):
        size = 0

        def write(self, data: bytes) -> int:
            self.size += len(data)
            return len(data)

    stream = Nowhere()
    tracemalloc.start()
    try:
        made.write(({"a": str(at), "b": "y" * 900} for at in range(12_000)), stream)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert stream.size > 10 * MEGABYTE
    assert peak < MEGABYTE


def test_the_first_record_comes_long_before_the_end_of_the_file():
    stream, _ = stream_of(b"k,l\r\n", b"1,2\r\n", b"")
    made = Grouped(CsvFormat(header=False, columns=("k", "l")), key=("k",), lines=("l",))

    next(islice(CsvFormat().read(stream), 1))
    assert stream.given < 300_000
    assert next(made.read(io.BytesIO(b"1,2\r\n3,4\r\n"))).record == {"k": "1", "lines": [{"l": "2"}]}
