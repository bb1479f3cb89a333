"""Serving the screens: one process that listens, one that answers with threads, both gone when the parent is."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connections
from granian.constants import Interfaces
from granian.server import Server

from topstitch.errors import ConfigError
from topstitch.runtime.supervisor import leave_with_parent
from topstitch.store.systems import load_user_systems

THREADS = 8
#: Seconds that answers under way get when told to stop.
REST_SECONDS = 10


def serve() -> None:
    """Serve until SIGTERM or SIGINT. Raises ConfigError when the address cannot be listened on."""
    check_address(settings.WEB_HOST, settings.WEB_PORT)
    load_user_systems()
    # The process that answers is forked from this one: it must not inherit a connection in use.
    connections.close_all()
    leave_with_parent()
    Server(
        "topstitch.web.wsgi:application",
        address=settings.WEB_HOST,
        port=settings.WEB_PORT,
        interface=Interfaces.WSGI,
        blocking_threads=THREADS,
        workers_kill_timeout=REST_SECONDS,
        websockets=False,
        log_enabled=False,
    ).serve(target_loader=load_application, wrap_loader=False)


def load_application(*_: Any) -> Callable[..., Any]:
    """In the process that answers: the application, and a watch on the process that listens."""
    listener = multiprocessing.parent_process()
    if listener is not None:

        def follow() -> None:
            listener.join()
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=follow, name="listener", daemon=True).start()
    from topstitch.web.wsgi import application

    return application


def check_address(host: str, port: int) -> None:
    """Raise ConfigError if nobody can listen there. The server itself would share a port that is taken already."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(
                f"port {port} on {host} is in use by another program",
                place="TOPSTITCH_PORT",
                hint="Stop that program, or set TOPSTITCH_PORT to a free port.",
            ) from error
        raise ConfigError(
            f"cannot listen on {host} port {port}: {error}",
            place="TOPSTITCH_HOST",
            hint="Set TOPSTITCH_HOST to an address of this machine and TOPSTITCH_PORT to a port above 1023.",
        ) from error
