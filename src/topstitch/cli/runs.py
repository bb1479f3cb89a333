"""Running services and reading what became of every record."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from topstitch.cli.output import as_json as print_json
from topstitch.cli.output import json_option, table
from topstitch.cli.start import ready
from topstitch.errors import ConfigError

if TYPE_CHECKING:
    from topstitch.store.models import Run, Service

#: What a shell expects of a command that Ctrl-C ended.
INTERRUPTED = 130


def service_named(name: str) -> Service:
    """The service of this name or id. Raises ConfigError naming those that exist."""
    from topstitch.store.models import Service

    found = Service.objects.select_related("revision", "group__company", "source", "destination")
    service = found.filter(name=name).first() or (found.filter(pk=name).first() if name.isdigit() else None)
    if service is None:
        names = sorted(Service.objects.values_list("name", flat=True)[:1000], key=lambda each: -_likeness(name, each))
        # Of many the likeliest.
        known = ", ".join(map(repr, names[:20])) or "none yet"
        raise ConfigError(f"there is no service {name!r}; there are {known}", key="service")
    return service


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.casefold(), other.casefold()).ratio()


def run_with(sync: str) -> Run:
    """The run with this sync id. Raises ConfigError when there is none."""
    from topstitch.store.models import Run

    found = None
    with suppress(ValueError):
        found = Run.objects.select_related("service__group__company").filter(pk=UUID(sync)).first()
    if found is None:
        raise ConfigError(f"there is no run {sync}", hint="`topstitch runs` shows the sync ids.")
    return found


def moment(text: str | None) -> str | None:
    """A date or date-time as given by a person, in ISO 8601 and UTC when it names no zone."""
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not a date such as 2026-01-31 or 2026-01-31T10:00:00Z") from error
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).isoformat()


@click.command()
@click.argument("service")
@click.option("--id", "ids", multiple=True, help="Only the record with this source id; may be repeated.")
@click.option("--since", help="Records changed since, for example 2026-01-31. The service's own position stays.")
@click.option("--until", help="Records changed until.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many records.")
@click.option("--force", is_flag=True, help="Send again what was done before.")
@click.option("--page-size", type=click.IntRange(1, 10_000), help="Pull so many records at a time.")
@click.option("--keep", is_flag=True, help="Store what is pushed, and what a payload script is given and gives.")
@click.option("--dry-run", "--dry", is_flag=True, help="Send nothing: show the exact requests that would be sent.")
@click.option("--diff", is_flag=True, help="With --dry-run: what would change at the destination, field by field.")
@json_option
def run(
    service: str,
    ids: tuple[str, ...],
    since: str | None,
    until: str | None,
    limit: int | None,
    force: bool,
    page_size: int | None,
    keep: bool,
    dry_run: bool,
    diff: bool,
    as_json: bool,
) -> None:
    """Run a service now and show its progress. Leaves with 1 when records failed, with 2 when the run did."""
    if diff and not dry_run:
        raise click.UsageError("--diff is for a dry run: add --dry-run.")
    ready()
    found = service_named(service)
    options: dict[str, Any] = {
        "ids": list(ids),
        "since": moment(since),
        "until": moment(until),
        "limit": limit,
        "force": force,
        "source": {"page_size": page_size} if page_size else None,
        "keep_pushed": keep,
        "keep_scripts": keep,
    }
    options = {name: value for name, value in options.items() if value}
    if dry_run:
        from topstitch.cli.dry import show_dry_run

        show_dry_run(found, options, as_json=as_json, diff=diff)
        return
    from topstitch.runtime.client import follow, run_here_unless_worked
    from topstitch.store.actions.runs import request_run

    requested = request_run(found, options=options)
    try:
        with run_here_unless_worked():
            ended = follow(requested, tell=None if as_json else _progress)
    except KeyboardInterrupt:
        goes_on = f"It goes on with the next worker there is; `topstitch stop {requested.pk}` ends it."
        click.echo(f"\nThe run is no longer followed. {goes_on}", err=True)
        # Not sys.exit: a step that was interrupted waits for ever, so that the durable engine takes it for unfinished.
        os._exit(INTERRUPTED)
    if as_json:
        print_json(described(ended))
    else:
        _farewell(ended)
    sys.exit({"completed": 0, "completed_with_failures": 1}.get(ended.status, 2))


def _progress(run: Run) -> None:
    state = f"{run.status}: {run.pulled} pulled, {run.pushed} pushed, {run.failed} failed"
    waits = f" ({run.reason})" if run.status == "paused" else ""
    click.echo(f"\r\x1b[K{state}{waits}", nl=False, err=True)


def _farewell(run: Run) -> None:
    click.echo("\r\x1b[K", nl=False, err=True)
    click.echo(f"{run.get_status_display()}: sync {run.pk}")
    table([counts_of(run)], {name: name for name in counts_of(run)})
    if run.reason:
        click.secho(run.reason, fg="red")
        click.echo(run.hint)
    if run.failed or run.pending or run.uncertain:
        click.echo(f"See why: topstitch report --sync {run.pk} --status failed")


def counts_of(run: Run) -> dict[str, int]:
    """A run's figures."""
    from topstitch.engine.ports import COUNT_NAMES

    return {name: getattr(run, name) for name in COUNT_NAMES}


