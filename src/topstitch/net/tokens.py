"""Tokens that expire: where they are kept, and one renewal for all threads and workers that need it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from topstitch.errors import AnswerLost, AuthError, Bug, RemoteRejected, TemporaryError
from topstitch.net.auth import Auth
from topstitch.net.message import Prepared

if TYPE_CHECKING:
    from topstitch.net.http import HttpClient


@dataclass(frozen=True, slots=True)
class Token:
    """A token. Times in Unix seconds; `expires_at` None when it lasts. `extra` keeps what came with it (server...)."""

    value: str
    expires_at: float | None = None
    refresh_token: str = ""
    issued_at: float = 0.0
    extra: Mapping[str, str] = field(default_factory=dict)


class TokenStore(Protocol):
    """Where tokens are kept. `lock` lets one holder renew at a time; a shared store locks across processes.

    `put` must have stored the token for good when it returns: a refresh token may work only once.
    """

    def get(self, key: str) -> Token | None: ...
    def put(self, key: str, token: Token) -> None: ...
    def lock(self, key: str) -> AbstractContextManager[object]: ...


class MemoryTokenStore:
    """Tokens of this process only."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> Token | None:
        return self._tokens.get(key)

    def put(self, key: str, token: Token) -> None:
        self._tokens[key] = token

    def lock(self, key: str) -> AbstractContextManager[object]:
        with self._lock:
            return self._locks.setdefault(key, threading.Lock())


#: Asks for a new token; gets a client without credentials, and the token that expired or was refused.
Fetch = Callable[["HttpClient", Token | None], Token]


def bearer(token: Token, request: Prepared) -> None:
    request.headers["authorization"] = f"Bearer {token.value}"


class TokenAuth(Auth):
    """Any scheme in which a token is fetched, used for a while and fetched again (sessions, logins, OAuth 2).

    `place` puts it into a request (default: bearer header). It is renewed `leeway` seconds (at most a tenth of its
    life) before it expires, and when the system refuses it; of many threads one does so, the others take what it got.
    A refusal of the credentials themselves is remembered for `embargo` seconds, lest a crowd locks the account.
    """

    def __init__(
        self,
        fetch: Fetch,
        *,
        store: TokenStore | None = None,
        key: str = "token",
        place: Callable[[Token, Prepared], None] = bearer,
        leeway: float = 60.0,
        embargo: float = 30.0,
        secrets: Collection[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._fetch = fetch
        self._store = store or MemoryTokenStore()
        self._key = key
        self._place = place
        self._leeway = leeway
        self._embargo = embargo
        self._secrets = secrets
        self._clock = clock
        self._client: HttpClient | None = None
        self._refusal: tuple[float, str] | None = None

    def attach(self, client: HttpClient) -> None:
        if self._client is None:
            self._client = client.without_auth()

    def secrets(self) -> Collection[str]:
        return self._secrets

    def apply(self, request: Prepared) -> None:
        token = self.token()
        request.credential = token.value
        self._place(token, request)

    def refresh(self, request: Prepared) -> bool:
        self._renew(request.credential)
        return True

    def token(self) -> Token:
        """Give a token that is good for a while, fetching one when needed."""
        token = self._store.get(self._key)
        if token is not None and self._fresh(token):
            self._hide(token)
            return token
        return self._renew(None if token is None else token.value)

    def _renew(self, worn: str | None) -> Token:
        with self._store.lock(self._key):
            token = self._store.get(self._key)
            if token is not None and token.value != worn and self._fresh(token):
                return token  # another thread or worker was faster
            if self._refusal and self._clock() < self._refusal[0]:
                raise _refused(self._refusal[1])
            token = self._ask(token)
            self._hide(token)
            self._store.put(self._key, token)
            return token

    def _ask(self, old: Token | None) -> Token:
        if self._client is None:
            raise Bug("Credentials were used before they were given to a client.")
        try:
            token = self._fetch(self._client, old)
        except (AuthError, RemoteRejected) as error:
            self._refusal = (self._clock() + self._embargo, error.message)
            raise _refused(error.message, error.detail) from error
        except AnswerLost as error:
            # Lost was a token, not the record that waits for it: that one was never sent.
            raise TemporaryError(error.message, key="token_lost", detail=error.detail) from error
        return token if token.issued_at else replace(token, issued_at=self._clock())

    def _fresh(self, token: Token) -> bool:
        if token.expires_at is None:
            return True
        leeway = min(self._leeway, (token.expires_at - token.issued_at) / 10)
        return self._clock() < token.expires_at - leeway

    def _hide(self, token: Token) -> None:
        if self._client is not None:
            self._client.redactor.add(token.value, token.refresh_token)


def _refused(message: str, detail: str = "") -> AuthError:
    return AuthError(f"No token was given: {message}", key="token_refused", detail=detail)
