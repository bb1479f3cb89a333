"""The `topstitch` command: its groups, and how errors are shown."""

from __future__ import annotations

import os
import sys

import click

from topstitch import __version__
from topstitch.cli import (
    alerts,
    config,
    connectors,
    demo,
    docs,
    doctor,
    errors,
    functions,
    lookups,
    mapping,
    processes,
    runs,
    scripts,
    systems,
    users,
)
from topstitch.errors import TemporaryError, TopstitchError

DATABASE_HINT = (
    "Check that it runs, and the address in TOPSTITCH_DATABASE_URL if there is one; `topstitch doctor` looks too."
)


class Commands(click.Group):
    """Shows our errors as a sentence and a hint, and leaves with 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except TopstitchError as error:
            show_error(error)
            if os.environ.get("TOPSTITCH_DEBUG"):
                raise
            sys.exit(1)
        except Exception as error:
            if not database_is_away(error) or os.environ.get("TOPSTITCH_DEBUG"):
                raise
            show_error(TemporaryError(f"the database does not answer: {error}".strip(), hint=DATABASE_HINT))
            sys.exit(1)


def database_is_away(error: Exception) -> bool:
    """Whether this is how a database looks that cannot be reached."""
    from topstitch.store.database import GONE

    return isinstance(error, GONE)


def show_error(error: TopstitchError) -> None:
    """What happened, and what to do now."""
    click.secho(f"Error: {error.message}", fg="red", err=True)
    if error.hint:
        click.echo(f"  {error.hint}", err=True)
    if error.detail and os.environ.get("TOPSTITCH_DEBUG"):
        click.echo(error.detail, err=True)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="topstitch")
def main() -> None:
    """Records flow between shop, ERP, warehouse and marketplaces: none lost, none doubled.

    `topstitch up` starts everything; `topstitch demo` starts it with services to look at.
    """


for module in (
    processes,
    config,
    runs,
    connectors,
    errors,
    alerts,
    lookups,
    mapping,
    scripts,
    systems,
    functions,
    users,
    doctor,
    demo,
    docs,
):
    for command in module.COMMANDS:
        main.add_command(command)
