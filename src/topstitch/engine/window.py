"""What a run asks of its source: the window of time, the filters on both sides, the page size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from topstitch.engine.filters import RELATIVE, Test, compile_filters, resolve_all, split
from topstitch.engine.spec import FilterRow, Source
from topstitch.sdk.model import Condition, Query, Read, Record

#: Settings of the source by which other records may be pulled than the service usually does.
_OTHER_RECORDS = {"zone", "options"}
#: Settings of the destination by which a record may be left alone, or arrive elsewhere than it usually does.
_OTHER_ENDS = {"mode", "options", "zone"}
Modified = Callable[[Record], datetime | None]


@dataclass(frozen=True, slots=True)
class Edit:
    """A record as a person corrected it, in place of the one that was pulled or of what the mapping made of it."""

    key: str
    record: Record
    mapped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What a person asked for this one run; all empty for a scheduled run."""

    ids: Sequence[str] = ()
    #: Of records that are known by these ids: "only" their stored copies, "never" them, or "else", where the source cannot
    #: give them. Empty: whatever the source has, known or not.
    stored: str = ""
    edited: Sequence[Edit] = ()
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    #: Other filters than the service's, None: the service's own.
    filters: Sequence[FilterRow] | None = None
    #: Send again what was done before.
    force: bool = False
    #: Send nothing and remember nothing: tell what would be sent; with `compare`, what that would change.
    dry: bool = False
    compare: bool = False
    #: Store what the payload script is given and gives.
    keep_scripts: bool = False
    #: Store what is pushed.
    keep_pushed: bool = False
    #: Settings of both sides in place of the service's (see `once`).
    source: Mapping[str, Any] = field(default_factory=dict)
    destination: Mapping[str, Any] = field(default_factory=dict)

    @property
    def moves_cursor(self) -> bool:
        """Whether the service's own position goes on with this run. A back-fill leaves it alone."""
        chosen = self.ids or self.since or self.until or self.dry
        others = self.source.keys() & _OTHER_RECORDS or self.destination.keys() & _OTHER_ENDS
        return not (chosen or others or self.limit is not None or self.filters is not None)


@dataclass(frozen=True, slots=True)
class Window:
    """The query for the source, and what remains to be tested here."""

    query: Query
    here: Sequence[Condition]
    keep: Test
    #: For records that were pulled by an earlier run: how old they may be was asked then.
    keep_again: Test


def window(
    source: Source,
    read: Read,
    *,
    now: datetime,
    watermark: datetime | None,
    covered: datetime | None,
    options: RunOptions,
    settings: Mapping[str, Any],
    modified: Modified = lambda record: None,
    state: Any = None,
) -> Window:
    """The window of a run whose time is `now`: its scheduled time, not its start.

    `watermark` is the last change seen by the managed cursor, `covered` the time of the last complete run, `modified` reads
    a record's time of last change for a source that cannot be asked by it.
    """
    rows = source.filters if options.filters is None else options.filters
    reach_back = covered if source.catch_up and options.moves_cursor else None
    conditions = resolve_all(rows, now, reach_back=reach_back)
    there, here = split(conditions, read)
    lasting = [c for row, c in zip(rows, conditions, strict=True) if c in here and row.op not in RELATIVE]
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
    keep = _within(options, read, modified, compile_filters(here, source.zone))
    return Window(query, here, keep, compile_filters(lasting, source.zone))


def _within(options: RunOptions, read: Read, modified: Modified, keep: Test) -> Test:
    """The bounds that a person gave, where the source does not know them; a record without a time is let through."""
    since = options.since if not read.since else None
    until = options.until if not read.until else None
    if since is None and until is None:
        return keep

    def test(record: Record) -> bool:
        when = modified(record)
        if when is not None and ((since and when < since) or (until and when >= until)):
            return False
        return keep(record)

    return test
