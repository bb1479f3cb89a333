"""Signing in: which way by the scheme, fresh at each try, and what each refusal means."""

from __future__ import annotations

import urllib.error
import urllib.request
from base64 import b64encode
from urllib.parse import parse_qs, urlsplit

import pytest

from topstitch.sdk import AuthError, ConfigError, Connection, Prepared
from topstitch.sdk.practice import ORDERS
from topstitch.systems.woocommerce.auth import ShopKeys
from topstitch.systems.woocommerce.practice import PRACTICE
from topstitch.systems.woocommerce.tests.support import Shop, push, read


def prepared(url: str) -> Prepared:
    return Prepared("GET", url, {}, None)


def ask(url: str, **headers: str) -> int:
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_https_gets_basic_and_no_keys_in_the_address():
    request = prepared("https://shop.example.com/wp-json/wc/v3/orders?page=2")
    ShopKeys("ck_1", "cs_1").apply(request)

    assert request.headers["authorization"] == "Basic " + b64encode(b"ck_1:cs_1").decode()
    assert request.url.endswith("?page=2")


def test_https_gets_the_keys_in_the_query_where_the_setting_says_so():
    request = prepared("https://shop.example.com/wp-json/wc/v3/orders?page=2")
    ShopKeys("ck_1", "cs_1", in_query=True).apply(request)

    assert request.url.endswith("?page=2&consumer_key=ck_1&consumer_secret=cs_1")
    assert "authorization" not in request.headers


def test_plain_http_gets_a_signature_with_a_new_nonce_each_time_and_never_the_secret():
    nonces = set()
    for _ in range(2):
        request = prepared("http://shop.example.com/wp-json/wc/v3/orders?status=processing,on-hold")
        ShopKeys("ck_1", "cs_secret", in_query=True).apply(request)
        query = parse_qs(urlsplit(request.url).query)
        assert query["oauth_consumer_key"] == ["ck_1"]
        assert query["oauth_signature_method"] == ["HMAC-SHA256"]
        assert "cs_secret" not in request.url
        assert "authorization" not in request.headers
        nonces.add(query["oauth_nonce"][0])
    assert len(nonces) == 2


def test_the_test_says_step_by_step_what_it_saw(conn: Connection):
    checks = conn.entry.system.test(conn)

    assert all(check.ok for check in checks)
    assert [check.label for check in checks][:2] == ["Shop reached", "Signed in"]
    assert "GBP" in checks[1].detail


def test_the_shop_ignores_basic_over_plain_http_and_takes_it_over_https(shop: Shop):
    basic = "Basic " + b64encode(b"ck_practice:cs_practice").decode()
    url = f"{shop.origin}/wp-json/wc/v3/orders"

    assert ask(url, Authorization=basic) == 401
    assert ask(url, Authorization=basic, X_Forwarded_Proto="https") == 200
    assert ask(f"{url}?consumer_key=ck_practice&consumer_secret=cs_practice", X_Forwarded_Proto="https") == 200
    assert ask(f"{url}?consumer_key=ck_practice&consumer_secret=cs_practice") == 401


def test_a_signature_holds_for_the_host_that_a_proxy_was_asked_for(shop: Shop):
    path = "/woocommerce/wp-json/wc/v3/orders?status=any"
    request = prepared(f"http://public.example.com{path}")
    ShopKeys("ck_practice", "cs_practice").apply(request)
    inside = request.url.replace("http://public.example.com", shop.server.url)

    assert ask(inside) == 401
    assert ask(inside, X_Forwarded_Host="public.example.com") == 200


def test_a_nonce_counts_once(shop: Shop):
    request = prepared(f"{shop.origin}/wp-json/wc/v3/orders")
    ShopKeys("ck_practice", "cs_practice").apply(request)

    assert [ask(request.url), ask(request.url)] == [200, 401]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"consumer_key": "ck_nobody"}, "Consumer key is invalid"),
        ({"consumer_secret": "cs_wrong"}, "does not match"),
    ],
)
def test_a_wrong_key_is_an_auth_error_in_the_shops_words(shop: Shop, settings: dict[str, str], said: str):
    conn = shop.connect(**settings)

    with pytest.raises(AuthError, match=said):
        conn.entry.system.test(conn)


def test_a_key_that_may_only_read_is_told_so_when_it_writes(shop: Shop):
    conn = shop.connect(consumer_key="ck_readonly", consumer_secret="cs_readonly")
    assert read(conn, "orders")

    (verdict,) = push(conn, "stock", [{"sku": "SKU-1", "stock_quantity": 99}])

    assert isinstance(verdict.error, AuthError)
    assert "write permissions" in verdict.error.message
    assert "Read/Write" in verdict.error.hint


def test_a_revoked_key_is_an_auth_error(shop: Shop, conn: Connection):
    PRACTICE.faults.add("expired", count=9)
    with pytest.raises(AuthError):
        read(conn, "orders")


def test_a_version_that_the_shop_does_not_have_is_a_matter_of_settings(shop: Shop):
    conn = shop.connect(version="wc/v1")

    with pytest.raises(ConfigError) as caught:
        read(conn, "orders")
    assert caught.value.key == "no_route"
    assert "permalinks" in caught.value.hint


def test_each_page_is_signed_anew(shop: Shop, conn: Connection):
    assert len(read(conn, "orders", size=5)) == 34 + len(ORDERS)
    assert shop.store.count("_nonces") == shop.requests.count("GET /wp-json/wc/v3/orders")
