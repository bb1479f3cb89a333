"""Alerts: what is wrong, who was told, trying a notification group."""

from __future__ import annotations

import sys

import click

from topstitch.cli.output import as_json as print_json
from topstitch.cli.output import json_option, table
from topstitch.cli.start import ready
from topstitch.errors import ConfigError


@click.group()
def alerts() -> None:
    """Who is told of what: what is wrong now, what was told, notification groups."""


@alerts.command("list")
@click.option("--told", "messages", is_flag=True, help="Who was told of what, and when.")
@click.option("--groups", is_flag=True, help="The notification groups.")
@json_option
def list_(messages: bool, groups: bool, as_json: bool) -> None:
    """List what is wrong now."""
    ready()
    rows, columns = _told() if messages else _groups() if groups else _troubles()
    if as_json:
        print_json(rows)
    else:
        table(rows, {column: column.replace("_", " ") for column in columns})


Listing = tuple[list[dict[str, object]], tuple[str, ...]]


def _troubles() -> Listing:
    from topstitch.alerts.queries.troubles import open_troubles
    from topstitch.store.models import Company

    found = open_troubles(list(Company.objects.values_list("pk", flat=True)))
    rows: list[dict[str, object]] = [
        {"since": t.since, "told_at": t.told_at, "times": t.times, "kind": t.kind, "what": t.title} for t in found
    ]
    return rows, ("since", "told_at", "times", "what")


def _told() -> Listing:
    from topstitch.alerts.queries.troubles import told
    from topstitch.store.models import Company

    rows: list[dict[str, object]] = [
        {
            "at": m.created_at,
            "recipient": m.recipient,
            "state": "sent" if m.sent_at else "waiting" if m.next_try else "given up",
            "tries": m.tries,
            "subject": m.subject,
            "problem": m.problem,
        }
        for m in told(list(Company.objects.values_list("pk", flat=True)))
    ]
    return rows, ("at", "recipient", "state", "tries", "subject", "problem")


def _groups() -> Listing:
    from topstitch.alerts.actions.groups import shown_group
    from topstitch.alerts.models import NotificationGroup

    rows: list[dict[str, object]] = [
        {"name": group.name, **shown_group(group)} for group in NotificationGroup.objects.order_by("company", "name")
    ]
    for row in rows:
        row["channels"] = [f"{c['name']} ({c['kind']}, {c['host']})" for c in row["channels"]]  # type: ignore[attr-defined]  # a list, above
    return rows, ("name", "people", "addresses", "channels")


@alerts.command()
@click.argument("group")
@json_option
def test(group: str, as_json: bool) -> None:
    """Send a test to every recipient of a notification group. Leaves with 1 when one does not take it."""
    ready()
    from topstitch.alerts.actions.trying import try_group
    from topstitch.alerts.models import NotificationGroup

    found = NotificationGroup.objects.select_related("company").filter(name=group).first()
    if found is None:
        known = ", ".join(NotificationGroup.objects.values_list("name", flat=True)) or "none yet"
        raise ConfigError(f"there is no notification group {group!r}; there are {known}")
    tried = try_group(found)
    if as_json:
        print_json([{"recipient": each.recipient, "ok": not each.problem, "problem": each.problem} for each in tried])
    else:
        for each in tried:
            mark, colour = ("FAIL", "red") if each.problem else ("ok  ", "green")
            click.secho(mark, fg=colour, nl=False)
            click.echo(f" {each.recipient}" + (f": {each.problem}" if each.problem else ""))
    if not tried or any(each.problem for each in tried):
        sys.exit(1)


@alerts.command()
def send() -> None:
    """Do once what a worker does all the time: judge what happened, send what is due. For runs started without a worker."""
    ready()
    from topstitch.alerts.jobs import once

    sent = once()
    click.echo(f"Sent: {sent}.")


COMMANDS = (alerts,)
