"""Who is asking the practice shop: keys over HTTPS, one-legged OAuth 1.0a over plain HTTP."""

from __future__ import annotations

import hashlib
import hmac
import time
from base64 import b64decode, b64encode
from urllib.parse import quote, urlsplit

from topstitch.sdk.practice import Reply, Request
from topstitch.systems.woocommerce.practice_wp import Refusal

#: Consumer key -> (secret, may write).
KEYS = {"ck_practice": ("cs_practice", True), "ck_readonly": ("cs_readonly", False)}
_WINDOW = 15 * 60
_HASHES = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}


def gate(request: Request) -> Reply | None:
    """The refusal, or None when the key is good for this."""
    if request.path.rstrip("/").endswith("/wp-json/wc/v3") and request.method == "GET":
        return None  # the list of routes is public
    try:
        key = _by_keys(request) if request.url.startswith("https:") else ""
        key = key or _by_signature(request)
        if not key or "rest_route" in request.params:
            raise Refusal("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.", 401)
        if request.method not in ("GET", "HEAD", "OPTIONS") and not KEYS[key][1]:
            raise _refused("The API key provided does not have write permissions.")
    except Refusal as refusal:
        return refusal.reply
    return None


def _refused(message: str) -> Refusal:
    return Refusal("woocommerce_rest_authentication_error", message, 401)


def _by_keys(request: Request) -> str:
    params = request.params
    key, secret = params.get("consumer_key", ""), params.get("consumer_secret", "")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not key and scheme == "Basic":
        key, _, secret = b64decode(token).decode().partition(":")
    if key not in KEYS:
        return ""
    if secret != KEYS[key][0]:
        raise _refused("Consumer secret is invalid.")
    return key


def _by_signature(request: Request) -> str:
    params = request.params
    if not any(name.startswith("oauth_") for name in params):
        return ""
    key = params.get("oauth_consumer_key", "")
    if key not in KEYS:
        raise _refused("Consumer key is invalid.")
    if not any(_signature(request, host, KEYS[key][0]) == params.get("oauth_signature") for host in _hosts(request)):
        raise _refused("Invalid signature - provided signature does not match.")
    if abs(time.time() - int(params.get("oauth_timestamp") or 0)) > _WINDOW:
        raise _refused("Invalid timestamp.")
    if request.store.get("_nonces", params.get("oauth_nonce")):
        raise _refused("Invalid nonce - nonce has already been used.")
    request.store.put("_nonces", params.get("oauth_nonce"), {"key": key})
    return key


def _hosts(request: Request) -> list[str]:
    """The shop knows its address; behind a proxy it is the one that the proxy was asked for."""
    return [host for name in ("x-forwarded-host", "host") if (host := request.headers.get(name))]


def _signature(request: Request, host: str, secret: str) -> str:
    """Over every parameter of the query but the signature; a name that comes twice is one value to PHP."""
    params = request.params
    digest = _HASHES.get(params.get("oauth_signature_method", ""))
    if digest is None or any(name.endswith("[]") for name in params):
        return ""
    split = urlsplit(request.url)
    pairs = sorted((_escape(name), _escape(value)) for name, value in params.items() if name != "oauth_signature")
    normal = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join((request.method, _escape(f"{split.scheme}://{host}{split.path}"), _escape(normal)))
    return b64encode(hmac.new(f"{secret}&".encode(), base.encode(), digest).digest()).decode()


def _escape(text: str) -> str:
    return quote(text, safe="~")
