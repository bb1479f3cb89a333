"""Lookup tables: looking at them, CSV in and out, their versions."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from topstitch.cli.output import as_json as print_json
from topstitch.cli.output import json_option, table
from topstitch.cli.start import ready
from topstitch.errors import ConfigError

if TYPE_CHECKING:
    from topstitch.store.actions.lookups import Saved
    from topstitch.store.models import CompanyGroup, LookupTable
    from topstitch.store.queries.lookups import Difference

OWNERS = click.Choice(["company", "group"])
owner_option = click.option(
    "--of", "owner", type=OWNERS, help="Whose table; without it the group's, if it has one of this name."
)


@click.group()
def lookups() -> None:
    """Lookup tables: pairs of values, used from mappings by the function other.map."""


@lookups.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List them."""
    group = _group()
    from topstitch.store.queries.lookups import tables

    rows = []
    for t in tables(group).prefetch_related("versions"):
        last = max(t.versions.all(), key=lambda version: version.number)
        of = "company" if t.group_id is None else "group"
        rows.append({"name": t.name, "of": of, "pairs": last.pairs, "version": t.version, "updated_at": last.at})
    if as_json:
        print_json(rows)
    else:
        table(rows, {c: c.replace("_", " ") for c in ("name", "of", "pairs", "version", "updated_at")})


@lookups.command()
@click.argument("name")
@click.option("--version", "number", type=int, help="An earlier version.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="Pairs shown.")
@owner_option
@json_option
def show(name: str, number: int | None, limit: int, owner: str | None, as_json: bool) -> None:
    """Show a table's pairs in their order, and which services use it."""
    found = _named(name, owner)
    from topstitch.store.queries.lookups import all_pairs, checked_version, users_of

    version = checked_version(found, number)
    pairs = [pair._asdict() for pair in islice(all_pairs(found, version.number), limit)]
    users = [one.service for one in users_of(found)]
    if as_json:
        print_json({"name": name, "version": version.number, "pairs": version.pairs, "used_by": users, "rows": pairs})
        return
    ways = {c: c for c in ("match", "field") if any(pair[c] for pair in pairs)}
    table(pairs, {"left": "left value", "right": "right value", **ways})
    click.echo(f"{min(limit, version.pairs):,} of {version.pairs:,} pairs, version {version.number}.")
    click.echo(f"Used by {', '.join(users)}." if users else "No service uses it.")


@lookups.command()
@click.argument("name")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write, instead of standard output.")
@click.option("--version", "number", type=int, help="An earlier version.")
@owner_option
def export(name: str, output: Path | None, number: int | None, owner: str | None) -> None:
    """Write a table as CSV that can be imported again, also after a spreadsheet has saved it."""
    found = _named(name, owner)
    from topstitch.store.lookups.table_csv import write_pairs
    from topstitch.store.queries.lookups import all_pairs, checked_version, has_ways

    version = checked_version(found, number)
    lines = write_pairs(all_pairs(found, version.number), ways=has_ways(found, version.number))
    if output is None:
        for line in lines:
            sys.stdout.buffer.write(line.encode())
        return
    with output.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)
    click.echo(f"{version.pairs:,} pairs written to {output}.")


@lookups.command("import")
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--replace", is_flag=True, help="Also remove the pairs that are not in the file, and take over its order."
)
@owner_option
@json_option
def import_(name: str, file: Path, replace: bool, owner: str | None, as_json: bool) -> None:
    """Import pairs from a CSV file into a table; it is made if there is none.

    The first line is left_value,right_value, with match_type and field_name beside it if wanted; or that of shipment and
    payment maps: field_name,match_type,match_value,output_value. Commas only, UTF-8, at most 5 MB. Pairs that are there
    take over match type, field name and order; the others are added; nothing is deleted without --replace. If any line is
    wrong nothing is changed.
    """
    group = _group()
    from topstitch.store.actions.lookups import save_lookup
    from topstitch.store.lookups.table_csv import MAX_BYTES, read_pairs
    from topstitch.store.queries.lookups import hidden, tables

    with file.open("rb") as data:
        parsed = read_pairs(data.read(MAX_BYTES + 1), file.name)
    own = owner == "group" or (owner is None and tables(group).filter(name=name, group=group).exists())
    saved = save_lookup(
        group.company,
        name,
        parsed.pairs,
        group=group if own else None,
        how="replace" if replace else "merge",
        origin=f"import of {file.name}",
    )
    unseen, examples = hidden(saved.table)
    if as_json:
        print_json({**_counts(saved), "repeated": parsed.repeated, "hidden": unseen})
        return
    _report(saved)
    if parsed.repeated:
        click.echo(f"Lines left out because they repeat others: {parsed.repeated:,}.")
    if unseen:
        which = ", ".join(map(repr, examples))
        click.secho(
            f"Pairs behind another with the same left value, where the first counts: {unseen:,} ({which}).", fg="yellow"
        )


