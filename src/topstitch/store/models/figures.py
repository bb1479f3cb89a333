"""Figures kept up to date, so that first screens need not count: a service's volume a day, and how its runs went lately."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class DayVolume(models.Model):
    """What a service did on one day, UTC. Records count when their page is complete, runs when they end."""

    service = models.ForeignKey("store.Service", on_delete=models.CASCADE, related_name="volumes", db_constraint=False)
    day = models.DateField()
    pulled = models.BigIntegerField(db_default=0)
    filtered = models.BigIntegerField(db_default=0)
    skipped = models.BigIntegerField(db_default=0)
    unchanged = models.BigIntegerField(db_default=0)
    ok = models.BigIntegerField(db_default=0)
    sent = models.BigIntegerField(db_default=0)
    failed = models.BigIntegerField(db_default=0)
    pending = models.BigIntegerField(db_default=0)
    uncertain = models.BigIntegerField(db_default=0)
    runs = models.IntegerField(db_default=0)
    bad_runs = models.IntegerField(db_default=0)

    class Meta:
        """One row a day; found by day for all services, by service for its own chart."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["day", "service"], name="one_volume_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.day}"


class ServiceState(models.Model):
    """How the runs of a service went. Runs of chosen records and resyncs only move `last_ended_at`: they say nothing of it."""

    service = models.OneToOneField("store.Service", on_delete=models.CASCADE, primary_key=True, related_name="state")
    last_run = models.UUIDField(null=True)
    last_status = models.CharField(max_length=24, blank=True, db_default="")
    last_ended_at = models.DateTimeField()
    last_success_at = models.DateTimeField(null=True)
    #: Runs in a row that failed or left failures, and when the first of them ended.
    bad_runs = models.IntegerField(db_default=0)
    bad_since = models.DateTimeField(null=True)
    #: Runs in a row that found no record, the longest such row before, and how many runs ever found some.
    empty_runs = models.IntegerField(db_default=0)
    longest_empty = models.IntegerField(db_default=0)
    full_runs = models.IntegerField(db_default=0)
    #: Seconds from the last scheduled run to the one after it.
    gap = models.IntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.service_id}: {self.last_status}"
