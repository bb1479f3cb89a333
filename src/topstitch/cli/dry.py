"""Showing a dry run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
import orjson

from topstitch.cli.output import as_json as print_json

if TYPE_CHECKING:
    from topstitch.engine.preview import Preview
    from topstitch.store.models import Service

SHOWN_WITHOUT_LIMIT = 10


def show_dry_run(service: Service, options: Mapping[str, Any], *, as_json: bool) -> None:
    """Show what a run would send, record by record; nothing is sent and nothing is remembered."""
    from topstitch.runtime.preview import preview_service

    given = {"limit": SHOWN_WITHOUT_LIMIT, **options}
    found = [preview for page in preview_service(service, given) for preview in page.previews]
    if as_json:
        print_json([asdict(preview) for preview in found])
        return
    for preview in found:
        _show(preview)
    click.secho(f"{len(found)} records would be sent or reported; nothing was.", bold=True)


def _show(preview: Preview) -> None:
    click.secho(f"{preview.reference or preview.key}", bold=True)
    if preview.problem:
        click.secho(f"  {preview.problem.message}", fg="red")
        click.echo(f"  {preview.problem.hint}")
    if preview.request:
        click.echo(f"  {preview.request['method']} {preview.request['url']}")
        for name, value in preview.request["headers"].items():
            click.echo(f"  {name}: {value}")
        click.echo(f"  {_pretty(preview.request['body'])}")
    elif preview.mapped:
        click.echo(f"  {orjson.dumps(preview.mapped, default=str).decode()}")


def _pretty(body: object) -> str:
    try:
        text = orjson.dumps(orjson.loads(str(body)), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        text = str(body)
    return text.replace("\n", "\n  ")
