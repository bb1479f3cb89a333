"""Signing in, the connector's test, throttling, and what refusals of the shop mean."""

from __future__ import annotations

import pytest

from topstitch.sdk import AnswerLost, AuthError, ConfigError, Query, RateLimited, TemporaryError
from topstitch.systems.shopify.names import shop_host
from topstitch.systems.shopify.practice import TOKEN


@pytest.mark.parametrize(
    "given",
    [
        "fern",
        "fern.myshopify.com",
        "https://fern.myshopify.com/",
        " HTTPS://Fern.myshopify.com/admin ",
        "admin.shopify.com/store/fern",
    ],
)
def test_any_spelling_of_a_store_is_understood(given):
    assert shop_host(given) == "fern.myshopify.com"


@pytest.mark.parametrize("given", ["www.fern.example.com", "fern shop", ""])
def test_what_is_no_store_name_is_refused(given):
    with pytest.raises(ConfigError):
        shop_host(given)


def check(shop, conn=None):
    conn = conn or shop.conn
    return conn.entry.system.test(conn)


def test_the_test_says_which_shop_answered_and_what_the_app_may_do(shop):
    checks = check(shop)

    assert all(each.ok for each in checks)
    assert "fern-and-fable.myshopify.com" in checks[0].detail


def test_a_missing_scope_is_shown_and_an_old_version_too(shop):
    access = shop.store.get("_shop", "access")
    access["scopes"] = [s for s in access["scopes"] if "customers" not in s]
    shop.store.put("_shop", "access", access)

    failed = {each.label: each.detail for each in check(shop, shop.connect(api_version="2025-07")) if not each.ok}

    assert failed.keys() == {"API version", "May read customers"}
    assert "2025-10 answered in its place" in failed["API version"]


def test_a_token_that_may_only_read_says_which_scopes_it_lacks_to_write(shop):
    access = shop.store.get("_shop", "access")
    access["scopes"] = [s for s in access["scopes"] if s.startswith("read_")]
    shop.store.put("_shop", "access", access)

    details = {each.label: each.detail for each in check(shop) if each.ok}

    assert details["May read orders"].endswith("the app lacks the scope write_orders")
    assert "write_merchant_managed_fulfillment_orders" in details["May read fulfilment"]
    assert details["May read locations"] == ""


def test_a_scope_to_write_is_one_to_read_too(shop):
    access = shop.store.get("_shop", "access")
    access["scopes"] = [s for s in access["scopes"] if s != "read_orders"]
    shop.store.put("_shop", "access", access)

    assert all(each.ok for each in check(shop))


def test_a_wrong_token_is_refused_readably(shop):
    with pytest.raises(AuthError, match="Invalid API key or access token"):
        check(shop, shop.connect(access_token="shpat_wrong"))


def test_the_old_key_and_password_sign_in(shop):
    legacy = shop.connect(auth_method="legacy", api_key="practice-key", password=TOKEN, access_token="")

    assert check(shop, legacy)[0].ok


def test_the_old_password_goes_in_the_header_too_which_a_strict_shop_asks_for(shop):
    legacy = shop.connect(auth_method="legacy", api_key="practice-key", password=TOKEN, access_token="")

    with legacy.http.record() as exchanges:
        check(shop, legacy)

    assert "x-shopify-access-token" in exchanges[0].request_headers
    assert TOKEN not in str(exchanges[0].request_headers)


def test_client_credentials_fetch_a_token_once_and_again_when_it_is_refused(shop):
    conn = shop.connect(
        auth_method="client_credentials", client_id="practice-client", client_secret="practice-secret", access_token=""
    )
    check(shop, conn)
    assert asked_for_tokens(shop) == 1

    access = shop.store.get("_shop", "access")
    shop.store.put("_shop", "access", {**access, "tokens": []})
    list(conn.entry.entity("locations").read.pages(conn, Query(page_size=10), None))

    assert asked_for_tokens(shop) == 2


def test_a_token_about_to_expire_is_renewed_before_it_is_used(shop):
    access = shop.store.get("_shop", "access")
    shop.store.put("_shop", "access", {**access, "expires_in": 0})
    conn = shop.connect(
        auth_method="client_credentials", client_id="practice-client", client_secret="practice-secret", access_token=""
    )

    check(shop, conn)

    assert asked_for_tokens(shop) >= 2


def test_a_wrong_client_secret_is_an_authentication_error(shop):
    conn = shop.connect(
        auth_method="client_credentials", client_id="practice-client", client_secret="no", access_token=""
    )

    with pytest.raises(AuthError):
        check(shop, conn)


def asked_for_tokens(shop):
    return shop.server.counts["shopify"]["POST /admin/oauth/access_token"]


@pytest.mark.parametrize("status", [402, 403, 404, 423])
def test_a_frozen_locked_or_unknown_shop_is_no_fault_of_any_record(shop, status):
    access = shop.store.get("_shop", "access")
    shop.store.put("_shop", "access", {**access, "state": status})

    with pytest.raises(AuthError):
        shop.push("stock", {"sku": "FF-0001", "available": 1, "location": {"id": "1"}})


def test_a_missing_scope_is_an_authentication_error_that_names_it(shop):
    access = shop.store.get("_shop", "access")
    shop.store.put("_shop", "access", {**access, "scopes": ["read_products"]})

    with pytest.raises(AuthError, match="read_orders"):
        shop.read("orders")


def test_a_throttled_query_waits_as_long_as_the_bucket_needs(shop):
    shop.store.put("_shop", "limits", {"maximumAvailable": 1000, "restoreRate": 8000})

    assert len(list(shop.conn.entry.entity("orders").read.pages(shop.conn, Query(page_size=12), None))) == 5

    assert shop.store.get("_shop", "bucket")["available"] >= 0


def test_throttling_is_waited_out_and_not_taken_for_an_outage(shop):
    shop.faults.add("429", count=2, contains="graphql")

    assert len(shop.read("locations")) == 3
    assert shop.faults.struck == {"429": 2}


def test_a_bucket_that_stays_empty_is_a_rate_limit_with_its_wait(shop):
    shop.store.put("_shop", "limits", {"maximumAvailable": 1, "restoreRate": 0.001})

    with pytest.raises(RateLimited) as caught:
        check(shop)

    assert caught.value.retry_after and caught.value.retry_after > 60


def test_a_server_error_is_tried_again_for_a_query(shop):
    shop.faults.add("500", count=1, contains="graphql")

    assert len(shop.read("locations")) == 3


def test_a_server_error_that_stays_is_temporary(shop, monkeypatch):
    monkeypatch.setattr("topstitch.net.http.pause", lambda seconds, stop: None)
    shop.faults.add("500", count=99)

    with pytest.raises((TemporaryError, AnswerLost)):
        shop.read("locations")
