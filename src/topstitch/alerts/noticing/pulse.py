"""Whether it is looked at all: after a gap people are told that Topstitch itself was away."""

from __future__ import annotations

from datetime import datetime, timedelta

from topstitch.alerts.models import Kind, Notice, Pulse
from topstitch.alerts.names import span
from topstitch.alerts.queries.rules import Rules, wants
from topstitch.alerts.telling.notices import Teller
from topstitch.store.models import Service

#: We were away, and services are behind.
AWAY = timedelta(minutes=30)


def beat(teller: Teller) -> Pulse:
    """Be seen; after a gap tell that there was one."""
    now = teller.now
    pulse = Pulse.objects.first() or Pulse(seen_at=now, since=now)
    gap = now - pulse.seen_at
    if gap >= AWAY:
        _tell_gap(teller, pulse.seen_at)
        pulse.since = now
    pulse.seen_at = now
    pulse.save()
    return pulse


def _tell_gap(teller: Teller, since: datetime) -> None:
    waiting = Service.objects.filter(active=True, next_due__isnull=False)
    companies = set(waiting.values_list("group__company_id", flat=True))
    rules = Rules(companies)
    for company in companies:
        rule = rules.default(company)
        if wants(rule, Kind.AWAY):
            facts = {
                "title": f"Topstitch did not run for {span(teller.now - since)}",
                "from": since.isoformat(),
                "until": teller.now.isoformat(),
                "services_count": waiting.filter(group__company_id=company).count(),
            }
            teller.tell(Notice.Verb.OPENED, Kind.AWAY, facts, [rule], company_id=company)
