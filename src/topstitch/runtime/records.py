"""Records of a service as its runs have stored them, and some of its source's as they are now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from topstitch.engine.identity import Identity, identity
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError, MappingError
from topstitch.net.retry import PATIENCE, Deadline
from topstitch.runtime.assemble import open_side
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.model import Query, Record
from topstitch.sdk.settings import checked_settings
from topstitch.store.actions.services import spec_of
from topstitch.store.models import Item, Run, RunPage, Service, StoredPayload
from topstitch.store.payloads import unpacked

#: Runs that are looked through for the newest record, and pages of each.
RUNS, PAGES = 20, 50


@dataclass(frozen=True, slots=True)
class Pulled:
    """A record and the time of the run that pulled it, from which its relative filters counted."""

    record: Record
    at: datetime


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


def recent_records(service: Service, limit: int) -> list[Pulled]:
    """The last records that runs have pulled and that are still stored, the newest run's first, each once."""
    if service.revision is None:
        return []
    who = identity(CATALOGUE.get(service.source.system).entity(service.source_entity), spec_of(service).source, {})
    times = dict(Run.objects.filter(service=service).order_by("-created_at").values_list("pk", "scheduled_for")[:RUNS])
    found: dict[str, Pulled] = {}
    for run_id, page in _newest(service):
        for record in _records(run_id, page):
            found.setdefault(_key(who, record), Pulled(record, times[run_id]))
            if len(found) == limit:
                return list(found.values())
    return list(found.values())


def first_records(service: Service, spec: Spec, limit: int) -> list[Record]:
    """So many records as the source gives them now, no filter asked. Raises what pulling raises, and OutOfTime for a source
    that takes longer than a person waits.
    """
    stop = Deadline(PATIENCE)
    side = open_side(service.source, spec.source.entity, stop=stop, log=lambda *line, **more: None, step="pull")
    try:
        read = side.entity.read
        if read is None:
            raise ConfigError(f"{side.connection.entry.name} does not let {side.entity.label.lower()} be read")
        options = checked_settings(read.options, spec.source.options, place="source options")
        query = Query(page_size=min(limit, read.max_page_size), options=options)
        records: list[Record] = []
        for page in read.pages(side.connection, query, None):
            records += page.records
            if len(records) >= limit:
                break
        return records[:limit]
    finally:
        side.connection.close()


def _asked(service: Service, wanted: str) -> Iterator[tuple[UUID, int]]:
    items = Item.objects.filter(Q(key=wanted) | Q(reference=wanted), service=service, run_id__isnull=False)
    yield from items.order_by("-at").values_list("run_id", "page")[:5]


def _newest(service: Service) -> Iterator[tuple[UUID, int]]:
    """The first pages of its last runs, the newest run's first: of a run they are asked for when it is its turn."""
    for run_id in Run.objects.filter(service=service).order_by("-created_at").values_list("pk", flat=True)[:RUNS]:
        pages = RunPage.objects.filter(run_id=run_id, number__gt=0).order_by("number")
        for page in pages.values_list("number", flat=True)[:PAGES]:
            yield run_id, page


def _records(run_id: UUID, page: int) -> list[Record]:
    stored = StoredPayload.objects.filter(run_id=run_id, page=page, kind="pulled").first()
    return unpacked(stored.body) if stored else []


def _key(who: Identity, record: Record) -> str:
    """Its id; of a record without one, what tells it from all others."""
    try:
        return who.key(record)
    except MappingError:
        return f"without id {id(record)}"


def _name(who: Identity, record: Record, wanted: str) -> str:
    """What a record is called, if it is the one that is wanted."""
    try:
        key, reference = who.key(record), who.reference(record)
    except MappingError:
        return ""
    return (reference or key) if not wanted or wanted in (key, reference) else ""
