"""The error desk: causes with what they have done, the records of one, and how many wait for somebody.

A card is one cause in all its services, in one state; its groups are the same cause in single services.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from topstitch.store.models import ErrorGroup, ErrorNote, Item, Service
from topstitch.store.models.errors import GroupState
from topstitch.store.queries.resyncable import DONE, keys_asked_for
from topstitch.store.queries.scope import Scope

CARDS_A_PAGE, RECORDS_A_PAGE, NOTES_SHOWN, SERVICES_SHOWN = 25, 50, 200, 20
#: Days of a spark.
SPARK_DAYS = 14
#: What kinds of errors there are, the commonest first, as the tree of topstitch.errors names them.
CLASSES = (
    *("value", "missing", "duplicate", "connection", "authentication", "intermittent", "rate limit"),
    *("configuration", "script", "parse", "too large", "bug"),
)
#: assigned: open and somebody has it; new: open and nobody has; itself: resolved without a person.
STATES = ("open", "new", "assigned", "ignored", "resolved", "itself")


@dataclass(frozen=True, slots=True)
class ErrorChoice:
    """What the desk is narrowed down to; empty means any."""

    #: One of STATES.
    state: str = "open"
    services: Collection[int] | None = None
    error_class: str = ""
    #: Id of whom it is assigned to.
    assignee: int | None = None
    #: Words of what is said, or of the place.
    text: str = ""
    #: Most records first, not the newest.
    most_first: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A cause in one state."""

    kin: int
    state: str
    error_class: str
    error_key: str
    sentence: str
    place: str
    #: Of the newest failure.
    message: str
    hint: str
    groups: Sequence[int]
    #: Records that have it now, and those that had it and went through since.
    affected: int
    recovered: int
    #: Failed attempts ever.
    seen: int
    first_at: datetime
    last_at: datetime
    #: How often it came back after it had been resolved.
    returned: int
    assignees: Sequence[int]
    ignored_until: datetime | None
    resolved_at: datetime | None
    #: Of some of its services, those where it was seen last; there is one for each group.
    service_ids: Sequence[int]
    services: Sequence[Service] = field(default=(), compare=False)
    #: Failures a day, oldest first, quiet days included.
    spark: Sequence[tuple[date, int]] = ()
    note: ErrorNote | None = None

    @property
    def said(self) -> str:
        """What a person reads: words of the newest, with its own values in them."""
        return self.message or self.sentence

    @property
    def systems(self) -> list[str]:
        """Slugs of the systems at its services' ends."""
        return list(dict.fromkeys(end for s in self.services for end in (s.source.system, s.destination.system)))

    @property
    def anchor(self) -> str:
        """Where a page after this card begins."""
        return f"{self.affected}.{self.last_at.timestamp():.6f}.{self.kin}"


# What was not counted yet has as many records as failures.
_CARDS = """
WITH cards AS (
    SELECT kin, array_agg(id ORDER BY last_at DESC) AS ids, min(first_at) AS first_at, max(last_at) AS last, count(*) AS places,
           sum(CASE WHEN counted_at IS NULL THEN seen ELSE affected END)::bigint AS records,
           sum(recovered)::bigint AS recovered, sum(seen)::bigint AS seen, sum(returned)::int AS returned,
           array_remove(array_agg(DISTINCT assignee_id), NULL) AS assignees, max(ignored_until) AS ignored_until,
           max(resolved_at) AS resolved_at
    FROM store_errorgroup WHERE service_id = ANY(%(services)s) AND {where}
    GROUP BY kin {having}
    ORDER BY {order} LIMIT %(limit)s
)
SELECT g.kin, g.state, g.error_class, g.error_key, g.sentence, g.place, g.message, g.hint, c.ids, c.records, c.recovered,
       c.seen, c.first_at, c.last, c.returned, c.assignees, c.ignored_until, c.resolved_at,
       ARRAY(SELECT service_id FROM store_errorgroup WHERE id = ANY(c.ids[1:{shown}]))
FROM cards c JOIN store_errorgroup g ON g.id = c.ids[1]
ORDER BY {outer}
"""
_STATE = {
    "": "true",
    "open": "state = 'open'",
    "new": "state = 'open' AND assignee_id IS NULL",
    "assigned": "state = 'open' AND assignee_id IS NOT NULL",
    "ignored": "state = 'ignored'",
    "resolved": "state = 'resolved' AND resolved_by_id IS NOT NULL",
    "itself": "state = 'resolved' AND resolved_by_id IS NULL",
}


