"""Starting the product: everything under one parent, or one process alone."""

from __future__ import annotations

import signal
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import click

from topstitch.runtime.alone import alone
from topstitch.runtime.home import topstitch_home
from topstitch.runtime.supervisor import Child, Supervisor, is_child, leave_with_parent

#: Seconds that a port in use is waited for.
PORT_PATIENCE = 5.0
#: Seconds until the address is said though nobody answers there yet.
ANSWER_PATIENCE = 20.0


@click.command()
@click.option("--workers", default=1, show_default=True, help="Worker processes.")
@click.option("--no-practice", is_flag=True, help="Do not start the practice servers.")
def up(workers: int, no_practice: bool) -> None:
    """Start web, worker and practice servers under one parent, and the database with them."""
    from topstitch.runtime import postgres
    from topstitch.runtime.django import migrate, own_database, setup

    with alone(topstitch_home()):
        setup(start_database=True)
        migrate()
        run_all(workers, practice=not no_practice)
        if not own_database():
            postgres.stop(topstitch_home())


def run_all(workers: int, *, practice: bool) -> None:
    """Run the children until a signal comes."""
    from django.conf import settings

    _wait_for_port(settings.WEB_HOST, settings.WEB_PORT)
    children = [Child("web", ["web"])]
    children += [Child(f"worker {n + 1}" if workers > 1 else "worker", ["worker"]) for n in range(workers)]
    children += [Child("practice servers", ["practice"])] if practice else []
    supervisor = Supervisor(children, tell=_warn, guard=_keep_database)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.stopping.set())
    supervisor.start_all()
    _wait_until_it_answers(settings.WEB_HOST, settings.WEB_PORT, supervisor.stopping)
    click.echo(f"Topstitch is at http://{settings.WEB_HOST}:{settings.WEB_PORT} (Ctrl-C stops it)")
    _show_first_link()
    supervisor.watch()
    click.echo("Stopping: what is on its way is finished and recorded.")
    for name in supervisor.stop_all():
        click.secho(
            f"{name} did not end in time and was killed; its runs go on at the next start", fg="yellow", err=True
        )


def _show_first_link() -> None:
    """While nobody is there: the link by which the first person becomes administrator."""
    from topstitch.store.queries.people import anybody_there

    if not anybody_there():
        from topstitch.web.account.first import setup_link

        click.echo(f"Nobody is here yet. Open this link to become the administrator:\n  {setup_link()}")


def _wait_for_port(host: str, port: int) -> None:
    """The web process of a parent that was killed needs a moment to leave. Raises ConfigError when it is another's."""
    from topstitch.errors import ConfigError
    from topstitch.web.server import check_address

    deadline = time.monotonic() + PORT_PATIENCE
    while True:
        try:
            check_address(host, port)
            return
        except ConfigError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def _wait_until_it_answers(host: str, port: int, stopping: threading.Event) -> None:
    """So that nobody opens an address that is not there yet; after a while it is said all the same."""
    deadline = time.monotonic() + ANSWER_PATIENCE
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection((host, port), timeout=1):
            return
        if stopping.wait(0.1):
            return


def _warn(text: str) -> None:
    click.secho(text, fg="yellow", err=True)


def _keep_database() -> None:
    """Start the embedded database again when it was killed."""
    from topstitch.errors import TopstitchError
    from topstitch.runtime.django import keep_database

    try:
        keep_database()
    except TopstitchError as error:
        _warn(f"{error.message} {error.hint}")


@click.command()
def web() -> None:
    """Serve the screens."""
    from topstitch.runtime.django import migrate, setup

    setup(start_database=True)
    migrate()
    if not is_child():
        _show_first_link()
    from topstitch.web.server import serve

    serve()


@click.command()
def worker() -> None:
    """Run services."""
    from topstitch.runtime.django import migrate, setup

    setup(start_database=True)
    migrate()
    from topstitch.alerts.jobs import JOBS
    from topstitch.runtime import retention
    from topstitch.runtime.worker import run_worker

    leave_with_parent()
    run_worker(jobs=(*JOBS, *retention.JOBS))


@click.command()
@click.argument("system", required=False)
@click.option("--port", type=int, help="Port, instead of TOPSTITCH_PRACTICE_PORT.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where their state is kept.")
def practice(system: str | None, port: int | None, folder: Path | None) -> None:
    """Run the practice servers: of every system, or of one."""
    from topstitch.runtime.django import setup

    setup()
    from django.conf import settings

    from topstitch.runtime.practice import PracticeServers

    leave_with_parent()
    servers = PracticeServers(
        folder or topstitch_home() / "practice",
        port=port or settings.PRACTICE_PORT,
        only=system,
        sftp=settings.PRACTICE_SFTP,
    )
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with servers:
        click.echo(f"Practice servers at {servers.url}/<system>")
        ended.wait()


COMMANDS = (up, web, worker, practice)