def described(run: Run) -> dict[str, Any]:
    """A run as JSON."""
    return {
        "sync_id": str(run.pk),
        "service": run.service.name,
        "status": run.status,
        "trigger": run.trigger,
        "revision": run.revision.number,
        "scheduled_for": run.scheduled_for,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "reason": run.reason,
        "hint": run.hint,
        **counts_of(run),
        "pushed": run.pushed,
    }


@click.command()
@click.argument("service", required=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@json_option
def runs(service: str | None, limit: int, as_json: bool) -> None:
    """List runs, newest first."""
    ready()
    from topstitch.store.models import Run

    found = Run.objects.select_related("service", "revision").order_by("-created_at")
    if service:
        found = found.filter(service=service_named(service))
    rows = [described(run) for run in found[:limit]]
    if as_json:
        print_json(rows)
        return
    columns = [
        "sync_id",
        "service",
        "status",
        "trigger",
        "started_at",
        "pulled",
        "pushed",
        "unchanged",
        "failed",
        "pending",
        "reason",
    ]
    table([{**r, "started_at": _short(r["started_at"])} for r in rows], {c: c.replace("_", " ") for c in columns})


@click.command()
@click.argument("search", required=False)
@click.option("--service", help="Only this service.")
@click.option("--sync", help="Only the run with this sync id.")
@click.option("--status", type=click.Choice(["ok", "sent", "pending", "failed", "uncertain"]))
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@json_option
def report(
    search: str | None, service: str | None, sync: str | None, status: str | None, limit: int, as_json: bool
) -> None:
    """The sync report: one row a record and attempt, newest first. SEARCH is a reference: order number, SKU..."""
    ready()
    from topstitch.store.models import Attempt

    found = Attempt.objects.select_related("service").order_by("-id")
    if search:
        found = found.filter(reference=search)
    if service:
        found = found.filter(service=service_named(service))
    if sync:
        found = found.filter(run=run_with(sync))
    if status:
        found = found.filter(status=status)
    rows = [_row(attempt) for attempt in found[:limit]]
    if as_json:
        print_json(rows)
        return
    columns = ["at", "service", "record", "status", "outcome", "message"]
    shown = [{**row, "at": _short(row["at"]), "record": row["reference"] or row["key"]} for row in rows]
    table(shown, {c: c for c in columns})


def _row(attempt: Any) -> dict[str, Any]:
    names = [
        "at",
        "reference",
        "key",
        "status",
        "outcome",
        "remote_id",
        "error_class",
        "error_key",
        "message",
        "field",
        "hint",
    ]
    return {
        **{name: getattr(attempt, name) for name in names},
        "service": attempt.service.name,
        "sync_id": str(attempt.run_id),
        "evidence": attempt.evidence,
    }


def _short(when: datetime | None) -> str:
    return when.strftime("%Y-%m-%d %H:%M:%S") if when else ""


@click.command()
@click.argument("sync")
def stop(sync: str) -> None:
    """Stop a run: what is on its way is finished, nothing new is sent."""
    ready()
    from topstitch.store.actions.runs import stop_run

    found = run_with(sync)
    if found.is_over:
        raise ConfigError(f"the run {sync} is over already: {found.get_status_display().lower()}")
    stop_run(found)
    click.echo("It stops as soon as what is on its way has its answer.")


COMMANDS = (run, runs, report, stop)
