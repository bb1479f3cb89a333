"""What somebody who helps has to know of an installation, a service or a run: facts, never settings and never secrets."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from topstitch import __version__
from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.store.models import Company, Connector, ErrorGroup, LogLine, Run, Service
from topstitch.store.models.errors import GroupState
from topstitch.store.queries.engine_state import engine_state
from topstitch.store.queries.runlog import CLOCKS

#: Runs of a service; causes; lines of a log, the newest.
RUNS, CAUSES, LINES = 10, 10, 200


@dataclass(frozen=True, slots=True)
class Part:
    """Some facts under one heading; `lines` are as they are."""

    title: str
    facts: Sequence[tuple[str, Any]] = ()
    lines: Sequence[str] = ()


def of_installation(company: Company) -> list[Part]:
    """Versions, how the engine is, and how much the company has here."""
    services = Service.objects.filter(group__company=company)
    counts = [
        ("company", f"{company.name} (#{company.pk})"),
        ("services", services.count()),
        ("active services", services.filter(active=True).count()),
        ("connectors", Connector.objects.filter(group__company=company).count()),
    ]
    states = Connector.objects.filter(group__company=company).order_by("system", "pk")
    return [*_versions(), Part("Company", counts), *(_connector(each) for each in states[:RUNS])]


def of_service(service: Service) -> list[Part]:
    """A service, its connectors, its last runs, what fails, and the log of the last run."""
    runs = list(Run.objects.filter(service=service).order_by("-created_at")[:RUNS])
    parts = [_service(service), *_ends(service), Part("Last runs", lines=[_run_line(run) for run in runs])]
    parts.append(Part("Open errors", lines=list(_causes(service))))
    return [*parts, *([_log(runs[0])] if runs else []), *_versions()]


def of_run(run: Run) -> list[Part]:
    """A run with its log, its service and connectors."""
    facts = [
        ("sync id", run.pk),
        ("status", run.status),
        ("trigger", run.trigger),
        ("revision", run.revision.number),
        ("scheduled for", run.scheduled_for),
        ("asked for", run.created_at),
        ("started", run.started_at),
        ("ended", run.ended_at),
        *((name, getattr(run, name)) for name in _COUNTS),
        ("reason", run.reason),
        ("hint", run.hint),
    ]
    return [Part("Run", facts), _service(run.service), *_ends(run.service), _log(run), *_versions()]


_COUNTS = ("pulled", "filtered", "skipped", "unchanged", "ok", "sent", "pending", "failed", "uncertain")


def _versions() -> Iterator[Part]:
    state = engine_state()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), (SELECT name FROM django_migrations ORDER BY id DESC LIMIT 1)"
        )
        database, migration = cursor.fetchone()
    yield Part(
        "Installation",
        [
            ("topstitch", __version__),
            ("python", sys.version.split()[0]),
            ("system", f"{platform.system()} {platform.release()} {platform.machine()}"),
            ("postgresql", database),
            ("newest migration", migration),
            ("workers", state.workers),
            ("oldest waiting run", state.oldest_waiting),
        ],
    )


def _service(service: Service) -> Part:
    revision = service.revision
    spec = revision.spec if revision else {}
    facts = [
        ("service id", service.pk),
        ("name", service.name),
        ("group", service.group.name),
        ("type", service.type),
        ("active", service.active),
        ("from", f"{service.source.system} {service.source_entity}"),
        ("to", f"{service.destination.system} {service.destination_entity}"),
        ("revision", revision.number if revision else None),
        ("revision saved", revision.created_at if revision else None),
        ("schedules", ", ".join(str(each.get("cron")) for each in spec.get("schedules", []))),
        ("filters", len(spec.get("source", {}).get("filters", []))),
        ("mapping rows", len(spec.get("mapping", []))),
        ("payload script", (spec.get("script") or {}).get("name")),
        ("next run", service.next_due),
        ("source seen up to", service.watermark),
    ]
    return Part("Service", facts)


def _ends(service: Service) -> Iterator[Part]:
    for one in dict.fromkeys((service.source, service.destination)):
        yield _connector(one)


def _connector(one: Connector) -> Part:
    try:
        api = CATALOGUE.get(one.system).manifest.get("api_version")
    except ConfigError:
        api = "system not installed"
    facts = [
        ("connector id", one.pk),
        ("name", one.name),
        ("system", one.system),
        ("api version", api),
        ("environment", one.environment),
        ("status", one.status),
        ("status detail", one.status_detail),
        ("checked", one.checked_at),
        ("time zone", one.zone),
    ]
    return Part("Connector", facts)


def _run_line(run: Run) -> str:
    counts = ", ".join(f"{name} {count}" for name in _COUNTS if (count := getattr(run, name)))
    return f"{run.created_at:%Y-%m-%d %H:%M:%S} {run.pk} {run.status}: {counts or 'no records'} {run.reason}".rstrip()


def _causes(service: Service) -> Iterator[str]:
    groups = ErrorGroup.objects.filter(service=service, state=GroupState.OPEN).order_by("-last_at")
    for group in groups[:CAUSES]:
        yield f"{group.affected} records, {group.error_class}, last {group.last_at:%Y-%m-%d %H:%M:%S}: {group.sentence}"


def _log(run: Run) -> Part:
    lines = LogLine.objects.filter(run_id=run.pk, at__gte=run.created_at - CLOCKS).order_by("-pk")[:LINES]
    shown = [f"{line.at:%H:%M:%S} {line.level} {line.step} {line.reference} {line.message}" for line in lines]
    return Part(f"Log of run {run.pk}", lines=shown[::-1])
