"""Secret addresses of services: made, made anew, shown again."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from topstitch.accounts.standing import require
from topstitch.store.actions.audit import audit
from topstitch.store.actions.invitations import digest
from topstitch.store.models import Service, Webhook
from topstitch.store.secrets import seal, unseal

if TYPE_CHECKING:
    from topstitch.accounts.models import User


def ensure_webhook(service: Service) -> None:
    """The service has an address. It keeps the one that it has: a service that listens again does so where it did."""
    if not Webhook.objects.filter(service=service).exists():
        Webhook.objects.create(service=service, **_token(service))


@transaction.atomic
def renew_webhook(service: Service, *, person: User | None = None) -> None:
    """A new address; the old one answers no more from now on."""
    require(person, service.group.company, "services.update")
    now = timezone.now()
    Webhook.objects.update_or_create(service=service, defaults={**_token(service), "made_at": now, "called_at": None})
    told = {"address of its webhook": "a new one"}
    company = service.group.company
    audit("update", "service", service.pk, service.name, company=company, person=person, before={}, after=told)


def token_of(webhook: Webhook) -> str:
    """The token, for those who may register the address. Raises ConfigError when the installation's key is another one."""
    return str(unseal(_owner(webhook.service_id), bytes(webhook.sealed))["token"])


def _token(service: Service) -> dict[str, str | bytes]:
    token = secrets.token_urlsafe(32)
    return {"digest": digest(token), "sealed": seal(_owner(service.pk), {"token": token})}


def _owner(service_id: int) -> str:
    return f"webhook:{service_id}"
