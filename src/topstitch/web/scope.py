"""Which company a request is in, and so whose records may be seen; the one place where screens find it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from django.http import Http404, HttpRequest

from topstitch.store.models import Company
from topstitch.store.queries.scope import Place, Scope, places_of_person

if TYPE_CHECKING:
    from topstitch.accounts.models import User

T = TypeVar("T")
#: Where the session keeps the company that was chosen.
COMPANY = "company"
#: The field of a form that says which company it was drawn for.
IN_COMPANY = "in_company"
_NOWHERE = Scope(())


def person_of(request: HttpRequest) -> User:
    """The signed-in person."""
    assert request.user.is_authenticated
    return request.user


def places_of(request: HttpRequest) -> list[Place]:
    """The companies that the person may be in, asked of the database once a request."""
    known = getattr(request, "topstitch_places", None)
    if known is None:
        known = places_of_person(request.user.pk) if request.user.is_authenticated else []
        request.topstitch_places = known  # type: ignore[attr-defined]  # kept for the rest of this request
    return cast("list[Place]", known)


def place_of(request: HttpRequest) -> Place | None:
    """Where the person is: the company of the session, else where they were last, else their first one."""
    places = places_of(request)
    if not places:
        return None
    for wanted in (request.session.get(COMPANY), person_of(request).company_id):
        for place in places:
            if place.company.pk == wanted:
                return place
    return places[0]


def company_of(request: HttpRequest) -> Company:
    """The company that the person is in. Screens that need a capability are only reached with one."""
    return found(place_of(request)).company


def drawn_for(request: HttpRequest) -> Place | None:
    """The company that a form which is sent was drawn for, if it says so and the person may be there."""
    said = request.POST.get(IN_COMPANY)
    return next((place for place in places_of(request) if str(place.company.pk) == said), None)


def scope_of(request: HttpRequest) -> Scope:
    """What the person may see where they are; nothing when they are in no company."""
    place = place_of(request)
    return place.scope if place else _NOWHERE


def found(thing: T | None) -> T:
    """What was looked for; what does not exist and what belongs to others both answer 404."""
    if thing is None:
        raise Http404
    return thing
