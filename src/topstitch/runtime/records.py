"""Records of a service as its runs have stored them."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Q

from topstitch.engine.identity import Identity, identity
from topstitch.errors import MappingError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.model import Record
from topstitch.store.actions.services import spec_of
from topstitch.store.models import Item, Run, RunPage, Service, StoredPayload
from topstitch.store.payloads import unpacked

#: Runs that are looked through for the newest record.
RUNS = 20


def stored_record(service: Service, wanted: str = "") -> tuple[str, Record] | None:
    """What people call it and the record: the one with this reference or id, else the newest. None: it is not stored."""
    spec = spec_of(service)
    who = identity(CATALOGUE.get(service.source.system).entity(service.source_entity), spec.source, {})
    for run_id, page in _asked(service, wanted) if wanted else _newest(service):
        for record in _records(run_id, page):
            name = _name(who, record, wanted)
            if name:
                return name, record
    return None


def _asked(service: Service, wanted: str) -> Iterator[tuple[UUID, int]]:
    items = Item.objects.filter(Q(key=wanted) | Q(reference=wanted), service=service, run_id__isnull=False)
    yield from items.order_by("-at").values_list("run_id", "page")[:5]


def _newest(service: Service) -> Iterator[tuple[UUID, int]]:
    runs = list(Run.objects.filter(service=service).order_by("-created_at").values_list("pk", flat=True)[:RUNS])
    pages = RunPage.objects.filter(run_id__in=runs, number__gt=0).values_list("run_id", "number")
    yield from sorted(pages, key=lambda page: (runs.index(page[0]), page[1]))


def _records(run_id: UUID, page: int) -> list[Record]:
    stored = StoredPayload.objects.filter(run_id=run_id, page=page, kind="pulled").first()
    return unpacked(stored.body) if stored else []


def _name(who: Identity, record: Record, wanted: str) -> str:
    """What a record is called, if it is the one that is wanted."""
    try:
        key, reference = who.key(record), who.reference(record)
    except MappingError:
        return ""
    return (reference or key) if not wanted or wanted in (key, reference) else ""
