"""Reading lists to the end without losing a row, whatever changes meanwhile.

Lists are walked in order of their ids by page numbers, which shift when an earlier row leaves the list (an order that no
longer has the status asked for, a deleted product). So each request after the first begins at a row already seen: its
size and number are chosen so that its page starts just before the first row still to come. When it shows no row already
seen, rows have moved up past us, and we step back until one is seen again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from topstitch.sdk import Connection, Cursor, FormatError, Page, Query, Record
from topstitch.systems.woocommerce.api import get, rows

MAX_PER_PAGE = 100
#: A pass through a list that took longer is followed by another over what changed since it began.
QUICK = timedelta(seconds=30)
#: How far the shop's clock may be from ours.
SKEW = timedelta(seconds=120)

Fetch = Callable[[int, int], tuple[list[Record], int | None]]
Pages = Callable[[Connection, Query, Cursor | None], Iterator[Page]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One list of the shop."""

    route: str
    values: Mapping[str, object] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    #: Begin of the names of its date filters: "modified_" gives modified_after; None: it has none.
    dated: str | None = "modified_"
    #: Where a record says when it changed, the first filled one counts. UTC without an offset.
    stamps: tuple[str, ...] = ("date_modified_gmt", "date_created_gmt")


def read(conn: Connection, listing: Listing, query: Query, cursor: Cursor | None) -> Iterator[Page]:
    """Pages of a list, filtered by `query.since` and `query.until` at the shop and once more here."""
    params = {**listing.params, **window(listing, query), "orderby": "id", "order": "asc"}

    def fetch(size: int, number: int) -> tuple[list[Record], int | None]:
        asked = {**params, "per_page": size, "page": number}
        response = get(conn, listing.route, asked, **listing.values)
        pages = response.headers.get("x-wp-totalpages")
        return rows(response), int(pages) if pages.isdecimal() else None

    for found, after in walk(fetch, max(1, min(query.page_size, MAX_PER_PAGE)), cursor):
        yield Page(records=[record for record in found if falls_in(record, listing, query)], next=after)


def read_all(conn: Connection, listing: Listing) -> list[Record]:
    """A short list as a whole: the variations of a product, the refunds of an order."""
    query = Query(page_size=MAX_PER_PAGE)
    return [record for page in read(conn, listing, query, None) for record in page.records]


def walk(fetch: Fetch, wanted: int, cursor: Cursor | None) -> Iterator[tuple[list[Record], Cursor | None]]:
    """(new rows, where to go on or None) until the end; `fetch(size, number)` gives rows and how many pages there are."""
    seen, last = (cursor["seen"], cursor["last"]) if cursor else (0, 0)
    while True:
        size, number = page_after(seen, wanted)
        found, pages = fetch(size, number)
        start = (number - 1) * size
        _must_ascend(found)
        if start and (not found or found[0]["id"] > last):
            seen = start
            continue
        fresh = [row for row in found if row["id"] > last]
        ended = number >= pages if pages is not None else len(found) < size
        seen = start + size
        if len(fresh) > wanted:
            seen = start + len(found) - (len(fresh) - wanted)
            fresh, ended = fresh[:wanted], False
        last = fresh[-1]["id"] if fresh else last
        yield fresh, None if ended else {"seen": seen, "last": last}
        if ended:
            return


def _must_ascend(found: Sequence[Record]) -> None:
    """In any other order rows would be lost, or come for ever."""
    ids = [row["id"] for row in found]
    if ids != sorted(ids):
        raise FormatError("the shop's list is not in the order that was asked for (orderby=id, order=asc)", key="order")


def page_after(seen: int, wanted: int) -> tuple[int, int]:
    """(per_page, page) of a page that holds row number `seen`, the last one seen, and most of the `wanted` after it."""
    if not seen:
        return wanted, 1

    def worth(size: int) -> tuple[int, int]:
        return min(_number(seen, size) * size - seen, wanted), -size

    size = max(range(1, MAX_PER_PAGE + 1), key=worth)
    return size, _number(seen, size)


def _number(seen: int, size: int) -> int:
    return (seen - 1) // size + 1


def window(listing: Listing, query: Query) -> dict[str, str]:
    """The date filters. Bounds are exclusive at whole seconds, so each is moved out by one.

    `dates_are_gmt` compares UTC with UTC, which holds in the hour that a change of the clocks repeats. A `Z` in the
    value together with it would shift the bound by the shop's offset.
    """
    if listing.dated is None or not (query.since or query.until):
        return {}
    params = {"dates_are_gmt": "true"}
    if query.since:
        params[f"{listing.dated}after"] = _utc(query.since.replace(microsecond=0) - timedelta(seconds=1))
    if query.until:
        params[f"{listing.dated}before"] = _utc(query.until.replace(microsecond=0) + timedelta(seconds=1))
    return params


def falls_in(record: Record, listing: Listing, query: Query) -> bool:
    """Whether a record lies in the window: shops before 5.8 ignore the filter without a word, customers always do."""
    stamp = next((record[name] for name in listing.stamps if record.get(name)), None)
    if stamp is None:
        return True
    moment = datetime.fromisoformat(stamp)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    since = query.since.replace(microsecond=0) if query.since else None
    return not (since and moment < since) and not (query.until and moment >= query.until)


def caught_up(pages: Pages) -> Pages:
    """Follow a long pass by one over what changed since it began.

    Without it a record that changes after its page was read stays behind the newest change seen on a later page, and the
    next run would begin after it.
    """

    def passes(conn: Connection, query: Query, cursor: Cursor | None) -> Iterator[Page]:
        if query.until:
            yield from pages(conn, query, cursor)
            return
        place = cursor or {"began": _utc(conn.now()), "since": None, "at": None}
        while place:
            since = _from_utc(place["since"]) if place["since"] else query.since
            here, place = place, None
            for page in pages(conn, replace(query, since=since), here["at"]):
                place = {**here, "at": page.next} if page.next is not None else _next_pass(conn, here)
                yield replace(page, next=place)

    return passes


def _next_pass(conn: Connection, done: Mapping[str, Any]) -> dict[str, Any] | None:
    began, now = _from_utc(done["began"]), conn.now()
    return {"began": _utc(now), "since": _utc(began - SKEW), "at": None} if now - began > QUICK else None


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _from_utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
