"""A small system with one kind of record, to find records in."""

from __future__ import annotations

import pytest

from topstitch.sdk import Connection, Entity, Entry, Page, Read, Setting, System
from topstitch.sdk.find import Finder, Way

GOODS = [
    {"id": 1, "sku": "RED", "name": "Red mug", "tags": ["new", "hot"], "extra": None},
    {"id": 2, "sku": "BLUE", "name": "Blue mug", "tags": [], "extra": {"colour": "blue"}},
    {"id": 3, "sku": "BLUE", "name": "Old blue mug", "tags": ["hot"], "extra": None},
    {"id": 4, "sku": None, "name": "Nameless", "tags": None, "extra": None},
]


class Shop:
    """A system with one kind of record. `asked` are its questions; `trouble(asked)` raises what is to go wrong."""

    def __init__(self, goods=GOODS, *, ways=(), by_ids=False, page_size=100, bad=(), key="id"):
        self.goods, self.asked, self.logged = list(goods), [], []
        self.trouble = lambda asked: None
        self._size, self._bad = page_size, bad
        read = Read(
            pages=self._pages,
            by_ids=self._by_ids if by_ids else None,
            filters={"sku": ways, "tags[*]": ["contains"] if ways else []},
            page_size=page_size,
            max_page_size=page_size,
            options=[Setting(name="only", label="Only")],
        )
        entities = [
            Entity(name="goods", label="Goods", key=key, read=read),
            Entity(name="notes", label="Notes", key="id"),
        ]
        system = System(settings=[], entities=entities, test=lambda conn: [])
        entry = Entry("shop", {"name": "Shop"}, made=system)
        self.conn = Connection(entry=entry, settings={}, log=lambda level, text: self.logged.append((level, text)))

    def _pages(self, conn, query, cursor):
        found = [record for record in self.goods if all(self._holds(record, c) for c in query.conditions)]
        at = cursor or 0
        while True:
            asked = ("pages", at, *(c.value for c in query.conditions))
            self.asked.append(asked)
            self.trouble(asked)
            part, following = found[at : at + self._size], at + self._size
            more = following if following < len(found) else None
            yield Page(records=part, next=more, bad=self._bad)
            if more is None:
                self.trouble(("end", at, ""))
                return
            at = following

    def _holds(self, record, condition):
        value = record.get(condition.field.removesuffix("[*]"))
        if condition.op == "contains":
            return condition.value in (value or [])
        return str(value) in condition.value if condition.op == "in" else str(value) == condition.value

    def _by_ids(self, conn, ids, options):
        self.asked.append(("ids", *ids))
        self.trouble(self.asked[-1])
        return [record for record in reversed(self.goods) if str(record["id"]) in ids]

    def finder(self, match="sku", give="id", options=None, **more):
        return Finder(self.conn, "goods", match, give, options, **more)


WAYS = [
    pytest.param({"ways": ["equals", "in"]}, Way.MANY, id="many"),
    pytest.param({"ways": ["equals"]}, Way.EACH, id="each"),
    pytest.param({}, Way.ALL, id="all"),
]


def raising(error, when=lambda asked: True):
    def trouble(asked):
        if when(asked):
            raise error

    return trouble
