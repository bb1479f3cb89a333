"""The `topstitch` command: its groups, and how errors are shown."""

from __future__ import annotations

import os
import sys

import click

from topstitch import __version__
from topstitch.cli import config, connectors, demo, docs, doctor, functions, processes, runs, systems
from topstitch.errors import TopstitchError


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


for module in (processes, config, runs, connectors, systems, functions, doctor, demo, docs):
    for command in module.COMMANDS:
        main.add_command(command)
