"""The areas of the product, in the order of the rail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Area:
    """An entry of the rail. `begins`: how the addresses that belong to it begin."""

    slug: str
    name: str
    #: Name of the first screen's address.
    screen: str
    icon: str
    #: Pressed after g.
    key: str
    begins: tuple[str, ...] = ()
    #: Stays in the bar of a phone; the others are behind "More".
    first: bool = False


AREAS = (
    Area("home", "Home", "home", "home", "h", first=True),
    Area("services", "Services", "services", "services", "s", ("/services/", "/runs/"), first=True),
    Area("connectors", "Connectors", "connectors", "plug", "c", ("/connectors/",)),
    Area("reports", "Reports", "reports", "reports", "r", ("/reports/",), first=True),
    Area("errors", "Errors", "errors", "warn", "e", ("/errors/",), first=True),
    Area("catalogue", "Catalogue", "catalogue", "grid", "a", ("/catalogue/",)),
    Area("lookups", "Lookups", "lookups", "lookup", "l", ("/lookups/",)),
    Area("scripts", "Scripts", "scripts", "code", "x", ("/scripts/",)),
    Area("settings", "Settings", "settings", "cog", "t", ("/settings/",)),
)

Count = Callable[[HttpRequest], int]
_counts: dict[str, Count] = {}


def count_beside(slug: str) -> Callable[[Count], Count]:
    """Decorator: the figure beside an area's name, asked for at every page, so it must be cheap."""

    def keep(count: Count) -> Count:
        _counts[slug] = count
        return count

    return keep


@dataclass(frozen=True, slots=True)
class Entry:
    """An area as a page shows it."""

    area: Area
    url: str
    current: bool
    count: int


def entries(request: HttpRequest) -> list[Entry]:
    """All areas: everybody may look into each."""
    addresses = [(area, reverse(area.screen)) for area in AREAS]
    return [
        Entry(area, url, _is_here(area, url, request.path), _counts[area.slug](request) if area.slug in _counts else 0)
        for area, url in addresses
    ]


def _is_here(area: Area, url: str, path: str) -> bool:
    return path == url or path.startswith(area.begins) if area.begins else path == url
