"""The audit log: who did what, when, and what it changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from topstitch.accounts.models import User
from topstitch.store.models import AuditEvent, Company
from topstitch.store.queries.keyset import Window, window

ROWS_A_PAGE = 50
#: Parts of a difference that are shown; a whole mapping may have thousands.
MOST_PARTS = 200
#: People that a word may mean.
MOST_PEOPLE = 200
#: What is added, changed and gone; the rest is neither.
TONES = {
    "added": ("create", "invite", "accept"),
    "updated": ("update", "edit", "close", "settle", "assign", "comment", "ignore", "reopen"),
    "deleted": ("delete",),
    "security": ("sign_in", "sign_in_failed"),
    "ran": ("run", "stop", "test", "resync", "export"),
}
KINDS = {
    "service": "Services",
    "connector": "Connectors",
    "lookup": "Lookup tables",
    "script": "Scripts",
    "company": "Company",
    "group": "Groups",
    "link": "Linked companies",
    "person": "People",
    "invitation": "Invitations",
    "api_key": "API keys",
    "alerts": "Alerts",
    "notification group": "Notification groups",
    "run": "Runs",
    "record": "Records",
    "error": "Causes of errors",
    "note": "Notes",
    "report": "Sync report",
    "view": "Saved views",
}


@dataclass(frozen=True, slots=True)
class AuditChoice:
    """What the log is narrowed down to; empty means any. Days are UTC and both included."""

    #: In the name, the id, or the person's name or address.
    text: str = ""
    kind: str = ""
    #: One of TONES.
    tone: str = ""
    person: int | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One place of a difference. A side is None where it has nothing, which is not the same as holding null."""

    path: str
    before: str | None
    after: str | None

    @property
    def tone(self) -> str:
        """added, deleted or updated"""
        return "added" if self.before is None else "deleted" if self.after is None else "updated"


def audit_rows(
    company: Company, choice: AuditChoice, *, after: int | None = None, before: int | None = None
) -> Window[AuditEvent]:
    """A page of a company's log, newest first; events lack what was before and after."""
    rows = AuditEvent.objects.filter(company=company).select_related("person").defer("before")
    if choice.kind:
        rows = rows.filter(kind=choice.kind)
    if choice.tone:
        rows = rows.filter(verb__in=TONES[choice.tone])
    if choice.person:
        rows = rows.filter(person_id=choice.person)
    if choice.first:
        rows = _from(rows, company, datetime.combine(choice.first, time.min, UTC))
    if choice.last:
        rows = _until(rows, company, datetime.combine(choice.last + timedelta(days=1), time.min, UTC))
    for word in choice.text.split():
        people = User.objects.filter(Q(email__icontains=word) | Q(name__icontains=word))
        # The ids themselves: a join in an "or" would be made for every row before any is left out.
        ids = list(people.values_list("pk", flat=True)[:MOST_PEOPLE])
        rows = rows.filter(Q(name__icontains=word) | Q(object_id=word.lstrip("#")) | Q(person_id__in=ids))
    return window(rows, by="pk", size=ROWS_A_PAGE, after=after, before=before)


# Events come in the order of their time, give or take what is written at the same moment: a bound of time is also one of
# the key that pages are ordered by, and only that keeps a page of long ago from walking through all that came since.
_AT_THE_SAME_MOMENT = 1000


def _from(rows: QuerySet[AuditEvent], company: Company, moment: datetime) -> QuerySet[AuditEvent]:
    edge = (
        AuditEvent.objects.filter(company=company, at__gte=moment).order_by("at").values_list("pk", flat=True).first()
    )
    return rows.none() if edge is None else rows.filter(at__gte=moment, pk__gt=edge - _AT_THE_SAME_MOMENT)


def _until(rows: QuerySet[AuditEvent], company: Company, moment: datetime) -> QuerySet[AuditEvent]:
    edge = (
        AuditEvent.objects.filter(company=company, at__lt=moment).order_by("-at").values_list("pk", flat=True).first()
    )
    return rows.none() if edge is None else rows.filter(at__lt=moment, pk__lt=edge + _AT_THE_SAME_MOMENT)


def find_event(company: Company, event_id: int) -> AuditEvent | None:
    """One event with all of it; None when it is not there, or another company's."""
    return AuditEvent.objects.filter(company=company, pk=event_id).select_related("person").first()


def who_may_act(company: Company) -> list[tuple[int, str]]:
    """The people of a company, by name; who has left is found by their address."""
    people = User.objects.filter(memberships__company=company).order_by("email")[:MOST_PEOPLE]
    return sorted(((person.pk, str(person)) for person in people), key=lambda each: each[1].casefold())


def tone_of(verb: str) -> str:
    """Which of TONES a verb is of."""
    return next((tone for tone, verbs in TONES.items() if verb in verbs), "ran")


def difference(before: Any, after: Any) -> tuple[list[Part], bool]:
    """What changed, place by place; and whether there is more than is listed."""
    parts: list[Part] = []
    for part in _differences("", before, after):
        if len(parts) == MOST_PARTS:
            return parts, True
        parts.append(part)
    return parts, False


_NOTHING = object()


def _differences(path: str, before: Any, after: Any) -> Iterator[Part]:
    if _children(before) and _children(after) and isinstance(before, dict) == isinstance(after, dict):
        ours, theirs = _items(before), _items(after)
        for key in [*ours, *(key for key in theirs if key not in ours)]:
            yield from _differences(_join(path, key), ours.get(key, _NOTHING), theirs.get(key, _NOTHING))
    elif before is _NOTHING or (before is None and not path):
        yield from _whole(path, after, added=True)
    elif after is _NOTHING or (after is None and not path):
        yield from _whole(path, before, added=False)
    elif before != after:
        yield Part(path, _text(before), _text(after))


def _whole(path: str, value: Any, *, added: bool) -> Iterator[Part]:
    """A whole value came or went: each of its leaves did."""
    if _children(value):
        for key, child in _items(value).items():
            yield from _whole(_join(path, key), child, added=added)
    elif value is not None or path:
        text = _text(value)
        yield Part(path, None, text) if added else Part(path, text, None)


def _children(value: Any) -> bool:
    return isinstance(value, dict | list) and bool(value)


def _items(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else dict(enumerate(value))


def _join(path: str, key: Any) -> str:
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else str(key)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else "empty" if value in ({}, []) else str(value)
