"""Systems that users made from a file."""

from __future__ import annotations

from django.db import models


class UserSystem(models.Model):
    """A system as data; the catalogue loads it beside the built-in ones."""

    slug = models.SlugField(unique=True)
    definition = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.slug
