"""The catalogue of systems: what there is, what each can do, and whether a folder meets its contract."""

from __future__ import annotations

import sys
from typing import Any

import click

from topstitch.cli.output import as_json as print_json
from topstitch.cli.output import json_option, table
from topstitch.sdk.catalogue import CATALOGUE, Entry


@click.group()
def systems() -> None:
    """The systems that can be connected."""


@systems.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List them."""
    rows = [_row(entry) for entry in CATALOGUE]
    if as_json:
        print_json(rows)
    else:
        table(rows, {c: c for c in ("slug", "name", "category", "reads", "writes", "confidence")})


def _row(entry: Entry) -> dict[str, Any]:
    entities = entry.system.entities
    return {
        "slug": entry.slug,
        "name": entry.name,
        "category": entry.manifest["category"],
        "reads": [e.name for e in entities if e.read],
        "writes": [e.name for e in entities if e.write],
        "confidence": entry.manifest["confidence"],
        "practice": entry.has_practice,
    }


@systems.command()
@click.argument("slug")
@click.option("--entity", help="Show the fields of this entity.")
@json_option
def show(slug: str, entity: str | None, as_json: bool) -> None:
    """Show a system: its settings, entities and fields."""
    entry = CATALOGUE.get(slug)
    if entity:
        _show_fields(entry, entity, as_json)
        return
    settings = [
        {"name": s.name, "label": s.label, "kind": s.kind, "required": s.required, "secret": s.secret, "help": s.help}
        for s in entry.system.settings
    ]
    if as_json:
        print_json({**_row(entry), "manifest": dict(entry.manifest), "settings": settings})
        return
    click.secho(f"{entry.name} ({entry.slug}), {entry.manifest['category']}", bold=True)
    click.echo("\nSettings of a connector:")
    table(settings, {c: c for c in ("name", "label", "kind", "required", "secret")})
    click.echo("\nEntities:")
    table(
        [
            {"name": e.name, "read": bool(e.read), "write": bool(e.write), "label": e.label}
            for e in entry.system.entities
        ],
        {c: c for c in ("name", "label", "read", "write")},
    )


def _show_fields(entry: Entry, entity: str, as_json: bool) -> None:
    entry.entity(entity)
    rows = [
        {"path": f.path, "label": f.label, "type": f.type, "format": f.format, "tag": f.tag, "flags": sorted(f.flags)}
        for f in entry.fields(entity)
    ]
    if as_json:
        print_json(rows)
    else:
        table(rows, {c: c for c in ("path", "label", "type", "tag", "flags")})


@systems.command()
@click.argument("slugs", nargs=-1)
@json_option
def check(slugs: tuple[str, ...], as_json: bool) -> None:
    """Ask systems the questions of the conformance suite, over real sockets. Leaves with 1 when one does not answer."""
    from topstitch.sdk.conformance import examine

    entries = [CATALOGUE.get(slug) for slug in slugs] or [entry for entry in CATALOGUE if entry.folder]
    answers = [answer for entry in entries for answer in examine(entry)]
    if as_json:
        print_json([answer.as_dict() for answer in answers])
    else:
        table([answer.as_dict() for answer in answers], {c: c for c in ("system", "question", "state", "detail")})
    if any(answer.failed for answer in answers):
        sys.exit(1)


COMMANDS = (systems,)
