"""The error desk: failures grouped by cause. Groups and days are counted by the ledger in bulk SQL, not here."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class GroupState(models.TextChoices):
    """What has been decided about a cause."""

    OPEN = "open", "Open"
    IGNORED = "ignored", "Ignored"
    RESOLVED = "resolved", "Resolved"


class ErrorGroup(models.Model):
    """One cause in one service (topstitch.engine.cause). Its records are the items and attempts that name it as their cause."""

    id = models.BigIntegerField(primary_key=True)
    #: The same cause in whatever service.
    kin = models.BigIntegerField()
    # Written beside the ledger's own rows, which a missing service must not stop.
    service = models.ForeignKey(
        "store.Service", on_delete=models.CASCADE, related_name="error_groups", db_constraint=False
    )
    error_class = models.TextField()
    error_key = models.TextField()
    sentence = models.TextField()
    #: Field or mapping row.
    place = models.TextField()
    #: Of the newest failure, word by word.
    message = models.TextField()
    hint = models.TextField()
    state = models.CharField(max_length=10, choices=GroupState.choices, db_default=GroupState.OPEN)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    #: Failed attempts ever.
    seen = models.BigIntegerField()
    #: Records that have this problem now, and those that had it and went through since; as of `counted_at`.
    affected = models.IntegerField(db_default=0)
    recovered = models.IntegerField(db_default=0)
    counted_at = models.DateTimeField(null=True)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    #: Null while ignored: for as long as the message is the same.
    ignored_until = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    #: Null when it resolved by itself.
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    #: How often it came back after it had been resolved.
    returned = models.IntegerField(db_default=0)

    class Meta:
        """Lists are by state, newest first."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "-last_at"], name="error_group_by_state"),
            models.Index(fields=["service", "state"], name="error_group_by_service"),
            models.Index(fields=["kin"], name="error_group_by_kin"),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def shown_state(self) -> str:
        """open, assigned, ignored, resolved"""
        return "assigned" if self.state == GroupState.OPEN and self.assignee_id else self.state

    @property
    def resolved_by_itself(self) -> bool:
        """Whether all its records went through without a person closing it."""
        return self.state == GroupState.RESOLVED and self.resolved_by_id is None


class ErrorDay(models.Model):
    """How many attempts failed for a cause on one day, UTC."""

    group = models.ForeignKey(ErrorGroup, on_delete=models.CASCADE, related_name="days", db_constraint=False)
    day = models.DateField()
    count = models.IntegerField()

    class Meta:
        """One row a day."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["group", "day"], name="one_error_day")
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.day}: {self.count}"


class ErrorNote(models.Model):
    """What somebody wrote to a cause."""

    group = models.ForeignKey(ErrorGroup, on_delete=models.CASCADE, related_name="notes")
    at = models.DateTimeField(auto_now_add=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()

    def __str__(self) -> str:
        return self.text
