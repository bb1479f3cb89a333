"""Transactions a day, from the figures that runs keep: the report's rows are never counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, F, Sum
from django.db.models.functions import TruncDate

from topstitch.store.models import Run, Service


@dataclass(frozen=True, slots=True)
class Day:
    """What a service moved on one day, UTC."""

    day: date
    ok: int = 0
    failed: int = 0
    unchanged: int = 0
    runs: int = 0

    @property
    def total(self) -> int:
        """Transactions: records that were tried."""
        return self.ok + self.failed


def daily_volumes(service: Service, first: date, last: date) -> list[Day]:
    """One Day for each day from first to last, quiet ones included. A run counts on the day that it was asked for."""
    start, end = (datetime.combine(day, time.min, UTC) for day in (first, last + timedelta(days=1)))
    rows = (
        Run.objects.filter(service=service, created_at__gte=start, created_at__lt=end)
        .exclude(options__has_key="dry")
        .values(day=TruncDate("created_at", tzinfo=UTC))
        .annotate(
            done=Sum(F("ok") + F("sent")),
            bad=Sum(F("failed") + F("pending") + F("uncertain")),
            same=Sum("unchanged"),
            count=Count("pk"),
        )
    )
    found = {row["day"]: Day(row["day"], row["done"], row["bad"], row["same"], row["count"]) for row in rows}
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [found.get(day, Day(day)) for day in days]
