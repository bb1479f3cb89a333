"""The revisions of a service."""

from __future__ import annotations

from topstitch.store.models import Revision, Service
from topstitch.store.queries.keyset import Window, window

REVISIONS_A_PAGE = 20


def revisions_of(
    service: Service, *, after: int | None = None, before: int | None = None, size: int = REVISIONS_A_PAGE
) -> Window[Revision]:
    """Some revisions of a service, newest first; `after` and `before` are numbers."""
    revisions = Revision.objects.filter(service=service).select_related("author")
    return window(revisions, by="number", size=size, after=after, before=before)


def find_revision(service: Service, number: int) -> Revision | None:
    """The revision of this number; None when there is none."""
    return Revision.objects.filter(service=service, number=number).select_related("author").first()


def revision_before(service: Service, number: int) -> Revision | None:
    """The one before that number, which is the next lower one that there is; None before the first."""
    earlier = Revision.objects.filter(service=service, number__lt=number)
    return earlier.select_related("author").order_by("-number").first()
