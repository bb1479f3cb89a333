"""Connectors: listing and testing them."""

from __future__ import annotations

import sys

import click

from topstitch.cli.output import as_json as print_json
from topstitch.cli.output import json_option, table
from topstitch.cli.start import ready
from topstitch.errors import ConfigError


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
    from topstitch.store.actions.connectors import check_connector
    from topstitch.store.models import Connector

    found = Connector.objects.filter(name=name).first()
    if found is None:
        known = ", ".join(Connector.objects.values_list("name", flat=True)) or "none yet"
        raise ConfigError(f"there is no connector {name!r}; there are {known}")
    checks = check_connector(found)
    if as_json:
        print_json([{"step": c.label, "ok": c.ok, "detail": c.detail} for c in checks])
    else:
        for check in checks:
            mark, colour = ("ok  ", "green") if check.ok else ("FAIL", "red")
            click.secho(mark, fg=colour, nl=False)
            click.echo(f" {check.label}" + (f": {check.detail}" if check.detail else ""))
    if not all(check.ok for check in checks):
        sys.exit(1)


COMMANDS = (connectors,)
