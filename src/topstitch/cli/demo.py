"""The demo on the command line."""

from __future__ import annotations

import os
import signal
import sys

import click


@click.command()
@click.option(
    "--once", is_flag=True, help="Run the services, print the report, and leave: with 0 when every figure is right."
)
def demo(once: bool) -> None:
    """A small retailer to look at: practice systems, services between them, finished runs."""
    from topstitch.demo import play

    play.use_demo_home(once=once)
    from topstitch.cli.start import ready
    from topstitch.runtime.supervisor import Supervisor

    click.echo("Starting the database, practice systems and a worker ...")
    ready()
    supervisor = Supervisor(play.children(web=not once), tell=lambda text: click.secho(text, fg="yellow", err=True))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    supervisor.start_all()
    problems: list[str] = []
    try:
        with play.partner_files():
            play.wait_for_practice()
            password = play.configure()
            if not play.was_played():
                problems = play.play(lambda text: click.echo(f"  {text}"))
            _report()
            if not once:
                _welcome(password)
                supervisor.watch()
    except KeyboardInterrupt:
        click.echo("Stopping: what is on its way is finished and recorded.")
        once = False
    finally:
        _end(supervisor)
    for problem in problems:
        click.secho(problem, fg="red", err=True)
    if once:
        click.echo("Every figure is as expected." if not problems else "Not every figure is as expected.")
        sys.exit(bool(problems))


def _end(supervisor: object) -> None:
    from topstitch.runtime import postgres
    from topstitch.runtime.django import own_database
    from topstitch.runtime.home import topstitch_home
    from topstitch.runtime.supervisor import Supervisor

    assert isinstance(supervisor, Supervisor)
    supervisor.stop_all()
    if not own_database():
        from django.db import connections

        connections.close_all()
        postgres.stop(topstitch_home())


def _report() -> None:
    """The sync report: how many records of each service came to what, and what did not arrive."""
    from django.db.models import Count

    from topstitch.cli.output import table
    from topstitch.store.models import Attempt

    click.secho("\nSync report", bold=True)
    rows = list(
        Attempt.objects.values("service__name", "status")
        .annotate(records=Count("id"))
        .order_by("service__name", "status")
    )
    table(rows, {"service__name": "service", "status": "status", "records": "records"})
    failed = list(
        Attempt.objects.exclude(status__in=["ok", "sent"])
        .order_by("id")
        .values("service__name", "reference", "message")
    )
    if failed:
        click.secho("\nWhat did not arrive, and why", bold=True)
        table(failed, {"service__name": "service", "reference": "reference", "message": "reason"})


def _welcome(password: str) -> None:
    from django.conf import settings

    from topstitch.demo.play import EMAIL

    click.secho(f"\nTopstitch is at http://{settings.WEB_HOST}:{settings.WEB_PORT}", bold=True)
    click.echo(f"Sign in as {EMAIL} with the password {password}")
    click.echo(
        f"In another terminal: TOPSTITCH_HOME={os.environ['TOPSTITCH_HOME']} {sys.argv[0]} report --status failed"
    )
    click.echo("Ctrl-C stops it.")


COMMANDS = (demo,)
