"""Mappings: what the default ones cover, suggestions for the rest, and the commands that replace one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from topstitch.cli import mapping_check, mapping_documents, mapping_preview
from topstitch.cli.output import as_json as print_json
from topstitch.cli.output import json_option, table
from topstitch.cli.runs import service_named
from topstitch.cli.start import ready
from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE, Entry
from topstitch.sdk.fields import Field

if TYPE_CHECKING:
    from topstitch.engine.proposals.coverage import Coverage
    from topstitch.engine.proposals.suggest import Suggestion


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
    from topstitch.engine.proposals.coverage import coverage

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


@mapping.command("suggest")
@click.argument("service", required=False)
@click.option("--source", metavar="SYSTEM/ENTITY", help="Instead of a service: where records come from.")
@click.option("--destination", metavar="SYSTEM/ENTITY", help="And where they go.")
@json_option
def suggest_(service: str | None, source: str | None, destination: str | None, as_json: bool) -> None:
    """Source fields that may be what is wanted where nothing is mapped, by name, place, type and samples."""
    from topstitch.engine.proposals.suggest import suggest

    if service and not (source or destination):
        (entry, read), (other, write), filled = _ends_of(service)
    elif source and destination and not service:
        (entry, read), (other, write), filled = _end(source), _end(destination), None
    else:
        raise ConfigError("name a service, or both --source and --destination", hint="For example shopify/orders.")
    have, wanted = entry.fields(read), other.fields(write)
    if filled is None:
        filled = _filled_by_default(have, wanted, other.entity(write).taxonomy)
    open_ones = [field for field in wanted if field.path not in filled]
    found = [(field, good) for field, good in suggest(have, open_ones, entry.samples(read)) if good]
    if as_json:
        print_json([{"to": field.path, "from": [_as_dict(each) for each in good]} for field, good in found])
        return
    columns = {"to": "to", "source": "from", "score": "score", "reason": "why"}
    rows = [{"to": field.path, "source": each.field.path, **_as_dict(each)} for field, good in found for each in good]
    table(rows, columns)


def _as_dict(suggestion: Suggestion) -> dict[str, Any]:
    return {"path": suggestion.field.path, "score": suggestion.score, "reason": suggestion.reason}


def _end(text: str) -> tuple[Entry, str]:
    slug, _, entity = text.partition("/")
    entry = CATALOGUE.get(slug)
    return entry, entry.entity(entity).name


def _ends_of(service: str) -> tuple[tuple[Entry, str], tuple[Entry, str], set[str]]:
    ready()
    from topstitch.store.actions.services import spec_of

    found = service_named(service)
    filled = {row.to for row in spec_of(found).mapping if row.enabled}
    ends = ((found.source, found.source_entity), (found.destination, found.destination_entity))
    source, destination = ((CATALOGUE.get(connector.system), entity) for connector, entity in ends)
    return source, destination, filled


def _filled_by_default(have: Sequence[Field], wanted: Sequence[Field], entity: str) -> set[str]:
    from topstitch.engine.proposals.defaults import default_mapping

    return {row.to for row in default_mapping(have, wanted, entity)}


@mapping.command()
@click.option("--document", is_flag=True, help="Of the whole document that export writes.")
def schema(document: bool) -> None:
    """The JSON Schema of a mapping row."""
    from topstitch.engine.mapping.document import document_schema, row_schema

    print_json(document_schema() if document else row_schema())


for command in (*mapping_documents.COMMANDS, mapping_check.check, mapping_preview.preview):
    mapping.add_command(command)

COMMANDS = (mapping,)
