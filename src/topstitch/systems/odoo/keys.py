"""API keys: which one is in use, when it expires (from Odoo 19 on, three months at most) and how it is renewed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from topstitch.sdk import Token
from topstitch.systems.odoo.transports import Json2

if TYPE_CHECKING:
    from topstitch.sdk import Connection

#: The longest life Odoo gives a key, and how early we begin to warn and to renew.
LONGEST_LIFE, NOTICE = timedelta(days=90), timedelta(days=14)
_SLOT = "odoo api key"


def current_key(conn: Connection) -> str:
    """The key of the last renewal, or that of the settings when it was typed in since."""
    renewed = _renewed(conn)
    return renewed.value if renewed else str(conn["api_key"])


def _renewed(conn: Connection) -> Token | None:
    token = conn.tokens.get(_SLOT)
    if token is None or token.extra.get("instead_of") != _print(conn):
        return None
    conn.redactor.add(token.value)
    return token


def _print(conn: Connection) -> str:
    """Recognises the key of the settings without keeping it."""
    return hashlib.sha256(str(conn["api_key"]).encode()).hexdigest()[:16]


def expires_at(conn: Connection) -> datetime | None:
    """When the key in use ends, where that is known: from its renewal or from the setting."""
    renewed = _renewed(conn)
    if renewed and renewed.expires_at:
        return datetime.fromtimestamp(renewed.expires_at, UTC)
    typed = conn["api_key_expires"]
    return datetime.fromisoformat(typed).replace(tzinfo=UTC) if typed else None


def warning(conn: Connection) -> str:
    """What to say about the end of the key, "" when that is far or not known."""
    end = expires_at(conn)
    if end is None:
        return ""
    days = (end - conn.now()).days
    if days < 0:
        return f"The API key expired on {end:%Y-%m-%d}: make a new one in Odoo."
    return f"The API key expires on {end:%Y-%m-%d}, in {days} days." if end - conn.now() < NOTICE else ""


def watch(conn: Connection, *, can_renew: Callable[[], bool]) -> None:
    """Renew the key when its end is near and the setting asks for it; else say in the log that it ends."""
    if conn["renew_key"] and not conn.dry and can_renew():
        _renew_when_due(conn)
    if said := warning(conn):
        conn.log("warning", said)


def _renew_when_due(conn: Connection) -> None:
    """One worker renews, the others take its key."""
    with conn.tokens.lock(_SLOT):
        end = expires_at(conn)
        if end and conn.now() < end < conn.now() + NOTICE:
            rotate_key(conn)


def rotate_key(conn: Connection, *, life: timedelta = LONGEST_LIFE) -> datetime:
    """Make a new key, keep it, try it, and only then revoke the old one. Returns the day on which the new one ends.

    Goes over JSON-2, whichever API is used besides, and needs the Settings right or the system parameter
    base.enable_programmatic_api_keys. Raises AuthError or RemoteRejected when Odoo gives no key: the old one stays in use.
    """
    old = current_key(conn)
    end = (conn.now() + life).replace(hour=0, minute=0, second=0, microsecond=0)
    door = Json2(conn, lambda: current_key(conn))
    asked = {
        "key": old,
        "scope": None,
        "name": f"Topstitch {conn.now():%Y-%m-%d}",
        "expiration_date": f"{end:%Y-%m-%d}",
    }
    fresh = str(door.call("res.users.apikeys", "generate", (), asked, safe=False, repeatable=False))
    conn.redactor.add(fresh)
    Json2(conn, lambda: fresh).call("res.users", "context_get", (), {}, safe=True, repeatable=True)
    conn.tokens.put(_SLOT, Token(fresh, expires_at=end.timestamp(), extra={"instead_of": _print(conn)}))
    door.call("res.users.apikeys", "revoke", (), {"key": old}, safe=False, repeatable=False)
    conn.log("info", f"The API key was renewed; it lasts until {end:%Y-%m-%d}.")
    return end
