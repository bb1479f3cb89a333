"""The catalogue of systems: what there is, what each can do, and whether a folder meets its contract."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from topstitch.cli.output import as_json as print_json
from topstitch.cli.output import json_option, table
from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE, HOME, Catalogue, Entry

if TYPE_CHECKING:
    from topstitch.sdk.conformance import Answer
    from topstitch.sdk.model import SetupFile


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
@click.argument("slug")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER", help="Write them there.")
@json_option
def files(slug: str, to: Path | None, as_json: bool) -> None:
    """List the files that prepare a system for its connector, or write them into a folder."""
    entry = CATALOGUE.get(slug)
    found = entry.system.setup_files
    if to is not None:
        _write_files(found, to)
    rows = [{"name": f.name, "purpose": f.purpose, "path": str((to or f.path.parent) / f.name)} for f in found]
    if as_json:
        print_json(rows)
    elif rows:
        table(rows, {c: c for c in ("name", "purpose", *(["path"] if to else []))})
    else:
        click.echo(f"{entry.name} needs no files.")


def _write_files(files: Sequence[SetupFile], folder: Path) -> None:
    """Write them, over nothing that is not theirs."""
    try:
        contents = {folder / file.name: file.path.read_bytes() for file in files}
        for path, content in contents.items():
            if path.exists() and path.read_bytes() != content:
                raise ConfigError(f"{path} is there already, with other content", hint="Name another folder.")
        for path, content in contents.items():
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise ConfigError(f"the files cannot be written into {folder}: {error.strerror}") from error


@systems.command()
@click.argument("slugs", nargs=-1)
@click.option(
    "--home", type=click.Path(path_type=Path, exists=True), help="The folder that the systems' folders lie in."
)
@click.option("--only", multiple=True, metavar="QUESTION", help="Ask this question only; may be given several times.")
@json_option
def check(slugs: tuple[str, ...], home: Path | None, only: tuple[str, ...], as_json: bool) -> None:
    """Ask systems the questions of the conformance suite, over real sockets. Leaves with 1 when one does not answer."""
    from topstitch.sdk.conformance import QUESTIONS, examine, tier_of

    if unknown := set(only) - set(QUESTIONS):
        raise ConfigError(f"there is no question {', '.join(sorted(unknown))}; there are {', '.join(QUESTIONS)}")
    catalogue = _catalogue(home)
    reports: list[dict[str, Any]] = []
    for entry in [catalogue.get(slug) for slug in slugs] or [entry for entry in catalogue if entry.folder]:
        answers = []
        for answer in examine(entry, only=only):
            answers.append(answer)
            if not as_json:
                _show_answer(answer)
        tier = None if only else tier_of(answers)
        reports.append({"system": entry.slug, "tier": tier, "answers": [answer.as_dict() for answer in answers]})
        if not as_json:
            done = sum(answer.state in ("passed", "exempt") for answer in answers)
            click.secho(f"{entry.slug}: {done} of {len(answers)} answered, tier: {tier or 'none yet'}\n", bold=True)
    if as_json:
        print_json(reports)
    if any(answer["state"] == "failed" for report in reports for answer in report["answers"]):
        sys.exit(1)


def _catalogue(home: Path | None) -> Catalogue:
    if home is None:
        return CATALOGUE
    sys.path.insert(0, str(home.resolve()))
    return Catalogue(home.resolve())


def _show_answer(answer: Answer) -> None:
    colour = {"passed": "green", "failed": "red", "exempt": "yellow"}.get(answer.state)
    click.echo(click.style(f"{answer.state:9}", fg=colour) + f"  {answer.question:20}  {answer.sentence}")
    for line in answer.detail.splitlines():
        click.echo(f"{'':11}- {line}")


@systems.command()
@click.argument("slug")
@click.option("--name", default="", help="The name shown to people; by default the slug with a capital.")
@click.option("--home", type=click.Path(path_type=Path), help="Where to make its folder; by default with the others.")
def new(slug: str, name: str, home: Path | None) -> None:
    """Make the folder of a new system from templates. `topstitch systems check SLUG` then says what is to do."""
    from topstitch.sdk.scaffold import scaffold

    if home is None and any(entry.slug == slug for entry in CATALOGUE):
        raise ConfigError(f"there is a system {slug!r} already")
    for path in scaffold(slug, home or HOME, name=name):
        click.echo(path)
    where = f" --home {home}" if home else ""
    click.echo(f"\nNow: topstitch systems check {slug}{where}")


COMMANDS = (systems,)
