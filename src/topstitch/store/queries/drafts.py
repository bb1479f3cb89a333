"""Services that are being made and were left."""

from __future__ import annotations

from topstitch.store.models import Service
from topstitch.store.queries.scope import Scope

#: So many are listed.
SHOWN = 50


def unfinished(scope: Scope) -> list[Service]:
    """Those last saved first, each with the revision that says by whom and when that was."""
    rows = scope.services().filter(wizard_step__isnull=False, revision__isnull=False)
    rows = rows.select_related("source", "destination", "group", "revision__author")
    unread = ("source__sealed", "destination__sealed", "reader_state", "revision__spec")
    return list(rows.defer(*unread).order_by("-revision__created_at")[:SHOWN])
