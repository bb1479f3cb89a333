"""What people write to a service: why it is as it is, what was changed, what was done about a failure."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class ServiceNote(models.Model):
    """One note of a service's conversation."""

    service = models.ForeignKey("store.Service", on_delete=models.CASCADE, related_name="notes")
    at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()

    class Meta:
        """Newest first."""

        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["service", "-id"], name="notes_of_service")]

    def __str__(self) -> str:
        return self.text[:80]
