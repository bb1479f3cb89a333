"""Bytes to records and back, streaming and in flat memory: CSV, JSON, XML, fixed width.

for row in open_format({"kind": "csv", "delimiter": ";"}).read(stream):
    if isinstance(row, BadRow): ...   # row.error, row.raw; the rest of the file goes on
    else: ...                         # row.record, row.place
"""

from __future__ import annotations

from topstitch.formats.base import BadRow, Format, Row
from topstitch.formats.csv import CsvFormat
from topstitch.formats.dialect import suggest
from topstitch.formats.fixed import FixedField, FixedFormat
from topstitch.formats.grouping import Grouped, flatten, group_lines
from topstitch.formats.json import JsonFormat
from topstitch.formats.opening import KINDS, open_format
from topstitch.formats.schema import FieldGuess, infer
from topstitch.formats.xml import XmlFormat

__all__ = [
    "KINDS",
    "BadRow",
    "CsvFormat",
    "FieldGuess",
    "FixedField",
    "FixedFormat",
    "Format",
    "Grouped",
    "JsonFormat",
    "Row",
    "XmlFormat",
    "flatten",
    "group_lines",
    "infer",
    "open_format",
    "suggest",
]
