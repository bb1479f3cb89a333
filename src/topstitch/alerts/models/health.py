"""The health of connectors: every check, and when the next one is due."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ConnectorCheck(models.Model):
    """What one check found. Written by a trigger whenever a check is recorded on the connector, whoever asked for it."""

    connector = models.ForeignKey("store.Connector", on_delete=models.CASCADE, related_name="checks")
    at = models.DateTimeField()
    status = models.CharField(max_length=20)
    detail = models.TextField(blank=True)
    judged = models.BooleanField(default=False)

    class Meta:
        """Newest first; those that were not judged are looked for."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["connector", "-at"], name="check_by_time"),
            models.Index(fields=["id"], name="check_unjudged", condition=models.Q(judged=False)),
        ]

    def __str__(self) -> str:
        return f"{self.connector}: {self.status}"


class ConnectorWatch(models.Model):
    """When a connector is checked next, and until when its credentials hold, where a person said so."""

    connector = models.OneToOneField(
        "store.Connector", on_delete=models.CASCADE, primary_key=True, related_name="watch"
    )
    next_check_at = models.DateTimeField(null=True)
    expires_on = models.DateField(null=True)

    def __str__(self) -> str:
        return f"watch of {self.connector}"
