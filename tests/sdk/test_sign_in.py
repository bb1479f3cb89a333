"""Signing in on the system's own page: where to, what comes back, and how long it lasts."""

from __future__ import annotations

import json
import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.fakes.signing import CLIENT, SECRET, SLUG, signing_shop, signing_system

from topstitch.errors import AuthError, ConfigError, TopstitchError
from topstitch.net.retry import Deadline
from topstitch.sdk.connection import Connection
from topstitch.sdk.file import system_from_data
from topstitch.sdk.practice import PracticeServer, json_reply
from topstitch.sdk.sign_in import SIGNED_IN
from topstitch.sdk.trial import try_out

BACK = "https://topstitch.example/connectors/signed-in"


@pytest.fixture
def server():
    practice = signing_shop()
    with PracticeServer([practice]) as server:
        server.practice = practice
        yield server


def connection(server, **changes):
    entry = system_from_data({**signing_system(), **changes})
    values = {"client_id": CLIENT, "client_secret": SECRET}
    return Connection(
        entry=entry, settings=values, origin=f"{server.url}/{SLUG}", private_hosts=["127.0.0.1"], stop=Deadline(15)
    )


def code_from(begun):
    with urllib.request.urlopen(begun.address) as answer:
        said = json.load(answer)
    assert said["state"] == begun.state
    return said["code"]


def signed_in(server, **changes):
    conn = connection(server, **changes)
    begun = conn.entry.system.sign_in.begin(conn, BACK)
    token = conn.entry.system.sign_in.finish(conn, code_from(begun), come_back=BACK, verifier=begun.verifier)
    return conn, token


def test_the_page_is_told_who_asks_what_for_and_where_to_come_back(server):
    conn = connection(server)
    begun = conn.entry.system.sign_in.begin(conn, BACK)
    query = {name: values[0] for name, values in parse_qs(urlsplit(begun.address).query).items()}
    assert (query["client_id"], query["redirect_uri"], query["scope"]) == (CLIENT, BACK, "all")
    assert query["code_challenge_method"] == "S256"
    assert begun.verifier not in begun.address
    assert begun.state != conn.entry.system.sign_in.begin(conn, BACK).state


def test_a_vendor_that_goes_by_what_was_registered_is_not_told(server):
    conn = connection(server, sign_in={**signing_system()["sign_in"], "redirect": False, "pkce": False})
    begun = conn.entry.system.sign_in.begin(conn, BACK)
    assert "redirect_uri" not in begun.address
    assert begun.verifier == ""
    assert begun.state in begun.address


def test_a_code_becomes_a_token_that_the_system_takes(server):
    conn, token = signed_in(server)
    assert conn.tokens.get(SIGNED_IN) == token
    assert try_out(conn).passed
    conn.close()


def test_a_worn_token_is_renewed_and_the_new_refresh_token_kept(server):
    server.practice.life = -1
    conn, first = signed_in(server)
    server.practice.life = 3600
    assert try_out(conn).passed
    assert conn.tokens.get(SIGNED_IN).refresh_token != first.refresh_token
    conn.close()


def test_nobody_is_in_who_did_not_sign_in(server):
    trial = try_out(connection(server))
    assert isinstance(trial.error, AuthError)
    assert "not signed in" in trial.error.message


@pytest.mark.parametrize("wrong", [{"verifier": "x" * 50}, {"code": "made-up"}])
def test_what_was_not_begun_here_is_not_finished(server, wrong):
    conn = connection(server)
    begun = conn.entry.system.sign_in.begin(conn, BACK)
    given = {"code": code_from(begun), "verifier": begun.verifier, **wrong}
    with pytest.raises(TopstitchError, match="not good"):
        conn.entry.system.sign_in.finish(conn, given["code"], come_back=BACK, verifier=given["verifier"])
    assert conn.tokens.get(SIGNED_IN) is None
    conn.close()


def test_a_token_service_that_repeats_what_it_was_sent_gives_nothing_away(server):
    repeating = "https://login.signing.example/oauth/repeats"
    conn = connection(server, sign_in={**signing_system()["sign_in"], "token": repeating})

    @server.practice.route("POST", "/oauth/repeats")
    def refused(request):
        form = request.form()
        said = f"no {form['code']} of {form['client_secret']}"
        return json_reply({"error": "invalid_grant", "error_description": said}, 400)

    with pytest.raises(TopstitchError) as raised:
        conn.entry.system.sign_in.finish(conn, "code-of-the-day", come_back=BACK)
    told = f"{raised.value.message} {raised.value.hint} {raised.value.detail}"
    assert "***" in told
    assert "code-of-the-day" not in told
    assert SECRET not in told


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"auth": {"bearer": "account"}}, "either auth or sign_in"),
        ({"sign_in": {"page": "https://{shop}.example", "token": "https://x.example"}}, "no setting shop"),
        ({"sign_in": {"page": "https://x.example", "token": "https://x.example", "client_id": "id"}}, "no setting id"),
        ({"sign_in": {"page": "https://x.example"}}, "sign_in.token"),
    ],
)
def test_a_file_that_cannot_be_says_what_is_wrong(change, said):
    with pytest.raises(ConfigError, match=said):
        system_from_data({**signing_system(), **change})
