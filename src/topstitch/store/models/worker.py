"""Workers that are, or were, alive."""

from __future__ import annotations

from django.db import models


class Worker(models.Model):
    """One worker process. It holds an advisory lock on its number as long as it lives."""

    name = models.CharField(max_length=80, unique=True)
    host = models.CharField(max_length=200)
    pid = models.IntegerField()
    started_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
