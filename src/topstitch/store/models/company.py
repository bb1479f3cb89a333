"""Companies, and the groups (brands, countries, subsidiaries) that their connectors and services belong to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Company(models.Model):
    """A tenant."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)
    website = models.CharField(max_length=300, blank=True)
    telephone = models.CharField(max_length=60, blank=True)
    email = models.EmailField(blank=True)
    #: The company that this one is linked to: its people may switch in, where their membership says so.
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="linked")
    #: Days that it keeps things; null: as long as the server does (store/retention.py).
    keep_payload_days = models.PositiveSmallIntegerField(null=True)
    keep_log_days = models.PositiveSmallIntegerField(null=True)
    keep_report_days = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class CompanyGroup(models.Model):
    """A part of a company."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=200)
    slug = models.SlugField()

    class Meta:
        """Groups are told apart within their company."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company", "slug"], name="one_group_per_slug")
        ]

    def __str__(self) -> str:
        return self.name
