"""Testing a connection: the steps on the way, what the system says, and what stopped it."""

from __future__ import annotations

import pytest
from tests.fakes.far_end import SLUG, far_end, system

from topstitch.errors import AuthError
from topstitch.net.retry import Deadline
from topstitch.sdk.connection import Connection
from topstitch.sdk.file import system_from_data
from topstitch.sdk.practice import PracticeServer, json_reply
from topstitch.sdk.trial import try_out


@pytest.fixture
def server():
    practice = far_end()
    with PracticeServer([practice]) as server:
        server.practice = practice
        yield server


def connection(origin, **more):
    return Connection(entry=system_from_data(system()), settings={}, origin=origin, private_hosts=["127.0.0.1"], **more)


def steps(trial):
    return [(check.label, check.ok) for check in trial.checks]


def test_the_way_is_told_before_what_the_system_says(server):
    trial = try_out(connection(f"{server.url}/{SLUG}"))
    assert trial.passed
    assert steps(trial)[0] == ("Address reached", True)
    assert trial.checks[0].detail in server.url
    assert len(trial.checks) > 1
    # Nothing was encrypted, so no certificate was looked at.
    assert "Certificate" not in dict(steps(trial))


def test_an_address_that_nobody_answers_at_was_not_reached():
    trial = try_out(connection("http://127.0.0.1:1", stop=Deadline(15)))
    assert not trial.passed
    assert trial.error.desk_class == "connection"
    assert len(trial.checks) == 1
    assert trial.took_ms < 5000


def test_a_broken_certificate_is_told_after_the_address(server):
    # It speaks no TLS at all.
    trial = try_out(connection(server.url.replace("http://", "https://"), stop=Deadline(15)))
    assert trial.error.key == "tls"
    assert [ok for _, ok in steps(trial)] == [True, False]


def test_refused_credentials_are_told_after_the_address(server, monkeypatch):
    conn = connection(f"{server.url}/{SLUG}")

    def refused(connected):
        connected.http.get("/ping")
        raise AuthError("The token is not known", hint="Make another one.")

    object.__setattr__(conn.entry.system, "test", refused)
    trial = try_out(conn)
    assert steps(trial) == [("Address reached", True), ("Sign-in", False)]
    assert trial.checks[-1].detail == "The token is not known. Make another one."


def test_a_system_that_repeats_a_secret_gives_it_away_nowhere(server):
    entry = system_from_data(system() | {"settings": {"token": {"secret": True}}})
    conn = Connection(entry=entry, settings={"token": "s3cret-of-the-shop"}, origin=server.url, stop=Deadline(15))

    def refused(connected):
        raise AuthError(f"{conn['token']} is not known", hint=f"Not {conn['token']}.", detail=f"530 {conn['token']}")

    object.__setattr__(entry.system, "test", refused)
    trial = try_out(conn)
    assert trial.error.message == "*** is not known"
    assert steps(trial)[-1] == ("Sign-in", False)
    assert "s3cret" not in f"{trial.error.hint} {trial.error.detail} {trial.checks}"


def test_somebody_who_waits_does_not_wait_for_retries(server):
    asked = []

    @server.practice.route("GET", "/broken")
    def broken(request):
        asked.append(1)
        return json_reply({"message": "down"}, 503)

    entry = system_from_data(system() | {"test": "/broken"})
    trial = try_out(
        Connection(
            entry=entry, settings={}, origin=f"{server.url}/{SLUG}", private_hosts=["127.0.0.1"], stop=Deadline(15)
        )
    )
    assert not trial.passed
    assert len(asked) == 1
    assert trial.checks[0].ok
