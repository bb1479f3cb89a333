"""Lookup tables in memory, how their rows are compared, and an environment with a fixed time for examples and tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import NamedTuple

from topstitch.errors import ConfigError
from topstitch.functions.matching import Matches, folded
from topstitch.functions.registry import MISSING, Ask, Finding, Lookup
from topstitch.values.numbers import to_integer
from topstitch.values.text import as_text

#: How a value is compared with a table's texts; the last three ask whether the value contains, starts or ends with one.
MATCHES = ("exact", "case_insensitive", "contains", "starts_with", "ends_with")
#: Each row in its own way; rows that have none are compared exactly.
BY_ROW = "row"

TESTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda value, text: text in value,
    "starts_with": lambda value, text: value.startswith(text),
    "ends_with": lambda value, text: value.endswith(text),
}

Find = Callable[[str], object]
#: A pair, how it is compared, and the field that it is for: see Row.
Cells = tuple[object, object, str, str]


class Row(NamedTuple):
    """A pair. A row with a `match` is always compared in that way; one with a `field` is only for that field."""

    left: object
    right: object
    match: str = ""
    field: str = ""


def sided(rows: Iterable[Cells], *, reverse: bool, fold: bool, field: str) -> Iterator[tuple[str, str, object]]:
    """Way of comparing, text and answer of each row, in order; the way is "" where it is the function's to say.

    From right to left the ways of the rows do not count: they are about the left texts. Rows without a field are for all.
    """
    for left, right, match, of in rows:
        if not field or not of or of == field:
            asked, answer = (right, left) if reverse else (left, right)
            way = "" if reverse else match
            text = as_text(asked)
            yield way, folded(text) if way == "case_insensitive" or (fold and not way) else text, answer


def count_parts(way: str, size: int, lengths: Sequence[int]) -> int:
    """How many parts a value of `size` characters has that a text of these lengths could be."""
    fitting = [n for n in lengths if n <= size]
    return sum(size - n + 1 for n in fitting) if way == "contains" else len(fitting)


def parts(way: str, value: str, lengths: Sequence[int]) -> Iterator[str]:
    """Those parts: substrings, beginnings or ends of the value."""
    size = len(value)
    for n in lengths:
        if n > size:
            return
        if way == "contains":
            yield from (value[at : at + n] for at in range(size - n + 1))
        else:
            yield value[:n] if way == "starts_with" else value[size - n :]


class Table:
    """A lookup table in memory; where several rows match, the first wins. Implements registry.Lookup."""

    def __init__(self, pairs: Iterable[tuple[object, ...]]) -> None:
        self._rows = [Row(*pair) for pair in pairs]  # type: ignore[arg-type]  # two texts, then a match and a field
        self._sides: dict[tuple[bool, bool, str], _Side] = {}
        self._finders: dict[tuple[bool, str, str], Find] = {}

    def find(self, value: object, *, reverse: bool, match: str, field: str = "") -> object:
        """The pair of `value`, or MISSING. Raises MappingError for a list or an object."""
        finder = self._finders.get((reverse, match, field))
        if finder is None:
            finder = self._finders[reverse, match, field] = self._finder(reverse, match, field)
        return finder(value if type(value) is str else as_text(value))

    def _finder(self, reverse: bool, match: str, field: str) -> Find:
        fold = match == "case_insensitive"
        side = self._sides.get((reverse, fold, field))
        if side is None:
            found = sided(self._rows, reverse=reverse, fold=fold, field=field)
            side = self._sides[reverse, fold, field] = _Side(found)
        return side.finder("exact" if match == BY_ROW else match)


Hit = tuple[int, object]


class _Side:
    """A table's texts seen from one side: for each way of comparing, text -> (place, answer)."""

    def __init__(self, rows: Iterable[tuple[str, str, object]]) -> None:
        self._ways: dict[str, dict[str, Hit]] = {}
        for place, (way, text, answer) in enumerate(rows):
            self._ways.setdefault(way, {}).setdefault(text, (place, answer))

    def finder(self, match: str) -> Find:
        ways = [_compared(way or match, texts) for way, texts in self._ways.items()]
        if len(ways) == 1:
            only = ways[0]
            return lambda value: hit[1] if (hit := only(value)) else MISSING

        def find(value: str) -> object:
            hits = [hit for way in ways if (hit := way(value))]
            return min(hits, key=lambda hit: hit[0])[1] if hits else MISSING

        return find


