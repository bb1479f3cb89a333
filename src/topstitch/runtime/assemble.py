"""Putting a run together: from its row to connections, mapping, ledger and log."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings as installation

from topstitch.engine.environment import RunEnvironment, run_variables
from topstitch.engine.mapping import Mapper, compile_mapping
from topstitch.engine.mapping.trace import Trace
from topstitch.engine.ports import RunLog
from topstitch.engine.run import ServiceRun
from topstitch.engine.setup import RunInfo, Side
from topstitch.engine.spec import FilterRow
from topstitch.engine.spec import Service as Spec
from topstitch.engine.window import RunOptions
from topstitch.runtime.others import RunOthers
from topstitch.sdk.taxonomy import entities, taxonomy
from topstitch.store.actions.connectors import open_connection
from topstitch.store.ledger import PgLedger
from topstitch.store.lookups.reading import tables_of
from topstitch.store.models import Connector, Run
from topstitch.store.runlog import PgRunLog


def run_options(options: Mapping[str, Any]) -> RunOptions:
    """A run's options from its JSON."""
    given = dict(options)
    for name in ("since", "until"):
        if given.get(name):
            given[name] = datetime.fromisoformat(given[name])
    if given.get("filters") is not None:
        given["filters"] = [FilterRow.model_validate(row) for row in given["filters"]]
    return RunOptions(**given)


def create_only(spec: Spec, connector: Connector, side: Side) -> bool:
    """Whether what was done once is left alone: the service's choice, else the entity's, else the taxonomy's."""
    entity = side.entity
    mode = spec.destination.mode or entity.mode
    if not mode and entity.taxonomy in entities():
        mode = taxonomy(entity.taxonomy).mode
    return mode == "create_only"


def mapper_for(
    spec: Spec, run: Run, destination: Side, others: RunOthers, log: RunLog | None = None, trace: Trace | None = None
) -> Mapper:
    """The compiled mapping of a run. It uses lookup tables as they were when the run started, also when it is resumed.

    `trace` watches it.
    """
    group = run.service.group
    environment = RunEnvironment(
        now=run.scheduled_for,
        tables=tables_of(
            group.company_id,
            group.pk,
            at=run.started_at,
            told=lambda line: log("info", "map", line) if log else None,
        ),
        zone=spec.destination.zone,
        variables=run_variables(
            str(run.pk),
            run.service_id,
            run.service.name,
            run_time=run.scheduled_for,
            company=group.company.name,
            group=group.name,
        ),
        others=others,
    )
    fields = destination.connection.entry.fields(spec.destination.entity)
    return compile_mapping(spec.mapping, environment, fields, trace)


def open_side(
    connector: Connector, entity: str, *, stop: threading.Event, log: RunLog, step: str, dry: bool = False
) -> Side:
    """A connector's connection and the entity at its end."""
    connection = open_connection(connector, stop=stop, log=lambda level, text: log(level, step, text), dry=dry)
    return Side(connection, connection.entry.entity(entity))


def assemble(run: Run, ledger: PgLedger, log: PgRunLog, stop: threading.Event) -> ServiceRun:
    """The run, ready to step. Raises ConfigError when its revision does not fit the connectors any more."""
    spec = Spec.model_validate(run.revision.spec)
    service = run.service
    source = open_side(service.source, spec.source.entity, stop=stop, log=log, step="pull")
    destination = open_side(service.destination, spec.destination.entity, stop=stop, log=log, step="push")
    info = RunInfo(
        run_id=str(run.pk),
        service_id=str(service.pk),
        now=run.scheduled_for,
        create_only=create_only(spec, service.destination, destination),
        options=run_options(run.options),
        watermark=service.watermark,
        covered=service.covered_at,
        state=service.reader_state,
        patience=installation.OUTAGE_PATIENCE,
    )
    others = RunOthers(
        service,
        {service.source_id: source, service.destination_id: destination},
        stop=stop,
        log=log,
        paused=ledger.paused,
        patience=installation.OUTAGE_PATIENCE,
    )
    try:
        mapper = mapper_for(spec, run, destination, others, log)
        return ServiceRun(
            spec,
            source,
            destination,
            mapper,
            info=info,
            ledger=ledger,
            log=log,
            clock=lambda: datetime.now(UTC),
            stop=stop,
            others=others,
        )
    except BaseException:
        for each in (others, source.connection, destination.connection):
            each.close()
        raise
