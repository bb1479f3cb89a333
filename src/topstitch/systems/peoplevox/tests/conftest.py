"""A practice warehouse on loopback, and connections to it."""

from __future__ import annotations

from collections import Counter

import pytest

from topstitch.net.limits import LocalBudget
from topstitch.sdk import CATALOGUE, Connection
from topstitch.sdk.practice import PracticeServer, Throttle
from topstitch.systems.peoplevox import practice


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(practice, "THROTTLE", Throttle(10_000, 15.0))
    practice.PRACTICE.faults.clear()
    with PracticeServer([practice.PRACTICE]) as running:
        yield running
    practice.PRACTICE.faults.clear()


@pytest.fixture
def connect(server):
    opened = []

    def connect(*, zone="UTC", **settings):
        given = {**practice.PRACTICE.settings, **settings}
        options = {key: given.pop(key) for key in ("tokens", "log", "dry") if key in given}
        entry = given.pop("entry", None) or CATALOGUE.get("peoplevox")
        conn = Connection(
            entry=entry,
            settings=given,
            environment="practice",
            origin=f"{server.url}/peoplevox",
            zone=zone,
            budget=LocalBudget(),
            **options,
        )
        opened.append(conn)
        return conn

    yield connect
    for conn in opened:
        conn.close()


@pytest.fixture
def conn(connect):
    return connect()


@pytest.fixture
def conn_in(connect):
    return lambda zone: connect(zone=zone)


@pytest.fixture
def store(server):
    return server.stores["peoplevox"]


@pytest.fixture
def seen(monkeypatch, server):
    """Counts the SOAP calls that reached the service, by operation."""
    calls = Counter()
    real = practice.read_call

    def counting(request):
        call = real(request)
        calls[call.operation] += 1
        return call

    monkeypatch.setattr(practice, "read_call", counting)
    return lambda: dict(calls)