def _compared(way: str, texts: Mapping[str, Hit]) -> Callable[[str], Hit | None]:
    if way == "exact":
        return texts.get
    if way == "case_insensitive":
        return lambda value: texts.get(folded(value))
    test, lengths = TESTS[way], sorted({len(text) for text in texts if text})

    def find(value: str) -> Hit | None:
        # Whichever is less: to look up each part of the value, or to look at each text.
        if count_parts(way, len(value), lengths) < len(texts):
            hits = (texts[part] for part in parts(way, value, lengths) if part in texts)
            return min(hits, key=lambda hit: hit[0], default=None)
        return next((hit for text, hit in texts.items() if text and test(value, text)), None)

    return find


@dataclass(frozen=True, slots=True)
class FixedEnvironment:
    """An Environment made of plain data."""

    now: datetime
    zone: str = "UTC"
    variables: Mapping[str, object] = field(default_factory=dict)
    tables: Mapping[str, Lookup] = field(default_factory=dict)
    #: The records of other systems, by connector and entity.
    finders: Mapping[tuple[str, str], Sequence[Mapping[str, object]]] = field(default_factory=dict)
    scripts: Mapping[str, Ask] = field(default_factory=dict)

    def lookup(self, name: str) -> Lookup:
        """A table by name. Raises ConfigError with similar names when there is none."""
        if name in self.tables:
            return self.tables[name]
        close = get_close_matches(name, self.tables, n=3)
        meant = f", did you mean {' or '.join(close)}?" if close else ""
        raise ConfigError(f"there is no lookup table {name!r}{meant}")

    def finder(self, finding: Finding) -> Ask:
        """Answers at once. Raises ConfigError when there are no such records."""
        whose = finding.connector, finding.entity
        if whose not in self.finders:
            known = ", ".join(" ".join(each) for each in self.finders) or "none"
            raise ConfigError(f"there are no records of {whose[0]!r} {whose[1]!r}; there are: {known}")
        found = Matches(finding.match, finding.give, ignore_case=finding.ignore_case)
        for record in self.finders[whose]:
            found.take(record)

        def ask(question: object) -> object:
            text = as_text(question)
            return found.answer(folded(text) if finding.ignore_case else text, finding.several)

        return ask

    def script(self, name: str, version: int | None, variables: Mapping[str, str]) -> Ask:
        """A Python function of `scripts`."""
        return self.scripts[name]

    def sequence(self, name: str, start: int, step: int) -> Ask:
        """The first number."""
        return lambda value: start


#: The world in which the examples of all functions are true.
EXAMPLE_ENVIRONMENT = FixedEnvironment(
    now=datetime(2023, 8, 10, 10, 30, tzinfo=UTC),
    variables={"season": "AW25", "channel": "WEB"},
    tables={
        "colours": Table([("Midnight blue", "191970"), ("Crimson", "DC143C")]),
        "shipping": Table([("Express", "DHL-EXP"), ("Standard", "DHL-STD"), ("Std", "DHL-STD")]),
        "stores": Table([("1", "London"), ("2", "Leeds")]),
        "shipment map": Table(
            [
                ("DHL Express", "DHL-EXP", "starts_with", "shipping_method"),
                ("DHL", "DHL-STD", "contains", "shipping_method"),
                ("DHL", "parcel", "exact", "carrier"),
                ("Click & Collect", "COLLECT"),
            ]
        ),
        "tags": Table([("Trail", "outdoor, running"), ("Launch", "2025-03-01")]),
    },
    finders={
        ("Odoo", "products"): [
            {"id": 41, "default_code": "RED-1", "barcode": "5012345678900", "name": "Red mug"},
            {"id": 42, "default_code": "BLUE-1", "barcode": "", "name": "Blue mug"},
            {"id": 43, "default_code": "BLUE-1", "barcode": "", "name": "Blue mug, old"},
        ],
        ("Shop", "customers"): [{"id": 7, "email": "ada@example.com", "group": None, "tags": ["vip", "trade"]}],
    },
    scripts={"double": lambda value: to_integer(value) * 2},
)
