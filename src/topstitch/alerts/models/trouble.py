"""What is wrong, from the moment it was noticed until it is over."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Kind(models.TextChoices):
    """What can be wrong. Each is told by a condition of an alert rule."""

    FAILURES = "failures", "Records failed"
    RUN_FAILED = "run_failed", "The run failed"
    NO_SUCCESS = "no_success", "No successful run"
    NOT_RUN = "not_run", "Did not run when due"
    EMPTY_RUNS = "empty_runs", "Nothing to move"
    CONNECTOR = "connector", "Connector down or refused"
    CREDENTIALS = "credentials", "Credentials expire"
    AWAY = "away", "Topstitch did not run"


class Trouble(models.Model):
    """One thing that is wrong with a service or a connector. While it is open it is told again only for a reason."""

    company = models.ForeignKey("store.Company", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    service = models.ForeignKey("store.Service", on_delete=models.CASCADE, null=True, related_name="troubles")
    connector = models.ForeignKey("store.Connector", on_delete=models.CASCADE, null=True, related_name="troubles")
    #: The causes that were told, to know a new one by.
    causes = models.JSONField(default=list)
    #: Decimal digits of the largest number told: ten times as many is news.
    scale = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=500)
    since = models.DateTimeField()
    told_at = models.DateTimeField()
    #: How often it was noticed.
    times = models.PositiveIntegerField(default=1)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """One open trouble of a kind."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["kind", "service"], condition=models.Q(ended_at=None), name="one_open_trouble_per_service"
            ),
            models.UniqueConstraint(
                fields=["kind", "connector"], condition=models.Q(ended_at=None), name="one_open_trouble_per_connector"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["company", "-since"], name="trouble_by_company"),
            models.Index(fields=["ended_at"], name="trouble_open", condition=models.Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return self.title
