"""Stored payloads of a run: what there is, in words, and the records of a dry run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import orjson
from django.conf import settings

from topstitch.store.models import Run
from topstitch.store.queries.runlog import PayloadPage, payload_body, payload_pages

#: What each kind is, in the order in which a record passes through them.
KINDS = {
    "pulled": "Pulled",
    "script_input": "Given to the script",
    "script_output": "Given by the script",
    "pushed": "Pushed",
    "dry_run": "Dry run",
    "edited": "Corrected by hand",
}
DRY = "dry_run"
#: Records of a dry run that are shown; the others are in its files.
DRY_SHOWN = 25


@dataclass(frozen=True, slots=True)
class Files:
    """The stored pages of one kind, the newest first."""

    kind: str
    name: str
    pages: Sequence[PayloadPage]


def files_of(run: Run) -> list[Files]:
    """What can be downloaded, by kind."""
    order = {kind: place for place, kind in enumerate(KINDS)}
    pages = sorted(payload_pages(run), key=lambda page: (order.get(page.kind, len(order)), -page.page))
    return [
        Files(kind, KINDS.get(kind, kind.capitalize()), list(some))
        for kind, some in groupby(pages, key=lambda p: p.kind)
    ]


def kept_until(run: Run) -> datetime:
    """When its payloads are dropped: with the day they were stored on."""
    return run.created_at + timedelta(days=settings.KEEP_PAYLOAD_DAYS)


def dry_records(run: Run) -> list[dict[str, Any]]:
    """The first records of a dry run that is over, as it tells of them: key, reference, mapped, request, problem, difference."""
    body = payload_body(run, 1, DRY) if run.is_dry and run.is_over else None
    rows: list[dict[str, Any]] = orjson.loads(body)[:DRY_SHOWN] if body else []
    return rows
