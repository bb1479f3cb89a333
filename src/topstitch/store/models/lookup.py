"""Lookup tables: two columns, used from mappings by name, with every version that they have had."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class LookupTable(models.Model):
    """A named table of pairs. One of a group hides the company's of the same name from the group's services."""

    company = models.ForeignKey("store.Company", on_delete=models.CASCADE, related_name="lookups")
    group = models.ForeignKey("store.CompanyGroup", on_delete=models.CASCADE, null=True, related_name="lookups")
    name = models.CharField(max_length=200)
    #: Number of the newest version; 0 only while the table is being made.
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Names are unique in a group, and among the tables of the whole company."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["company", "name"], condition=models.Q(group=None), name="one_lookup_per_company"
            ),
            models.UniqueConstraint(
                fields=["group", "name"], condition=models.Q(group__isnull=False), name="one_lookup_per_group"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LookupVersion(models.Model):
    """What a change made of a table: counts here, the rows themselves by the versions that they say."""

    table = models.ForeignKey(LookupTable, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    #: Where it came from: `file countries.yaml:3`, `import of colours.csv`, `version 2 restored`.
    origin = models.CharField(max_length=300, blank=True)
    pairs = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    #: Pairs that got another match type or field name, or were changed by hand.
    changed = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)

    class Meta:
        """Numbers count up per table."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["table", "number"], name="one_lookup_version_per_number")
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class LookupPair(models.Model):
    """Left stands for right, from the version `since` until the one where it was gone. Only `until` ever changes."""

    table = models.ForeignKey(LookupTable, on_delete=models.CASCADE, related_name="pairs")
    #: Orders the pairs of any version; with gaps, so that a pair can come between two others.
    position = models.BigIntegerField(default=0)
    left = models.TextField()
    right = models.TextField()
    #: How the left text is compared, whatever the function says; "" leaves it to the function.
    match = models.CharField(max_length=20, blank=True, default="")
    #: The field that the pair is for; "" for all.
    field = models.TextField(blank=True, default="")
    since = models.PositiveIntegerField(default=1)
    until = models.PositiveIntegerField(null=True)

    class Meta:
        """In order, and by version. Texts may be longer than an index takes, and are never looked up here."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["table", "position"], name="lookup_order"),
            models.Index(fields=["table", "since"], name="lookup_since"),
            models.Index(fields=["table", "until"], name="lookup_until", condition=models.Q(until__isnull=False)),
            # Whether a table has any such rows is asked by each of its pages.
            models.Index(
                fields=["table"], name="lookup_ways", condition=models.Q(until=None) & ~models.Q(match="", field="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.left} = {self.right}"


class LookupUpload(models.Model):
    """A CSV file that waits for somebody to decide, having seen what it would change. Gone with the decision, or by a day."""

    table = models.ForeignKey(LookupTable, on_delete=models.CASCADE, related_name="uploads")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    name = models.CharField(max_length=200)
    data = models.BinaryField()
    #: replace, merge
    how = models.CharField(max_length=10)
    #: The newest version when it was looked at.
    version = models.PositiveIntegerField()
    #: What it would do: added, removed, changed, moved, pairs, repeated, hidden, and the first differences.
    preview = models.JSONField()

    def __str__(self) -> str:
        return f"{self.name} for {self.table}"
