"""Search texts for `query:` arguments, and the exact test afterwards: the vendor's search goes by words and by seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from operator import eq, ge, gt, le, lt
from typing import Any

from topstitch.sdk import Condition, ConfigError, Query, Record
from topstitch.systems.shopify.names import gid, number_of

OPS: Mapping[str, Sequence[str]] = {
    "text": ("equals", "in"),
    "enum": ("equals", "in"),
    "id": ("equals", "in"),
    "tags": ("contains",),
    "flag": ("equals",),
    "time": ("greater_or_equal", "less_or_equal", "after", "before", "between"),
    "number": ("equals", "greater", "greater_or_equal", "less", "less_or_equal"),
}
_SIGNS = {"greater_or_equal": ">=", "after": ">=", "less_or_equal": "<=", "before": "<="}
_NUMBER_SIGNS = {"equals": "", "greater": ">", "greater_or_equal": ">=", "less": "<", "less_or_equal": "<="}
_NUMBER_TESTS = {"equals": eq, "greater": gt, "greater_or_equal": ge, "less": lt, "less_or_equal": le}


@dataclass(frozen=True, slots=True)
class Filter:
    """A field that can be searched by: `term` is the vendor's name for it, `owner` the kind of record of an id.

    `words`: what the search calls the values of an enum, where it has names of its own; it knows no others.
    """

    term: str
    kind: str
    owner: str = ""
    words: Mapping[str, str] | None = None

    def text(self, condition: Condition) -> str:
        """The condition as search text; never narrower than it."""
        if self.kind == "time":
            return self._times(condition)
        if self.kind == "number":
            return f"{self.term}:{_NUMBER_SIGNS[condition.op]}{_number(condition):f}"
        values = values_of(condition)
        if self.words is not None:
            words = [self.words.get(str(value).upper(), "") for value in values]
            return _either(f"{self.term}:{word}" for word in words) if all(words) else ""
        return _either(f"{self.term}:{self._value(value)}" for value in values)

    def _value(self, value: Any) -> str:
        if self.kind == "id":
            return str(number_of(gid(self.owner, value)))
        if self.kind == "flag":
            return "true" if value in (True, "true", 1, "1") else "false"
        return quoted(str(value).lower() if self.kind == "enum" else str(value))

    def _times(self, condition: Condition) -> str:
        if condition.op == "between":
            low, high = condition.value
            return f"{self.term}:>={stamp(low)} {self.term}:<={stamp(high, later=1)}"
        sign = _SIGNS[condition.op]
        return f"{self.term}:{sign}{stamp(condition.value, later=1 if sign == '<=' else 0)}"

    def keeps(self, condition: Condition) -> Callable[[Any], bool]:
        """The exact test of a value read, for what the search takes loosely."""
        wanted = condition.value
        if self.kind == "time":
            return lambda value: value is not None and _in_time(moment(value), condition)
        if self.kind == "number":
            test, number = _NUMBER_TESTS[condition.op], _number(condition)
            return lambda value: value is not None and bool(test(Decimal(value), number))
        if self.kind in ("text", "enum"):
            many = {str(each) for each in values_of(condition)}
            if self.kind == "enum":
                many = {each.upper() for each in many}
            return lambda value: str(value) in many
        if self.kind == "tags":
            return lambda value: str(wanted) in (value or [])
        return lambda value: True


def values_of(condition: Condition) -> list[Any]:
    """What a field may be by a condition: several by one of `in`, as a list or as one text with commas."""
    if condition.op != "in":
        return [condition.value]
    value = condition.value
    return list(value) if isinstance(value, list | tuple) else [part.strip() for part in str(value).split(",")]


def _number(condition: Condition) -> Decimal:
    try:
        return Decimal(str(condition.value).strip())
    except InvalidOperation:
        message = f"the filter on {condition.field} needs a number, not {condition.value!r}"
        raise ConfigError(message, key="filter") from None


def quoted(value: str) -> str:
    """A value in quotes, so that nothing in it is syntax."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def stamp(when: datetime | str, *, later: int = 0) -> str:
    """A time as search text, to the second, `later` seconds after."""
    return f"'{(moment(when) + timedelta(seconds=later)).strftime('%Y-%m-%dT%H:%M:%SZ')}'"


def moment(value: datetime | str) -> datetime:
    """An aware time from what a record or a condition holds; without an offset it is UTC."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def any_of(term: str, values: Iterable[str]) -> str:
    """Search text for any of several exact values."""
    return _either(f"{term}:{quoted(value)}" for value in values)


def _either(terms: Iterable[str]) -> str:
    many = list(terms)
    return many[0] if len(many) == 1 else f"({' OR '.join(many)})" if many else ""


def _in_time(value: datetime, condition: Condition) -> bool:
    if condition.op == "between":
        low, high = condition.value
        return moment(low) <= value <= moment(high)
    bound = moment(condition.value)
    tests = {"greater_or_equal": value >= bound, "after": value > bound, "less_or_equal": value <= bound}
    return tests.get(condition.op, value < bound)


def allowed(filters: Mapping[str, Filter]) -> dict[str, Sequence[str]]:
    """`Read.filters` of a table of filters."""
    return {path: OPS[each.kind] for path, each in filters.items()}


def text_of(query: Query, filters: Mapping[str, Filter], *more: str) -> str | None:
    """The search text of a query's conditions and of `more` terms; None when there is nothing to say."""
    terms = [filters[c.field].text(c) for c in query.conditions if c.field in filters]
    return " ".join(term for term in (*more, *terms) if term) or None


def exact(query: Query, filters: Mapping[str, Filter]) -> Callable[[Record], bool]:
    """Whether a record read really meets the conditions."""
    tests = [(c.field, filters[c.field].keeps(c)) for c in query.conditions if c.field in filters]
    return lambda record: all(test(_value(record, field)) for field, test in tests)


def _value(record: Record, field: str) -> Any:
    """The value of a field; of one in a list (`variants[*].sku`) the values of all its elements."""
    path, _, inside = field.partition("[*].")
    found = dig(record, path.split("."))
    return [dig(each, inside.split(".")) for each in found or []] if inside else found


def dig(record: Any, path: Iterable[str]) -> Any:
    """A value inside objects inside objects, None where anything is missing."""
    for step in path:
        record = record.get(step) if isinstance(record, dict) else None
    return record
