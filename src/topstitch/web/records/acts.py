"""What can be done to chosen records: what it is called, what it would take, and doing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from topstitch.accounts.models import User
from topstitch.store.actions.errors import close_records, plan_close, plan_settle, settle_records
from topstitch.store.actions.resync import resync
from topstitch.store.queries.chosen import Chosen
from topstitch.store.queries.resyncable import Plan, plan_resync
from topstitch.store.queries.scope import Scope


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for beside the records."""

    person: User
    #: Also what has gone through already.
    again: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing to do to records."""

    #: On the button; "{}" in a sentence stands for `12 records`.
    words: str
    question: str
    tells: str
    done: str
    plan: Callable[[Scope, Chosen], Plan]
    do: Callable[[Scope, Chosen, Wish], Plan]
    #: Whether it asks for a note.
    notes: bool = False


def _resync(words: str, question: str, tells: str, done: str, *, way: str) -> Act:
    return Act(
        words=words,
        question=question,
        tells=tells,
        done=done,
        plan=lambda scope, chosen: plan_resync(scope, chosen, way=way),
        do=lambda scope, chosen, wish: resync(scope, chosen, way=way, again=wish.again, person=wish.person),
    )


def _settle(words: str, question: str, tells: str, done: str, *, arrived: bool) -> Act:
    return Act(
        words=words,
        question=question,
        tells=tells,
        done=done,
        plan=plan_settle,
        do=lambda scope, chosen, wish: settle_records(scope, chosen, arrived=arrived, person=wish.person),
    )


#: For those who may sync records again.
RESYNCS = {
    "pull": _resync(
        "Pull again",
        "Pull {} again?",
        "Each is pulled from its source as it is there now (where a source cannot give single records, the stored copy is"
        " taken), mapped as the mapping is now, and sent. They take their place in the queue.",
        "{} will be pulled again as soon as a worker is free.",
        way="best",
    ),
    "stored": _resync(
        "Send stored copy",
        "Send the stored copy of {}?",
        "Each is taken as it was pulled, mapped as the mapping is now, and sent. Nothing is asked of the source. They take"
        " their place in the queue.",
        "{} will be sent again as soon as a worker is free.",
        way="stored",
    ),
}
#: For those who may say that something is dealt with.
SETTLES = {
    "close": Act(
        words="Resolve",
        question="Resolve {}?",
        tells="They count as dealt with by hand: nothing is sent of them while they stay as they are at their source.",
        done="{} dealt with.",
        plan=plan_close,
        do=lambda scope, chosen, wish: close_records(scope, chosen, note=wish.note, person=wish.person),
        notes=True,
    ),
    "arrived": _settle(
        "They arrived",
        "Did {} arrive?",
        "You looked at the destination, and they are there: they count as OK, and are not sent again.",
        "{} counted as OK.",
        arrived=True,
    ),
    "absent": _settle(
        "They did not arrive",
        "Send {} once more?",
        "You looked at the destination, and they are not there: they are sent as something that never was.",
        "{} will be sent again as soon as a worker is free.",
        arrived=False,
    ),
}
