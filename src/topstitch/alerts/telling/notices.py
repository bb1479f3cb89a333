"""Writing notices into the outbox: for whom, and when they are due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from topstitch.alerts.models import AlertRule, ChannelKind, Delivery, Frequency, Notice, Trouble
from topstitch.alerts.queries.recipients import Recipient, recipients_of
from topstitch.engine.schedule import next_slot
from topstitch.engine.spec import Schedule


class Teller:
    """Writes the notices of one transaction."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._recipients: dict[tuple[int | None, int], frozenset[Recipient]] = {}

    def tell(
        self,
        verb: str,
        kind: str,
        facts: Mapping[str, Any],
        rules: Iterable[AlertRule],
        *,
        company_id: int,
        trouble: Trouble | None = None,
    ) -> None:
        """A notice, with a delivery for each whom one of the rules names, at the earliest time that one of them says."""
        due: dict[Recipient, datetime] = {}
        for rule in rules:
            at = due_at(rule, self.now)
            for recipient in self._whom(rule):
                # Machines sort for themselves.
                when = self.now if recipient.kind == ChannelKind.WEBHOOK else at
                due[recipient] = min(when, due.get(recipient, when))
        notice = Notice.objects.create(
            company_id=company_id, trouble=trouble, verb=verb, kind=kind, at=self.now, facts=dict(facts)
        )
        Delivery.objects.bulk_create(
            Delivery(notice=notice, company_id=company_id, address=r.address, channel_id=r.channel_id, due_at=when)
            for r, when in due.items()
        )

    def _whom(self, rule: AlertRule) -> frozenset[Recipient]:
        key = (rule.pk, rule.company_id)
        if key not in self._recipients:
            self._recipients[key] = recipients_of(rule)
        return self._recipients[key]


def due_at(rule: AlertRule, now: datetime) -> datetime:
    """When what is noticed now is told: at once, at the next full hour, or at the hour of the day that the rule names."""
    if rule.frequency == Frequency.IMMEDIATE:
        return now
    if rule.frequency == Frequency.HOURLY:
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return next_slot([Schedule(cron=f"0 {rule.hour} * * *", zone=rule.zone)], now) or now
