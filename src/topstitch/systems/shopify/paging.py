"""Reading connections to their end: pages, lists inside records, cost limits, and the end of what can be paged.

Shopify pages through no more than 25,000 records of one question, so before that the question is asked anew from the
last stamp or id seen. A question that costs more than one may cost is asked again for half as many records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from topstitch.sdk import Connection, Cursor, LimitExceeded, Page, Query, Record
from topstitch.systems.shopify.api import Json, query
from topstitch.systems.shopify.names import gid, kind_of, number_of
from topstitch.systems.shopify.search import Filter, exact, stamp, text_of

MAX_PAGE = 250
#: Ask anew after so many records of one question; the vendor's limit is 25,000.
ASK_ANEW = 20_000
PAGE_INFO = "pageInfo { hasNextPage endCursor }"


@dataclass(frozen=True, slots=True)
class Listing:
    """A connection that is read record by record. `select` gives the fields of a record, by the service's options.

    `by` is what the question can begin at: "updated_at" where the vendor sorts by it, else "id".
    """

    root: str
    kind: str
    select: Callable[[Mapping[str, Any]], str]
    arguments: str = ""
    by: str = "id"
    filters: Mapping[str, Filter] = field(default_factory=dict)
    #: Search text that always holds, by the service's options.
    always: Callable[[Mapping[str, Any]], str] = lambda options: ""
    #: One record read, to the records it stands for.
    unfold: Callable[[Record, Query], Sequence[Record]] = lambda record, query: [record]
    #: A last touch to each record as it was read.
    tidy: Callable[[Record], Record] = lambda record: record

    def text(self, options: Mapping[str, Any]) -> str:
        """The query document."""
        return (
            f"query List($first: Int!, $after: String, $query: String) {{ {self.root}(first: $first, after: $after, "
            f"query: $query{self.arguments}) {{ nodes {{ {self.select(options)} }} {PAGE_INFO} }} }}"
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where reading stands: the vendor's cursor, the stamp or id the question begins at, how many were read of it."""

    after: str | None = None
    floor: str = ""
    rows: int = 0
    #: Ids read already that the question asked anew will give again.
    skip: tuple[str, ...] = ()

    def past(self, nodes: Sequence[Json], end: str, by: str) -> _Place:
        here = replace(self, after=end, rows=self.rows + len(nodes))
        if here.rows < ASK_ANEW or not nodes:
            return here
        last = nodes[-1]
        floor = str(last["updatedAt"]) if by == "updated_at" else str(number_of(last["id"]))
        if floor == self.floor:
            return here
        same = tuple(n["id"] for n in nodes if by == "updated_at" and n["updatedAt"] == floor)
        return _Place(floor=floor, skip=same)

    def term(self, by: str) -> str:
        if not self.floor:
            return ""
        return f"updated_at:>={stamp(self.floor)}" if by == "updated_at" else f"id:>{self.floor}"

    def dump(self) -> Json:
        return {"after": self.after, "floor": self.floor, "rows": self.rows, "skip": list(self.skip)}

    @classmethod
    def load(cls, cursor: Cursor | None) -> _Place:
        if not cursor:
            return cls()
        return cls(cursor["after"], cursor["floor"], cursor["rows"], tuple(cursor["skip"]))


def pages_of(listing: Listing) -> Callable[[Connection, Query, Cursor | None], Iterator[Page]]:
    """`Read.pages` of a listing."""

    def pages(conn: Connection, asked: Query, cursor: Cursor | None) -> Iterator[Page]:
        place, text, keep = _Place.load(cursor), listing.text(asked.options), exact(asked, listing.filters)
        while True:
            terms = [listing.always(asked.options), *_bounds(asked), place.term(listing.by)]
            variables = {"after": place.after, "query": text_of(asked, listing.filters, *terms)}
            found = fetch(conn, text, variables, min(asked.page_size, MAX_PAGE), listing.root)
            nodes, info = found["nodes"], found["pageInfo"]
            fresh = [listing.tidy(complete(conn, node)) for node in nodes if node["id"] not in place.skip]
            records = [record for node in fresh if keep(node) for record in listing.unfold(node, asked)]
            place = place.past(nodes, info["endCursor"], listing.by)
            yield Page(records=records, next=place.dump() if info["hasNextPage"] else None)
            if not info["hasNextPage"]:
                return

    return pages


