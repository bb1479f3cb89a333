"""Signing requests as WooCommerce demands it: keys as they are over HTTPS, a one-legged OAuth 1.0a signature over plain HTTP."""

from __future__ import annotations

from collections.abc import Collection

from topstitch.sdk import Auth, Basic, Connection, OAuth1, Prepared, with_params


class ShopKeys(Auth):
    """A consumer key and secret, used as the scheme of each request's final address demands.

    Over plain HTTP the shop ignores Basic and query keys without a word, so only a signature is sent there. It is made
    anew for each try: a nonce counts once.
    """

    def __init__(self, key: str, secret: str, *, in_query: bool = False) -> None:
        self._key, self._secret, self._in_query = key, secret, in_query
        self._basic = Basic(key, secret)
        self._oauth = OAuth1(key, secret, method="HMAC-SHA256", place="query")

    def apply(self, request: Prepared) -> None:
        if not request.url.lower().startswith("https://"):
            self._oauth.apply(request)
        elif self._in_query:
            keys = {"consumer_key": self._key, "consumer_secret": self._secret}
            request.url = with_params(request.url, keys)
        else:
            self._basic.apply(request)

    def secrets(self) -> Collection[str]:
        return (self._key, self._secret, *self._basic.secrets())


def sign_in(conn: Connection) -> ShopKeys:
    """The sign-in that a connector's settings describe."""
    return ShopKeys(conn["consumer_key"], conn["consumer_secret"], in_query=conn["query_auth"])
