"""How requests prove who we are: the contract, and the kinds that need no token of their own."""

from __future__ import annotations

import hashlib
import hmac
import time
from base64 import b64encode
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlsplit

from topstitch.errors import ConfigError
from topstitch.net.message import Prepared
from topstitch.net.urls import with_params

if TYPE_CHECKING:
    from topstitch.net.http import HttpClient


class Auth:
    """Base of all kinds. `apply` changes a request just before it is sent, at every attempt, from any thread."""

    def apply(self, request: Prepared) -> None:
        raise NotImplementedError

    def refresh(self, request: Prepared) -> bool:
        """Renew the credentials that `request` was refused with. True when there are new ones: it is sent once more."""
        return False

    def secrets(self) -> Collection[str]:
        """Give the values that must never be shown."""
        return ()

    def attach(self, client: HttpClient) -> None:
        """Learn which client this serves, for kinds that have to ask for tokens."""


class Basic(Auth):
    """HTTP Basic (RFC 7617), UTF-8."""

    def __init__(self, username: str, password: str) -> None:
        self._token = b64encode(f"{username}:{password}".encode()).decode()
        self._password = password

    def apply(self, request: Prepared) -> None:
        request.headers["authorization"] = f"Basic {self._token}"

    def secrets(self) -> Collection[str]:
        return (self._password, self._token)


class Bearer(Auth):
    """A fixed token in the Authorization header. `scheme` is the word before it; empty for a bare token."""

    def __init__(self, token: str, *, scheme: str = "Bearer") -> None:
        self._token = token
        self._value = f"{scheme} {token}" if scheme else token

    def apply(self, request: Prepared) -> None:
        request.headers["authorization"] = self._value

    def secrets(self) -> Collection[str]:
        return (self._token,)


class ApiKey(Auth):
    """A fixed key in a header, or in the query string."""

    def __init__(self, key: str, *, header: str = "", query: str = "") -> None:
        if bool(header) == bool(query):
            raise ConfigError("An API key goes either into a header or into the query string.", key="auth_settings")
        self._key = key
        self._header = header.lower()
        self._query = query

    def apply(self, request: Prepared) -> None:
        if self._header:
            request.headers[self._header] = self._key
        else:
            request.url = with_params(request.url, {self._query: self._key})

    def secrets(self) -> Collection[str]:
        return (self._key,)


class HmacSign(Auth):
    """Sign chosen parts of each request with a shared secret.

    `parts` are joined by `joiner`: `method`, `url`, `path`, `query`, `body`, `timestamp` (Unix seconds, sent in
    `timestamp_header`), `header:NAME`, or fixed text written `=text`. The result goes, with `prefix`, to `header`, or
    as parameter `query` to the address.
    """

    def __init__(
        self,
        secret: str,
        *,
        parts: Sequence[str] = ("body",),
        joiner: str = "\n",
        algorithm: Literal["sha1", "sha256", "sha512"] = "sha256",
        encoding: Literal["hex", "base64"] = "hex",
        header: str = "x-signature",
        query: str = "",
        prefix: str = "",
        timestamp_header: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._secret = secret
        self._parts = tuple(parts)
        self._joiner = joiner.encode()
        self._algorithm = algorithm
        self._encoding = encoding
        self._header = header.lower()
        self._query = query
        self._prefix = prefix
        self._timestamp_header = timestamp_header.lower()
        self._clock = clock

    def apply(self, request: Prepared) -> None:
        timestamp = str(int(self._clock()))
        if self._timestamp_header:
            request.headers[self._timestamp_header] = timestamp
        message = self._joiner.join(_part(part, request, timestamp) for part in self._parts)
        digest = hmac.new(self._secret.encode(), message, getattr(hashlib, self._algorithm)).digest()
        text = self._prefix + (digest.hex() if self._encoding == "hex" else b64encode(digest).decode())
        if self._query:
            request.url = with_params(request.url, {self._query: text})
        else:
            request.headers[self._header] = text

    def secrets(self) -> Collection[str]:
        return (self._secret,)


class Custom(Auth):
    """Any function that changes the prepared request. `secrets` are the values it uses that must not be shown."""

    def __init__(self, function: Callable[[Prepared], None], *, secrets: Collection[str] = ()) -> None:
        self._function = function
        self._secrets = secrets

    def apply(self, request: Prepared) -> None:
        self._function(request)

    def secrets(self) -> Collection[str]:
        return self._secrets


class Several(Auth):
    """Kinds one after another, for systems that want a key and a token."""

    def __init__(self, *kinds: Auth) -> None:
        self._kinds = kinds

    def apply(self, request: Prepared) -> None:
        for kind in self._kinds:
            kind.apply(request)

    def refresh(self, request: Prepared) -> bool:
        renewed = [kind.refresh(request) for kind in self._kinds]
        return any(renewed)

    def secrets(self) -> Collection[str]:
        return [secret for kind in self._kinds for secret in kind.secrets()]

    def attach(self, client: HttpClient) -> None:
        for kind in self._kinds:
            kind.attach(client)


def escape(text: str) -> str:
    """Percent-encode everything but the unreserved characters (RFC 3986, and RFC 5849 section 3.6)."""
    return quote(text, safe="~")


def _part(part: str, request: Prepared, timestamp: str) -> bytes:
    if part.startswith("="):
        return part[1:].encode()
    if part.startswith("header:"):
        return request.headers.get(part[7:].lower(), "").encode()
    if part == "body":
        return request.body or b""
    split = urlsplit(request.url)
    values = {"method": request.method, "url": request.url, "path": split.path, "query": split.query}
    values["timestamp"] = timestamp
    if part not in values:
        raise ConfigError(f"{part!r} is no part of a request that can be signed.", key="auth_settings")
    return values[part].encode()
