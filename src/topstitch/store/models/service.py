"""Services and their immutable revisions."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class ServiceType(models.TextChoices):
    """Standard services run often; sweepers sweep up what was missed, once or twice a day."""

    STANDARD = "standard", "Standard"
    SWEEPER = "sweeper", "Sweeper"


class Present(models.Manager["Service"]):
    """Without the removed ones, of which only the ledger still speaks."""

    def get_queryset(self) -> models.QuerySet[Service]:
        """What is not removed."""
        return super().get_queryset().filter(removed_at=None)


class Service(models.Model):
    """A one-way flow of one entity. What it does is in its revisions; here is what it is called and where it stands."""

    objects = Present()
    #: With those that were removed, for what was recorded of them.
    everything: ClassVar[models.Manager[Service]] = models.Manager()

    group = models.ForeignKey("store.CompanyGroup", on_delete=models.PROTECT, related_name="services")
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=10, choices=ServiceType.choices, default=ServiceType.STANDARD)
    active = models.BooleanField(default=False)
    revision = models.ForeignKey("store.Revision", on_delete=models.PROTECT, null=True, related_name="+")
    source = models.ForeignKey("store.Connector", on_delete=models.PROTECT, related_name="source_services")
    destination = models.ForeignKey("store.Connector", on_delete=models.PROTECT, related_name="destination_services")
    source_entity = models.CharField(max_length=80)
    destination_entity = models.CharField(max_length=80)
    #: Position of the managed cursor: the last change seen at the source.
    watermark = models.DateTimeField(null=True)
    #: Scheduled time of the last complete run.
    covered_at = models.DateTimeField(null=True)
    #: What the source's reader wants to be told again.
    reader_state = models.JSONField(null=True)
    #: When the tick is to start the next scheduled run, and that run's place in the schedule.
    next_due = models.DateTimeField(null=True, db_index=True)
    #: While it is being made: the step of the wizard that is to be done next. None once it has been gone through.
    wizard_step = models.CharField(max_length=20, null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    #: It is gone for people and for files; its row stays for as long as its report is kept.
    removed_at = models.DateTimeField(null=True)

    class Meta:
        """Names are unique in a group; that of a removed one is free."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["group", "name"], condition=models.Q(removed_at=None), name="one_service_per_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Revision(models.Model):
    """One version of a service's configuration; never changed."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    spec = models.JSONField()
    note = models.CharField(max_length=500, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Numbers count up per service."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["service", "number"], name="one_revision_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.service} revision {self.number}"
