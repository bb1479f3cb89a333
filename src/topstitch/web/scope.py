"""Whose records the person of a request may see; the one place where screens find it out."""

from __future__ import annotations

from typing import TypeVar

from django.http import Http404, HttpRequest

from topstitch.store.queries.scope import Scope, scope_of_person

T = TypeVar("T")


def scope_of(request: HttpRequest) -> Scope:
    """The scope of the signed-in person, asked of the database once a request."""
    known = getattr(request, "topstitch_scope", None)
    if not isinstance(known, Scope):
        person = request.user.pk if request.user.is_authenticated else None
        known = scope_of_person(person) if person else Scope(())
        request.topstitch_scope = known  # type: ignore[attr-defined]  # kept for the rest of this request
    return known


def found(thing: T | None) -> T:
    """What was looked for; what does not exist and what belongs to others both answer 404."""
    if thing is None:
        raise Http404
    return thing
