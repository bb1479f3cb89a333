"""The records that a form means: ticked rows, all that the report shows, all of a cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.http import QueryDict

from topstitch.store.queries.chosen import Chosen
from topstitch.store.queries.errors import STATES, find_card
from topstitch.store.queries.scope import Scope
from topstitch.web.queries_in import large, one_of
from topstitch.web.reports.page import question_of
from topstitch.web.scope import found

#: What a form sends of its choice, so that the next one can send it again.
CHOICE = ("of", "tick", "all", "query", "cause", "state", "back")


def chosen_of(scope: Scope, sent: QueryDict) -> Chosen:
    """What was chosen: `tick` are ids of what `of` says (attempts, else items); with `all`, everything of `cause` or `query`.

    A cause that is not theirs is 404.
    """
    if "all" not in sent:
        ids = _ids(sent.getlist("tick"))
        return Chosen(items=ids) if sent.get("of") == "items" else Chosen(attempts=ids)
    cause = large(sent, "cause")
    if cause is not None:
        return Chosen(causes=found(find_card(scope, cause, one_of(sent, "state", STATES))).groups)
    return Chosen(choice=question_of(scope, QueryDict(sent.get("query", ""))).understood.choice)


def _ids(texts: Sequence[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]


def kept_choice(sent: QueryDict) -> Iterator[tuple[str, str]]:
    """The choice as the fields of another form."""
    for name in CHOICE:
        for value in sent.getlist(name):
            yield name, value
