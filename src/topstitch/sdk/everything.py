"""Reading all records of an entity, to look one up by a field: page by page, resumed where an outage broke it off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from topstitch.errors import ConfigError
from topstitch.functions.matching import Matches
from topstitch.sdk.connection import Connection
from topstitch.sdk.model import Condition, Cursor, Entity, Page, Query, Read
from topstitch.values.paths import compile_get, parse

#: Records whose fields are noted, to name them where one does not exist.
LOOKED_AT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Where to look and for what: `give` of the records that have a value at `match`."""

    connection: Connection
    entity: Entity
    read: Read
    options: Mapping[str, Any]
    match: str
    give: str
    ignore_case: bool
    _told: set[str] = field(default_factory=set)

    def pages(self, size: int, conditions: Sequence[Condition] = (), cursor: Cursor | None = None) -> Iterator[Page]:
        """Pages from the cursor on; what of them cannot be read is logged."""
        query = Query(page_size=size, conditions=conditions, options=self.options)
        for page in self.read.pages(self.connection, query, cursor):
            for bad in page.bad[:1]:
                name = self.connection.entry.name
                self.tell("bad", f"{name} has {self.entity.name} that cannot be read: {bad.place}: {bad.reason}")
            yield page

    def matches(self, wanted: frozenset[str] | None = None) -> Matches:
        """An empty collection for what these pages have."""
        key = self.entity.key
        # Of what has an id of its own the same one may be read twice; other keys are no more than some of its fields.
        known = {"key": compile_get(key)} if isinstance(key, str) else {}
        return Matches(self.match, self.give, ignore_case=self.ignore_case, wanted=wanted, **known)

    def tell(self, what: str, message: str) -> None:
        """Warn of something in the connection's log, once."""
        if what not in self._told:
            self._told.add(what)
            self.connection.log("warning", message)


class Everything:
    """All records by the text they have at `ask.match`, at most `most` of them."""

    def __init__(self, ask: Ask, most: int) -> None:
        self._ask, self._most = ask, most
        self._place: Cursor | None = None
        self._names: set[str] = set()
        self.found, self.complete = ask.matches(), False

    def read(self, pages: int | None = None) -> bool:
        """Read on to the end, or so many pages; whether the end was reached.

        Raises ConfigError when there are more than can be kept, or when no record has such a field.
        """
        if self.complete:
            return True
        if self._place is None:
            # From the beginning again, if it broke off where it could not be gone on with.
            self.found = self._ask.matches()
        for number, page in enumerate(self._ask.pages(self._ask.read.max_page_size, cursor=self._place), 1):
            self._take(page)
            if number == pages and page.next is not None:
                return False
        self.complete = True
        if self.found.seen and not self.found:
            self._nothing()
        return True

    def _take(self, page: Page) -> None:
        for record in page.records:
            self.found.take(record)
            if self.found.seen <= LOOKED_AT:
                self._names.update(record)
        self._place = page.next
        if len(self.found) > self._most:
            raise ConfigError(
                f"{self._ask.entity.name} of {self._ask.connection.entry.name} cannot be searched by "
                f"{self._ask.match!r}, and there are too many to remember: more than {self._most:,}",
                hint=self._instead(),
            )

    def _instead(self) -> str:
        fields = ", ".join(name for name, ops in self._ask.read.filters.items() if {"in", "equals"} & {*ops})
        begin = "Let case count, or match" if self._ask.ignore_case else "Match"
        whole = "" if self._ask.give else ", name the one field that is needed"
        return f"{begin} a field it can be searched by ({fields or 'it has none'}){whole}, or use a lookup table."

    def _nothing(self) -> None:
        none = f"none of {self.found.seen:,} {self._ask.entity.name} has anything at {self._ask.match!r}"
        first = parse(self._ask.match)[0]
        if isinstance(first, str) and first not in self._names:
            raise ConfigError(none, hint=f"They have {', '.join(sorted(map(str, self._names))[:40])}.")
        self._ask.tell("nothing", f"{none}, so nothing can be found by it.")
