"""Setting Django up for a process, and bringing the database to this version."""

from __future__ import annotations

import os

import django
from django.apps import apps
from django.core.management import call_command

from topstitch.runtime.home import topstitch_home
from topstitch.runtime.logs import log_to_stderr
from topstitch.runtime.postgres import database_url
from topstitch.runtime.postgres.layout import Layout
from topstitch.runtime.postgres.processes import postmaster
from topstitch.store.database import connect

#: One process at a time migrates.
MIGRATE_LOCK = 0x7057_0002


def setup(*, start_database: bool = False) -> None:
    """Make models usable. With `start_database` the embedded server is started first when it is ours to start."""
    if start_database:
        database_url(start=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "topstitch.settings")
    if not apps.ready:
        django.setup()
        log_to_stderr()


def is_set_up() -> bool:
    """Whether models are usable in this process."""
    return bool(apps.ready)


def own_database() -> bool:
    """Whether a database server of the user's is used instead of the embedded one."""
    return any(os.environ.get(name) for name in ("TOPSTITCH_DATABASE_URL", "TOPSTITCH_DATABASE_URL_FILE"))


def revive_database() -> None:
    """Start the embedded server again if it is not there; a server of the user's is theirs to start."""
    if not own_database():
        database_url(start=True)


def keep_database() -> None:
    """The same for who looks all the time: nothing is connected to while the server's main process is there."""
    if not own_database() and postmaster(Layout.of(topstitch_home())) is None:
        revive_database()


def configure_without_database() -> None:
    """For tools that only look at models: no server is started or asked."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "topstitch.settings")
    os.environ.setdefault("TOPSTITCH_DATABASE_URL", "postgresql://nobody@/nothing?host=/nowhere")


def migrate() -> None:
    """Bring the tables to this version; of several processes one does it, the others wait."""
    with connect("topstitch migrate") as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (MIGRATE_LOCK,))
        call_command("migrate", verbosity=0, interactive=False)
