"""The secret address of a service: a call to it says that something has changed."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Webhook(models.Model):
    """An address. It is found by a digest of its token; the token itself is kept sealed, to be shown to those who register it."""

    service = models.OneToOneField("store.Service", on_delete=models.CASCADE, related_name="address")
    digest = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField()
    made_at = models.DateTimeField(default=timezone.now)
    called_at = models.DateTimeField(null=True)
    #: The minute that calls are counted in, and how many have come in it.
    minute_at = models.DateTimeField(null=True)
    calls = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"address of {self.service_id}"
