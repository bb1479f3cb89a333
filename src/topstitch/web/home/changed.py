"""What colleagues changed, in words: what one person did alike to several things is one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.urls import reverse

from topstitch.store.models import AuditEvent
from topstitch.store.queries.home import changes
from topstitch.store.queries.scope import Scope
from topstitch.web.components.words import entity_name

LOOKED_AT, SHOWN = 40, 6
VERBS = {
    "create": "added",
    "update": "changed",
    "delete": "removed",
    "invite": "invited",
    "accept": "accepted",
    "assign": "assigned",
    "ignore": "ignored",
    "reopen": "reopened",
    "close": "dealt with",
    "comment": "commented on",
    "settle": "settled",
    "edit": "edited",
}


@dataclass(frozen=True, slots=True)
class Changed:
    """`Orders to warehouse` `and 3 more` `service changed by Ada`."""

    name: str
    href: str
    more: int
    words: str
    at: datetime


def changed(scope: Scope) -> list[Changed]:
    """The last changes, newest first."""
    events = changes(scope, LOOKED_AT)
    alike = [list(some) for _, some in groupby(events, key=lambda e: (e.person_id, e.verb, e.kind))]
    return [_told(some) for some in alike[:SHOWN]]


def _told(events: Sequence[AuditEvent]) -> Changed:
    newest = events[0]
    who = str(newest.person) if newest.person else "a file or the command line"
    verb = VERBS.get(newest.verb, entity_name(newest.verb))
    others = len({event.object_id for event in events} - {newest.object_id})
    return Changed(
        newest.name or newest.object_id,
        reverse("audit_event", args=[newest.pk]),
        others,
        f"{entity_name(newest.kind)} {verb} by {who}",
        newest.at,
    )
