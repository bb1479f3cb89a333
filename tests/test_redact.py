"""Secrets and personal data stay out of every text."""

from __future__ import annotations

import time
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest

from topstitch.redact import Redactor, is_secret_name, mask_personal

SECRET = 'p4ss/w+rd&"é>'


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "X-Shopify-Access-Token",
        "client_secret",
        "Authorization",
        "apiKey",
        "oauth_signature",
        "ns:Passwd",
        "Set-Cookie",
        "sign",
        "x-wsse",
        "refreshToken",
        "Ocp-Apim-Subscription-Key",
        "brightpearl-account-token",
        "pwd",
    ],
)
def test_secret_names_are_known(name):
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["sku", "next_page_token", "token_type", "oauth_signature_method", "design", "key", "passenger", "assignee"]
)
def test_innocent_names_are_left_alone(name):
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET),
        'p4ss/w+rd&\\"é>',
        'p4ss/w+rd&\\"\\u00e9>',
        "p4ss/w+rd&amp;&quot;é&gt;",
        'p4ss/w+rd&amp;"é&gt;',
    ],
)
def test_a_known_secret_is_found_in_every_spelling(form):
    assert Redactor([SECRET]).text(f"before {form} after") == "before *** after"


@pytest.mark.parametrize("prefix", ["", "u", "us", "user:"])
def test_a_known_secret_is_found_inside_base64(prefix):
    redactor = Redactor(["correct horse battery"])
    raw = (prefix + "correct horse battery" + "!").encode()

    for encoded in (b64encode(raw).decode(), urlsafe_b64encode(raw).decode()):
        masked = redactor.exact(encoded)
        assert "***" in masked
        assert len(masked) < 14


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('{"password": "a\\"b", "sku": "x"}', '{"password": "***", "sku": "x"}'),
        ('{"pin": 1234}', '{"pin": ***}'),
        ('{"token": null, "secret": ""}', '{"token": null, "secret": ""}'),
        ('{"body": "{\\"api_key\\": \\"zz\\"}"}', '{"body": "{\\"api_key\\": \\"***\\"}"}'),
        ("{'secret': 'zz'}", "{'secret': '***'}"),
        ("grant_type=x&client_secret=zz&a=1", "grant_type=x&client_secret=***&a=1"),
        ("<ns:Password type='t'>zz</ns:Password><a>b</a>", "<ns:Password type='t'>***</ns:Password><a>b</a>"),
        ("authorization: Bearer abc.def-ghi\nx: y", "authorization: ***\nx: y"),
        ("failed with token=Bearer abc", "failed with token=***"),
        ("url=https://a.example/x?token=abc", "url=https://a.example/x?token=***"),
        ('{"secret": "password=a", "b": 1}', '{"secret": "***", "b": 1}'),
        ("Cookie: a=1; b=2", "Cookie: ***"),
        ("nothing to hide: 12, sku=A", "nothing to hide: 12, sku=A"),
    ],
)
def test_values_beside_secret_names_are_masked(text, masked):
    assert Redactor().text(text) == masked


def test_headers_are_masked_by_name_and_by_value():
    headers = {"Authorization": "Bearer x", "X-Shop": "abc", "X-Odd": "has s3cret in it"}

    assert Redactor(["s3cret"]).headers(headers) == {"Authorization": "***", "X-Shop": "abc", "X-Odd": "has *** in it"}


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("https://u:p@a.example/x", "https://***@a.example/x"),
        ("https://a.example/x?api_key=zz&page=2#f", "https://a.example/x?api_key=***&page=2#f"),
        ("https://a.example/hooks/s3cret/x", "https://a.example/hooks/***/x"),
        ("https://a.example/x?email=a@b.example", "https://a.example/x?email=a@b.example"),
        ("https://a.example/x?token=", "https://a.example/x?token="),
    ],
)
def test_urls_are_masked(url, masked):
    assert Redactor(["s3cret"]).url(url) == masked


def test_json_structures_are_masked_in_depth():
    value = {"a": [{"password": {"x": 1}, "note": "s3cret!"}], "n": 1, "token": None}

    assert Redactor(["s3cret"]).json(value) == {"a": [{"password": "***", "note": "***!"}], "n": 1, "token": None}
    assert value["a"][0]["note"] == "s3cret!"


def test_secrets_can_be_added_later():
    redactor = Redactor()
    redactor.add("fresh-token", "")

    assert redactor.exact("fresh-token") == "***"


def test_very_short_secrets_do_not_mask_everything():
    assert Redactor(["a", ""]).text("banana") == "banana"


def test_a_long_text_is_masked_in_good_time():
    text = "A" * 1_000_000 + '{"password": "x"}' + "<a" * 10_000 + "=" * 10_000 + "a=" * 200_000
    began = time.perf_counter()

    masked = Redactor(["s3cret", "another one"]).text(text)

    assert '"password": "***"' in masked
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("anna@example.com", "a***@example.com"),
        ("+44 20 7946 0142", "***42"),
        ("1234", "***"),
        ("Jane Doe", "J***"),
        (None, None),
        ("", ""),
        ({"name": "Jane", "tags": ["x"]}, {"name": "J***", "tags": ["x***"]}),
        (123456, "***56"),
    ],
)
def test_personal_values_are_masked_but_can_be_told_apart(value, masked):
    assert mask_personal(value) == masked
