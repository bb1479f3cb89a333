"""The window of a run: what it asks of the source, and when it leaves the service's position alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from topstitch.engine.spec import Source
from topstitch.engine.window import RunOptions, window
from topstitch.sdk.model import Read

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
WHOLE = RunOptions()
SEEN = datetime(2026, 3, 31, 11, 0, tzinfo=UTC)


def read(**parts):
    return Read(pages=lambda conn, query, cursor: iter(()), **{"since": True, "overlap": 60, **parts})


def source(**parts):
    return Source(connector="shop", entity="orders", **parts)


def ask(spec=None, reader=None, options=WHOLE, watermark=SEEN, covered=None, modified=lambda r: r.get("at")):
    return window(
        spec or source(),
        reader or read(),
        now=NOW,
        watermark=watermark,
        covered=covered,
        options=options,
        settings={"a": 1},
        modified=modified,
        state={"s": 1},
    )


def test_the_managed_cursor_begins_an_overlap_behind_the_last_change_seen():
    assert ask().query.since == SEEN - timedelta(seconds=60)
    assert ask(source(overlap=5)).query.since == SEEN - timedelta(seconds=5)
    assert ask(source(overlap=0)).query.since == SEEN


def test_the_first_run_has_no_bound():
    assert ask(watermark=None).query.since is None


@pytest.mark.parametrize("case", [{"spec": source(cursor="all")}, {"reader": read(since=False)}])
def test_there_is_no_bound_where_none_is_wanted_or_understood(case):
    assert ask(**case).query.since is None


def test_ids_are_asked_for_whenever_they_were_changed():
    assert ask(options=RunOptions(ids=["7"])).query.since is None


def test_the_page_size_is_the_services_within_what_the_system_bears():
    assert ask().query.page_size == 100
    assert ask(source(page_size=40)).query.page_size == 40
    assert ask(source(page_size=5000), read(max_page_size=250)).query.page_size == 250


def test_state_and_options_reach_the_reader():
    assert ask().query.state == {"s": 1}
    assert ask().query.options == {"a": 1}


RELATIVE = [{"field": "at", "op": "in_the_last", "value": {"amount": 10, "unit": "minute"}}]


def test_a_late_run_reaches_back_over_what_was_missed_unless_told_not_to():
    covered = NOW - timedelta(hours=3)
    kept = {"at": "2026-03-31T09:30:00Z"}
    assert ask(source(filters=RELATIVE), covered=covered).keep(kept)
    assert not ask(source(filters=RELATIVE, catch_up=False), covered=covered).keep(kept)
    assert not ask(
        source(filters=RELATIVE), covered=covered, options=RunOptions(filters=source(filters=RELATIVE).filters)
    ).keep(kept)


def test_records_of_earlier_runs_are_not_too_old_to_be_tried_again():
    rows = [*RELATIVE, {"field": "status", "op": "equals", "value": "open"}]
    asked = ask(source(filters=rows))
    old = {"at": "2026-03-30T00:00:00Z", "status": "open"}
    assert not asked.keep(old)
    assert asked.keep_again(old)
    assert not asked.keep_again({**old, "status": "cancelled"})


@pytest.mark.parametrize(
    "options",
    [
        RunOptions(ids=["1"]),
        RunOptions(since=NOW),
        RunOptions(until=NOW),
        RunOptions(limit=5),
        RunOptions(limit=0),
        RunOptions(filters=[]),
        RunOptions(dry=True),
    ],
)
def test_a_run_with_options_leaves_the_cursor_alone(options):
    assert not options.moves_cursor


def test_a_run_of_the_whole_window_moves_the_cursor():
    assert RunOptions().moves_cursor
    assert RunOptions(force=True).moves_cursor


def test_bounds_that_the_source_does_not_know_are_applied_here():
    options = RunOptions(since=NOW - timedelta(hours=2), until=NOW - timedelta(hours=1))
    there = ask(reader=read(until=True), options=options)
    here = ask(reader=read(since=False), options=options)
    assert (there.query.since, there.query.until) == (options.since, options.until)
    for hours, kept in ((2.5, False), (2, True), (1.5, True), (1, False), (0, False)):
        record = {"at": NOW - timedelta(hours=hours)}
        assert here.keep(record) is kept
        assert there.keep(record)
    assert here.keep({})
