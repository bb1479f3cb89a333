"""Tokens and sessions of a connector, shared by all workers: encrypted rows, renewed under an advisory lock.

They are asked for in the threads of a run, so they use connections of their own for the moment and keep none open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from zlib import crc32

from topstitch.net.tokens import Token
from topstitch.store.database import connect
from topstitch.store.models import ConnectorToken
from topstitch.store.secrets import seal, unseal

#: First half of the advisory lock of a token; the second is made of connector and name.
TOKEN_LOCK = 0x7054
#: A copy in this process is trusted until so many seconds before its end.
MARGIN = 60.0

LOAD = "SELECT sealed FROM store_connectortoken WHERE connector_id = %s AND name = %s"
# Locked, so that a connector which is being removed either forgets this token too or gets none any more.
STORE = """
INSERT INTO store_connectortoken (connector_id, name, sealed, expires_at, updated_at)
SELECT id, %s, %s, %s, now() FROM store_connector WHERE id = %s AND removed_at IS NULL FOR SHARE
ON CONFLICT (connector_id, name)
DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at, updated_at = excluded.updated_at
"""


class PgTokenStore:
    """Implements topstitch.net.tokens.TokenStore for one connector."""

    def __init__(self, connector_id: int) -> None:
        self.connector_id = connector_id
        self._seen: dict[str, Token] = {}

    def get(self, key: str) -> Token | None:
        """The token, from this process's copy while it lasts: asking the database for each request would be slow."""
        seen = self._seen.get(key)
        if seen is not None and (seen.expires_at is None or seen.expires_at > datetime.now(UTC).timestamp() + MARGIN):
            return seen
        with connect("topstitch token") as connection:
            row = connection.execute(LOAD, (self.connector_id, key)).fetchone()
        if row is None:
            return None
        self._seen[key] = token = Token(**unseal(self._owner(key), row[0]))
        return token

    def put(self, key: str, token: Token) -> None:
        """Keep it for good; of a connector that was removed only for the run that still uses it."""
        values = {
            "value": token.value,
            "expires_at": token.expires_at,
            "refresh_token": token.refresh_token,
            "issued_at": token.issued_at,
            "extra": dict(token.extra),
        }
        expires = datetime.fromtimestamp(token.expires_at, UTC) if token.expires_at else None
        sealed = seal(self._owner(key), values)
        with connect("topstitch token") as connection:
            connection.execute(STORE, (key, sealed, expires, self.connector_id))
        self._seen[key] = token

    @contextmanager
    def lock(self, key: str) -> Iterator[None]:
        """One renewal at a time, across all workers; the newest token is read again inside."""
        number = crc32(self._owner(key).encode()) - 2**31
        with connect("topstitch token") as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (TOKEN_LOCK, number))
            self._seen.pop(key, None)
            yield

    def _owner(self, key: str) -> str:
        return _owner(self.connector_id, key)


def _owner(connector_id: int, key: str) -> str:
    return f"token:{connector_id}:{key}"


def tokens_of(connector_ids: Collection[int]) -> list[Token]:
    """All tokens that connectors have now. Raises ConfigError when they cannot be read with this installation's key."""
    rows = ConnectorToken.objects.filter(connector_id__in=connector_ids)
    return [Token(**unseal(_owner(row.connector_id, row.name), bytes(row.sealed))) for row in rows]
