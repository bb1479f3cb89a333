"""What is wrong now, who was told of what, and how a connector fared."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from topstitch.alerts.models import Delivery, Message, Notice, Trouble
from topstitch.store.models import Connector, ConnectorCheck, Service
from topstitch.store.queries.keyset import Window, window

SHOWN = 50
TOLD_OF = 10


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


def told_page(
    company_id: int, *, text: str = "", unsent: bool = False, after: int | None = None, before: int | None = None
) -> Window[Message]:
    """A page of a company's messages, the newest first. `text`: part of recipient or subject; `unsent`: reached nobody so far."""
    found = Message.objects.filter(company_id=company_id).defer("text", "html", "payload")
    for word in text.split():
        found = found.filter(Q(recipient__icontains=word) | Q(subject__icontains=word))
    if unsent:
        found = found.filter(Q(sent_at=None) | ~Q(problem=""))
    return window(found, by="pk", size=SHOWN, after=after, before=before)


def told_of(service: Service, limit: int = TOLD_OF) -> list[Notice]:
    """The last notices of a service and its connectors, with their deliveries and the messages these went out in."""
    about = Q(service=service) | Q(connector_id__in=(service.source_id, service.destination_id))
    troubles = Trouble.objects.filter(about).order_by("-told_at").values_list("pk", flat=True)[: limit * 2]
    sent = Prefetch("deliveries", Delivery.objects.select_related("message", "channel__group"))
    notices = Notice.objects.filter(trouble_id__in=list(troubles)).prefetch_related(sent)
    return list(notices.order_by("-at", "-pk")[:limit])


def wrong_now(service: Service) -> list[Trouble]:
    """What is wrong with a service or its connectors now, the newest first."""
    about = Q(service=service) | Q(connector_id__in=(service.source_id, service.destination_id))
    return list(Trouble.objects.filter(about, ended_at=None).order_by("-since", "-pk")[:SHOWN])


def history(connector: Connector, *, since: datetime | None = None) -> QuerySet[ConnectorCheck]:
    """Checks of a connector, the newest first; of the last day unless said otherwise."""
    return ConnectorCheck.objects.filter(
        connector=connector, at__gte=since or timezone.now() - timedelta(days=1)
    ).order_by("-at")
