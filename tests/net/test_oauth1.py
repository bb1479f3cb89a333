"""OAuth 1.0a against the examples of RFC 5849 and against another implementation."""

from __future__ import annotations

import itertools
from urllib.parse import parse_qsl, urlsplit

import pytest
from oauthlib.oauth1 import Client
from oauthlib.oauth1.rfc5849 import SIGNATURE_TYPE_AUTH_HEADER, SIGNATURE_TYPE_QUERY

from topstitch.net.message import Prepared
from topstitch.net.oauth1 import OAuth1, base_string


def fields(header):
    assert header.startswith("OAuth ")
    return dict(each.split("=", 1) for each in header[6:].split(", "))


def test_the_base_string_is_that_of_rfc_5849():
    url = "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b"
    pairs = [
        ("oauth_consumer_key", "9djdj82h48djs9d2"),
        ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "7d8f3e4a"),
        ("c2", ""),
        ("a3", "2 q"),
    ]

    assert base_string("post", url, pairs) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26"
        "c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26"
        "oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )


URLS = [
    "https://example.com/r?script=12&deploy=1",
    "https://example.com:8443/a%20b/c",
    "http://example.com/?q=a+b&q=%C3%A9&z=~",
    "https://example.com",
]


@pytest.mark.parametrize(("method", "url"), list(itertools.product(["HMAC-SHA1", "HMAC-SHA256"], URLS)))
@pytest.mark.parametrize("token", ["", "t0ken"])
def test_signatures_agree_with_another_implementation(method, url, token):
    auth = OAuth1(
        "key",
        "c&secret",
        token,
        "t/secret" if token else "",
        method=method,
        clock=lambda: 137131200.7,
        nonce=lambda: "n1",
    )
    request = Prepared("GET", url, {}, None)
    auth.apply(request)
    other = Client(
        "key",
        "c&secret",
        token or None,
        "t/secret" if token else None,
        signature_method=method,
        signature_type=SIGNATURE_TYPE_AUTH_HEADER,
        nonce="n1",
        timestamp="137131200",
    )

    _, headers, _ = other.sign(url if urlsplit(url).path else url + "/", "GET")

    assert fields(request.headers["authorization"]) == fields(headers["Authorization"])


def test_a_form_body_is_signed_and_a_json_body_is_not():
    auth = OAuth1("key", "secret", clock=lambda: 1, nonce=lambda: "n")
    signatures = []
    for kind, body in [("application/x-www-form-urlencoded", b"a=1&b=x+y"), ("application/json", b"{}"), ("", None)]:
        request = Prepared("POST", "https://example.com/x", {"content-type": kind}, body)
        auth.apply(request)
        signatures.append(fields(request.headers["authorization"])["oauth_signature"])
    other = Client("key", "secret", signature_method="HMAC-SHA256", nonce="n", timestamp="1")
    _, headers, _ = other.sign(
        "https://example.com/x", "POST", "a=1&b=x+y", {"Content-Type": "application/x-www-form-urlencoded"}
    )

    assert signatures[0] == fields(headers["Authorization"])["oauth_signature"]
    assert signatures[1] == signatures[2] != signatures[0]


def test_the_signature_can_go_into_the_query():
    auth = OAuth1("ck", "cs", method="HMAC-SHA1", place="query", clock=lambda: 5, nonce=lambda: "n")
    request = Prepared("GET", "http://shop.example/wp-json/wc/v3/orders?page=2", {}, None)
    auth.apply(request)
    other = Client(
        "ck", "cs", signature_method="HMAC-SHA1", signature_type=SIGNATURE_TYPE_QUERY, nonce="n", timestamp="5"
    )

    url, _, _ = other.sign("http://shop.example/wp-json/wc/v3/orders?page=2", "GET")

    assert dict(parse_qsl(urlsplit(request.url).query)) == dict(parse_qsl(urlsplit(url).query))
    assert "authorization" not in request.headers


def test_the_realm_is_sent_but_not_signed(make_client, server):
    auth = OAuth1("key", "s3cret-c", "tok3n", "s3cret-t", realm="1234567_SB1", clock=lambda: 1, nonce=lambda: "n")
    make_client(auth=auth).post("/rest?script=1", json={})

    header = server.seen[0].headers["authorization"]

    assert header.startswith('OAuth realm="1234567_SB1", oauth_consumer_key="key"')
    assert "s3cret" not in header


def test_each_attempt_has_a_new_nonce(make_client, server, reply):
    server.answers(reply(503), reply(200))

    make_client(auth=OAuth1("key", "secret")).post("/x", json={})

    first, second = (fields(seen.headers["authorization"]) for seen in server.seen)
    assert first["oauth_nonce"] != second["oauth_nonce"]
