"""The secret address of a service."""

from __future__ import annotations

from topstitch.store.models import Service, Webhook


def webhook_of(service: Service) -> Webhook | None:
    """Its address; None for a service that never had one."""
    return Webhook.objects.filter(service=service).first()
