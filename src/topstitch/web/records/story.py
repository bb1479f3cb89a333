"""One record's story as a page: what every service did with it, day by day, what it is called where, and what nobody watches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from topstitch.store.queries.story import Event, Story, Thing, find_story
from topstitch.web.access import needs
from topstitch.web.components.words import counted
from topstitch.web.queries_in import text
from topstitch.web.scope import scope_of

#: What became of a record, by outcome; {} stands for the destination.
HAPPENED = {
    "created": "created at {}",
    "updated": "updated at {}",
    "unchanged": "unchanged at {}",
    "rejected": "refused by {}",
    "unmapped": "could not be mapped",
    "sent": "put at {}",
    "later": "not taken by {} for now",
    "unknown": "sent to {}, whose answer was lost",
}


@dataclass(frozen=True, slots=True)
class Name:
    """What a record is called in one place."""

    system: str
    slug: str
    kind: str
    name: str


@needs("reports.view")
@require_safe
def story(request: HttpRequest) -> HttpResponse:
    """The story of what the address names."""
    asked = text(request.GET, "q")
    found = find_story(scope_of(request), asked)
    context: dict[str, Any] = {"asked": asked, "story": found}
    if found:
        context |= {"days": days_of(found), "names": list(names_of(found.things)), "sub": sub_of(found)}
    return render(request, "records/story.html", context)


def days_of(story: Story) -> list[tuple[date, list[tuple[Event, str]]]]:
    """Its events by the day of who reads it, oldest first, each with what happened."""
    told = [(event, happened(event)) for event in story.events]
    return [(day, list(some)) for day, some in groupby(told, key=lambda each: timezone.localtime(each[0].at).date())]


def happened(event: Event) -> str:
    """What happened, in words."""
    way, attempt = event.thing.way, event.attempt
    if attempt is None:
        return f"pulled from {way.source} for the first time"
    words = HAPPENED.get(attempt.outcome, attempt.outcome or "sent to {}")
    return words.format(way.destination)


def names_of(things: Sequence[Thing]) -> Iterable[Name]:
    """What it is called in each place, each name once, in the order of the story."""
    found: dict[Name, None] = {}
    for thing in things:
        way = thing.way
        # A name that people use stands for the id; where there is only the id, that does.
        found.setdefault(Name(way.source, way.source_slug, way.kind, thing.reference or thing.key))
        if thing.remote_id:
            found.setdefault(Name(way.destination, way.destination_slug, way.made_kind, thing.remote_id))
    return found


def sub_of(story: Story) -> str:
    """How much there is."""
    services = len({thing.way.service_id for thing in story.things})
    return f"{counted(len(story.events), 'event')} in {counted(services, 'service')}"
