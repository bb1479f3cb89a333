"""The table of questions: each a small function that yields what is wrong, with a key, a sentence and a tier."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from topstitch.sdk.conformance.answers import Tier

if TYPE_CHECKING:
    from topstitch.sdk.conformance.stage import Stage

#: (subject, what is wrong): the subject is an entity, a setting or a file, "" for the system as a whole.
Troubles = Iterator[tuple[str, str]]
Needs = Literal["folder", "system", "practice"]


class NotAsked(Exception):
    """Raised by a question that does not apply here; says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `needs`: what must be there before it can be asked."""

    key: str
    sentence: str
    tier: Tier
    needs: Needs
    ask: Callable[[Stage], Troubles]


#: All questions by key, as their modules put them here.
TABLE: dict[str, Question] = {}

Ask = Callable[["Stage"], Troubles]


def question(key: str, sentence: str, *, tier: Tier = "bronze", needs: Needs = "practice") -> Callable[[Ask], Ask]:
    """Put a question on the table."""

    def register(ask: Ask) -> Ask:
        TABLE[key] = Question(key, sentence, tier, needs, ask)
        return ask

    return register
