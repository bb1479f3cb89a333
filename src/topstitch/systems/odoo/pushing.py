"""What every writer shares: one verdict a record, and no further tries once Odoo itself is away."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from topstitch.sdk import Outgoing, TopstitchError, Verdict


def each(batch: Sequence[Outgoing], one: Callable[[Outgoing], Verdict]) -> list[Verdict]:
    """Push one by one: a call is one transaction, so a bad record of a bulk call would undo its neighbours."""
    verdicts: list[Verdict] = []
    for out in batch:
        try:
            verdict = one(out)
        except TopstitchError as error:
            verdict = Verdict.of(error)
        verdicts.append(verdict)
        if verdict.is_outage:
            return verdicts + [verdict] * (len(batch) - len(verdicts))
    return verdicts


def own_id(out: Outgoing) -> int:
    """The id that an earlier success gave, 0 when there was none."""
    return int(out.remote_id) if out.remote_id.isdecimal() else 0
