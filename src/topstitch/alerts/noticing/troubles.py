"""Troubles: opened when something is wrong, told again only for a reason, closed when it is well.

A trouble that is open is told again when it has a cause that was not told, ten times as many records, or a day has passed.
That it is over is told once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet

from topstitch.alerts.models import AlertRule, Kind, Notice, Trouble
from topstitch.alerts.queries.rules import wants
from topstitch.alerts.telling.notices import Teller

QUIET = timedelta(days=1)
MOST_CAUSES = 200


@dataclass(frozen=True, slots=True)
class About:
    """What a trouble is about: a service or a connector, what may be said of it, and the rules that want to know."""

    company_id: int
    rules: Sequence[AlertRule]
    facts: Mapping[str, Any]
    service_id: int | None = None
    connector_id: int | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that is wrong now."""

    kind: Kind
    title: str
    causes: Collection[str]
    #: Asked for only when it is told.
    facts: Callable[[], Mapping[str, Any]]
    #: How many records, where it is about records.
    count: int = 0
    #: Whether it is told again after a day.
    daily: bool = True


class Troubles:
    """The open troubles among some, as one transaction changes them: `with Troubles(...) as troubles`."""

    def __init__(self, teller: Teller, among: QuerySet[Trouble]) -> None:
        self._teller = teller
        self._open = {_key(t.kind, t): t for t in among.filter(ended_at=None)}
        self._again: Counter[int] = Counter()

    def __enter__(self) -> Troubles:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            for times in set(self._again.values()):
                same = [pk for pk, count in self._again.items() if count == times]
                Trouble.objects.filter(pk__in=same).update(times=F("times") + times)

    def has(self, kind: Kind, *, service_id: int | None = None, connector_id: int | None = None) -> bool:
        """Whether this is wrong already."""
        return (str(kind), service_id, connector_id) in self._open

    def wrong(self, about: About, wrong: Wrong) -> None:
        """Something is wrong: tell it, unless that was done."""
        rules = [rule for rule in about.rules if wants(rule, wrong.kind)]
        if not rules:
            self._forget(wrong.kind, about)
            return
        now, key = self._teller.now, _key(wrong.kind, about)
        trouble = self._open.get(key)
        if trouble is None:
            trouble = self._open[key] = _new(about, wrong, now)
            verb = Notice.Verb.OPENED
        else:
            self._again[trouble.pk] += 1
            if not _is_news(trouble, wrong, now):
                return
            verb = Notice.Verb.REPEATED
            if _is_old(trouble, now):
                trouble.causes, trouble.scale = [], 0
            _told(trouble, wrong, now).save(update_fields=["causes", "scale", "title", "told_at"])
        facts = {**about.facts, **wrong.facts(), "title": trouble.title, "since": trouble.since.isoformat()}
        self._tell(verb, trouble, facts, rules, about)

    def well(self, kind: Kind, about: About) -> None:
        """It is well: if it was not, tell that it is over."""
        trouble = self._open.pop(_key(kind, about), None)
        if trouble is None:
            return
        _end(trouble, self._teller.now)
        rules = [rule for rule in about.rules if wants(rule, kind)]
        if rules:
            facts = {**about.facts, "title": trouble.title, "since": trouble.since.isoformat(), "times": trouble.times}
            self._tell(Notice.Verb.RECOVERED, trouble, facts, rules, about)

    def _forget(self, kind: Kind, about: About) -> None:
        """Nobody wants to know any more."""
        if trouble := self._open.pop(_key(kind, about), None):
            _end(trouble, self._teller.now)

    def _tell(
        self, verb: str, trouble: Trouble, facts: Mapping[str, Any], rules: Sequence[AlertRule], about: About
    ) -> None:
        self._teller.tell(verb, trouble.kind, facts, rules, company_id=about.company_id, trouble=trouble)


def _key(kind: str, about: Trouble | About) -> tuple[str, int | None, int | None]:
    return str(kind), about.service_id, about.connector_id


def _new(about: About, wrong: Wrong, now: datetime) -> Trouble:
    trouble = Trouble(
        company_id=about.company_id,
        kind=wrong.kind,
        service_id=about.service_id,
        connector_id=about.connector_id,
        since=now,
    )
    _told(trouble, wrong, now).save()
    return trouble


def _told(trouble: Trouble, wrong: Wrong, now: datetime) -> Trouble:
    trouble.causes = sorted({*trouble.causes, *wrong.causes})[:MOST_CAUSES]
    trouble.scale = max(trouble.scale, _scale(wrong))
    trouble.title, trouble.told_at = wrong.title[:500], now
    return trouble


def _is_news(trouble: Trouble, wrong: Wrong, now: datetime) -> bool:
    new = set(wrong.causes) - set(trouble.causes)
    crowded = len(trouble.causes) >= MOST_CAUSES
    return bool(new and not crowded) or _scale(wrong) > trouble.scale or (wrong.daily and _is_old(trouble, now))


def _is_old(trouble: Trouble, now: datetime) -> bool:
    return now - trouble.told_at >= QUIET


def _scale(wrong: Wrong) -> int:
    return len(str(wrong.count)) if wrong.count else 0


def _end(trouble: Trouble, now: datetime) -> None:
    trouble.ended_at = now
    trouble.save(update_fields=["ended_at"])
