"""Signing a connector in on the system's own page, from which a person comes back with a code (RFC 6749, 4.1; RFC 7636)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from topstitch.errors import ConfigError, TopstitchError
from topstitch.net.oauth2 import Pkce, TokenEndpoint, authorisation_url, exchange_code, refresh_token_grant
from topstitch.net.tokens import Token

if TYPE_CHECKING:
    from topstitch.net.auth import Auth
    from topstitch.sdk.connection import Connection

Settings = Mapping[str, Any]
Address = str | Callable[[Settings], str]
#: Name of the token that a person got by signing in. It outlives changes of other settings.
SIGNED_IN = "sign-in"


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in under way: where to send the person, and what is to be known when they are back."""

    address: str
    #: What they must bring back unchanged.
    state: str
    #: The proof key; "" for systems without.
    verifier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How people sign in. Addresses are texts over the settings ("https://{shop}/oauth/authorise"), or functions of them."""

    #: The page where a person signs in.
    page: Address
    #: Where the code, and later the refresh token, become tokens.
    token: Address
    #: Names of the settings with the id and the secret of the client that was registered with the vendor.
    client_id: str = "client_id"
    client_secret: str = "client_secret"  # noqa: S105  # the name of a setting
    scope: str = ""
    #: Whether the vendor knows proof keys (S256).
    pkce: bool = False
    #: Whether the address to come back to is sent; some vendors go by what was registered alone.
    redirect: bool = True
    send_as: Literal["form", "json"] = "form"
    client_auth: Literal["body", "basic"] = "body"
    #: What comes back beside the code and is a setting: its name there, and the setting's.
    brings: Mapping[str, str] = field(default_factory=dict)

    def begin(self, conn: Connection, come_back: str) -> Begun:
        """Where to send the person. `come_back`: our address, exactly as it was registered."""
        state, proof = secrets.token_urlsafe(32), Pkce.new() if self.pkce else None
        page = authorisation_url(
            _address(self.page, conn),
            client_id=str(conn.settings[self.client_id]),
            redirect_uri=come_back,
            state=state,
            scope=self.scope,
            pkce=proof,
        )
        if not self.redirect:
            page = _without(page, "redirect_uri")
        return Begun(page, state, proof.verifier if proof else "")

    def finish(self, conn: Connection, code: str, *, come_back: str, verifier: str = "") -> Token:
        """Turn the code into the first token, and keep it where the connection's tokens are kept.

        Raises AuthError, RemoteRejected, ... in the vendor's words; a code works once and not for long.
        """
        proof = Pkce(verifier, "") if verifier else None
        conn.redactor.add(code, verifier)
        try:
            token = exchange_code(
                conn.http.without_auth(), self._endpoint(conn), code=code, redirect_uri=come_back, pkce=proof
            )
        except TopstitchError as error:
            conn.mask(error)
            raise
        conn.redactor.add(token.value, token.refresh_token)
        conn.tokens.put(SIGNED_IN, token)
        return token

    def auth(self, conn: Connection) -> Auth:
        """The token of the sign-in, renewed as long as the vendor lets it be."""
        return refresh_token_grant(self._endpoint(conn), store=conn.tokens, key=SIGNED_IN)

    def _endpoint(self, conn: Connection) -> TokenEndpoint:
        return TokenEndpoint(
            _address(self.token, conn),
            str(conn.settings[self.client_id]),
            str(conn.settings[self.client_secret] or ""),
            send_as=self.send_as,
            client_auth=self.client_auth,
        )


def _address(address: Address, conn: Connection) -> str:
    """At the connection's own place, where it is not the vendor's (practice and test servers)."""
    try:
        url = address(conn.settings) if callable(address) else address.format_map(conn.settings)
    except (KeyError, ValueError) as error:
        raise ConfigError(
            f"the address to sign in at cannot be built from the settings ({error})", key="sign_in"
        ) from error
    return conn.origin.rstrip("/") + urlsplit(url).path if conn.origin else url


def _without(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    return f"{head}?{'&'.join(part for part in query.split('&') if not part.startswith(f'{name}='))}"
