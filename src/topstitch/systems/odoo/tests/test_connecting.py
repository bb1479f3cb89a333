"""Finding the server, signing in, keeping the user id, and the life of API keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from topstitch.sdk import AuthError, ConfigError, RateLimited, Token
from topstitch.systems.odoo import keys
from topstitch.systems.odoo.erp.seed import KEY, LIMITED_KEY, LIMITED_LOGIN
from topstitch.systems.odoo.practice import PRACTICE

from .conftest import Connect, odoo


@pytest.mark.parametrize(
    ("version", "chosen", "used"),
    [
        ("v14", "auto", "jsonrpc"),
        ("v17", "auto", "jsonrpc"),
        ("v19", "auto", "json2"),
        ("v14", "xmlrpc", "xmlrpc"),
        ("v19", "jsonrpc", "jsonrpc"),
        ("v19", "json2", "json2"),
    ],
)
def test_the_api_is_chosen_by_version(connect: Connect, version: str, chosen: str, used: str) -> None:
    conn = connect(version, api_style=chosen)
    checks = conn.entry.system.test(conn)
    assert all(check.ok for check in checks)
    assert checks[0].label == f"Odoo {version[1:]}.0 answers"
    assert odoo(conn).style == used


@pytest.mark.parametrize("style", ["jsonrpc", "xmlrpc", "json2"])
def test_a_wrong_key_is_an_authentication_error(connect: Connect, style: str) -> None:
    conn = connect("v19", api_style=style, api_key="wrong-key-123")
    with pytest.raises(AuthError, match="refuses the user name or the API key"):
        conn.entry.system.test(conn)


@pytest.mark.parametrize("style", ["jsonrpc", "xmlrpc"])
def test_a_wrong_database_is_named(connect: Connect, style: str) -> None:
    conn = connect("v17", api_style=style, database="nowhere")
    with pytest.raises(ConfigError, match=r"nowhere.* does not exist"):
        conn.entry.system.test(conn)


def test_an_address_without_odoo_is_told(connect: Connect) -> None:
    conn = connect("v12")
    with pytest.raises(ConfigError, match="no Odoo at this address"):
        conn.entry.system.test(conn)


def test_the_database_of_odoo_online_is_in_the_address(connect: Connect) -> None:
    conn = connect()
    conn.settings = {**conn.settings, "url": "https://practice.odoo.com", "database": None}
    assert odoo(conn).database == "practice"


def test_a_stale_user_id_is_renewed(connect: Connect) -> None:
    conn = connect()
    slot = odoo(conn)._slot
    conn.tokens.put(slot, Token("999"))
    assert odoo(conn).call("res.partner", "search_count", [[]], safe=True) > 10
    kept = conn.tokens.get(slot)
    assert kept
    assert kept.value == "7"


def test_a_key_that_expired_meanwhile_is_an_authentication_error(connect: Connect) -> None:
    conn = connect()
    odoo(conn).call("res.partner", "search_count", [[]], safe=True)
    PRACTICE.faults.add("expired", count=9)
    with pytest.raises(AuthError):
        odoo(conn).call("res.partner", "search_count", [[]], safe=True)


def test_the_test_says_what_a_user_may_not_read(connect: Connect) -> None:
    conn = connect(username=LIMITED_LOGIN, api_key=LIMITED_KEY)
    found = {check.label: check for check in conn.entry.system.test(conn)}
    assert found["May read stock"].ok
    assert not found["May read orders"].ok
    assert "not allowed" in found["May read orders"].detail


def test_a_named_pause_is_obeyed_and_a_long_one_is_told(connect: Connect) -> None:
    conn = connect()
    PRACTICE.faults.add("429", retry_after=0.05)
    assert odoo(conn).version == (17, 0)
    PRACTICE.faults.add("429", retry_after=3600)
    with pytest.raises(RateLimited) as refused:
        odoo(conn).call("res.partner", "search_count", [[]], safe=True)
    assert refused.value.retry_after
    assert refused.value.retry_after > 3000


def test_a_read_is_repeated_after_a_server_error(connect: Connect) -> None:
    conn = connect()
    assert odoo(conn).version
    PRACTICE.faults.add("500")
    assert odoo(conn).call("res.partner", "search_count", [[]], safe=True) > 10


@pytest.mark.parametrize(
    ("version", "style"), [("v19", "json2"), ("v19", "jsonrpc"), ("v19", "xmlrpc"), ("v17", "auto")]
)
def test_the_end_of_a_key_is_warned_about(connect: Connect, version: str, style: str) -> None:
    today = datetime(2026, 11, 20, tzinfo=UTC)
    conn = connect(version, api_style=style, now=lambda: today, api_key_expires="2026-11-30")
    said: list[tuple[str, str]] = []
    conn.log = lambda level, text: said.append((level, text))
    check = conn.entry.system.test(conn)[-1]
    assert check.detail == "The API key expires on 2026-11-30, in 10 days."
    # A run says it once.
    odoo(conn).call("res.partner", "search_count", [[]], safe=True)
    assert said == [("warning", check.detail)]
    late = connect(version, api_style=style, now=lambda: today, api_key_expires="2026-11-10")
    assert not late.entry.system.test(late)[-1].ok


@pytest.mark.parametrize(("version", "style", "told"), [("v19", "json2", 1), ("v19", "jsonrpc", 1), ("v17", "auto", 0)])
def test_that_keys_end_is_told_where_they_do(connect: Connect, version: str, style: str, told: int) -> None:
    conn = connect(version, api_style=style)
    lives = [check for check in conn.entry.system.test(conn) if check.label == "Life of the API key"]
    assert len(lives) == told
    assert all(check.ok and "three months" in check.detail for check in lives)


@pytest.mark.parametrize("version", ["v14", "v17"])
def test_json2_before_19_is_told_and_what_to_choose(connect: Connect, version: str) -> None:
    conn = connect(version, api_style="json2")
    with pytest.raises(ConfigError, match=f"Odoo {version[1:]}.0, which has no JSON-2: that came with 19") as refused:
        conn.entry.system.test(conn)
    assert "JSON-RPC" in refused.value.hint


def test_json2_at_an_address_without_odoo_is_told(connect: Connect) -> None:
    conn = connect("v12", api_style="json2")
    with pytest.raises(ConfigError, match="no Odoo at this address"):
        conn.entry.system.test(conn)


def test_a_key_is_renewed_and_the_old_one_revoked(connect: Connect) -> None:
    conn = connect("v19")
    end = keys.rotate_key(conn)
    assert keys.current_key(conn) != KEY
    assert keys.expires_at(conn) == end
    assert odoo(conn).call("res.partner", "search_count", [[]], safe=True) > 10
    other = connect("v19")
    with pytest.raises(AuthError):
        odoo(other).call("res.partner", "search_count", [[]], safe=True)


def test_a_key_typed_in_anew_goes_before_a_renewed_one(connect: Connect) -> None:
    conn = connect("v19")
    keys.rotate_key(conn)
    again = connect("v19", tokens=conn.tokens, api_key="typed-in-later")
    assert keys.current_key(again) == "typed-in-later"


@pytest.mark.parametrize("style", ["json2", "jsonrpc"])
def test_a_key_renews_itself_when_asked_to(connect: Connect, style: str) -> None:
    soon = f"{datetime.now(UTC) + timedelta(days=5):%Y-%m-%d}"
    conn = connect("v19", api_style=style, renew_key=True, api_key_expires=soon)
    odoo(conn).call("res.partner", "search_count", [[]], safe=True)
    assert keys.current_key(conn).startswith("renewed-key")
    end = keys.expires_at(conn)
    assert end
    assert end > datetime.now(UTC) + timedelta(days=80)


def test_secrets_are_masked(connect: Connect) -> None:
    conn = connect("v19")
    keys.rotate_key(conn)
    assert keys.current_key(conn) not in conn.redactor.text(f"key {keys.current_key(conn)}")
