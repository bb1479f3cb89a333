"""Mappings as a whole: export, import, generating anew, each with the difference shown first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from topstitch.cli.output import as_json as print_json
from topstitch.cli.output import json_option
from topstitch.cli.runs import service_named
from topstitch.cli.start import ready
from topstitch.errors import ConfigError

if TYPE_CHECKING:
    from topstitch.engine.mapping.difference import RowChange
    from topstitch.engine.spec import MappingRow
    from topstitch.store.models import Service

LONGEST = 160
MARKS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow"), "moved": ("^", "blue")}


@click.command("export")
@click.argument("service")
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), help="File to write, not standard output.")
def export_(service: str, file: Path | None) -> None:
    """Write the mapping of a service as a JSON document, for another service, another place, or to keep."""
    ready()
    from topstitch.store.actions.mapping import mapping_document

    text = mapping_document(service_named(service)).as_json()
    if file:
        file.write_text(text, "utf-8")
    else:
        click.echo(text, nl=False)


@click.command("import")
@click.argument("service")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Even when required or locked rows are gone.")
@json_option
def import_(service: str, file: Any, dry_run: bool, yes: bool, force: bool, as_json: bool) -> None:
    """Replace the mapping of a service by that of a JSON document, as a new revision. Shows the difference first."""
    ready()
    from topstitch.engine.mapping.document import MAX_BYTES, DocumentError, read_document
    from topstitch.store.actions.mapping import destination_fields, strangeness

    found = service_named(service)
    try:
        document = read_document(file.read(MAX_BYTES + 1), destination_fields(found))
    except DocumentError as error:
        for fault in error.faults:
            click.echo(f"  {fault}", err=True)
        raise
    for sentence in strangeness(found, document):
        click.secho(f"Warning: {sentence}", fg="yellow", err=True)
    note = f"Mapping imported from {Path(file.name).name}"
    _replace(found, document.rows, note, apply=not dry_run, yes=yes, force=force, as_json=as_json)


@click.command()
@click.argument("service")
@click.option(
    "--apply", "apply_", is_flag=True, help="Make it a new revision; without it only the difference is shown."
)
@click.option(
    "--keep-changes", is_flag=True, help="Only add what is missing: rows that differ, and those deleted, stay so."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Even when required or locked rows are gone.")
@json_option
def generate(service: str, apply_: bool, keep_changes: bool, yes: bool, force: bool, as_json: bool) -> None:
    """Generate the mapping of a service anew, as a new service would get it. Shows the difference first."""
    ready()
    from topstitch.store.actions.mapping import generated_mapping

    found = service_named(service)
    made = generated_mapping(found, keep_changes=keep_changes)
    if not as_json:
        for fields, what in ((made.kept, "differs from the default and is kept"), (made.left_out, "stays deleted")):
            for to in fields:
                click.echo(f"  {to} {what}")
    _replace(found, made.rows, "Mapping generated", apply=apply_, yes=yes, force=force, as_json=as_json)


def _replace(
    service: Service, rows: Sequence[MappingRow], note: str, *, apply: bool, yes: bool, force: bool, as_json: bool
) -> None:
    """Show the difference, ask, save."""
    from topstitch.engine.mapping.difference import refuse_dropping, row_changes
    from topstitch.store.actions.mapping import save_mapping
    from topstitch.store.actions.services import spec_of

    before = spec_of(service).mapping
    changes = row_changes(before, rows)
    if as_json:
        print_json([change.as_dict() for change in changes])
    else:
        _show_changes(changes)
    if not force:
        refuse_dropping(before, rows)
    if not apply or not changes:
        return
    if as_json and not yes:
        raise ConfigError("nothing was changed", hint="Add --yes to change it, or leave out what would change it.")
    if not yes and not click.confirm("Make this a new revision?"):
        raise click.Abort
    saved = save_mapping(service, rows, note=note, force=force)
    if not as_json and saved.revision:
        click.secho(f"{service.name} has revision {saved.revision.number}.", fg="green")


def _show_changes(changes: Sequence[RowChange]) -> None:
    for change in changes:
        mark, colour = MARKS[change.kind]
        click.secho(f"{mark} row {change.number or change.before_number}  {change.to}", fg=colour)
        if change.kind == "changed":
            for part, (before, after) in change.parts.items():
                click.echo(f"    {part}: {_short(before)} -> {_short(after)}")
        elif change.kind == "moved":
            click.echo(f"    was row {change.before_number}")
        else:
            whole = change.after or change.before or {}
            click.echo(f"    {_short({part: whole[part] for part in whole if part in ('from', 'value', 'do')})}")
    click.echo(f"{len(changes)} rows are different." if changes else "Nothing is different.")


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


COMMANDS = (export_, import_, generate)
