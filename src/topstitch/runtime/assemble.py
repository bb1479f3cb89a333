"""Putting a run together: from its row to connections, mapping, ledger and log."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.conf import settings as installation

from topstitch.engine.environment import RunEnvironment, run_variables
from topstitch.engine.mapping import Mapper, compile_mapping
from topstitch.engine.mapping.asking import Asks
from topstitch.engine.mapping.trace import Trace
from topstitch.engine.mode import creates_only
from topstitch.engine.once import once
from topstitch.engine.page import Candidate
from topstitch.engine.ports import RunLog
from topstitch.engine.reshape import Reshape
from topstitch.engine.run import ServiceRun
from topstitch.engine.setup import RunInfo, Side
from topstitch.engine.spec import FilterRow
from topstitch.engine.spec import Service as Spec
from topstitch.engine.window import Edit, RunOptions
from topstitch.runtime.others import RunOthers
from topstitch.runtime.scripts import RunScripts
from topstitch.store.actions.connectors import open_connection
from topstitch.store.ledger import PgLedger
from topstitch.store.lookups.reading import tables_of
from topstitch.store.models import Connector, Run
from topstitch.store.payloads import keep_payload, kept_edits
from topstitch.store.runlog import PgRunLog


def run_options(options: Mapping[str, Any]) -> RunOptions:
    """A run's options from its JSON."""
    given = {name: value for name, value in options.items() if name != "edited"}
    for name in ("since", "until"):
        if given.get(name):
            given[name] = datetime.fromisoformat(given[name])
    if given.get("filters") is not None:
        given["filters"] = [FilterRow.model_validate(row) for row in given["filters"]]
    return RunOptions(**given)


def options_of(run: Run) -> RunOptions:
    """The same of a run, with the records that a person corrected for it. Raises LimitExceeded when they have expired."""
    options = run_options(run.options)
    if not run.options.get("edited"):
        return options
    return replace(options, edited=[Edit(**edit) for edit in kept_edits(run.pk)])


def spec_of_run(run: Run) -> Spec:
    """The configuration that a run has: its revision's, with what was changed for it alone. Raises ConfigError."""
    options = run_options(run.options)
    return once(Spec.model_validate(run.revision.spec), options.source, options.destination)


def environment_of(spec: Spec, run: Run, log: RunLog) -> RunEnvironment:
    """What the functions of a run are given, nobody to ask yet. Lookup tables are as they were when the run started."""
    group = run.service.group
    return RunEnvironment(
        now=run.scheduled_for,
        tables=tables_of(group.company_id, group.pk, at=run.started_at, told=lambda line: log("info", "map", line)),
        zone=spec.destination.zone,
        variables=run_variables(
            str(run.pk),
            run.service_id,
            run.service.name,
            run_time=run.scheduled_for,
            company=group.company.name,
            group=group.name,
        ),
    )


@dataclass(frozen=True, slots=True)
class Transform:
    """What a service does to records between its two ends."""

    mapper: Mapper
    #: The payload script.
    script: Reshape | None
    others: RunOthers


def transform_of(
    spec: Spec,
    run: Run,
    source: Side,
    destination: Side,
    *,
    stop: threading.Event,
    log: RunLog,
    paused: Callable[[str], None],
    dry: bool = False,
    trace: Trace | None = None,
) -> Transform:
    """Payload script and compiled mapping of a run; close its `others` after use. `trace` watches the mapping.

    Raises ConfigError for what does not fit any more.
    """
    service, environment = run.service, environment_of(spec, run, log)
    scripts = RunScripts(run, environment, log, stop=stop, keep=run_options(run.options).keep_scripts)
    others = RunOthers(
        service,
        {service.source_id: source, service.destination_id: destination},
        scripts=scripts,
        stop=stop,
        log=log,
        paused=paused,
        patience=0 if dry else installation.OUTAGE_PATIENCE,
        dry=dry,
    )
    try:
        fields = destination.connection.entry.fields(spec.destination.entity)
        mapper = compile_mapping(spec.mapping, replace(environment, others=others, asks=Asks()), fields, trace)
        return Transform(mapper, scripts.payload(spec.script) if spec.script else None, others)
    except BaseException:
        others.close()
        raise


def open_side(
    connector: Connector,
    entity: str,
    *,
    stop: threading.Event,
    log: RunLog,
    step: str,
    dry: bool = False,
) -> Side:
    """A connector's connection and the entity at its end."""
    connection = open_connection(connector, stop=stop, log=lambda level, text: log(level, step, text), dry=dry)
    return Side(connection, connection.entry.entity(entity))


def info_of(run: Run, spec: Spec, destination: Side) -> RunInfo:
    """The run as the engine knows it."""
    service = run.service
    return RunInfo(
        run_id=str(run.pk),
        service_id=str(service.pk),
        now=run.scheduled_for,
        create_only=creates_only(spec.destination, destination.entity),
        options=options_of(run),
        watermark=service.watermark,
        covered=service.covered_at,
        state=service.reader_state,
        patience=installation.OUTAGE_PATIENCE,
    )


def _keeper(run: Run) -> Callable[[int, Sequence[Candidate]], None] | None:
    """Stores what a page is about to send, where that was asked for. Begun again after a crash, the first copy is whole."""
    if not run_options(run.options).keep_pushed:
        return None

    def keep(page: int, candidates: Sequence[Candidate]) -> None:
        rows = [{"key": c.key, "reference": c.reference, "record": c.mapped} for c in candidates]
        keep_payload(run.pk, page, "pushed", rows)

    return keep


def assemble(run: Run, ledger: PgLedger, log: PgRunLog, stop: threading.Event) -> ServiceRun:
    """The run, ready to step. Raises ConfigError when its revision does not fit the connectors any more."""
    spec, service = spec_of_run(run), run.service
    source = open_side(service.source, spec.source.entity, stop=stop, log=log, step="pull")
    destination = open_side(service.destination, spec.destination.entity, stop=stop, log=log, step="push")
    try:
        transform = transform_of(spec, run, source, destination, stop=stop, log=log, paused=ledger.paused)
        return ServiceRun(
            spec,
            source,
            destination,
            transform.mapper,
            info=info_of(run, spec, destination),
            ledger=ledger,
            log=log,
            clock=lambda: datetime.now(UTC),
            stop=stop,
            script=transform.script,
            others=transform.others,
            keep=_keeper(run),
        )
    except BaseException:
        source.connection.close()
        destination.connection.close()
        raise
