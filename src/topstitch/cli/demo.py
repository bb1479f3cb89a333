"""The demo on the command line."""

from __future__ import annotations

import os
import signal
import sys

import click

from topstitch.cli.output import table
from topstitch.cli.start import ready
from topstitch.demo import play
from topstitch.runtime import postgres
from topstitch.runtime.django import own_database
from topstitch.runtime.home import topstitch_home
from topstitch.runtime.supervisor import Supervisor

#: Exit code of a program that was interrupted.
INTERRUPTED = 130


@click.command()
@click.option(
    "--once", is_flag=True, help="Run the services, print the report, and leave: with 0 when every figure is right."
)
def demo(once: bool) -> None:
    """A small retailer to look at: practice systems, services between them, finished runs."""
    play.use_demo_home(once=once)
    click.echo("Starting the database, practice systems and a worker ...")
    ready()
    supervisor = Supervisor(play.children(web=not once), tell=lambda text: click.secho(text, fg="yellow", err=True))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    supervisor.start_all()
    supervisor.watch_beside()
    code = 0
    try:
        code = _show(supervisor, once=once)
    except KeyboardInterrupt:
        click.echo("Stopping: what is on its way is finished and recorded.")
        code = INTERRUPTED if once else 0
    finally:
        _end(supervisor)
    sys.exit(code)


def _show(supervisor: Supervisor, *, once: bool) -> int:
    """Play, report, and stay until somebody stops it; returns the exit code."""
    with play.partner_files():
        play.wait_for_practice()
        password = play.configure()
        problems = [] if play.was_played() else play.play(lambda text: click.echo(f"  {text}"))
        _report()
        for problem in problems:
            click.secho(problem, fg="red", err=True)
        if not once:
            _welcome(password)
            supervisor.stopping.wait()
    if once:
        click.echo("Not every figure is as expected." if problems else "Every figure is as expected.")
    return int(bool(problems)) if once else 0


def _end(supervisor: Supervisor) -> None:
    from django.db import connections

    supervisor.stop_all()
    if not own_database():
        connections.close_all()
        postgres.stop(topstitch_home())


def _report() -> None:
    """The sync report: how many records of each service came to what, and what did not arrive."""
    from django.db.models import Count

    from topstitch.store.models import Attempt

    click.secho("\nSync report", bold=True)
    rows = list(
        Attempt.objects.values("service__name", "status")
        .annotate(records=Count("id"))
        .order_by("service__name", "status")
    )
    table(rows, {"service__name": "service", "status": "status", "records": "records"})
    failed = Attempt.objects.exclude(status__in=["ok", "sent"]).order_by("id").select_related("service")
    if failed:
        click.secho("\nWhat did not arrive, and why", bold=True)
        shown = [{"service": a.service.name, "record": a.reference or a.key, "reason": a.message} for a in failed]
        table(shown, {name: name for name in ("service", "record", "reason")})


def _welcome(password: str) -> None:
    from django.conf import settings

    click.secho(f"\nTopstitch is at http://{settings.WEB_HOST}:{settings.WEB_PORT}", bold=True)
    click.echo(f"Sign in as {play.EMAIL} with the password {password}")
    click.echo(
        f"In another terminal: TOPSTITCH_HOME={os.environ['TOPSTITCH_HOME']} {sys.argv[0]} report --status failed"
    )
    click.echo("Ctrl-C stops it.")


COMMANDS = (demo,)
