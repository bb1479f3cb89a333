"""The demo: services between practice systems, run once, with finished runs to look at."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
