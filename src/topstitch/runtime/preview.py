"""Dry runs of stored services."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from topstitch.engine.preview import DryPage, dry_run
from topstitch.engine.setup import RunInfo
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError
from topstitch.runtime.assemble import create_only, open_side, run_options, transform_of
from topstitch.store.ledger import PgLedger
from topstitch.store.models import Run, Service


def preview_service(service: Service, options: Mapping[str, Any]) -> Iterator[DryPage]:
    """What a run with these options would do now, page by page. Sends nothing and remembers nothing."""
    if service.revision is None:
        raise ConfigError("the service has no configuration yet", place=service.name)
    spec = Spec.model_validate(service.revision.spec)
    stop = threading.Event()
    run = Run(service=service, revision=service.revision, scheduled_for=datetime.now(UTC))
    source = open_side(service.source, spec.source.entity, stop=stop, log=_silent, step="pull")
    destination = open_side(service.destination, spec.destination.entity, stop=stop, log=_silent, step="push", dry=True)
    ledger = PgLedger(service.pk, run.pk)
    info = RunInfo(
        run_id=str(run.pk),
        service_id=str(service.pk),
        now=run.scheduled_for,
        create_only=create_only(spec, service.destination, destination),
        options=run_options({**options, "dry": True}),
        watermark=service.watermark,
        covered=service.covered_at,
        state=service.reader_state,
    )
    transform = None
    try:
        transform = transform_of(
            spec, run, source, destination, stop=stop, log=_silent, paused=lambda reason: None, dry=True
        )
        yield from dry_run(
            spec,
            source,
            destination,
            transform.mapper,
            script=transform.script,
            info=info,
            know=ledger.know,
            clock=lambda: datetime.now(UTC),
        )
    finally:
        if transform is not None:
            transform.others.close()
        ledger.close()
        source.connection.close()
        destination.connection.close()


def _silent(level: str, step: str, message: str, *, page: int | None = None, reference: str = "") -> None:
    """A preview has no log."""
