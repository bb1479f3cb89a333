"""What a run asks of its source: the window of time, the filters on both sides, the page size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from topstitch.engine.filters import Test, compile_filters, resolve, split
from topstitch.engine.spec import FilterRow, Source
from topstitch.sdk.model import Condition, Query, Read


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What a person asked for this one run; all empty for a scheduled run."""

    ids: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    #: Other filters than the service's, None: the service's own.
    filters: Sequence[FilterRow] | None = None
    #: Send again what was done before.
    force: bool = False
    dry: bool = False

    @property
    def moves_cursor(self) -> bool:
        """Whether the service's own position goes on with this run. A back-fill leaves it alone."""
        return not (self.ids or self.since or self.until or self.limit or self.dry or self.filters is not None)


@dataclass(frozen=True, slots=True)
class Window:
    """The query for the source, and what remains to be tested here."""

    query: Query
    here: Sequence[Condition]
    keep: Test


def window(
    source: Source,
    read: Read,
    *,
    now: datetime,
    watermark: datetime | None,
    covered: datetime | None,
    options: RunOptions,
    settings: Mapping[str, Any],
    state: Any = None,
) -> Window:
    """The window of a run whose time is `now`: its scheduled time, not its start.

    `watermark` is the last change seen by the managed cursor, `covered` the time of the last complete run.
    """
    rows = source.filters if options.filters is None else options.filters
    reach_back = covered if source.catch_up and options.moves_cursor else None
    conditions = [resolve(row, now, reach_back=reach_back) for row in rows]
    there, here = split(conditions, read)
    since = options.since
    if since is None and source.cursor == "managed" and read.since and watermark and not options.ids:
        overlap = read.overlap if source.overlap is None else source.overlap
        since = watermark - timedelta(seconds=overlap)
    query = Query(
        page_size=min(source.page_size or read.page_size, read.max_page_size),
        since=since,
        until=options.until,
        conditions=there,
        options=settings,
        state=state,
    )
    return Window(query, here, compile_filters(here, source.zone))
