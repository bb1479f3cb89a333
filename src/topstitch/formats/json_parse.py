"""Parsing one JSON value with the rules of this product: exact numbers, no NaN, bounded depth."""

from __future__ import annotations

import json
import math
from decimal import Decimal

from topstitch.errors import LimitExceeded
from topstitch.formats import lines
from topstitch.formats.base import MAX_DEPTH, BadRow, Row, bad_row, over_limit


class Parser:
    """Parses values out of longer texts. `decimals` reads fractions as Decimal; `unique` refuses repeated names.

    What JSON text may hold and we refuse (NaN, 1e999, repeated names) is noted while parsing and asked for by `row`,
    so that the value's end is found all the same and the rest of the file can be read.
    """

    def __init__(self, *, decimals: bool = False, unique: bool = False) -> None:
        self._wrong = ""
        self._decoder = json.JSONDecoder(
            parse_float=Decimal if decimals else self._float,
            parse_int=self._int,
            parse_constant=self._constant,
            object_pairs_hook=self._unique if unique else None,
        )

    def value(self, text: str, at: int) -> tuple[object, int]:
        """Return the value that begins at `at` and the offset after it.

        Raises `json.JSONDecodeError` where the text breaks off or is no JSON, `LimitExceeded` for thousands of levels.
        """
        self._wrong = ""
        try:
            return self._decoder.raw_decode(text, at)
        except RecursionError as error:
            raise LimitExceeded(f"nested deeper than {MAX_DEPTH} levels") from error

    def row(self, value: object, raw: str, place: str) -> Row | BadRow:
        """Return the value just parsed from `raw` as a row, or why it is none."""
        if self._wrong:
            return bad_row(self._wrong, raw, place)
        if not isinstance(value, dict):
            return bad_row(f"this is {kind(value)}, and a record must be an object", raw, place)
        if "\\u" in raw and lines.damaged(json.dumps(value, ensure_ascii=False)):
            return bad_row("there is half a character (an unpaired \\ud800 to \\udfff)", raw, place)
        # Counting is cheap and nearly always enough.
        if raw.count("{") + raw.count("[") > MAX_DEPTH and _deeper(value, MAX_DEPTH):
            return over_limit(f"nested deeper than {MAX_DEPTH} levels", raw, place)
        return Row(value, place)

    def _float(self, digits: str) -> float:
        value = float(digits)
        if math.isinf(value):
            self._wrong = f"the number {digits[:40]} is too large"
        return value

    def _int(self, digits: str) -> int:
        if len(digits) > 1000:
            self._wrong = f"the number {digits[:40]}... has more than 1,000 digits"
            return 0
        return int(digits)

    def _constant(self, name: str) -> None:
        self._wrong = f"{name} is no JSON value"

    def _unique(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        result = dict(pairs)
        if len(result) < len(pairs):
            names = [name for name, _ in pairs]
            twice = sorted({name for name in names if names.count(name) > 1})
            self._wrong = f"these names come twice in one object: {', '.join(twice)}"
        return result


def kind(value: object) -> str:
    """Name the kind of a JSON value for a message."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return "text" if isinstance(value, str) else "a number"


def _deeper(value: object, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    if levels == 0:
        return True
    return any(_deeper(item, levels - 1) for item in (value.values() if isinstance(value, dict) else value))
