"""Sorting a page: every record is counted once, and none stops the others."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.engine.mapping_support import mapper

from topstitch.engine.filters import compile_filters
from topstitch.engine.identity import identity
from topstitch.engine.outcome import content_hash
from topstitch.engine.page import Sorter
from topstitch.engine.ports import Counts, Known, PageStart, Status
from topstitch.engine.spec import Source
from topstitch.errors import ScriptError
from topstitch.sdk.model import Condition, Entity

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = mapper({"to": "n", "from": "n", "do": [{"number.round": {"places": 0}}]}, {"to": "big", "from": "big"})


def sort(records, known=(), *, number=1, bad=(), recorded=None, **choices):
    known = {item.key: item for item in known}
    options = {"mapper": ROWS, "create_only": False, "max_attempts": 4, "force": False, "settles": False, **choices}
    sorter = Sorter(
        identity=identity(
            Entity(name="o", label="O", key="id", reference="name"), Source(connector="a", entity="o"), {}
        ),
        keep=compile_filters([Condition("state", "not_equals", "draft"), Condition("old", "not_equals", True)]),
        keep_again=compile_filters([Condition("state", "not_equals", "draft")]),
        know=lambda keys: {key: known[key] for key in keys if key in known},
        run_id="run",
        clock=lambda: NOW,
        **options,
    )
    page = PageStart(number=number, cursor=None, next=None, records=records, bad=bad)
    return sorter(page, recorded or Counts())


def item(key, status, n=1, **parts):
    return Known(str(key), status, content=content_hash({"n": n}), **parts)


def total(counts):
    return sum(counts.as_dict().values()) - counts.pulled


def test_a_page_is_sorted_into_what_is_sent_what_failed_and_what_is_left_alone():
    records = [
        {"id": 1, "n": 1, "name": "#1"},
        {"id": 2, "n": "many", "name": "#2"},
        {"id": 3, "n": 1, "state": "draft"},
        {"id": 4, "n": 1},
        {"id": 5, "n": 2},
        {"n": 1},
        {"id": 1, "n": 3, "name": "#1"},
    ]
    out = sort(records, [item(4, Status.OK), item(5, Status.OK)])

    assert [(c.key, c.mapped) for c in out.candidates] == [("5", {"n": 2}), ("1", {"n": 3})]
    assert [(f.key, f.reference, f.status) for f in out.failures][1:] == [("2", "#2", Status.FAILED)]
    assert out.failures[0].reference == "page 1 record 6"
    assert "no usable id" in out.failures[0].problem.message
    assert (out.counts.pulled, out.counts.filtered, out.counts.unchanged, out.counts.skipped) == (7, 1, 1, 1)
    assert total(out.counts) + len(out.candidates) + len(out.failures) == 7


def test_a_broken_part_of_a_page_is_a_failure_of_its_own():
    out = sort([], bad=[{"place": "orders.csv line 14", "reason": "3 cells instead of 4", "raw": "a;b"}])
    assert [(f.key, f.problem.message) for f in out.failures] == [("orders.csv line 14", "3 cells instead of 4")]
    assert out.counts.pulled == 1


def test_records_without_an_id_are_different_items_in_different_runs():
    first, second = sort([{"n": 1}]).failures[0], sort([{"n": 2}]).failures[0]
    assert first.key != second.key
    assert first.key == sort([{"n": 1}], number=9).failures[0].key
    tired = Known(first.key, Status.FAILED, attempts=4)
    assert sort([{"n": 2}], [tired]).failures
    assert not sort([{"n": 1}], [tired]).failures


def test_a_record_that_json_cannot_hold_fails_alone():
    out = sort([{"id": 1, "n": 1, "big": 10**30}, {"id": 2, "n": 1}])
    assert [c.key for c in out.candidates] == ["2"]
    assert "cannot be written as JSON" in out.failures[0].problem.message


@pytest.mark.parametrize("record", [None, 7, "text", [], ["a"]])
def test_what_is_no_record_at_all_fails_alone(record):
    out = sort([record, {"id": 2, "n": 1}])
    assert len(out.failures) == 1
    assert len(out.candidates) == 1


def test_a_failure_whose_attempts_are_used_up_makes_no_more_rows_unless_forced():
    tired = Known("2", Status.FAILED, attempts=4)
    assert sort([{"id": 2, "n": "many"}], [tired]).counts.skipped == 1
    assert sort([{"id": 2, "n": "many"}], [tired], force=True).failures


def test_create_only_leaves_alone_what_was_done_unless_forced():
    done = item(1, Status.OK)
    changed = {"id": 1, "n": 5}
    assert sort([changed], [done], create_only=True).counts.skipped == 1
    assert sort([changed], [done], create_only=True, force=True).candidates
    assert sort([changed], [done]).candidates


def test_what_may_have_arrived_is_settled_where_it_can_be():
    unsure = item(1, Status.UNCERTAIN)
    assert sort([{"id": 1, "n": 1}], [unsure]).counts.skipped == 1
    assert sort([{"id": 1, "n": 1}], [unsure], settles=True).candidates[0].uncertain
    assert not sort([{"id": 1, "n": 1}], [unsure], force=True).candidates[0].uncertain
    assert sort([{"id": 1, "n": 1}], [item(1, Status.SENDING)]).candidates[0].uncertain


def test_a_page_begun_again_leaves_alone_what_it_recorded():
    mine = {"run_id": "run", "page": 1}
    known = [
        item(1, Status.OK, **mine),
        item(2, Status.FAILED, **mine),
        item(3, Status.SENDING, **mine),
        item(4, Status.WAITING, **mine),
        Known("line 9", Status.FAILED, **mine),
    ]
    records = [{"id": n, "n": 1} for n in (1, 2, 3, 4, 5)]
    out = sort(
        records, known, bad=[{"place": "line 9", "reason": "broken", "raw": ""}], recorded=Counts(ok=1, failed=2)
    )
    assert [(c.key, c.uncertain) for c in out.candidates] == [("3", True), ("4", False), ("5", False)]
    assert out.failures == []
    assert out.counts.pulled == 6
    assert total(out.counts) + len(out.candidates) == 6


def test_records_of_earlier_runs_are_filtered_by_what_they_are_not_by_their_age():
    assert sort([{"id": 1, "n": 1, "old": True}]).counts.filtered == 1
    assert sort([{"id": 1, "n": 1, "old": True}], number=-1).candidates
    assert sort([{"id": 1, "n": 1, "state": "draft"}], number=-1).counts.filtered == 1


def test_a_record_that_is_gone_is_reported_under_its_own_reference():
    gone = {"place": "7", "reference": "#1007", "reason": "it is no longer in the source", "raw": ""}
    failure = sort([], number=-1, bad=[gone]).failures[0]
    assert (failure.key, failure.reference) == ("7", "#1007")


def merged(records, page):
    """A payload script: lines of one order become the order."""
    orders = {}
    for record in records:
        orders.setdefault(record["order"], {"id": record["order"], "n": 0})["n"] += record["n"]
    return list(orders.values())


LINES = [
    {"order": "A", "n": 1},
    {"order": "B", "n": 2},
    {"order": "A", "n": 3},
    {"order": "C", "n": 9, "state": "draft"},
]


def test_a_payload_script_makes_the_records_of_a_page():
    out = sort(LINES, script=merged)
    assert [(each.key, each.mapped) for each in out.candidates] == [("A", {"n": 4}), ("B", {"n": 2})]
    assert out.counts.pulled == 4
    assert out.counts.filtered == 2


def test_a_payload_script_may_add_records():
    out = sort([{"id": 1, "n": 1}], script=lambda records, page: [{"id": n, "n": n} for n in range(3)])
    assert [each.key for each in out.candidates] == ["0", "1", "2"]
    assert out.counts.pulled == 3


def test_what_a_payload_script_made_before_is_not_made_again():
    out = sort([{"id": "A", "n": 4, "state": "draft"}], number=-1, script=merged)
    assert [each.key for each in out.candidates] == ["A"]


def test_ids_are_picked_out_of_what_the_payload_script_made():
    out = sort(LINES, script=merged, ids=frozenset("B"))
    assert [each.key for each in out.candidates] == ["B"]
    assert out.counts.filtered == 3


@pytest.mark.parametrize(
    ("made", "problem"), [(7, "int instead of a list"), ([1], "record 1 .* is int"), ([{}] * 100_001, "100001 records")]
)
def test_what_a_payload_script_makes_must_be_records(made, problem):
    with pytest.raises(ScriptError, match=problem):
        sort([{"id": 1, "n": 1}], script=lambda records, page: made)


def test_a_record_that_the_mapping_leaves_out_counts_as_filtered_and_says_why():
    rows = mapper({"to": "n", "from": "n", "do": [{"other.skip_record": {"op": "less", "value": 1}}]})
    out = sort([{"id": 1, "n": 0}, {"id": 2, "n": 5}], mapper=rows)
    assert [each.key for each in out.candidates] == ["2"]
    assert out.counts.filtered == 1
    assert out.left_out == {"1": "the value less 1: it is 0"}
