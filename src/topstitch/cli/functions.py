"""The transform functions, from their registrations."""

from __future__ import annotations

import click

from topstitch import functions as registry
from topstitch.cli.output import as_json as print_json
from topstitch.cli.output import json_option, table


@click.group()
def functions() -> None:
    """The functions that mappings are made of."""


@functions.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List them; with --json all of their parameters and examples."""
    described = registry.describe()
    if as_json:
        print_json(described)
    else:
        table(described, {"name": "name", "takes": "takes", "gives": "gives", "summary": "what it does"})


COMMANDS = (functions,)
