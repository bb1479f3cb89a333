"""The ledger's tables, made by SQL in a migration because three of them are partitioned by day.

`Item` is permanent memory; `Attempt`, `LogLine` and `StoredPayload` are dropped by the day.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Item(models.Model):
    """One source record as this service remembers it."""

    service = models.ForeignKey("store.Service", on_delete=models.DO_NOTHING, related_name="items")
    key = models.TextField()
    reference = models.TextField()
    #: sending, waiting, ok, sent, pending, failed, uncertain
    status = models.TextField()
    attempts = models.IntegerField()
    #: Hash of the mapped output last pushed.
    content = models.BinaryField()
    remote_id = models.TextField()
    run = models.ForeignKey("store.Run", on_delete=models.DO_NOTHING, null=True, related_name="+")
    page = models.IntegerField()
    #: Class of the last error, "" when there is none.
    error_class = models.TextField()
    #: Name of the ErrorGroup of its last failure, also after it went through; null when it never failed or was dealt with.
    cause = models.BigIntegerField(null=True)
    first_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        """Made by SQL."""

        managed = False
        db_table = "item"

    def __str__(self) -> str:
        return self.reference or self.key


class Attempt(models.Model):
    """One try to sync an item: one row of the sync report."""

    at = models.DateTimeField()
    service = models.ForeignKey("store.Service", on_delete=models.DO_NOTHING, related_name="+")
    run = models.ForeignKey("store.Run", on_delete=models.DO_NOTHING, related_name="attempts")
    page = models.IntegerField()
    key = models.TextField()
    reference = models.TextField()
    status = models.TextField()
    outcome = models.TextField()
    remote_id = models.TextField()
    error_class = models.TextField()
    error_key = models.TextField()
    message = models.TextField()
    field = models.TextField()
    hint = models.TextField()
    detail = models.TextField()
    evidence = models.JSONField(null=True)
    #: Name of its ErrorGroup.
    cause = models.BigIntegerField(null=True)

    class Meta:
        """Made by SQL."""

        managed = False
        db_table = "attempt"

    def __str__(self) -> str:
        return f"{self.reference or self.key}: {self.status}"


class LogLine(models.Model):
    """One line of a run's log."""

    at = models.DateTimeField()
    run = models.ForeignKey("store.Run", on_delete=models.DO_NOTHING, related_name="log")
    level = models.TextField()
    step = models.TextField()
    page = models.IntegerField(null=True)
    reference = models.TextField()
    message = models.TextField()

    class Meta:
        """Made by SQL."""

        managed = False
        db_table = "log_line"

    def __str__(self) -> str:
        return self.message


class StoredPayload(models.Model):
    """What was pulled (or pushed), a page at a time, compressed by the database."""

    at = models.DateTimeField()
    run = models.ForeignKey("store.Run", on_delete=models.DO_NOTHING, related_name="+")
    page = models.IntegerField()
    kind = models.TextField()
    body = models.BinaryField()

    class Meta:
        """Made by SQL."""

        managed = False
        db_table = "stored_payload"

    def __str__(self) -> str:
        return f"{self.kind} page {self.page}"


class RunPage(models.Model):
    """One page of a run: where it began, where the next one begins, whether all of it is recorded."""

    run = models.ForeignKey("store.Run", on_delete=models.CASCADE, related_name="pages")
    number = models.IntegerField()
    cursor = models.JSONField(null=True)
    next = models.JSONField(null=True)
    last = models.BooleanField(default=False)
    bad = models.JSONField(default=list)
    ack = models.JSONField(null=True)
    acknowledged = models.BooleanField(default=False)
    state = models.JSONField(null=True)
    high = models.DateTimeField(null=True)
    complete = models.BooleanField(default=False)
    stored_at = models.DateTimeField()
    #: Of a page that is not complete only how many records it has.
    counts = models.JSONField(default=dict)

    class Meta:
        """One row a page."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "number"], name="one_row_per_page")
        ]

    def __str__(self) -> str:
        return f"page {self.number}"
