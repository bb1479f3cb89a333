"""What is well and what is not, for a person who has to find out."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import click

from topstitch import __version__
from topstitch.cli.output import as_json as print_json
from topstitch.cli.output import json_option
from topstitch.errors import TopstitchError
from topstitch.runtime.home import topstitch_home

Check = tuple[str, str, str]
LEAST_FREE_GB = 1.0


@click.command()
@click.option("--new-key", is_flag=True, help="Print a new key for TOPSTITCH_SECRET_KEYS and leave.")
@json_option
def doctor(new_key: bool, as_json: bool) -> None:
    """Check this installation. Leaves with 1 when something is wrong."""
    if new_key:
        from cryptography.fernet import Fernet

        click.echo(Fernet.generate_key().decode())
        return
    checks = list(_checks())
    if as_json:
        print_json([{"check": name, "state": state, "detail": detail} for name, state, detail in checks])
    else:
        colours = {"ok": "green", "warning": "yellow", "wrong": "red"}
        for name, state, detail in checks:
            click.secho(f"{state:8}", fg=colours[state], nl=False)
            click.echo(f"{name}: {detail}")
    if any(state == "wrong" for _, state, _ in checks):
        sys.exit(1)


def _checks() -> Iterator[Check]:
    yield "version", "ok", f"Topstitch {__version__} on Python {sys.version.split()[0]}"
    yield _attempt("home", lambda: _home())
    database = _attempt("database", _database)
    yield database
    if database[1] != "wrong":
        yield _attempt("tables", _tables)
        yield _attempt("workers", _workers)
        yield _attempt("services", _services)
        yield _attempt("secrets", _secrets)


def _attempt(name: str, look: Callable[[], tuple[str, str]]) -> Check:
    try:
        return (name, *look())
    except TopstitchError as error:
        return name, "wrong", f"{error.message} {error.hint}".strip()
    except Exception as error:  # noqa: BLE001  # a doctor reports every trouble, whatever it is
        return name, "wrong", f"{type(error).__name__}: {error}"


def _home() -> tuple[str, str]:
    home = topstitch_home()
    free = shutil.disk_usage(home).free / 1024**3
    state = "ok" if free >= LEAST_FREE_GB else "warning"
    return state, f"{home}, {free:.1f} GB free" + ("" if os.access(home, os.W_OK) else ", not writable")


def _database() -> tuple[str, str]:
    from topstitch.runtime.django import setup

    setup(start_database=True)
    from topstitch.store.database import connect

    with connect("topstitch doctor") as connection:
        version: Any = connection.execute("SHOW server_version").fetchone()
        size: Any = connection.execute("SELECT pg_size_pretty(pg_database_size(current_database()))").fetchone()
    return "ok", f"PostgreSQL {version[0]}, {size[0]}"


def _tables() -> tuple[str, str]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return ("warning", f"{len(waiting)} migrations wait for the next start") if waiting else ("ok", "up to date")


def _workers() -> tuple[str, str]:
    from topstitch.runtime.workers import alive_count

    alive = alive_count()
    return ("ok" if alive else "warning"), f"{alive} alive" + ("" if alive else ": start `topstitch up`")


def _services() -> tuple[str, str]:
    from django.utils import timezone

    from topstitch.store.models import Service

    active = Service.objects.filter(active=True)
    late = active.filter(next_due__lt=timezone.now() - timedelta(minutes=2)).count()
    state = "warning" if late else "ok"
    return state, f"{active.count()} active" + (f", {late} overdue" if late else "")


def _secrets() -> tuple[str, str]:
    from topstitch.store.actions.connectors import stored_values
    from topstitch.store.models import Connector

    for connector in Connector.objects.all():
        stored_values(connector)
    return "ok", "every connector's secrets can be read"


COMMANDS = (doctor,)
