"""A guess at the dialect of a CSV sample, for set-up screens: a person confirms it."""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter

from topstitch.formats import encodings
from topstitch.formats.csv import CsvFormat

_DELIMITERS = ",;\t|"
_ROWS = 200
_VALUE = re.compile(r"[-+]?[\d.,:/ -]*\d[\d.,:/ TZ+-]*|true|false|[^@ ]+@[^@ ]+", re.IGNORECASE)
_COMMA_NUMBER = re.compile(r"-?\d+,\d+")


def suggest(sample: bytes) -> CsvFormat:
    """Return the likeliest settings for a file that begins with `sample` (64 KiB are plenty)."""
    encoding = encodings.guess(sample)
    name, rest = encodings.without_mark(sample, encoding)
    text = codecs.getincrementaldecoder(name)("replace").decode(rest).replace("\0", "")
    rows = {delimiter: _rows(text, delimiter) for delimiter in _DELIMITERS}
    # Every row equally wide is worth more than many columns.
    delimiter = max(_DELIMITERS, key=lambda one: _score(rows[one]))
    return CsvFormat(
        delimiter=delimiter,
        header=_has_header(rows[delimiter]),
        encoding=encoding,
        line_ending=next((end for end in ("\r\n", "\n", "\r") if end in text), "\r\n"),
        decimal="," if delimiter != "," and _has_comma_numbers(rows[delimiter]) else ".",
    )


def _rows(text: str, delimiter: str) -> list[list[str]]:
    lines = list(io.StringIO(text, newline=""))
    whole = lines[:-1] if len(lines) > 1 and not lines[-1].endswith(("\n", "\r")) else lines
    settings = CsvFormat(delimiter=delimiter)
    return [cells for cells in settings.parser(whole[:_ROWS], strict=False) if cells]


def _score(rows: list[list[str]]) -> float:
    if not rows:
        return 0
    width, count = Counter(map(len, rows)).most_common(1)[0]
    return 0 if width < 2 else (count / len(rows)) ** 2 * min(width, 20)


def _has_header(rows: list[list[str]]) -> bool:
    if not rows:
        return True
    names = [cell.strip() for cell in rows[0]]
    return all(names) and len(set(names)) == len(names) and not any(map(_VALUE.fullmatch, names))


def _has_comma_numbers(rows: list[list[str]]) -> bool:
    return any(_COMMA_NUMBER.fullmatch(cell.strip()) for cells in rows[1:] for cell in cells)
