"""OAuth 1.0a signatures (RFC 5849) with HMAC-SHA1 or HMAC-SHA256, two-legged or with a fixed token."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from base64 import b64encode
from collections.abc import Callable, Collection, Iterable
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from topstitch.net.auth import Auth, escape
from topstitch.net.message import Prepared
from topstitch.net.urls import with_params

_DEFAULT_PORTS = {"http": 80, "https": 443}
Pairs = Iterable[tuple[str, str]]


class OAuth1(Auth):
    """Sign each request afresh. An empty `token` leaves `oauth_token` out.

    `place` is where the parameters go: the Authorization header (with `realm`) or the query string.
    """

    def __init__(
        self,
        consumer_key: str,
        consumer_secret: str,
        token: str = "",
        token_secret: str = "",
        *,
        method: Literal["HMAC-SHA256", "HMAC-SHA1"] = "HMAC-SHA256",
        place: Literal["header", "query"] = "header",
        realm: str = "",
        clock: Callable[[], float] = time.time,
        nonce: Callable[[], str] = lambda: secrets.token_hex(12),
    ) -> None:
        self._key, self._token = consumer_key, token
        self._secrets = (consumer_secret, token_secret)
        self._signing_key = f"{escape(consumer_secret)}&{escape(token_secret)}".encode()
        self._method = method
        self._digest = hashlib.sha256 if method == "HMAC-SHA256" else hashlib.sha1
        self._place = place
        self._realm = realm
        self._clock = clock
        self._nonce = nonce

    def apply(self, request: Prepared) -> None:
        pairs = self._pairs()
        base = base_string(request.method, request.url, [*pairs, *_form(request)]).encode()
        signature = b64encode(hmac.new(self._signing_key, base, self._digest).digest()).decode()
        pairs.append(("oauth_signature", signature))
        if self._place == "query":
            request.url = with_params(request.url, pairs)
            return
        realm = [f'realm="{self._realm}"'] if self._realm else []
        listed = [f'{escape(name)}="{escape(value)}"' for name, value in pairs]
        request.headers["authorization"] = "OAuth " + ", ".join(realm + listed)

    def secrets(self) -> Collection[str]:
        return [secret for secret in (*self._secrets, self._token) if secret]

    def _pairs(self) -> list[tuple[str, str]]:
        pairs = [
            ("oauth_consumer_key", self._key),
            ("oauth_nonce", self._nonce()),
            ("oauth_signature_method", self._method),
            ("oauth_timestamp", str(int(self._clock()))),
            ("oauth_version", "1.0"),
        ]
        return [*pairs, ("oauth_token", self._token)] if self._token else pairs


def base_string(method: str, url: str, pairs: Pairs) -> str:
    """Build the signature base string (RFC 5849, 3.4.1) from the address, its query and further parameters."""
    split = urlsplit(url)
    host = (split.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    if split.port and split.port != _DEFAULT_PORTS.get(split.scheme):
        host = f"{host}:{split.port}"
    everything = [*parse_qsl(split.query, keep_blank_values=True), *pairs]
    encoded = sorted((escape(name), escape(value)) for name, value in everything)
    normal = "&".join(f"{name}={value}" for name, value in encoded)
    return "&".join((method.upper(), escape(f"{split.scheme}://{host}{split.path or '/'}"), escape(normal)))


def _form(request: Prepared) -> list[tuple[str, str]]:
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return []
    return parse_qsl((request.body or b"").decode(), keep_blank_values=True)
