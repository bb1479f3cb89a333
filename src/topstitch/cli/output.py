"""How the command line shows things: aligned tables for people, JSON for programs, the same data behind both."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import click
import orjson

#: Characters of a cell.
LONGEST = 100
F = TypeVar("F", bound=Callable[..., Any])
COLOURS = {
    "ok": "green",
    "completed": "green",
    "operational": "green",
    "sent": "blue",
    "pending": "yellow",
    "paused": "yellow",
    "completed_with_failures": "yellow",
    "failed": "red",
    "refused": "red",
    "unreachable": "red",
    "uncertain": "magenta",
}


def json_option(function: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="JSON for programs.")(function)


def as_json(data: Any) -> None:
    """Print JSON."""
    try:
        text = orjson.dumps(data, option=orjson.OPT_INDENT_2, default=_plain).decode()
    except TypeError:
        # An integer beyond 64 bits, half of a pair of surrogates, a key that is no text: `json` writes them.
        text = json.dumps(data, indent=2, default=str)
    click.echo(text)


def _plain(value: Any) -> Any:
    """A number with its own digits; whatever else JSON has not as text."""
    return orjson.Fragment(format(value, "f")) if isinstance(value, Decimal) and value.is_finite() else str(value)


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> None:
    """Print rows under headings; `columns` is key -> heading. Cells are cut, but never those of the last column."""
    if not rows:
        click.echo("Nothing to show.")
        return
    *others, last = columns
    cells = [[*(_text(row.get(key))[:LONGEST] for key in others), _text(row.get(last))] for row in rows]
    widths = [max(len(heading), *(len(line[n]) for line in cells)) for n, heading in enumerate(columns.values())]
    click.secho("  ".join(h.ljust(w) for h, w in zip(columns.values(), widths, strict=True)).rstrip(), bold=True)
    for line in cells:
        click.echo("  ".join(_coloured(c, w) for c, w in zip(line, widths, strict=True)).rstrip())


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value).replace("\n", " ")


def _coloured(cell: str, width: int) -> str:
    colour = COLOURS.get(cell)
    return click.style(cell, fg=colour) + " " * (width - len(cell)) if colour else cell.ljust(width)


def lines(texts: Iterable[str]) -> None:
    """Print one a line."""
    for text in texts:
        click.echo(text)
