"""Custom scripts and their immutable versions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from topstitch.errors import Bug


class Script(models.Model):
    """A named script. What it does is in its versions; a service uses one of them, or whichever is the latest."""

    company = models.ForeignKey("store.Company", on_delete=models.CASCADE, related_name="scripts")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    #: Number of the latest version.
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Names are unique in a company: services and files refer to scripts by name."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company", "name"], name="one_script_per_name")
        ]

    def __str__(self) -> str:
        return self.name


class ScriptVersion(models.Model):
    """What a script was from some moment on; never changed."""

    script = models.ForeignKey(Script, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    code = models.TextField()
    #: Declared variables in their order: name, default and help.
    variables = models.JSONField(default=list)
    #: Seconds and megabytes of a call.
    timeout = models.FloatField()
    memory = models.PositiveIntegerField()
    note = models.CharField(max_length=500, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        """Numbers count up per script."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["script", "number"], name="one_script_version_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.script} version {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only new ones: runs and reports refer to what a version was."""
        if not self._state.adding:
            raise Bug("a version of a script is never changed")
        super().save(*args, **kwargs)