def error_cards(
    scope: Scope, choice: ErrorChoice, *, after: str = "", size: int = CARDS_A_PAGE
) -> tuple[list[Card], bool]:
    """Some causes and whether there are more; `after` is the anchor of the last card before them."""
    services = _services(scope, choice.services)
    where = [_STATE[choice.state]]
    values: dict[str, Any] = {"services": services, "limit": size + 1}
    if choice.error_class:
        where.append("error_class = %(error_class)s")
        values["error_class"] = choice.error_class
    if choice.assignee is not None:
        where.append("assignee_id = %(assignee)s")
        values["assignee"] = choice.assignee
    for n, word in enumerate(choice.text.split()):
        where.append(f"(sentence || ' ' || message || ' ' || place) ILIKE %(word{n})s")
        values[f"word{n}"] = f"%{_literal(word)}%"
    order, having = _order(choice, after, values)
    sql = _CARDS.format(
        where=" AND ".join(where), having=having, order=order, outer=order.replace("kin", "c.kin"), shown=SERVICES_SHOWN
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = [Card(*row) for row in cursor.fetchall()]
    return _told(found[:size], services, choice.state), len(found) > size


def _order(choice: ErrorChoice, after: str, values: dict[str, Any]) -> tuple[str, str]:
    records = "sum(CASE WHEN counted_at IS NULL THEN seen ELSE affected END)::bigint"
    leading = records if choice.most_first else "max(last_at)"
    order = "records DESC, kin DESC" if choice.most_first else "last DESC, kin DESC"
    anchor = _anchor(after)
    if anchor is None:
        return order, ""
    values["lead"], values["kin"] = anchor[0 if choice.most_first else 1], anchor[2]
    return order, f"HAVING ({leading}, kin) < (%(lead)s, %(kin)s)"


def _anchor(text: str) -> tuple[int, datetime, int] | None:
    """Records, time and kin of a card; None for what is no anchor."""
    try:
        records, seconds, micros, kin = map(int, text.split("."))
        return records, datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=micros), kin
    except (ValueError, OverflowError, OSError):
        return None


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _services(scope: Scope, chosen: Collection[int] | None) -> list[int]:
    mine = scope.services().values_list("pk", flat=True)
    return [pk for pk in mine if chosen is None or pk in chosen]


def _told(cards: list[Card], mine: Sequence[int], state: str) -> list[Card]:
    """Cards of these services in a state with what is told of them: one question each."""
    if not cards:
        return []
    shown = _by_id({pk for card in cards for pk in card.service_ids})
    asked = {"kins": [card.kin for card in cards], "services": list(mine)}
    sparks, notes = _sparks(asked, state), _last_notes(asked)
    return [
        replace(
            card,
            services=[shown[pk] for pk in card.service_ids if pk in shown],
            spark=_spark(sparks.get(card.kin, {})),
            note=notes.get(card.kin),
        )
        for card in cards
    ]


def _by_id(ids: Collection[int]) -> dict[int, Service]:
    rows = Service.objects.filter(pk__in=ids).select_related("source", "destination")
    return rows.defer("reader_state", "source__sealed", "destination__sealed").in_bulk()


# By kin, not by the groups, of which a cause has one in each service.
_DAYS = """
SELECT kin, d.day, sum(d.count)::int FROM store_errorday d JOIN store_errorgroup g ON g.id = d.group_id
WHERE kin = ANY(%(kins)s) AND service_id = ANY(%(services)s) AND {where} AND d.day > %(since)s GROUP BY 1, 2
"""


def _sparks(asked: dict[str, Any], state: str) -> dict[int, dict[date, int]]:
    """Failures a day of each kin, of the days that have some."""
    sparks: dict[int, dict[date, int]] = {}
    since = timezone.now().date() - timedelta(days=SPARK_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_DAYS.format(where=_STATE[state]), {**asked, "since": since})
        for kin, day, count in cursor.fetchall():
            sparks.setdefault(kin, {})[day] = count
    return sparks


def _spark(counts: Mapping[date, int]) -> list[tuple[date, int]]:
    last = timezone.now().date()
    days = [last - timedelta(days=n) for n in range(SPARK_DAYS - 1, -1, -1)]
    return [(day, counts.get(day, 0)) for day in days]


def _last_notes(asked: dict[str, Any]) -> dict[int, ErrorNote]:
    notes = _notes("g.kin = ANY(%s) AND g.service_id = ANY(%s)", asked["kins"], asked["services"])
    return {note.group.kin: note for note in notes.select_related("group")}


def _notes(where: str, *values: list[int]) -> QuerySet[ErrorNote]:
    """Notes of groups, oldest first. Lists go as one value each: a thousand placeholders take long to read."""
    found = f"group_id IN (SELECT g.id FROM store_errorgroup g WHERE {where})"
    return ErrorNote.objects.extra(where=[found], params=list(values)).select_related("person").order_by("pk")


# -- one cause ----------------------------------------------------------------------------------------------------------


