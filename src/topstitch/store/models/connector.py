"""Connectors: a group's credentials for one system in one environment."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Environment(models.TextChoices):
    """Where a connector's system is."""

    LIVE = "live", "Live"
    TEST = "test", "Test"
    PRACTICE = "practice", "Practice"


class ConnectorStatus(models.TextChoices):
    """What the last check found."""

    UNKNOWN = "unknown", "Not checked yet"
    OPERATIONAL = "operational", "Connector operational"
    UNREACHABLE = "unreachable", "System unreachable"
    REFUSED = "refused", "Failed authentication"


class Present(models.Manager["Connector"]):
    """Without the removed ones, which only the reports of removed services still name."""

    def get_queryset(self) -> models.QuerySet[Connector]:
        """What is not removed."""
        return super().get_queryset().filter(removed_at=None)


class Connector(models.Model):
    """One system of one group in one environment. Secrets are encrypted and never shown again."""

    objects = Present()
    everything: ClassVar[models.Manager[Connector]] = models.Manager()

    group = models.ForeignKey("store.CompanyGroup", on_delete=models.PROTECT, related_name="connectors")
    name = models.CharField(max_length=200)
    system = models.CharField(max_length=80)
    environment = models.CharField(max_length=10, choices=Environment.choices, default=Environment.LIVE)
    #: Settings that are no secrets.
    settings = models.JSONField(default=dict)
    #: The secret settings, encrypted as one.
    sealed = models.BinaryField(default=b"")
    #: Replaces scheme and host of the system's address; for test environments.
    base_url = models.CharField(max_length=500, blank=True)
    zone = models.CharField(max_length=60, default="UTC")
    date_format = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=20, choices=ConnectorStatus.choices, default=ConnectorStatus.UNKNOWN)
    status_detail = models.TextField(blank=True)
    checked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    #: Its credentials are gone at once; its row stays as long as a removed service's report is kept.
    removed_at = models.DateTimeField(null=True)

    class Meta:
        """Names are unique in a group: files refer to connectors by name. That of a removed one is free."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["group", "name"], condition=models.Q(removed_at=None), name="one_connector_per_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ConnectorCheck(models.Model):
    """One test of a connector, and what it found."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="checks")
    at = models.DateTimeField(auto_now_add=True)
    ok = models.BooleanField()
    status = models.CharField(max_length=20, choices=ConnectorStatus.choices)
    #: The step that failed, "" when none did.
    detail = models.TextField(blank=True)
    #: The steps: label, ok, detail.
    steps = models.JSONField(default=list)
    took_ms = models.IntegerField(default=0)
    #: Whether it was looked at for whom to tell of it.
    judged = models.BooleanField(default=False)

    class Meta:
        """Newest first; those that were not judged are looked for."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["connector", "-at"], name="check_by_connector"),
            models.Index(fields=["id"], name="check_unjudged", condition=models.Q(judged=False)),
        ]

    def __str__(self) -> str:
        return f"{self.connector_id} {self.at}: {self.status}"


class ConnectorBudget(models.Model):
    """The requests that a connector started lately, in all processes, and until when its system asked for a pause."""

    connector = models.OneToOneField(Connector, on_delete=models.CASCADE, primary_key=True, related_name="budget")
    #: Unix seconds, oldest first.
    starts = ArrayField(models.FloatField(), default=list)
    closed_until = models.FloatField(default=0)

    def __str__(self) -> str:
        return f"{self.connector}: {len(self.starts)} requests"


class ConnectorToken(models.Model):
    """A token or session that all workers of a connector share, encrypted."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=200)
    sealed = models.BinaryField()
    expires_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """One token of a name."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["connector", "name"], name="one_token_per_name")
        ]

    def __str__(self) -> str:
        return f"{self.connector}: {self.name}"
