"""When a connector is checked next."""

from __future__ import annotations

from django.db import models


class ConnectorWatch(models.Model):
    """When a connector is checked next, and until when its credentials hold, where a person said so."""

    connector = models.OneToOneField(
        "store.Connector", on_delete=models.CASCADE, primary_key=True, related_name="watch"
    )
    next_check_at = models.DateTimeField(null=True)
    expires_on = models.DateField(null=True)

    def __str__(self) -> str:
        return f"watch of {self.connector}"
