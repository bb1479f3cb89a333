"""The tables of decisions: what is done with a record, and what a verdict becomes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from topstitch.engine.outcome import Todo, content_hash, decide, problem_of, result_of, skip_unmapped, tally, unmapped
from topstitch.engine.ports import Counts, Known, Status
from topstitch.errors import AnswerLost, MappingError, RateLimited, RemoteRejected, TemporaryError
from topstitch.sdk.model import Verdict

NEW, OLD = b"new", b"old"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def known(status, *, attempts=0, content=NEW, run_id="earlier", page=1):
    return Known("7", status, attempts, content, "", run_id, page)


@pytest.mark.parametrize(
    ("status", "create_only", "settles", "todo"),
    [
        (None, False, False, None),
        (None, True, False, None),
        (Status.OK, False, False, None),
        (Status.OK, True, False, Todo.SKIP),
        (Status.SENT, True, False, Todo.SKIP),
        (Status.SENT, False, False, None),
        (Status.FAILED, True, False, None),
        (Status.PENDING, True, False, None),
        (Status.SENDING, True, False, None),
        (Status.WAITING, True, False, None),
        (Status.UNCERTAIN, False, False, Todo.SKIP),
        (Status.UNCERTAIN, True, False, Todo.SKIP),
        (Status.UNCERTAIN, True, True, None),
    ],
)
def test_what_needs_no_mapping(status, create_only, settles, todo):
    before = known(status) if status else None
    assert skip_unmapped(before, create_only, "now", 1, settles=settles) is todo


@pytest.mark.parametrize("status", list(Status))
def test_what_this_page_recorded_before_a_crash_is_done(status):
    begun = status in (Status.SENDING, Status.WAITING)
    todo = skip_unmapped(known(status, run_id="now", page=3), False, "now", 3)
    assert todo is (None if begun else Todo.RECORDED)
    if status is not Status.UNCERTAIN:
        assert skip_unmapped(known(status, run_id="now", page=2), False, "now", 3) is None


@pytest.mark.parametrize(
    ("status", "content", "attempts", "force", "settles", "todo"),
    [
        (None, NEW, 0, False, False, Todo.SEND),
        (Status.OK, NEW, 0, False, False, Todo.UNCHANGED),
        (Status.OK, OLD, 0, False, False, Todo.SEND),
        (Status.OK, NEW, 0, True, False, Todo.SEND),
        (Status.SENT, NEW, 0, False, False, Todo.UNCHANGED),
        (Status.FAILED, NEW, 3, False, False, Todo.SEND),
        (Status.FAILED, NEW, 4, False, False, Todo.SKIP),
        (Status.FAILED, NEW, 4, True, False, Todo.SEND),
        (Status.FAILED, OLD, 4, False, False, Todo.SEND),
        (Status.PENDING, NEW, 9, False, False, Todo.SEND),
        (Status.WAITING, NEW, 0, False, False, Todo.SEND),
        (Status.SENDING, NEW, 0, False, False, Todo.SETTLE),
        (Status.SENDING, OLD, 0, True, False, Todo.SETTLE),
        (Status.UNCERTAIN, NEW, 1, False, True, Todo.SETTLE),
        (Status.UNCERTAIN, NEW, 4, False, True, Todo.SKIP),
        (Status.UNCERTAIN, OLD, 4, False, True, Todo.SETTLE),
        (Status.UNCERTAIN, NEW, 4, True, True, Todo.SETTLE),
        (Status.UNCERTAIN, NEW, 0, True, False, Todo.SEND),
    ],
)
def test_what_is_done_with_a_mapped_record(status, content, attempts, force, settles, todo):
    before = known(status, content=content, attempts=attempts) if status else None
    assert decide(before, NEW, 4, force=force, settles=settles) is todo


def result(verdict, attempts=0, evidence=None):
    return result_of(
        verdict,
        key="7",
        reference="#7",
        page=1,
        at=NOW,
        content=NEW,
        attempts=attempts,
        max_attempts=4,
        evidence=evidence,
    )


@pytest.mark.parametrize(
    ("verdict", "status", "outcome", "counts"),
    [
        (Verdict.created("9"), Status.OK, "created", False),
        (Verdict.updated("9"), Status.OK, "updated", False),
        (Verdict.unchanged("9"), Status.OK, "unchanged", False),
        (Verdict.sent("9"), Status.SENT, "sent", False),
        (Verdict.rejected("no"), Status.FAILED, "rejected", True),
        (Verdict.of(TemporaryError("later")), Status.PENDING, "later", True),
        (Verdict.of(RateLimited("slow down")), Status.PENDING, "later", True),
        (Verdict.of(AnswerLost("lost")), Status.UNCERTAIN, "unknown", True),
    ],
)
def test_a_verdict_becomes_this_row_of_the_report(verdict, status, outcome, counts):
    row = result(verdict)
    assert (row.status, row.outcome, row.counts, row.content) == (status, outcome, counts, NEW)


def test_a_temporary_failure_is_pending_until_its_attempts_are_used_up():
    later = Verdict.of(TemporaryError("away"))
    assert [result(later, attempts).status for attempts in range(5)] == [
        Status.PENDING,
        Status.PENDING,
        Status.PENDING,
        Status.FAILED,
        Status.FAILED,
    ]


def test_evidence_is_kept_for_trouble_only():
    assert result(Verdict.created("9"), evidence={"mapped": 1}).evidence is None
    assert result(Verdict.rejected("no"), evidence={"mapped": 1}).evidence == {"mapped": 1}


def test_a_problem_keeps_the_parts_of_its_error():
    problem = problem_of(RemoteRejected("bad email", field="email", hint="fix it", detail="400", key="k"))
    assert (problem.message, problem.field, problem.hint, problem.detail, problem.key) == (
        "bad email",
        "email",
        "fix it",
        "400",
        "k",
    )
    row = unmapped("7", "#7", 1, NOW, MappingError("no number", path="total", row="Total", value="x" * 2000))
    assert (row.status, row.outcome, row.problem.field, row.evidence["row"]) == (
        Status.FAILED,
        "unmapped",
        "total",
        "Total",
    )
    assert len(row.evidence["value"]) == 500


def test_the_content_hash_knows_contents_not_the_order_of_keys():
    assert content_hash({"a": 1, "b": [1, 2]}) == content_hash({"b": [1, 2], "a": 1})
    assert content_hash({"a": 1, "b": [1, 2]}) != content_hash({"a": 1, "b": [2, 1]})
    assert content_hash({"a": None}) != content_hash({})
    assert content_hash({"a": 1}) != content_hash({"a": "1"})


@pytest.mark.parametrize("value", [10**30, "\ud800", {1: "x"}])
def test_a_record_that_json_cannot_hold_is_that_records_error(value):
    with pytest.raises(MappingError, match="cannot be written as JSON"):
        content_hash({"a": value})


def test_outcomes_are_counted_by_status():
    counts = Counts()
    for status in (Status.OK, Status.OK, Status.SENT, Status.FAILED, Status.PENDING, Status.UNCERTAIN):
        tally(counts, status)
    assert (counts.ok, counts.sent, counts.failed, counts.pending, counts.uncertain, counts.pushed) == (
        2,
        1,
        1,
        1,
        1,
        3,
    )


def test_what_cannot_be_written_is_named():
    with pytest.raises(MappingError, match=r"^lines\[\*\]\.id cannot be written as JSON: Integer exceeds 64-bit range"):
        content_hash({"total": 1, "lines": [{"id": 1}, {"id": 2**70}]})
    with pytest.raises(MappingError, match=r"^the mapped record cannot be written as JSON"):
        content_hash({"a": {1: 2}})  # type: ignore[dict-item]  # as YAML may have it


def test_the_evidence_of_a_value_without_end_is_short():
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    for value, shown in ((deep, "a list of 1"), (10**5000, "a number of several hundred digits")):
        row = unmapped("7", "#7", 1, NOW, MappingError("no number", value=value))
        assert row.evidence["value"] == shown


@pytest.mark.parametrize(
    ("value", "shown"), [("ten", '"ten"'), (True, "true"), ({"a": None}, '{"a":null}'), (None, "")]
)
def test_the_evidence_shows_a_value_as_it_came(value, shown):
    assert unmapped("7", "#7", 1, NOW, MappingError("no number", value=value)).evidence["value"] == shown
