"""Sending many products or variations at once, with one verdict each, and one by one where that is how it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from topstitch.sdk import (
    AnswerLost,
    Connection,
    LimitExceeded,
    Outgoing,
    Record,
    RemoteRejected,
    TopstitchError,
    Verdict,
)
from topstitch.systems.woocommerce.answers import error_of
from topstitch.systems.woocommerce.api import write
from topstitch.systems.woocommerce.casts import compare

#: The most the shop takes in one call.
LARGEST = 100


@dataclass(frozen=True, slots=True)
class Job:
    """One change: `body` with an `id` updates, without one creates. `parent_id` 0: a product, else a variation of it."""

    slot: int
    parent_id: int
    body: Record
    #: Looks at the shop's answer and raises when something was dropped.
    check: Callable[[Mapping[str, Any], Mapping[str, Any]], None] = compare

    @property
    def creates(self) -> bool:
        """Whether sending it twice would make two."""
        return "id" not in self.body


def plan(
    batch: Sequence[Outgoing], prepare: Callable[[int, Outgoing], Job | Verdict]
) -> tuple[list[Job], dict[int, Verdict]]:
    """(jobs, verdicts of the records that need none); a record that cannot be prepared is refused alone."""
    jobs, verdicts = [], {}
    for slot, outgoing in enumerate(batch):
        try:
            made = prepare(slot, outgoing)
        except TopstitchError as error:
            made = Verdict.of(error)
        if isinstance(made, Job):
            jobs.append(made)
        else:
            verdicts[slot] = made
    return jobs, verdicts


def send(conn: Connection, jobs: Sequence[Job]) -> dict[int, Verdict]:
    """Verdicts by slot, one call per parent."""
    verdicts: dict[int, Verdict] = {}
    for _, group in groupby(sorted(jobs, key=lambda job: job.parent_id), key=lambda job: job.parent_id):
        together = list(group)
        for start in range(0, len(together), LARGEST):
            verdicts |= _send_together(conn, together[start : start + LARGEST])
    return verdicts


def _send_together(conn: Connection, jobs: Sequence[Job]) -> dict[int, Verdict]:
    """One call; when the shop refuses it as a whole, its halves, so that one record does not spoil the others."""
    try:
        return _answers(jobs, _call(conn, jobs))
    except (RemoteRejected, LimitExceeded) as error:
        if len(jobs) == 1:
            return {jobs[0].slot: Verdict.of(error)}
        half = len(jobs) // 2
        return _send_together(conn, jobs[:half]) | _send_together(conn, jobs[half:])
    except TopstitchError as error:
        return {job.slot: Verdict.of(error) for job in jobs}


def _call(conn: Connection, jobs: Sequence[Job]) -> Record:
    made, changed = [j.body for j in jobs if j.creates], [j.body for j in jobs if not j.creates]
    body = {name: bodies for name, bodies in (("create", made), ("update", changed)) if bodies}
    parent = jobs[0].parent_id
    route = "products/{parent}/variations/batch" if parent else "products/batch"
    return write(conn, "POST", route, body, idempotent=not made, parent=parent)


def _answers(jobs: Sequence[Job], answer: Mapping[str, Any]) -> dict[int, Verdict]:
    verdicts: dict[int, Verdict] = {}
    for name, creates in (("create", True), ("update", False)):
        asked = [job for job in jobs if job.creates is creates]
        given = answer.get(name) or []
        if len(given) != len(asked):
            lost = AnswerLost(f"{len(asked)} records were sent and the shop answered for {len(given)}")
            verdicts |= {job.slot: Verdict.of(lost) for job in asked}
        else:
            verdicts |= {job.slot: _verdict(job, item) for job, item in zip(asked, given, strict=True)}
    return verdicts


def _verdict(job: Job, item: Mapping[str, Any]) -> Verdict:
    error = item.get("error")
    if isinstance(error, dict):
        return Verdict.of(error_of(error) or RemoteRejected(f"The shop says: {error.get('message')}"))
    try:
        job.check(job.body, item)
    except TopstitchError as problem:
        return Verdict.of(problem)
    return Verdict.created(item["id"]) if job.creates else Verdict.updated(item["id"])
