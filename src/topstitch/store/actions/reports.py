"""Saved views, and the report taken out as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from django.db import transaction

from topstitch.errors import ConfigError
from topstitch.store.actions.audit import audit
from topstitch.store.models import Company, SavedView
from topstitch.store.models.view import ViewArea
from topstitch.store.queries.report import ReportChoice
from topstitch.store.queries.report_csv import csv_parts
from topstitch.store.queries.scope import Scope

if TYPE_CHECKING:
    from topstitch.accounts.models import User

MOST_VIEWS = 100


@transaction.atomic
def save_view(
    company: Company, owner: User, name: str, query: str, *, area: str = ViewArea.REPORTS, shared: bool = False
) -> SavedView:
    """Keep a list's query under a name, or change what this person keeps under it. Raises ConfigError naming what is wrong."""
    name, query = name.strip(), query.strip().removeprefix("?")
    if not name or len(name) > 80:
        raise ConfigError("a view needs a name of at most 80 letters", place="name")
    if len(query) > 2000:
        raise ConfigError("these are more filters than a view can keep", place="query")
    mine = SavedView.objects.select_for_update().filter(company=company, owner=owner)
    existing = mine.filter(area=area, name=name).first()
    if existing is None and mine.count() >= MOST_VIEWS:
        raise ConfigError(f"{MOST_VIEWS} views are kept already", place="name", hint="Remove one that you do not use.")
    before = _shown(existing) if existing else None
    view = existing or SavedView(company=company, owner=owner, area=area, name=name)
    view.query, view.shared = query, shared
    view.save()
    verb = "update" if existing else "create"
    audit(verb, "view", view.pk, name, company=company, person=owner, before=before, after=_shown(view))
    return view


@transaction.atomic
def remove_view(view: SavedView, *, person: User) -> None:
    """Forget a view."""
    before = _shown(view)
    audit("delete", "view", view.pk, view.name, company=view.company, person=person, before=before)
    view.delete()


def _shown(view: SavedView) -> dict[str, Any]:
    return {"area": view.area, "query": view.query, "shared": view.shared}


def export_report(
    scope: Scope, choice: ReportChoice, *, company: Company, person: User | None, newest_first: bool = True
) -> Iterator[str]:
    """The report as CSV, part by part; that it was taken out is kept in the audit log."""
    audit("export", "report", "", "Sync report", company=company, person=person, after=_said(choice))
    return csv_parts(scope, choice, newest_first=newest_first)


def _said(choice: ReportChoice) -> Mapping[str, Any]:
    """What a choice is narrowed down to, as JSON."""
    given = {field.name: getattr(choice, field.name) for field in fields(choice)}
    return {
        name: sorted(value) if name in ("services", "causes") else value if isinstance(value, int) else str(value)
        for name, value in given.items()
        if value not in (None, "", ())
    }
