"""Tokens and sessions of a connector, shared by all workers: encrypted rows, renewed under an advisory lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from zlib import crc32

from django.db import close_old_connections, connection, transaction

from topstitch.net.tokens import Token
from topstitch.store.models import ConnectorToken
from topstitch.store.secrets import seal, unseal

#: First half of the advisory lock of a token; the second is made of connector and name.
TOKEN_LOCK = 0x7054


class PgTokenStore:
    """Implements topstitch.net.tokens.TokenStore for one connector."""

    def __init__(self, connector_id: int) -> None:
        self.connector_id = connector_id
        self._seen: dict[str, Token] = {}

    def get(self, key: str) -> Token | None:
        """The token, from this process's copy while it lasts: asking the database for each request would be slow."""
        seen = self._seen.get(key)
        if seen is not None and (seen.expires_at is None or seen.expires_at > datetime.now(UTC).timestamp() + 60):
            return seen
        return self._load(key)

    def _load(self, key: str) -> Token | None:
        close_old_connections()
        row = ConnectorToken.objects.filter(connector_id=self.connector_id, name=key).first()
        if row is None:
            return None
        self._seen[key] = token = Token(**unseal(self._owner(key), bytes(row.sealed)))
        return token

    def put(self, key: str, token: Token) -> None:
        """Keep it for good."""
        values = {
            "value": token.value,
            "expires_at": token.expires_at,
            "refresh_token": token.refresh_token,
            "issued_at": token.issued_at,
            "extra": dict(token.extra),
        }
        expires = datetime.fromtimestamp(token.expires_at, UTC) if token.expires_at else None
        ConnectorToken.objects.update_or_create(
            connector_id=self.connector_id,
            name=key,
            defaults={"sealed": seal(self._owner(key), values), "expires_at": expires},
        )
        self._seen[key] = token

    @contextmanager
    def lock(self, key: str) -> Iterator[None]:
        """One renewal at a time, across all workers; the newest token is read again inside."""
        number = crc32(self._owner(key).encode()) - 2**31
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TOKEN_LOCK, number])
            self._seen.pop(key, None)
            yield

    def _owner(self, key: str) -> str:
        return f"token:{self.connector_id}:{key}"
