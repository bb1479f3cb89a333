"""Bare psycopg connections to Django's database, for the ledger's bulk SQL. They are in autocommit; transactions are explicit."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import django.db
import psycopg
from django.db import connection as django_connection
from psycopg import Connection

T = TypeVar("T")
#: What a lost or restarting server looks like.
GONE = (psycopg.OperationalError, psycopg.InterfaceError, django.db.OperationalError, django.db.InterfaceError)


def connect(name: str = "topstitch") -> Connection:
    """A new connection; raises psycopg.OperationalError when there is no server."""
    parameters: dict[str, Any] = dict(django_connection.get_connection_params())
    for private in ("cursor_factory", "context", "prepare_threshold", "pool"):
        parameters.pop(private, None)
    return psycopg.connect(**parameters, autocommit=True, application_name=name)


def patiently(work: Callable[[], T], seconds: float) -> T:
    """Do something that needs the server, trying again for so many seconds while it is away."""
    deadline = time.monotonic() + seconds
    wait = 0.1
    while True:
        try:
            return work()
        except GONE:
            if time.monotonic() + wait > deadline:
                raise
            time.sleep(wait)
            wait = min(wait * 2, 2.0)
