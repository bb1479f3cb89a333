"""Saved views: a list with its filters under a name."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class ViewArea(models.TextChoices):
    """Which list it is."""

    REPORTS = "reports", "Reports"
    ERRORS = "errors", "Errors"


class SavedView(models.Model):
    """The query of a list's address, kept by a person for themselves or for their company."""

    company = models.ForeignKey("store.Company", on_delete=models.CASCADE, related_name="views")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="views")
    area = models.CharField(max_length=10, choices=ViewArea.choices, default=ViewArea.REPORTS)
    name = models.CharField(max_length=80)
    #: As in an address: `status=failed&system=shopify`.
    query = models.CharField(max_length=2000)
    #: Everybody of the company sees it.
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A person's names are told apart."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company", "owner", "area", "name"], name="one_view_per_name")
        ]

    def __str__(self) -> str:
        return self.name
