"""Runs: one execution of a service, known by its sync id."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models


class RunStatus(models.TextChoices):
    """Where a run stands."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    COMPLETED = "completed", "Completed"
    COMPLETED_WITH_FAILURES = "completed_with_failures", "Completed with failures"
    FAILED = "failed", "Failed"
    STOPPED = "stopped", "Stopped"


ENDED = (RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_FAILURES, RunStatus.FAILED, RunStatus.STOPPED)


class Trigger(models.TextChoices):
    """What started a run."""

    SCHEDULE = "schedule", "Schedule"
    MANUAL = "manual", "By hand"
    WEBHOOK = "webhook", "Webhook"
    INBOUND = "inbound", "Inbound call"
    RESYNC = "resync", "Resync"


class Run(models.Model):
    """One execution. The row is written first and is the request to run: a worker finds it and enqueues it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    service = models.ForeignKey("store.Service", on_delete=models.CASCADE, related_name="runs")
    revision = models.ForeignKey("store.Revision", on_delete=models.PROTECT, related_name="+")
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    status = models.CharField(max_length=24, choices=RunStatus.choices, default=RunStatus.QUEUED)
    #: The scheduled time; relative filters count from it.
    scheduled_for = models.DateTimeField()
    options = models.JSONField(default=dict)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    enqueued_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    #: Why it waits, or what ended it.
    reason = models.TextField(blank=True)
    hint = models.TextField(blank=True)
    stop_requested = models.BooleanField(default=False)
    pulled = models.PositiveBigIntegerField(default=0)
    filtered = models.PositiveBigIntegerField(default=0)
    skipped = models.PositiveBigIntegerField(default=0)
    unchanged = models.PositiveBigIntegerField(default=0)
    ok = models.PositiveBigIntegerField(default=0)
    sent = models.PositiveBigIntegerField(default=0)
    failed = models.PositiveBigIntegerField(default=0)
    pending = models.PositiveBigIntegerField(default=0)
    uncertain = models.PositiveBigIntegerField(default=0)

    class Meta:
        """Lists are by service, newest first; the tick looks for queued ones."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["service", "-created_at"], name="run_by_service"),
            models.Index(fields=["-created_at"], name="run_by_time"),
            models.Index(
                fields=["status"],
                name="run_open",
                condition=models.Q(status__in=["queued", "running", "paused"]),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def pushed(self) -> int:
        """Records that reached the destination."""
        return self.ok + self.sent

    @property
    def is_dry(self) -> bool:
        """Whether it only tells what would be sent."""
        return bool(self.options.get("dry"))

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.status in ENDED
