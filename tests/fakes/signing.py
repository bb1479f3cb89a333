"""A system that people sign in to on its own page, as the vendors' documents describe it: codes live a minute and work once,
proof keys are checked, refresh tokens rotate and die with their use, errors come as RFC 6749 says.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode

from topstitch.sdk.practice import Practice, Reply, Request, json_reply

SLUG = "signing-shop"
CLIENT, SECRET = "client-7", "secret-of-client-7"


def signing_shop() -> Practice:
    """`practice.codes` are the codes that were given: a test goes to the page itself, or adds one."""
    practice = Practice(SLUG, {})
    practice.codes, practice.access, practice.refresh = {}, {}, set()  # type: ignore[attr-defined]  # for the tests
    practice.life = 3600  # type: ignore[attr-defined]

    @practice.route("GET", "/oauth/authorize")
    def page(request: Request) -> Reply:
        """The page: whoever comes is signed in already and says yes."""
        code = secrets.token_urlsafe(8)
        practice.codes[code] = (time.time() + 60, request.params.get("code_challenge", ""))  # type: ignore[attr-defined]
        return json_reply({"code": code, "state": request.params["state"], "client": request.params["client_id"]})

    @practice.route("POST", "/oauth/token")
    def token(request: Request) -> Reply:
        form = request.form()
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return json_reply({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        if not (_code_is_good(form) if form["grant_type"] == "authorization_code" else _refresh_is_good(form)):
            return json_reply({"error": "invalid_grant", "error_description": "The code or token is not good"}, 400)
        access, refresh = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        practice.access[access] = time.time() + practice.life  # type: ignore[attr-defined]
        practice.refresh.add(refresh)  # type: ignore[attr-defined]
        life = practice.life  # type: ignore[attr-defined]
        return json_reply(
            {"access_token": access, "refresh_token": refresh, "expires_in": life, "token_type": "Bearer"}
        )

    def _code_is_good(form: dict[str, str]) -> bool:
        until, challenge = practice.codes.pop(form.get("code", ""), (0, ""))  # type: ignore[attr-defined]
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        return until > time.time() and challenge == urlsafe_b64encode(proof).rstrip(b"=").decode()

    def _refresh_is_good(form: dict[str, str]) -> bool:
        given = form.get("refresh_token", "")
        known = given in practice.refresh  # type: ignore[attr-defined]
        practice.refresh.discard(given)  # type: ignore[attr-defined]
        return known

    @practice.route("GET", "/account")
    def account(request: Request) -> Reply:
        value = request.headers.get("authorization", "").removeprefix("Bearer ")
        if practice.access.get(value, 0) < time.time():  # type: ignore[attr-defined]
            return json_reply(
                {"error": "access_denied", "error_description": "Access token could not be verified"}, 401
            )
        return json_reply({"name": "Signing shop"})

    return practice


def signing_system() -> dict:
    """It as a user-made system."""
    return {
        "slug": SLUG,
        "name": "Signing shop",
        "settings": {
            "client_id": {"label": "Client id", "required": True, "find": "In the developer portal."},
            "client_secret": {
                "label": "Client secret",
                "required": True,
                "secret": True,
                "find": "Beside the client id.",
            },
            "account": {"label": "Account"},
        },
        "base": "https://api.signing.example",
        "sign_in": {
            "page": "https://login.signing.example/oauth/authorize",
            "token": "https://login.signing.example/oauth/token",
            "scope": "all",
            "pkce": True,
            "brings": {"account": "account"},
        },
        "test": "/account",
        "entities": {"orders": {"key": "id", "read": {"path": "/orders"}}},
    }
