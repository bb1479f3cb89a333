"""The answer for monitors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError
from django.test import Client

from topstitch.store.models import Worker

pytestmark = pytest.mark.django_db


def worker(seconds):
    Worker.objects.create(name="w", host="h", pid=1, seen_at=datetime.now(UTC) - timedelta(seconds=seconds))


def test_it_is_well_with_a_database_and_a_worker():
    worker(5)
    response = Client().get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "database": "ok", "worker": "ok"}


def test_it_is_not_without_a_worker_seen_lately():
    worker(120)
    response = Client().get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"status": "down", "database": "ok", "worker": "down"}


def test_it_says_so_when_the_database_is_away(monkeypatch):
    def away():
        raise DatabaseError("no connection to the server at 10.0.0.1")

    monkeypatch.setattr("topstitch.web.health.engine_state", away)
    response = Client().get("/healthz")
    assert response.status_code == 503
    assert "10.0.0.1" not in response.content.decode()
    assert response.json()["database"] == "down"


def test_the_frame_says_when_no_worker_runs(client):
    assert "No worker is running" in client.get("/services/").content.decode()
    worker(1)
    assert "1 worker" in client.get("/services/").content.decode()
