"""Who may open a screen: each view says it once, the middleware keeps it, and templates ask the same table.

`@needs("services.update")` for what a role permits (`@needs("services.view_settings", change="services.update")` where a page
is read by more people than may send its form), `@personal` for a person's own account, `@public` for
everybody. A view that says none of these is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from topstitch.accounts.capabilities import CAPABILITIES, capability
from topstitch.errors import Bug
from topstitch.store.queries.people import people_who_may
from topstitch.web.answers import with_toast
from topstitch.web.scope import drawn_for, place_of, places_of

View = TypeVar("View", bound=Callable[..., Any])
ATTRIBUTE = "topstitch_access"
PUBLIC, PERSONAL = "public", "personal"
#: Requests that change nothing.
SAFE = ("GET", "HEAD", "OPTIONS")


def needs(name: str, *, change: str = "") -> Callable[[View], View]:
    """The person needs this capability in the company that they are in; `change`: another one to send a form."""
    return _says(capability(name).name, capability(change or name).name)


def _says(access: str, change: str = "") -> Callable[[View], View]:
    def decorate(view: View) -> View:
        setattr(view, ATTRIBUTE, (access, change or access))
        # Django's own mark, for what looks at it.
        view.login_required = access != PUBLIC  # type: ignore[attr-defined]  # a mark on a function
        return view

    return decorate


#: For everybody who is signed in: their own account.
personal = _says(PERSONAL)
#: For everybody.
public = _says(PUBLIC)


def access_of(view: Callable[..., Any], method: str = "GET") -> str | None:
    """What a view says: a capability, PERSONAL, PUBLIC, or None when it says nothing."""
    said: tuple[str, str] | None = getattr(view, ATTRIBUTE, None)
    return said[method not in SAFE] if said else None


def may(request: HttpRequest, name: str) -> bool:
    """Whether the person of a request may, where they are."""
    row = capability(name)
    place = place_of(request)
    return place is not None and row.allows(place.standing.role, advanced=place.standing.advanced)


def refusal(request: HttpRequest, name: str) -> HttpResponse:
    """The page that says who may and whom to ask."""
    place = place_of(request)
    context: dict[str, Any] = {"place": place, "capability": capability(name)}
    if place:
        context["people"] = people_who_may(place.company, name)
    return render(request, "refused.html", context, status=403)


def elsewhere(request: HttpRequest) -> HttpResponse | None:
    """Of a form that was drawn for another company than the one that the person is in now: what happened, and the way back."""
    place, drawn = place_of(request), drawn_for(request)
    if place is None or place == drawn:
        return None
    if request.headers.get("HX-Request"):
        there = f"belongs to {drawn.company.name}" if drawn else "does not say where it belongs"
        way = f"switch back to {drawn.company.name}, or reload the page" if drawn else "reload the page"
        words = f"You are in {place.company.name} now, and this page {there}. Nothing was done: {way}."
        return with_toast(HttpResponse(status=409), words, "failed")
    # Where the form is; the browser sends it along for addresses of ours.
    back = urlsplit(request.headers.get("Referer", ""))._replace(scheme="", netloc="").geturl() or "/"
    return render(request, "elsewhere.html", {"drawn": drawn, "back": back}, status=409)


@dataclass(frozen=True, slots=True)
class Can:
    """`{% if can.services_update %}`: capabilities for templates, with _ in place of the dot."""

    request: HttpRequest

    def __getitem__(self, key: str) -> bool:
        try:
            name = _NAMES[key]
        except KeyError:
            raise Bug(f"a template asks for the capability {key!r}, which there is not") from None
        return may(self.request, name)


_NAMES = {name.replace(".", "_"): name for name in CAPABILITIES}


def context(request: HttpRequest) -> dict[str, object]:
    """What templates know of where the person is: `can`, `place`, `places`; asked for only when used."""
    return {
        "can": Can(request),
        "place": _Later(request, place_of),
        "places": _Later(request, places_of),
    }


@dataclass(frozen=True, slots=True)
class _Later:
    """Called by the template engine, when a template mentions it."""

    request: HttpRequest
    ask: Callable[[HttpRequest], object]

    def __call__(self) -> object:
        return self.ask(self.request)
