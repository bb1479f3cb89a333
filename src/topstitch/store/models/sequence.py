"""Sequences: numbers given to records in their order, each record's for good."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Sequence(models.Model):
    """A named count of a company, and the last number given."""

    company = models.ForeignKey("store.Company", on_delete=models.CASCADE, related_name="sequences")
    name = models.CharField(max_length=200)
    last = models.BigIntegerField(null=True)

    class Meta:
        """Names are unique in a company."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company", "name"], name="one_sequence_per_name")
        ]

    def __str__(self) -> str:
        return self.name


class SequenceNumber(models.Model):
    """The number of one record of one service, so that it has the same whenever it is mapped again."""

    sequence = models.ForeignKey(Sequence, on_delete=models.CASCADE, related_name="numbers")
    service = models.ForeignKey("store.Service", on_delete=models.CASCADE, related_name="+")
    key = models.TextField()
    number = models.BigIntegerField()

    class Meta:
        """One number a record."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sequence", "service", "key"], name="one_number_per_record"),
            models.UniqueConstraint(fields=["sequence", "number"], name="one_record_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.number}"
