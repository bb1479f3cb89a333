"""The first steps of a company in which nothing has run yet."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from topstitch.accounts.capabilities import capability
from topstitch.store.queries.home import Begun
from topstitch.web.access import may


@dataclass(frozen=True, slots=True)
class Step:
    """One of them. `act` and `href` are its button, "" where there is none; `who` may do it, when the person may not."""

    name: str
    words: str
    done: bool
    current: bool = False
    act: str = ""
    href: str = ""
    who: str = ""


#: Name, words, capability, button, the screen that it leads to.
_STEPS = (
    (
        "Connect two systems",
        "One that records come from and one that they go to. Without accounts at hand, choose the practice environment: "
        "every system can be tried against a server of its own.",
        "connectors.create",
        "Add a connector",
        "connector_choose",
    ),
    (
        "Make a service",
        "It says which records move, when, and how their fields are mapped. The usual mapping is there from the start.",
        "services.create",
        "Add a service",
        "service_add",
    ),
    (
        "Run it once",
        "A dry run shows what would be sent. The first real run is the end of this page: from then on it shows what needs you.",
        "services.run",
        "Open your services",
        "services",
    ),
)


def first_steps(request: HttpRequest, begun: Begun) -> list[Step]:
    """The three steps with how far they are; [] once something has run."""
    if begun.ran:
        return []
    done = (begun.connectors > 1, begun.services > 0, begun.ran)
    current = done.index(False)
    steps = []
    for n, (name, words, needed, act, screen) in enumerate(_STEPS):
        allowed, here = may(request, needed), n == current
        href = reverse(screen) if here and allowed else ""
        who = capability(needed).who if here and not allowed else ""
        steps.append(Step(name, words, done[n], here, act if href else "", href, who))
    return steps
