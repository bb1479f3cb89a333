"""What the desk's address asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from topstitch.store.queries.errors import CLASSES, ErrorChoice
from topstitch.store.queries.services import Entry, says
from topstitch.web.queries_in import one_of, text

#: The tabs: state, words.
TABS = (("open", "Open"), ("ignored", "Ignored"), ("resolved", "Resolved"), ("itself", "Resolved by itself"))
WHO = (("mine", "me"), ("nobody", "nobody"), ("somebody", "somebody"))
#: Of open causes, by who has them.
_STATES = {"nobody": "new", "somebody": "assigned"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The form as it was filled in."""

    state: str = "open"
    text: str = ""
    error_class: str = ""
    service: str = ""
    #: One of WHO, "" for anybody. Only open causes are somebody's to do.
    who: str = ""
    most_first: bool = False

    @property
    def narrows(self) -> bool:
        """Whether anything but the tab was asked for."""
        return any((self.text, self.error_class, self.service, self.who))


def read_asked(query: QueryDict) -> Asked:
    """The form of an address."""
    state = one_of(query, "state", tuple(state for state, _ in TABS)) or "open"
    who = one_of(query, "who", tuple(name for name, _ in WHO))
    return Asked(
        state=state,
        text=text(query, "q"),
        error_class=one_of(query, "class", CLASSES),
        service=text(query, "service"),
        who=who if state == "open" else "",
        most_first=query.get("sort") == "-records",
    )


def choice_of(asked: Asked, index: Sequence[Entry], person: int) -> ErrorChoice:
    """What was asked, as the desk takes it."""
    return ErrorChoice(
        state=_STATES.get(asked.who, asked.state),
        services={entry.id for entry in index if says(entry, asked.service)} if asked.service else None,
        error_class=asked.error_class,
        assignee=person if asked.who == "mine" else None,
        text=asked.text,
        most_first=asked.most_first,
    )
