"""Dry runs and previews of stored services, or of a specification that is not stored yet."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from topstitch.engine.identity import identity
from topstitch.engine.mapping.paths import canonical_service
from topstitch.engine.mapping.trace import Trace
from topstitch.engine.mode import creates_only
from topstitch.engine.once import once
from topstitch.engine.ports import RunLog
from topstitch.engine.preview import DryPage, Given, RecordsPreview, dry_run, preview_records
from topstitch.engine.setup import RunInfo, Side
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError, LimitExceeded, MappingError
from topstitch.net.retry import PATIENCE, Deadline
from topstitch.runtime.assemble import Transform, open_side, run_options, transform_of
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.model import BadRecord, Record
from topstitch.store.actions.services import spec_of
from topstitch.store.ledger import PgLedger
from topstitch.store.models import Item, Run, RunPage, Service, StoredPayload


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which records to preview: those with ids from the source, the system's sample, given ones, or a run's stored ones.

    With none of these, the next that a run would pull.
    """

    ids: Sequence[str] = ()
    sample: bool = False
    given: Given | None = None
    run: Run | None = None
    page: int | None = None
    key: str = ""
    limit: int | None = None
    #: Whether the service's filters are asked.
    filters: bool = True
    #: Whether records are sent that would be left alone: done before, unchanged, failed too often.
    force: bool = False
    #: Whether the destination builds the requests. Some systems have to be asked for that, at the cost of their limits.
    requests: bool = True


@dataclass
class Opened:
    """A service ready to be looked at: nothing is sent, nothing remembered."""

    spec: Spec
    run: Run
    source: Side
    destination: Side
    ledger: PgLedger
    info: RunInfo
    log: RunLog
    stop: threading.Event
    #: What was logged: (step, line).
    lines: list[tuple[str, str]] = field(default_factory=list)

    @contextmanager
    def transform(self, trace: Trace | None = None) -> Iterator[Transform]:
        """Its payload script and mapping; `trace` watches the mapping."""
        made = transform_of(
            self.spec,
            self.run,
            self.source,
            self.destination,
            stop=self.stop,
            log=self.log,
            paused=lambda reason: None,
            dry=True,
            trace=trace,
        )
        try:
            yield made
        finally:
            made.others.close()


def preview_service(
    service: Service, options: Mapping[str, Any], *, spec: Spec | None = None, compare: bool = False
) -> Iterator[DryPage]:
    """What a run with these options would do now, page by page. Sends nothing and remembers nothing.

    `spec` is looked at instead of the stored one; with `compare` each record is set beside what the destination has.
    """
    with _opened(service, spec, options, threading.Event()) as it, it.transform() as transform:
        yield from dry_run(
            it.spec,
            it.source,
            it.destination,
            transform.mapper,
            script=transform.script,
            info=it.info,
            know=it.ledger.know,
            clock=_now,
            compare=compare,
        )


def preview_of(
    service: Service, wanted: Wanted, *, spec: Spec | None = None, deadline: Deadline | None = None
) -> RecordsPreview:
    """Some records on their way through a service, step by step. Sends nothing and remembers nothing.

    A person waits for it: until `deadline`, PATIENCE from now unless given. Raises ConfigError for a service that cannot be
    run, an unknown run, page or key, LimitExceeded where what was stored has expired, and what pulling raises.
    """
    # Of what a payload script makes, a key is picked out when it has; of what was stored, before.
    scripted = (spec or spec_of(service)).script is not None
    keys = [wanted.key] if wanted.key and scripted else []
    options: dict[str, Any] = {"ids": [*wanted.ids, *keys], "limit": wanted.limit}
    if not wanted.filters:
        options["filters"] = []
    if wanted.force:
        options["force"] = True
    trace = Trace()
    with _opened(service, spec, options, deadline or Deadline(PATIENCE)) as it, it.transform(trace) as transform:
        given = _given(service, wanted, it)
        shown = preview_records(
            it.spec,
            it.source,
            it.destination,
            transform.mapper,
            trace,
            script=transform.script,
            info=it.info,
            know=it.ledger.know,
            clock=_now,
            given=given,
            requests=wanted.requests,
        )
        if shown.script is not None:
            logs = [line for step, line in it.lines if step == "script"]
            shown = replace(shown, script=replace(shown.script, logs=logs))
        return shown


