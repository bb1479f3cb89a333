"""Showing a dry run, page by page: however many records there are, a page of them is in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
import orjson

from topstitch.cli.preview_text import WIDTH, show_request, value_text

if TYPE_CHECKING:
    from topstitch.engine.preview import DryPage, Preview
    from topstitch.engine.preview.difference import Difference, Summary
    from topstitch.store.models import Service

#: Records that are looked at unless a limit is given.
SHOWN_WITHOUT_LIMIT = 10
COMPARED_WITHOUT_LIMIT = 100
#: Changes of one record, and fields of the summary, that are shown.
MOST_CHANGES, MOST_FIELDS = 20, 30


def show_dry_run(service: Service, options: Mapping[str, Any], *, as_json: bool, diff: bool = False) -> None:
    """Show what a run would send, record by record; nothing is sent and nothing is remembered.

    With `diff` what it would change at the destination, and a summary.
    """
    from topstitch.engine.preview.difference import Summary
    from topstitch.runtime.preview import preview_service

    limit = COMPARED_WITHOUT_LIMIT if diff else SHOWN_WITHOUT_LIMIT
    pages = preview_service(service, {"limit": limit, **options}, compare=diff)
    summary = Summary()
    if as_json:
        _print_json(_counted(pages, summary), summary if diff else None)
        return
    count = 0
    for preview in _counted(pages, summary):
        count += 1
        (_show_difference if diff else _show)(preview)
    if not diff:
        click.secho(f"{count} records would be sent or reported; nothing was.", bold=True)
        return
    _show_summary(summary)
    if "limit" not in options and count + summary.unchanged + summary.skipped + summary.filtered >= limit:
        click.echo(f"Only the first {limit} records were looked at; --limit says how many.")


def _counted(pages: Iterator[DryPage], summary: Summary) -> Iterator[Preview]:
    """The records, while the summary grows."""
    for page in pages:
        summary.unchanged += page.counts.unchanged
        summary.skipped += page.counts.skipped
        summary.filtered += page.counts.filtered
        for preview in page.previews:
            if preview.problem is not None:
                summary.failed += 1
            elif preview.difference is not None:
                summary.add(preview.difference)
            yield preview


def _print_json(previews: Iterator[Preview], summary: Summary | None) -> None:
    """A list of records; with a summary an object with both. Written as it comes."""
    click.echo('{"records": [' if summary is not None else "[", nl=False)
    for number, preview in enumerate(previews):
        shown = {name: value for name, value in asdict(preview).items() if name != "difference" or summary is not None}
        click.echo(",\n" if number else "\n", nl=False)
        click.echo(orjson.dumps(shown, default=str).decode(), nl=False)
    click.echo("\n]", nl=False)
    if summary is not None:
        click.echo(',\n"summary": ' + orjson.dumps(summary.as_dict()).decode() + "}", nl=False)
    click.echo()


def _show(preview: Preview) -> None:
    click.secho(f"{preview.reference or preview.key}", bold=True)
    _show_problem(preview)
    if preview.request:
        show_request(preview.request)
    elif preview.mapped:
        click.echo(f"  {value_text(preview.mapped)}")


def _show_problem(preview: Preview) -> None:
    if preview.problem:
        click.secho(f"  {preview.problem.message}", fg="red")
        click.echo(f"  {preview.problem.hint}")


def _show_difference(preview: Preview) -> None:
    difference = preview.difference
    if preview.problem or difference is None:
        click.secho(f"{preview.reference or preview.key}  ", bold=True, nl=False)
        click.secho("fails", fg="red")
        _show_problem(preview)
        return
    text, colour = _VERDICTS[difference.verdict]
    click.secho(f"{preview.reference or preview.key}  ", bold=True, nl=False)
    click.secho(text, fg=colour, nl=False)
    click.echo(f"  ({difference.remote_id})" if difference.remote_id else "")
    if difference.why:
        click.secho(f"  {difference.why}", fg="yellow")
    _show_changes(difference)


def _show_changes(difference: Difference) -> None:
    width = min(max((len(change.path) for change in difference.changes), default=0), 34)
    for change in difference.changes[:MOST_CHANGES]:
        room = max((WIDTH - width - 8) // 2, 10)
        before, after = (_short(each, room) for each in (change.before, change.after))
        click.echo(f"  {change.path.ljust(width)}  {before} -> {after}")
    if len(difference.changes) > MOST_CHANGES:
        click.echo(f"  and {len(difference.changes) - MOST_CHANGES} more")
    if difference.not_compared:
        click.echo(_fitted(f"  not compared: {', '.join(difference.not_compared)}"))


def _show_summary(summary: Summary) -> None:
    rows = [
        (summary.created, "would be created"),
        (summary.changed, "would be changed"),
        (summary.same, "would be sent and change nothing"),
        (summary.unknown, "would be sent; what that changes cannot be told"),
        (summary.unchanged, "unchanged since they were sent last"),
        (summary.skipped, "skipped: done before, or given up"),
        (summary.filtered, "left out by filters, script or mapping"),
        (summary.failed, "fail"),
    ]
    click.echo()
    for count, text in rows:
        if count:
            click.secho(f"{count:>8,}  {text}", bold=True)
        if text.startswith("would be changed"):
            for name, times in summary.fields.most_common(MOST_FIELDS):
                click.echo(f"{'':10}{name}: {times:,}")
        if "cannot be told" in text:
            for why, times in summary.why.most_common():
                click.secho(f"{'':10}{why}: {times:,}", fg="yellow")
    click.echo("Nothing was sent.")


_VERDICTS = {
    "created": ("new", "green"),
    "changed": ("changes", "yellow"),
    "same": ("is there just so", None),
    "unknown": ("cannot be compared", "magenta"),
}


def _short(value: Any, room: int) -> str:
    text = "nothing" if value is None else value_text(value)
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _fitted(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"
