"""What writers of many systems share: one verdict a record, and no further tries once the system itself is away."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from topstitch.errors import TopstitchError
from topstitch.sdk.model import Outgoing, Verdict


def one_by_one(batch: Sequence[Outgoing], push: Callable[[Outgoing], Verdict]) -> list[Verdict]:
    """Push each record alone, an error being its verdict; after an outage the rest has the same verdict, untried."""
    verdicts: list[Verdict] = []
    for outgoing in batch:
        try:
            verdict = push(outgoing)
        except TopstitchError as error:
            verdict = Verdict.of(error)
        verdicts.append(verdict)
        if verdict.is_outage:
            return verdicts + [verdict] * (len(batch) - len(verdicts))
    return verdicts
