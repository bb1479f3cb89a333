"""Pages in order of change, without losing a row and without an offset.

The column write_date holds microseconds, answers show seconds. So a page asks for `write_date >= second`, hands on the
seconds that are surely complete, and begins the next page with the second that may not be. A second with more rows than
a page (a mass update) is read by id. Rows that change while we read only move towards the end; nothing slips past.
Rows that were never stamped (put into the database by hand) come last, by id, unless changes in a time are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topstitch.sdk import Page, Query, Record
from topstitch.systems.odoo.shapes import next_second, utc_text

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo, Row

LARGEST_PAGE = 500
#: In place of the second of change: the rows that have none.
UNSTAMPED = ""
#: Raw rows of a page to finished records.
Finish = Callable[[list["Row"]], Sequence[Record]]


def pages(
    odoo: Odoo,
    model: str,
    domain: Sequence[Any],
    fields: Sequence[str],
    query: Query,
    cursor: Any,
    finish: Finish,
    *,
    context: Mapping[str, Any] | None = None,
) -> Iterator[Page]:
    """Pages from the cursor on: {"from": second, "" or null, "after": id or null}."""
    size = max(1, min(query.page_size, LARGEST_PAGE))
    start = utc_text(query.since) if query.since else None
    place = dict(cursor) if cursor else {"from": start, "after": None}
    names = [*dict.fromkeys(["id", "write_date", *fields])]
    while True:
        asked = [*domain, *_bounds(place)]
        order = "write_date asc, id asc" if place["after"] is None else "id asc"
        rows = odoo.search_read(model, asked, names, order=order, limit=size, context=context)
        rows, following = _cut(place, rows, full=len(rows) == size)
        whole = query.since is None and query.until is None
        if following is None and whole and place["from"]:
            rest = {"from": UNSTAMPED, "after": 0}
            some = odoo.search_read(model, [*domain, *_bounds(rest)], ["id"], limit=1, context=context)
            following = rest if some else None
        if rows or following is None:
            yield Page(records=finish(rows) if rows else [], next=following)
        if following is None:
            return
        place = following


def _bounds(place: Mapping[str, Any]) -> list[Any]:
    if place["from"] is None:
        return []
    if place["from"] == UNSTAMPED:
        return [["write_date", "=", False], ["id", ">", place["after"]]]
    bounds: list[Any] = [["write_date", ">=", place["from"]]]
    if place["after"] is not None:
        bounds += [["write_date", "<", next_second(place["from"])], ["id", ">", place["after"]]]
    return bounds


def _cut(place: Mapping[str, Any], rows: list[Row], *, full: bool) -> tuple[list[Row], dict[str, Any] | None]:
    """The rows to hand on, and where to go on; None after the last."""
    if place["after"] is not None:
        if full:
            return rows, {"from": place["from"], "after": rows[-1]["id"]}
        if place["from"] == UNSTAMPED:
            return rows, None
        return rows, {"from": next_second(place["from"]), "after": None}
    if not full:
        return rows, None
    last = rows[-1]["write_date"] or UNSTAMPED
    if last == UNSTAMPED:
        return [row for row in rows if row["write_date"]], {"from": UNSTAMPED, "after": 0}
    complete = [row for row in rows if row["write_date"] < last]
    return complete, {"from": last, "after": None if complete else 0}
