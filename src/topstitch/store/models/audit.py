"""Who did what, when, and how it was before."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class AuditEvent(models.Model):
    """One write by a person or a file; only ever added."""

    at = models.DateTimeField(auto_now_add=True)
    company = models.ForeignKey("store.Company", on_delete=models.CASCADE, null=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    #: create, update, delete, run, stop, invite, accept, sign_in, sign_in_failed, sign_out
    verb = models.CharField(max_length=20)
    kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    #: Network address that it came from, for what was done at a screen.
    address = models.CharField(max_length=45, blank=True)

    class Meta:
        """Newest first."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["company", "-at"], name="audit_by_time"),
            models.Index(fields=["company", "-id"], name="audit_by_id"),
            models.Index(fields=["company", "kind", "-id"], name="audit_by_kind"),
            models.Index(fields=["company", "person", "-id"], name="audit_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.kind} {self.name}"
