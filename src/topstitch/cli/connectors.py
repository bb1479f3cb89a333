"""Connectors: listing and testing them, and asking for the fields that their systems have, and for records."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from topstitch.cli.output import as_json as print_json
from topstitch.cli.output import json_option, table
from topstitch.cli.start import ready
from topstitch.errors import ConfigError
from topstitch.functions.matching import SEVERAL
from topstitch.functions.registry import MISSING, NoAnswer
from topstitch.sdk.find import Finder
from topstitch.sdk.live import LiveField, live_fields

if TYPE_CHECKING:
    from topstitch.store.models import Connector


@click.group()
def connectors() -> None:
    """The connectors: credentials for one system in one environment."""


@connectors.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List them with what the last check found."""
    ready()
    from topstitch.store.models import Connector

    columns = ["name", "system", "environment", "status", "status_detail", "checked_at"]
    rows = list(Connector.objects.order_by("name").values(*columns))
    if as_json:
        print_json(rows)
    else:
        table(rows, {c: c.replace("_", " ") for c in columns})


@connectors.command()
@click.argument("name")
@json_option
def test(name: str, as_json: bool) -> None:
    """Test one, step by step. Leaves with 1 when it fails."""
    ready()
    from topstitch.store.actions.connector_checks import check_connector

    checks = check_connector(_named(name))
    if as_json:
        print_json([{"step": c.label, "ok": c.ok, "detail": c.detail} for c in checks])
    else:
        for check in checks:
            mark, colour = ("ok  ", "green") if check.ok else ("FAIL", "red")
            click.secho(mark, fg=colour, nl=False)
            click.echo(f" {check.label}" + (f": {check.detail}" if check.detail else ""))
    if not all(check.ok for check in checks):
        sys.exit(1)


OPTIONS = click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="An option of the entity; may be given several times.",
)


@connectors.command()
@click.argument("name")
@click.argument("entity")
@OPTIONS
@json_option
def fields(name: str, entity: str, options: tuple[str, ...], as_json: bool) -> None:
    """List the fields of an entity, and which of them the connected system really has."""
    ready()
    from topstitch.store.actions.connectors import open_connection

    connection = open_connection(_named(name))
    try:
        found = live_fields(connection, connection.entry.entity(entity), dict(map(_pair, options)))
    finally:
        connection.close()
    rows = [_field_row(each) for each in found]
    if as_json:
        print_json(rows)
        return
    table(
        rows,
        {
            "path": "path",
            "label": "label",
            "type": "type",
            "listed": "in catalogue",
            "reads": "read",
            "writes": "written",
        },
    )
    if all(each.reads is None and each.writes is None for each in found):
        click.echo(f"\n{connection.entry.name} cannot be asked: these are the fields of the catalogue.")


def _field_row(each: LiveField) -> dict[str, Any]:
    label, kind = (each.listed.label, each.listed.type) if each.listed else ("", "")
    return {
        "path": each.path,
        "label": label,
        "type": kind,
        "listed": each.listed is not None,
        "reads": each.reads,
        "writes": each.writes,
    }


@connectors.command()
@click.argument("name")
@click.argument("entity")
@click.argument("values", nargs=-1, required=True, metavar="VALUE...")
@click.option("--match", required=True, metavar="PATH", help="The field that has the value.")
@click.option("--give", default="", metavar="PATH", help="The field to give; without it the whole record.")
@click.option("--several", type=click.Choice(SEVERAL), default="first", help="What several records with a value mean.")
@click.option("--ignore-case", is_flag=True, help="Upper and lower case are the same; reads everything.")
@OPTIONS
@json_option
def find(
    name: str,
    entity: str,
    values: tuple[str, ...],
    match: str,
    give: str,
    several: str,
    ignore_case: bool,
    options: tuple[str, ...],
    as_json: bool,
) -> None:
    """Look values up as the function other.find does. Leaves with 1 when one is not found."""
    ready()
    from topstitch.store.actions.connectors import open_connection

    connection = open_connection(_named(name), log=lambda level, text: click.echo(f"{level}: {text}", err=True))
    try:
        finder = Finder(
            connection, entity, match, give, dict(map(_pair, options)), several=several, ignore_case=ignore_case
        )
        rows = [_found_row(value, answer) for value, answer in zip(values, finder.answer(values), strict=True)]
    finally:
        connection.close()
    if as_json:
        print_json({"asked": str(finder.way), "values": rows})
    else:
        shown = [{**row, "answer": row["reason"] or row["answer"]} for row in rows]
        table(shown, {"value": "value", "found": "found", "answer": give or "record"})
        click.echo(f"\n{connection.entry.name} was asked {finder.way}.")
    if not all(row["found"] for row in rows):
        sys.exit(1)


def _found_row(value: str, answer: object) -> dict[str, Any]:
    if answer is MISSING or isinstance(answer, NoAnswer):
        return {"value": value, "found": False, "answer": None, "reason": getattr(answer, "reason", "")}
    return {"value": value, "found": True, "answer": answer, "reason": ""}


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"--option {text!r} has no value", hint="Write it as name=value.")
    return name.strip(), value


def _named(name: str) -> Connector:
    """The connector of this name; raises ConfigError with those there are."""
    from topstitch.store.models import Connector

    found = Connector.objects.filter(name=name).first()
    if found is None:
        known = ", ".join(Connector.objects.values_list("name", flat=True)) or "none yet"
        raise ConfigError(f"there is no connector {name!r}; there are {known}")
    return found


COMMANDS = (connectors,)
