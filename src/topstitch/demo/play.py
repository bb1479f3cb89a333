"""Playing the demo: real processes, its own home, the services run one after the other, the figures checked."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from topstitch.demo.scenario import CONFIGURATION, PARTNER_ORDERS, Act, acts
from topstitch.engine.ports import COUNT_NAMES
from topstitch.errors import ConfigError
from topstitch.runtime.home import topstitch_home
from topstitch.runtime.postgres import delete as delete_cluster
from topstitch.runtime.supervisor import Child
from topstitch.sdk.practice.files import FileServer

EMAIL = "demo@example.com"
STARTS_WITHIN = 60.0
PORTS = range(20_000, 32_000)
Tell = Callable[[str], None]


def use_demo_home(*, once: bool) -> None:
    """The demo has a home of its own inside the installation's, so that it never meets real services.

    A demo that ends by itself begins anew each time, on ports that nobody uses.
    """
    home = topstitch_home() / ("demo-once" if once else "demo")
    if once and home.exists():
        delete(home)
    os.environ["TOPSTITCH_HOME"] = str(home)
    # The trading partner's server is on this machine.
    os.environ["TOPSTITCH_PRIVATE_HOSTS"] = "127.0.0.1"
    if once:
        _use_free_ports()


def delete(home: Path) -> None:
    """Delete a demo's home, its database stopped first."""
    delete_cluster(home)
    shutil.rmtree(home, ignore_errors=True)


def _use_free_ports() -> None:
    os.environ["TOPSTITCH_PRACTICE_PORT"], os.environ["TOPSTITCH_PORT"] = (str(port) for port in _free_pairs())


def _free_pairs() -> Sequence[int]:
    """A port whose neighbour is free too (practice servers take two), and another one."""
    while True:
        first = _free_port()
        if _is_free(first + 1):
            return first, _free_port()


def _free_port() -> int:
    """From below the range out of which systems give ports away: nobody is given it before it is used."""
    while not _is_free(port := secrets.choice(PORTS)):
        pass
    return port


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def children(*, web: bool) -> list[Child]:
    """The processes of the demo."""
    return [Child("practice servers", ["practice"]), Child("worker", ["worker"])] + (
        [Child("web", ["web"])] if web else []
    )


@contextmanager
def partner_files() -> Iterator[None]:
    """The trading partner's SFTP server: OpenSSH where it is installed. Its address goes to demo.yaml by environment."""
    home = topstitch_home() / "partner"
    _leave_orders(home / "files" / "orders")
    with FileServer(home / "files", password="", keys=home / "keys") as server:
        os.environ |= {
            "DEMO_SFTP_PORT": str(server.port),
            "DEMO_SFTP_USER": server.user,
            "DEMO_SFTP_KEY": server.private_key,
            "DEMO_SFTP_FINGERPRINT": server.fingerprint,
        }
        yield


def _leave_orders(folder: Path) -> None:
    """The partner's file, an hour old: a service waits before it takes a file that may still be growing."""
    if folder.exists():
        return
    folder.mkdir(parents=True)
    file = folder / PARTNER_ORDERS.name
    shutil.copyfile(PARTNER_ORDERS, file)
    an_hour_ago = time.time() - 3600
    os.utime(file, (an_hour_ago, an_hour_ago))


def wait_for_practice() -> None:
    """Until the practice servers answer. Raises ConfigError when they do not."""
    from django.conf import settings

    port, deadline = settings.PRACTICE_PORT + 1, time.monotonic() + STARTS_WITHIN
    while _is_free(port):
        if time.monotonic() > deadline:
            raise ConfigError(
                f"the practice servers did not start on port {port}",
                place="demo",
                hint="Perhaps another program uses the port: set TOPSTITCH_PRACTICE_PORT to another one.",
            )
        time.sleep(0.1)


def configure() -> str:
    """Apply the demo's configuration, give the demo's person a new password, and return it."""
    from django.db import transaction

    from topstitch.accounts.models import Membership, Role, User
    from topstitch.store.actions.companies import default_group
    from topstitch.store.files.apply import apply_plan
    from topstitch.store.files.plan import make_plan

    group = default_group()
    with transaction.atomic():
        apply_plan(make_plan(CONFIGURATION, group), group)
        if not was_played():
            # Schedules wait: a run between the acts would change their figures.
            _switch_services(active=False)
    password = secrets.token_urlsafe(9)
    person = User.objects.filter(email=EMAIL).first() or User.objects.create_user(EMAIL, name="Demo")
    person.set_password(password)
    person.save()
    Membership.objects.get_or_create(user=person, company=group.company, defaults={"role": Role.ADMINISTRATOR})
    return password


def was_played() -> bool:
    """Whether this home's demo was played before."""
    from topstitch.store.models import Run

    return Run.objects.exists()


def play(tell: Tell) -> list[str]:
    """Run every act, then let the schedules begin; returns what is not as it must be."""
    try:
        return [problem for act in acts() for problem in _play(act, tell)]
    finally:
        _switch_services(active=True)


def _switch_services(*, active: bool) -> None:
    from topstitch.store.actions.services import switch_service
    from topstitch.store.models import Service

    for service in Service.objects.select_related("revision", "group__company"):
        switch_service(service, active)


def _play(act: Act, tell: Tell) -> list[str]:
    from topstitch.runtime.client import follow
    from topstitch.store.actions.runs import request_run
    from topstitch.store.models import Service

    service = Service.objects.select_related("revision", "group__company").get(name=act.service)
    run = follow(request_run(service))
    found = {name: getattr(run, name) for name in COUNT_NAMES if getattr(run, name)}
    tell(f"{act.service}: {run.get_status_display().lower()}, " + ", ".join(f"{v} {k}" for k, v in found.items()))
    if found == dict(act.figures):
        return []
    reason = f" ({run.reason})" if run.reason else ""
    return [f"{act.service}: expected {dict(act.figures)}, found {found}{reason}"]