@lookups.command()
@click.argument("name")
@click.option("--version", "number", type=int, help="Show what this version changed.")
@owner_option
@json_option
def history(name: str, number: int | None, owner: str | None, as_json: bool) -> None:
    """List a table's versions, or what one of them changed."""
    found = _named(name, owner)
    from topstitch.store.queries.lookups import checked_version, differences

    if number is not None:
        _show_differences(differences(checked_version(found, number)), as_json)
        return
    columns = ["number", "at", "pairs", "added", "removed", "changed", "moved", "person__email", "origin"]
    rows = list(found.versions.order_by("-number").values(*columns))
    if as_json:
        print_json(rows)
    else:
        table(rows, {c: {"number": "version", "person__email": "who"}.get(c, c) for c in columns})


def _show_differences(found: list[Difference], as_json: bool) -> None:
    rows = [
        {"change": d.verb, "before": d.before and d.before._asdict(), "after": d.after and d.after._asdict()}
        for d in found
    ]
    if as_json:
        print_json(rows)
        return
    shown = [{"change": d.verb, "left": (d.after or d.before)[0], "before": d.before, "after": d.after} for d in found]  # type: ignore[index]  # one of both is there
    cells = [{**row, **{k: _cell(row[k]) for k in ("before", "after")}} for row in shown]
    table(cells, {"change": "change", "left": "left value", "before": "before", "after": "after"})


def _cell(pair: object) -> str:
    if not isinstance(pair, tuple):
        return ""
    _, right, match, field = pair
    ways = ", ".join(part for part in (match, field) if part)
    return f"{right} ({ways})" if ways else right


@lookups.command()
@click.argument("name")
@click.argument("number", metavar="VERSION", type=int)
@owner_option
@json_option
def restore(name: str, number: int, owner: str | None, as_json: bool) -> None:
    """Make a table what it was in a version. That is a new version; nothing is lost."""
    found = _named(name, owner)
    from topstitch.store.actions.lookups import restore_lookup

    saved = restore_lookup(found, number)
    if as_json:
        print_json(_counts(saved))
    else:
        _report(saved)


@lookups.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Delete without asking.")
@owner_option
def delete(name: str, yes: bool, owner: str | None) -> None:
    """Delete a table with all its versions. One that a service uses is kept."""
    found = _named(name, owner)
    from topstitch.store.actions.lookups import delete_lookup

    if not yes and not click.confirm(f"Delete {name!r} with all its versions? Export it first if in doubt."):
        raise click.Abort
    delete_lookup(found)
    click.echo(f"Deleted {name!r}.")


def _group() -> CompanyGroup:
    ready()
    from topstitch.store.actions.companies import default_group

    return default_group()


def _named(name: str, owner: str | None) -> LookupTable:
    group = _group()
    from topstitch.store.queries.lookups import named_table, tables

    if owner is None:
        return named_table(group, name)
    found = tables(group).filter(name=name, group=group if owner == "group" else None).first()
    if found is None:
        raise ConfigError(f"the {owner} has no lookup table {name!r}", hint="`topstitch lookups list` shows all.")
    return found


def _counts(saved: Saved) -> dict[str, object]:
    c = saved.counts
    return {
        "name": saved.table.name,
        "version": saved.table.version,
        "pairs": saved.pairs,
        "added": c.added,
        "removed": c.removed,
        "changed": c.changed,
        "moved": c.moved,
    }


def _report(saved: Saved) -> None:
    if not saved.counts and not saved.created:
        click.echo(f"Nothing to change: {saved.pairs:,} pairs, version {saved.table.version}.")
        return
    done = [
        f"{n:,} {verb}" for verb, n in _counts(saved).items() if verb in ("added", "removed", "changed", "moved") and n
    ]
    click.secho(f"Version {saved.table.version}: {', '.join(done) or 'no pairs'}; {saved.pairs:,} pairs.", fg="green")


COMMANDS = (lookups,)
