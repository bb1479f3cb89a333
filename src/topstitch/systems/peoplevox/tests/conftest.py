"""A practice warehouse on loopback, and connections to it."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from topstitch.net.limits import LocalBudget
from topstitch.sdk import CATALOGUE, Connection, Outgoing
from topstitch.sdk.practice import PracticeServer, Throttle
from topstitch.sdk.settings import checked_settings
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


def push(conn, entity, *given, **options):
    found = conn.entry.entity(entity)
    batch = [Outgoing(key=f"k{place}", record=record) for place, record in enumerate(given)]
    verdicts = found.write.push(conn, batch, checked_settings(found.write.options, options))
    assert len(verdicts) == len(given)
    return verdicts


def outcomes(verdicts):
    return [verdict.outcome for verdict in verdicts]


def order(number="SO-9001", *lines, **values):
    return {
        "SalesOrderNumber": number,
        "Customer": "Ada Marlowe",
        "Email": "ada@example.com",
        "TotalSale": Decimal("24.980"),
        "CreatedDate": "2026-05-01T10:00:00+00:00",
        "lines": [{"ItemCode": sku, "QuantityOrdered": quantity} for sku, quantity in lines or [("SKU-001", 2)]],
        **values,
    }