@contextmanager
def _opened(service: Service, spec: Spec | None, options: Mapping[str, Any], stop: threading.Event) -> Iterator[Opened]:
    asked = run_options({**options, "dry": True})
    spec = once(_canonical(service, spec) if spec else spec_of(service), asked.source, asked.destination)
    lines: list[tuple[str, str]] = []

    def log(level: str, step: str, message: str, *, page: int | None = None, reference: str = "") -> None:
        lines.append((step, message))

    run = Run(service=service, revision=service.revision, scheduled_for=_now())
    with ExitStack() as stack:
        source = open_side(service.source, spec.source.entity, stop=stop, log=log, step="pull")
        stack.callback(source.connection.close)
        destination = open_side(service.destination, spec.destination.entity, stop=stop, log=log, step="push", dry=True)
        stack.callback(destination.connection.close)
        ledger = PgLedger(service.pk, run.pk)
        stack.callback(ledger.close)
        info = RunInfo(
            run_id=str(run.pk),
            service_id=str(service.pk),
            now=run.scheduled_for,
            create_only=creates_only(spec.destination, destination.entity),
            options=asked,
            watermark=service.watermark,
            covered=service.covered_at,
            state=service.reader_state,
        )
        yield Opened(spec, run, source, destination, ledger, info, log, stop, lines)


def _canonical(service: Service, spec: Spec) -> Spec:
    """As it would be saved: paths in the notation in which services keep them."""
    entries = CATALOGUE.get(service.source.system), CATALOGUE.get(service.destination.system)
    return canonical_service(spec, *entries, place=lambda *parts: service.name)


def _now() -> datetime:
    return datetime.now(UTC)


# -- records that are not pulled ------------------------------------------------------------------------------------


def _given(service: Service, wanted: Wanted, it: Opened) -> Given | None:
    given = wanted.given
    if wanted.sample:
        given = _sample(it)
    elif wanted.run is not None or wanted.key:
        given = _stored(service, wanted, it)
    if given is None:
        return None
    whole = it.spec.script is not None and bool(wanted.key)
    return given if whole else replace(given, records=list(given.records)[: wanted.limit])


def _sample(it: Opened) -> Given:
    entry, entity = it.source.connection.entry, it.spec.source.entity
    records = entry.samples(entity)
    if not records:
        raise ConfigError(f"{entry.name} has no sample of {entity}", hint="Give a record with --input, or its --id.")
    return Given(records=records)


def _stored(service: Service, wanted: Wanted, it: Opened) -> Given:
    """What a run pulled: a page, all of its pages, or the record with a key wherever it is."""
    run_id, page = _where(service, wanted)
    pages = RunPage.objects.filter(run_id=run_id).order_by("number")
    if page is not None:
        pages = pages.filter(number=page)
    elif it.spec.script is not None:
        # Pages of records that were tried again hold what the payload script had made of them.
        pages = pages.filter(number__gt=0)
    if not pages:
        of_page = "" if page is None else f" page {page}"
        known = RunPage.objects.filter(run_id=run_id).values_list("number", flat=True)
        there = f"; there are {', '.join(map(str, sorted(known)))}" if known else ""
        raise ConfigError(f"the run {run_id} pulled no{of_page or ' page'}{there}", key="page")
    key_of = identity(it.source.entity, it.spec.source, {}).key
    records: list[Record] = []
    bad: list[BadRecord] = []
    key = "" if it.spec.script is not None else wanted.key
    for row in pages:
        if not StoredPayload.objects.filter(run_id=run_id, page=row.number, kind="pulled").exists():
            raise _expired(run_id, row.number)
        stored = it.ledger.stored(str(run_id), row.number)
        records += [each for each in stored if not key or _has_key(key_of, each, key)]
        if not key:
            bad += [BadRecord(each["place"], each["reason"], each.get("raw", "")) for each in row.bad]
        if (key and records) or (wanted.limit is not None and len(records) >= wanted.limit):
            break
    if key and not records:
        raise ConfigError(f"the run {run_id} pulled no record with the id {wanted.key!r}", key="record")
    return Given(records=records, bad=bad, made=page is not None and page < 0)


def _where(service: Service, wanted: Wanted) -> tuple[UUID, int | None]:
    """The run and page to look in: of a key alone, those in which the service met it last."""
    if wanted.run is not None:
        if wanted.run.service_id != service.pk:
            raise ConfigError(f"the run {wanted.run.pk} is one of the service {wanted.run.service.name!r}", key="run")
        return wanted.run.pk, wanted.page
    item = Item.objects.filter(service=service, key=wanted.key).first()
    if item is None or item.run_id is None:
        raise ConfigError(f"the service {service.name!r} has not met a record with the id {wanted.key!r}", key="record")
    return item.run_id, item.page


def _has_key(key_of: Any, record: Record, key: str) -> bool:
    try:
        return bool(key_of(record) == key)
    except MappingError:
        return False


def _expired(run_id: UUID, page: int) -> LimitExceeded:
    return LimitExceeded(
        f"what page {page} of the run {run_id} pulled is no longer stored",
        key="payload_expired",
        hint="Preview the record by its --id, which asks the source for it.",
    )
