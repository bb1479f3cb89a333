"""Lookup tables: two columns, used from mappings by name."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class LookupTable(models.Model):
    """A named table of pairs."""

    company = models.ForeignKey("store.Company", on_delete=models.CASCADE, related_name="lookups")
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Names are unique in a company."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company", "name"], name="one_lookup_per_name")
        ]

    def __str__(self) -> str:
        return self.name


class LookupPair(models.Model):
    """Left stands for right."""

    table = models.ForeignKey(LookupTable, on_delete=models.CASCADE, related_name="pairs")
    position = models.PositiveIntegerField(default=0)
    left = models.TextField()
    right = models.TextField()

    class Meta:
        """In order; found from both sides."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["table", "left"], name="lookup_left"),
            models.Index(fields=["table", "right"], name="lookup_right"),
        ]

    def __str__(self) -> str:
        return f"{self.left} = {self.right}"
