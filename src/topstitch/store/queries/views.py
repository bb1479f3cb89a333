"""Saved views that a person may choose from."""

from __future__ import annotations

from django.db.models import Q

from topstitch.store.models import SavedView
from topstitch.store.models.view import ViewArea
from topstitch.store.queries.scope import Scope


def saved_views(scope: Scope, person_id: int, area: str = ViewArea.REPORTS) -> list[SavedView]:
    """A person's own views, then those that colleagues share, by name."""
    visible = SavedView.objects.filter(Q(owner=person_id) | Q(shared=True), company_id__in=scope.companies, area=area)
    return sorted(visible.select_related("owner"), key=lambda v: (v.owner_id != person_id, v.name.casefold(), v.pk))


def find_view(scope: Scope, person_id: int, view_id: int) -> SavedView | None:
    """A view that this person may use; None when it is not there, or not theirs to see."""
    visible = SavedView.objects.filter(Q(owner=person_id) | Q(shared=True), company_id__in=scope.companies, pk=view_id)
    return visible.select_related("owner", "company").first()
