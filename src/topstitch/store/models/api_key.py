"""Keys for programs that use the API in place of a person."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class KeyScope(models.TextChoices):
    """What a key may do."""

    READ = "read", "Read"
    WRITE = "write", "Read and write"


class ApiKey(models.Model):
    """A key of a company. The key itself is shown once; what is kept is its beginning, to tell it, and a digest."""

    company = models.ForeignKey("store.Company", on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=20, unique=True)
    digest = models.CharField(max_length=64)
    scope = models.CharField(max_length=10, choices=KeyScope.choices, default=KeyScope.READ)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        """The keys of a company, newest first."""

        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["company", "-id"], name="keys_of_company")]

    def __str__(self) -> str:
        return self.name
