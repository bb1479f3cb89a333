"""What is told of a service, to whom and how soon; and what holds for the services of a company that say nothing."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Frequency(models.TextChoices):
    """How soon people are told."""

    IMMEDIATE = "immediate", "At once, at most one mail a run"
    HOURLY = "hourly", "Once an hour"
    DAILY = "daily", "Once a day"


class AlertRule(models.Model):
    """The alerts of one service, or with `service` None those of a company's services that have none of their own."""

    company = models.ForeignKey("store.Company", on_delete=models.CASCADE, related_name="+")
    service = models.OneToOneField("store.Service", on_delete=models.CASCADE, null=True, related_name="alerts")
    on = models.BooleanField(default=True)
    groups = models.ManyToManyField("alerts.NotificationGroup", related_name="rules")
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    addresses = ArrayField(models.EmailField(), default=list)
    frequency = models.CharField(max_length=10, choices=Frequency.choices, default=Frequency.IMMEDIATE)
    #: Of the daily mail.
    hour = models.PositiveSmallIntegerField(default=8)
    zone = models.CharField(max_length=60, default="UTC")
    #: Records that fail in one run; None: not told.
    failures = models.PositiveIntegerField(null=True, default=1)
    run_failed = models.BooleanField(default=True)
    #: Hours without a run that came to its end; None: not told.
    no_success_hours = models.PositiveIntegerField(null=True, default=24)
    #: No run although one was due.
    not_run = models.BooleanField(default=True)
    #: Runs one after the other without a record to move; None: not told.
    empty_runs = models.PositiveIntegerField(null=True, default=None)
    #: A connector of the service is down or refused.
    connector = models.BooleanField(default=True)
    #: Credentials of a connector of the service expire.
    credentials = models.BooleanField(default=True)

    class Meta:
        """One default a company."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["company"], condition=models.Q(service=None), name="one_default_alert_rule_per_company"
            )
        ]

    def __str__(self) -> str:
        return f"alerts of {self.service or self.company}"
