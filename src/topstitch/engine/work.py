"""What the pump works on: records on their way, and the pages that they belong to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from topstitch.engine.ports import Counts, PageEnd
from topstitch.sdk.model import Outgoing


@dataclass(slots=True)
class Task:
    """One record to push."""

    page: PageWork
    outgoing: Outgoing
    content: bytes
    attempts: int = 0
    #: It may have arrived already.
    uncertain: bool = False
    #: What may have arrived is what is to be sent now.
    same: bool = True
    tries: int = 0


@dataclass(slots=True)
class PageWork:
    """A page on its way: what is still out, and what will be stored when nothing is."""

    number: int
    counts: Counts
    finish: Callable[[Counts], PageEnd]
    #: Not recorded yet, and of those what has no answer yet.
    outstanding: int = 0
    unanswered: int = 0
    #: Everything of the page has been submitted.
    sealed: bool = False
    done: threading.Event = field(default_factory=threading.Event)


def chunks(tasks: Sequence[Task], size: int) -> Iterable[list[Task]]:
    """Tasks in groups of at most `size`, in order."""
    for at in range(0, len(tasks), size):
        yield list(tasks[at : at + size])
