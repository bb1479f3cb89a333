"""What is remembered in order to notice: runs that ended, how each service has fared, when it was last looked."""

from __future__ import annotations

from django.db import models


class RunEnd(models.Model):
    """A run that ended and was not judged yet. Written by a trigger, in the transaction that ends the run."""

    run = models.ForeignKey("store.Run", on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")

    def __str__(self) -> str:
        return str(self.run_id)


class ServiceWatch(models.Model):
    """How a service has fared lately."""

    service = models.OneToOneField("store.Service", on_delete=models.CASCADE, primary_key=True, related_name="watch")
    #: Since when it has been active, as far as was noticed; None while it is not.
    watched_since = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    #: Runs since the last one that had a record to move.
    empty_runs = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"watch of {self.service}"


class Pulse(models.Model):
    """When it was last looked whether services run: the one row tells whether anything worked meanwhile."""

    seen_at = models.DateTimeField()
    #: Since when it has been looked without a gap.
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.seen_at:%Y-%m-%d %H:%M}"