def find_card(scope: Scope, kin: int, state: str = "") -> Card | None:
    """A cause in one state, or in all of them as one; None when it is not there, or not theirs."""
    sql = _CARDS.format(
        where=f"{_STATE[state]} AND kin = %(kin)s", having="", order="kin", outer="c.kin", shown=SERVICES_SHOWN
    )
    services = _services(scope, None)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"services": services, "kin": kin, "limit": 1})
        found = [Card(*row) for row in cursor.fetchall()]
    return _told(found, services, state)[0] if found else None


def groups_of(scope: Scope, ids: Collection[int]) -> list[ErrorGroup]:
    """Groups by their ids, those that are theirs."""
    mine = ErrorGroup.objects.filter(pk__in=list(ids), service__group__company_id__in=scope.companies)
    return list(mine.select_related("service__group__company", "assignee").order_by("pk"))


def named_cause(scope: Scope, kin: int) -> tuple[str, list[int]]:
    """The sentence of a cause and the ids of its groups, those that are theirs; nothing when none are."""
    mine = ErrorGroup.objects.filter(kin=kin, service__group__company_id__in=scope.companies)
    rows = list(mine.values_list("pk", "sentence"))
    return (rows[0][1] if rows else ""), [pk for pk, _ in rows]


def notes_of(card: Card) -> list[ErrorNote]:
    """What was written to it, oldest first."""
    return list(_notes("g.id = ANY(%s)", list(card.groups))[:NOTES_SHOWN])


@dataclass(frozen=True, slots=True)
class Affected:
    """A record that has the problem now, with its last row of the report while that is kept."""

    id: int
    service_id: int
    key: str
    reference: str
    status: str
    attempts: int
    at: datetime
    attempt_id: int | None
    message: str


# The groups in their order, each a walk of one index: what lies behind the page is not looked at. An item has the time of
# its last row of the report, and with it the day in which that is.
_AFFECTED = """
SELECT i.id, i.service_id, i.key, i.reference, i.status, i.attempts, i.at, a.id, COALESCE(a.message, '')
FROM unnest(%(causes)s::bigint[]) WITH ORDINALITY AS c (cause, place)
CROSS JOIN LATERAL (
    SELECT * FROM item WHERE cause = c.cause AND status NOT IN ('ok', 'sent', 'closed')
    AND (c.cause <> %(anchor)s OR id > %(after)s) ORDER BY id LIMIT %(limit)s
) i
LEFT JOIN LATERAL (
    SELECT id, message FROM attempt WHERE run_id = i.run_id AND page = i.page AND key = i.key AND at = i.at
    ORDER BY id DESC LIMIT 1
) a ON true
ORDER BY c.place, i.id LIMIT %(limit)s
"""


def affected_records(
    card: Card, *, after: int | None = None, size: int = RECORDS_A_PAGE
) -> tuple[list[Affected], bool]:
    """Some of the records that have it now, and whether there are more; `after` is the id of the last one before them."""
    causes, anchor = sorted(card.groups), 0
    if after is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT cause FROM item WHERE id = %s", (after,))
            row = cursor.fetchone()
        anchor = (row and row[0]) or 0
        causes = [cause for cause in causes if cause >= anchor]
    with connection.cursor() as cursor:
        cursor.execute(_AFFECTED, {"causes": causes, "anchor": anchor, "after": after or 0, "limit": size + 1})
        rows = [Affected(*row) for row in cursor.fetchall()]
    return rows[:size], len(rows) > size


def asked_again(card: Card) -> set[int]:
    """Ids of its records that are to be synced again already."""
    groups = list(card.groups)
    asked = keys_asked_for(set(ErrorGroup.objects.filter(pk__in=groups).values_list("service_id", flat=True)))
    if not asked:
        return set()
    open_ones = Item.objects.filter(cause__in=groups, key__in={key for _, key in asked})
    rows = open_ones.exclude(status__in=(*DONE, "closed")).values_list("pk", "service_id", "key")
    return {pk for pk, service, key in rows if (service, key) in asked}


# -- how much there is ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeskCount:
    """How much waits at the desk."""

    causes: int
    records: int
    #: Causes that nobody has.
    unassigned: int


def desk_count(scope: Scope) -> DeskCount:
    """Open causes and their records; for the rail and the first screen."""
    mine = ErrorGroup.objects.filter(state=GroupState.OPEN, service__group__company_id__in=scope.companies)
    mine = mine.filter(service__removed_at=None)
    found = mine.aggregate(
        causes=Count("kin", distinct=True),
        records=Sum("affected"),
        free=Count("kin", distinct=True, filter=Q(assignee=None)),
    )
    return DeskCount(found["causes"], found["records"] or 0, found["free"])
