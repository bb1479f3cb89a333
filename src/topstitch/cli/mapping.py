"""Mappings: what the default ones cover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from topstitch.cli.output import as_json as print_json
from topstitch.cli.output import json_option, table
from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE, Entry

if TYPE_CHECKING:
    from topstitch.engine.mapping.coverage import Coverage


@click.group()
def mapping() -> None:
    """Mappings: coverage, suggestions, export and import, generating anew."""


@mapping.command("coverage")
@click.option("--source", help="Only from this system.")
@click.option("--destination", help="Only to this system.")
@click.option("--entity", default="", help="Only this entity: orders, products, stock...")
@click.option("--missing", is_flag=True, help="List every field that is left to a person, with the reason.")
@json_option
def coverage_(source: str | None, destination: str | None, entity: str, missing: bool, as_json: bool) -> None:
    """What the default mappings between any two systems fill, and what they leave to a person and why."""
    from topstitch.engine.mapping.coverage import coverage

    found = list(coverage(_systems(source), _systems(destination), entity))
    if not found:
        raise ConfigError(
            "no two entities of these systems fit together",
            hint="`topstitch systems list` shows which system reads and writes what.",
        )
    if as_json:
        print_json([each.as_dict() for each in found])
    elif missing:
        _show_missing(found)
    else:
        _show_table(found)


def _systems(slug: str | None) -> list[Entry]:
    return [CATALOGUE.get(slug)] if slug else list(CATALOGUE)


def _show_table(found: Sequence[Coverage]) -> None:
    rows = [
        {
            "source": each.source,
            "destination": each.destination,
            "filled": f"{len(each.filled)} of {len(each.filled) + len(each.left)}",
            "required": f"{len(each.required_filled)} of {len(each.required_filled) + len(each.required_left)}",
            "left": ", ".join(left.field.path for left in each.required_left) or "-",
        }
        for each in found
    ]
    columns = {"filled": "fields filled", "required": "required ones", "left": "required, left to you"}
    table(rows, {"source": "from", "destination": "to", **columns})


def _show_missing(found: Sequence[Coverage]) -> None:
    for each in found:
        click.secho(f"{each.source} -> {each.destination}", bold=True)
        for left in each.left:
            star = click.style("* ", fg="red") if left.field.required else "  "
            click.echo(f"{star}{left.field.path} ({left.field.label}): {left.reason}")


COMMANDS = (mapping,)
