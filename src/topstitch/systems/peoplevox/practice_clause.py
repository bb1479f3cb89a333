"""The SearchClause grammar of the practice server: parsed for real, evaluated against rows of text.

clause := term (OR term)*      term := factor (AND factor)*      factor := "(" clause ")" | test
test   := field ("==" | ">=" | "<=" | ">" | "<") value | field "." function "(" text ")"
value  := number | "text" | DateTime(Y,m,d,H,i,s)
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

Row = Mapping[str, str]
Test = Callable[[Row], bool]

_OPERATORS: Mapping[str, Callable[..., bool]] = {
    "==": operator.eq,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_FUNCTIONS: Mapping[str, Callable[[str, str], bool]] = {
    "Contains": lambda cell, text: text in cell,
    "StartsWith": lambda cell, text: cell.startswith(text),
    "EndsWith": lambda cell, text: cell.endswith(text),
    "Equals": lambda cell, text: cell == text,
}
_DATE = re.compile(r"DateTime\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)")


class ClauseError(Exception):
    """A clause that cannot be understood."""


def compile_clause(clause: str, columns: Sequence[str]) -> Test:
    """The test that a clause amounts to; an empty clause holds for every row. Raises ClauseError."""
    if not clause.strip():
        return lambda row: True
    parser = _Parser(clause, columns)
    test = parser.clause()
    if parser.rest():
        raise ClauseError(f"Syntax error in search clause near '{parser.rest()[:30]}'")
    return test


class _Parser:
    def __init__(self, text: str, columns: Sequence[str]) -> None:
        self._text, self._at = text, 0
        # Longest first, so that `Item code` is not taken for `Item`.
        self._columns = sorted(columns, key=len, reverse=True)

    def rest(self) -> str:
        return self._text[self._at :].strip()

    def clause(self) -> Test:
        return self._joined("OR", lambda: self._joined("AND", self._factor, all), any)

    def _joined(self, word: str, part: Callable[[], Test], how: Callable[[list[bool]], bool]) -> Test:
        tests = [part()]
        while self._take(rf"{word}\b"):
            tests.append(part())
        return tests[0] if len(tests) == 1 else lambda row: how([test(row) for test in tests])

    def _factor(self) -> Test:
        if self._take(r"\("):
            inner = self.clause()
            self._need(r"\)")
            return inner
        name = self._field()
        if self._take(r"\."):
            function = _FUNCTIONS[self._need(rf"(?:{'|'.join(_FUNCTIONS)})\b")]
            self._need(r"\(")
            text = self._need(r'"[^"]*"')[1:-1]
            self._need(r"\)")
            return lambda row: function(row[name], text)
        compare = _OPERATORS[self._need("==|>=|<=|>|<")]
        return _comparison(name, compare, self._value())

    def _field(self) -> str:
        if self._take(r"\["):
            return self._known(self._need(r"[^\]]+\]")[:-1])
        for name in self._columns:
            if self._take(rf"{re.escape(name)}(?=\s*(?:\.|==|>=|<=|>|<))"):
                return name
        return self._known(self._need(r"[A-Za-z_][\w ]*").strip())

    def _known(self, name: str) -> str:
        if name not in self._columns:
            raise ClauseError(f"No property or field '{name}' exists")
        return name

    def _value(self) -> datetime | Decimal | str:
        if (text := self._take(r'"[^"]*"')) is not None:
            return text[1:-1]
        if (text := self._take(_DATE.pattern)) is not None:
            return _moment(text)
        return Decimal(self._need(r"-?\d+(?:\.\d+)?"))

    def _take(self, pattern: str) -> str | None:
        found = re.compile(rf"\s*({pattern})").match(self._text, self._at)
        if found:
            self._at = found.end()
        return found[1] if found else None

    def _need(self, pattern: str) -> str:
        found = self._take(pattern)
        if found is None:
            raise ClauseError(f"Syntax error in search clause near '{self.rest()[:30]}'")
        return found


def _moment(text: str) -> datetime:
    found = _DATE.fullmatch(text)
    assert found
    try:
        return datetime(*(int(part) for part in found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001 - wall time
    except ValueError as error:
        raise ClauseError(f"{text}: {error}") from error


def _comparison(name: str, compare: Callable[..., bool], value: datetime | Decimal | str) -> Test:
    def test(row: Row) -> bool:
        cell = _like(row[name], value)
        return cell is not None and compare(cell, value)

    return test


def _like(cell: str, value: datetime | Decimal | str) -> object:
    """The cell in the type of the value; None when it has no such value."""
    if isinstance(value, str):
        return cell
    try:
        return datetime.fromisoformat(cell) if isinstance(value, datetime) else Decimal(cell)
    except (ValueError, InvalidOperation):
        return None
