"""What became of a question, and the tier that the answers of a system add up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["passed", "failed", "exempt", "not asked"]
Tier = Literal["bronze", "silver", "gold"]

#: In order: bronze may be used with care, silver bears faults, gold is complete.
TIERS: tuple[Tier, ...] = ("bronze", "silver", "gold")


@dataclass(frozen=True, slots=True)
class Answer:
    """One system's answer to one question. `detail` says what is wrong (one trouble a line), or why it was not asked."""

    system: str
    question: str
    state: State
    detail: str = ""
    tier: Tier = "bronze"
    #: The question in words.
    sentence: str = ""
    #: How long it took, in seconds.
    seconds: float = 0.0

    @property
    def failed(self) -> bool:
        """Whether something is to be done."""
        return self.state == "failed"

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def tier_of(answers: Iterable[Answer]) -> Tier | None:
    """The highest tier of which, and of all those below it, no question failed; None when bronze is not reached."""
    failed = {answer.tier for answer in answers if answer.failed}
    reached: Tier | None = None
    for tier in TIERS:
        if tier in failed:
            break
        reached = tier
    return reached
