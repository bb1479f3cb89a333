"""The services list: a light index of all services to search and count in, and the full rows of the few on show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform

from topstitch.engine.spec import Source
from topstitch.store.models import Service
from topstitch.store.queries.scope import Scope


class Entry(NamedTuple):
    """What is needed of every service to search, count and order them."""

    id: int
    name: str
    type: str
    active: bool
    group: int
    source: str
    destination: str
    source_entity: str
    destination_entity: str

    @property
    def systems(self) -> tuple[str, str]:
        """Slugs of both systems."""
        return self.source, self.destination


@dataclass(frozen=True, slots=True)
class Choice:
    """What the list is narrowed down to; empty means any."""

    text: str = ""
    group: int | None = None
    #: active, inactive
    status: str = ""
    system: str = ""
    entity: str = ""

    def keeps(self, entry: Entry) -> bool:
        """Whether a service is shown."""
        return (
            (self.group is None or entry.group == self.group)
            and (not self.status or entry.active == (self.status == "active"))
            and (not self.system or entry.source == self.system)
            and (not self.entity or entry.source_entity == self.entity)
            and (not self.text or says(entry, self.text))
        )


def says(entry: Entry, text: str) -> bool:
    """Whether a service is meant by these words: all of them in its name, type or systems, or its id."""
    if text.strip().lstrip("#") == str(entry.id):
        return True
    haystack = " ".join((entry.name, entry.type, *entry.systems)).casefold()
    return all(word in haystack for word in text.casefold().split())


def service_index(scope: Scope, *, removed: bool = False) -> list[Entry]:
    """Every service, by source system; active ones first, then by name. `removed`: also those whose records alone are left."""
    rows = (scope.recorded_services() if removed else scope.services()).values_list(
        "pk",
        "name",
        "type",
        "active",
        "group_id",
        "source__system",
        "destination__system",
        "source_entity",
        "destination_entity",
    )
    entries = [Entry(*row) for row in rows]
    return sorted(entries, key=lambda e: (e.source, not e.active, e.name.casefold(), e.id))


def service_rows(scope: Scope, ids: Iterable[int]) -> dict[int, Service]:
    """Services with their connectors and, in JSON, their `schedules` and whether they have a `webhook`; not their whole
    configuration.
    """
    rows: QuerySet[Service] = scope.services().filter(pk__in=list(ids)).select_related("source", "destination", "group")
    rows = rows.defer("source__sealed", "destination__sealed", "reader_state")
    parts = {name: KeyTextTransform(name, "revision__spec") for name in ("schedules", "webhook")}
    return {service.pk: service for service in rows.annotate(**parts)}


def matching(index: Sequence[Entry], choice: Choice) -> list[Entry]:
    """The services that a choice keeps, in the order of the index."""
    return [entry for entry in index if choice.keeps(entry)]


def find_removed(scope: Scope, service_id: int) -> Service | None:
    """A service that was removed while its report is kept; None when it is not there, or not theirs."""
    removed = scope.recorded_services().filter(removed_at__isnull=False)
    return removed.select_related("source", "destination", "group__company").filter(pk=service_id).first()


def find_service(scope: Scope, service_id: int) -> Service | None:
    """A service with all that its screens show of it; None when it is not there, or not theirs."""
    related = ("source", "destination", "group__company", "revision__author")
    return scope.services().select_related(*related).filter(pk=service_id).first()


def tries_of(service: Service) -> int:
    """How often a record of a service is tried; 0 while it has no configuration."""
    source = service.revision.spec.get("source", {}) if service.revision else {}
    return int(source.get("max_attempts", Source.model_fields["max_attempts"].default)) if source else 0


def find_services(scope: Scope, ids: Iterable[int]) -> list[Service]:
    """Some services with their ends and configuration, by name; those that are not theirs are left out."""
    rows = scope.services().filter(pk__in=list(ids)).select_related("source", "destination", "revision")
    return list(rows.defer("source__sealed", "destination__sealed", "reader_state").order_by("name"))