def _bounds(asked: Query) -> list[str]:
    since = [f"updated_at:>={stamp(asked.since)}"] if asked.since else []
    return since + ([f"updated_at:<={stamp(asked.until, later=1)}"] if asked.until else [])


def fetch(conn: Connection, text: str, variables: Mapping[str, object], first: int, name: str) -> Json:
    """One page of a connection, of fewer records when so many cost too much; what fits is remembered."""
    key = f"fits {name}"
    first = min(first, conn.cache.get(key, first))
    while True:
        try:
            data = query(conn, text, {**variables, "first": first})
        except LimitExceeded:
            if first == 1:
                raise
            first = conn.cache[key] = max(1, first // 2)
            continue
        found: Any = next(iter(data.values()))
        return dict(found) if found else {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}


#: Fields of a record in a list inside a record, for reading that list to its end: (kind of the outer record, list).
CONNECTIONS: dict[tuple[str, str], str] = {}


def inner(kind: str, name: str, selection: str, first: int, arguments: str = "") -> str:
    """The text that selects a list inside a record, and a note of how to go on with it."""
    CONNECTIONS[kind, name] = selection
    return f"{name}(first: {first}{arguments}) {{ nodes {{ {selection} }} {PAGE_INFO} }}"


def complete(conn: Connection, value: Any) -> Any:
    """A record with its connections read to the end and made plain lists."""
    if isinstance(value, list):
        return [complete(conn, item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: complete(conn, _whole(conn, value, name, part)) for name, part in value.items()}


def _whole(conn: Connection, owner: Json, name: str, part: Any) -> Any:
    if not isinstance(part, dict) or "nodes" not in part:
        return part
    nodes, info = list(part["nodes"]), part.get("pageInfo") or {}
    kind = kind_of(owner.get("id", "")) if info.get("hasNextPage") else ""
    while info.get("hasNextPage"):
        text = (
            f"query More($id: ID!, $first: Int!, $after: String) {{ node(id: $id) {{ ... on {kind} {{ "
            f"{name}(first: $first, after: $after) {{ nodes {{ {CONNECTIONS[kind, name]} }} {PAGE_INFO} }} }} }} }}"
        )
        more = fetch(conn, text, {"id": owner["id"], "after": info["endCursor"]}, 100, f"{kind} {name}").get(name)
        if more is None:  # deleted while it was read
            break
        nodes += more["nodes"]
        info = more["pageInfo"]
    return nodes


def by_ids_of(
    kind: str,
    select: Callable[[Mapping[str, Any]], str],
    *,
    at_once: int = 25,
    tidy: Callable[[Record], Record] = lambda record: record,
) -> Callable[[Connection, Sequence[str], Mapping[str, Any]], list[Record]]:
    """`Read.by_ids`: records by global id or number; ids that do not exist are absent."""

    def by_ids(conn: Connection, ids: Sequence[str], options: Mapping[str, Any]) -> list[Record]:
        text = f"query Some($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {kind} {{ {select(options)} }} }} }}"
        wanted = [gid(kind, each) for each in ids if kind_of(each) == kind or each.isdigit()]
        return [tidy(complete(conn, node)) for node in _nodes(conn, text, wanted, at_once) if node]

    return by_ids


def _nodes(conn: Connection, text: str, ids: list[str], at_once: int) -> Iterator[Json | None]:
    while ids:
        try:
            found = query(conn, text, {"ids": ids[:at_once]})["nodes"]
        except LimitExceeded:
            if at_once == 1:
                raise
            at_once = max(1, at_once // 2)
            continue
        yield from found
        ids = ids[at_once:]
