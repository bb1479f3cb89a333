"""What is wrong now, who was told of what, and how a connector fared."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from topstitch.alerts.models import Delivery, Message, Trouble
from topstitch.store.models import Connector, ConnectorCheck

SHOWN = 50


def open_troubles(companies: Collection[int]) -> QuerySet[Trouble]:
    """What is wrong now, the newest first."""
    found = Trouble.objects.filter(company_id__in=companies, ended_at=None)
    return found.select_related("service", "connector").order_by("-since", "-pk")


def told(companies: Collection[int], *, before: int | None = None, limit: int = SHOWN) -> list[Message]:
    """The last messages, with the notices that are in them: who was told of what, and when. `before`: a message's id."""
    found = Message.objects.filter(company_id__in=companies)
    if before is not None:
        found = found.filter(pk__lt=before)
    notices = Prefetch("deliveries", Delivery.objects.select_related("notice"))
    return list(found.defer("text", "html", "payload").prefetch_related(notices).order_by("-pk")[:limit])


def history(connector: Connector, *, since: datetime | None = None) -> QuerySet[ConnectorCheck]:
    """Checks of a connector, the newest first; of the last day unless said otherwise."""
    return ConnectorCheck.objects.filter(
        connector=connector, at__gte=since or timezone.now() - timedelta(days=1)
    ).order_by("-at")
