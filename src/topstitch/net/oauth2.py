"""OAuth 2 (RFC 6749): client credentials, refresh tokens, passwords, and authorisation codes with PKCE."""

from __future__ import annotations

import hashlib
import secrets
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote_plus

from topstitch.errors import AuthError
from topstitch.net.rules import pluck
from topstitch.net.tokens import Token, TokenAuth, TokenStore
from topstitch.net.urls import with_params

if TYPE_CHECKING:
    from topstitch.net.http import HttpClient


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """Where and how tokens are asked for.

    `send_as`: a form (the standard) or JSON. `client_auth`: client id and secret in the body, or as HTTP Basic.
    `root`: where in the answer the token fields are (`data`), for systems that wrap them.
    """

    url: str
    client_id: str
    client_secret: str = ""
    scope: str = ""
    send_as: Literal["form", "json"] = "form"
    client_auth: Literal["body", "basic"] = "body"
    extra: Mapping[str, str] = field(default_factory=dict)
    root: str = ""

    def ask(
        self, client: HttpClient, grant: Mapping[str, str], *, old: Token | None = None, safe: bool = False
    ) -> Token:
        """Ask for a token; AuthError when the answer has none. `safe`: asking twice does no harm.

        A refresh token that is not renewed stays as it was in `old`.
        """
        fields = {**grant, **({"scope": self.scope} if self.scope else {}), **self.extra}
        headers: dict[str, str] = {}
        if self.client_auth == "basic":
            pair = f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret)}"
            headers["authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            fields["client_id"] = self.client_id
            if self.client_secret:
                fields["client_secret"] = self.client_secret
        if self.send_as == "form":
            answer = client.post(self.url, form=fields, headers=headers, safe=safe)
        else:
            answer = client.post(self.url, json=fields, headers=headers, safe=safe)
        return token_from(answer.json(), root=self.root, old=old)


def token_from(answer: object, *, root: str = "", old: Token | None = None, now: float | None = None) -> Token:
    """Read a token answer (RFC 6749, 5.1). `expires_in` may be text; without it the token is taken to last."""
    fields = pluck(answer, root) if root else answer
    value = pluck(fields, "access_token")
    if not isinstance(fields, dict) or not isinstance(value, str) or not value:
        said = pluck(answer, "error_description") or pluck(answer, "error") or "no access_token in the answer"
        raise AuthError(str(said), key="token_refused")
    life = fields.get("expires_in")
    expires_at = None if life is None else (time.time() if now is None else now) + float(life)
    refresh_token = fields.get("refresh_token") or (old.refresh_token if old else "")
    known = ("access_token", "refresh_token", "expires_in")
    extra = {name: str(each) for name, each in fields.items() if name not in known and isinstance(each, str | int)}
    return Token(value, expires_at, str(refresh_token), extra=extra)


def client_credentials(endpoint: TokenEndpoint, *, store: TokenStore | None = None, key: str = "token") -> TokenAuth:
    """Tokens for the application itself (RFC 6749, 4.4)."""

    def fetch(client: HttpClient, old: Token | None) -> Token:
        return endpoint.ask(client, {"grant_type": "client_credentials"}, safe=True)

    return TokenAuth(fetch, store=store, key=key, secrets=_secrets(endpoint))


def password_grant(
    endpoint: TokenEndpoint, username: str, password: str, *, store: TokenStore | None = None, key: str = "token"
) -> TokenAuth:
    """Tokens for a user name and password (RFC 6749, 4.3): old, but some systems know nothing else."""
    grant = {"grant_type": "password", "username": username, "password": password}

    def fetch(client: HttpClient, old: Token | None) -> Token:
        return endpoint.ask(client, grant, safe=True)

    return TokenAuth(fetch, store=store, key=key, secrets=(*_secrets(endpoint), password))


def refresh_token_grant(
    endpoint: TokenEndpoint, *, store: TokenStore, key: str = "token", first: str = ""
) -> TokenAuth:
    """Tokens renewed by the refresh token in the store (RFC 6749, 6); `first` is used while the store is empty."""

    def fetch(client: HttpClient, old: Token | None) -> Token:
        refresh_token = (old.refresh_token if old else "") or first
        if not refresh_token:
            raise AuthError(
                "The connector is not signed in.", key="not_signed_in", hint="Sign the connector in to its system."
            )
        grant = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return endpoint.ask(client, grant, old=old or Token("", refresh_token=first))

    return TokenAuth(fetch, store=store, key=key, secrets=(*_secrets(endpoint), first))


@dataclass(frozen=True, slots=True)
class Pkce:
    """Proof key of one sign-in (RFC 7636, S256). Keep `verifier` until the code comes back."""

    verifier: str
    challenge: str

    @classmethod
    def new(cls, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> Pkce:
        verifier = make()
        digest = hashlib.sha256(verifier.encode()).digest()
        return cls(verifier, urlsafe_b64encode(digest).rstrip(b"=").decode())


def authorisation_url(
    address: str,
    *,
    client_id: str,
    redirect_uri: str,
    state: str,
    scope: str = "",
    pkce: Pkce | None = None,
    extra: Mapping[str, str] | None = None,
) -> str:
    """Build the address where a person signs in (RFC 6749, 4.1.1). `state` must be checked when they come back."""
    fields = {"response_type": "code", "client_id": client_id, "redirect_uri": redirect_uri, "state": state}
    if scope:
        fields["scope"] = scope
    if pkce:
        fields |= {"code_challenge": pkce.challenge, "code_challenge_method": "S256"}
    return with_params(address, {**fields, **(extra or {})})


def exchange_code(
    client: HttpClient, endpoint: TokenEndpoint, *, code: str, redirect_uri: str, pkce: Pkce | None = None
) -> Token:
    """Turn the code that came back into the first token (RFC 6749, 4.1.3). Never sent twice: a code works once."""
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    if pkce:
        grant["code_verifier"] = pkce.verifier
    return endpoint.ask(client, grant)


def _secrets(endpoint: TokenEndpoint) -> tuple[str, ...]:
    return (endpoint.client_secret,) if endpoint.client_secret else ()
