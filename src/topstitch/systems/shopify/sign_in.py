"""The three ways to sign in to a shop: a fixed token, tokens for a client of the Dev Dashboard, the old key and password."""

from __future__ import annotations

from topstitch.sdk import ApiKey, Auth, Basic, Connection, HttpClient, Prepared, Token, TokenAuth, TokenEndpoint
from topstitch.systems.shopify.names import shop_host

HEADER = "X-Shopify-Access-Token"


class _KeyAndPassword(Basic):
    """HTTP Basic, and the password in the header that Shopify wants in every call: it is a token."""

    def __init__(self, key: str, password: str) -> None:
        super().__init__(key, password)
        self._header = ApiKey(password, header=HEADER)

    def apply(self, request: Prepared) -> None:
        super().apply(request)
        self._header.apply(request)


def sign_in(conn: Connection) -> Auth:
    """The sign-in that a connector's settings describe."""
    method = conn["auth_method"]
    if method == "token":
        return ApiKey(conn["access_token"], header=HEADER)
    if method == "legacy":
        return _KeyAndPassword(conn["api_key"], conn["password"])
    return _client_credentials(conn)


def _client_credentials(conn: Connection) -> Auth:
    """A token of 24 hours, fetched again before it ends and whenever it is refused."""
    endpoint = TokenEndpoint(token_url(conn), conn["client_id"], conn["client_secret"])

    def fetch(client: HttpClient, old: Token | None) -> Token:
        return endpoint.ask(client, {"grant_type": "client_credentials"}, safe=True)

    def place(token: Token, request: Prepared) -> None:
        request.headers[HEADER.lower()] = token.value

    key = f"token {shop_host(conn['store'])} {conn['client_id']}"
    return TokenAuth(fetch, store=conn.tokens, key=key, place=place, leeway=300, secrets=(conn["client_secret"],))


def token_url(conn: Connection) -> str:
    """Where tokens are given: beside the API, at the same host."""
    spec = conn.entry.system.http
    assert spec is not None
    return spec.base_url(conn.settings, conn.origin).partition("/admin/api/")[0] + "/admin/oauth/access_token"
