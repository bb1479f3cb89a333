"""Credentials of which a person entered the day on which they end."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from topstitch.alerts.models import ConnectorWatch
from topstitch.alerts.noticing.expiry import STAGES


def ending_credentials(companies: Collection[int]) -> list[tuple[int, str, datetime]]:
    """Connectors whose credentials end within the days in which people are told of it: id, name, end of their last day."""
    soon = timezone.now().date() + timedelta(days=STAGES[0])
    watches = ConnectorWatch.objects.filter(
        connector__group__company_id__in=companies, connector__removed_at=None, expires_on__lte=soon
    )
    rows = watches.order_by("expires_on", "pk").values_list("connector_id", "connector__name", "expires_on")
    return [(pk, name, _end_of(day)) for pk, name, day in rows if day]


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, UTC)
