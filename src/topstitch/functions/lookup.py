"""Two-column tables in memory, and an environment with a fixed time: for previews, scripts, examples and tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches

from topstitch.errors import ConfigError
from topstitch.functions.matching import Matches, folded
from topstitch.functions.registry import MISSING, Ask, Lookup
from topstitch.values.numbers import to_integer
from topstitch.values.text import as_text

#: How a value is compared with a table's texts; the last three ask whether the value contains, starts or ends with one.
MATCHES = ("exact", "case_insensitive", "contains", "starts_with", "ends_with")

TESTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda value, text: text in value,
    "starts_with": lambda value, text: value.startswith(text),
    "ends_with": lambda value, text: value.endswith(text),
}


class Table:
    """A lookup table over (left, right) pairs; where several match, the first wins."""

    def __init__(self, pairs: Iterable[tuple[object, object]]) -> None:
        self._pairs = list(pairs)
        self._indexes: dict[tuple[bool, bool], dict[str, object]] = {}

    def find(self, value: object, *, reverse: bool, match: str) -> object:
        """The pair of `value`, or MISSING. Raises MappingError for a list or an object."""
        text = value if type(value) is str else as_text(value)
        if match in TESTS:
            return self._scan(text, TESTS[match], reverse)
        fold = match == "case_insensitive"
        index = self._indexes.get((fold, reverse))
        if index is None:
            index = self._indexes[fold, reverse] = self._index(fold, reverse)
        return index.get(text.strip().casefold() if fold else text, MISSING)

    def _index(self, fold: bool, reverse: bool) -> dict[str, object]:
        index: dict[str, object] = {}
        for left, right in self._pairs:
            asked, answer = (right, left) if reverse else (left, right)
            text = as_text(asked)
            index.setdefault(text.strip().casefold() if fold else text, answer)
        return index

    def _scan(self, value: str, test: Callable[[str, str], bool], reverse: bool) -> object:
        for left, right in self._pairs:
            asked, answer = (right, left) if reverse else (left, right)
            text = as_text(asked)
            if text and test(value, text):
                return answer
        return MISSING


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

    def finder(
        self,
        connector: str,
        entity: str,
        match: str,
        give: str,
        several: str = "first",
        *,
        ignore_case: bool = False,
        options: Mapping[str, object] | None = None,
    ) -> Ask:
        """Answers at once. Raises ConfigError when there are no such records."""
        if (connector, entity) not in self.finders:
            known = ", ".join(" ".join(each) for each in self.finders) or "none"
            raise ConfigError(f"there are no records of {connector!r} {entity!r}; there are: {known}")
        found = Matches(match, give, ignore_case=ignore_case)
        for record in self.finders[connector, entity]:
            found.take(record)

        def ask(question: object) -> object:
            text = as_text(question)
            return found.answer(folded(text) if ignore_case else text, several)

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
