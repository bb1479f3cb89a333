"""Stored payloads: the records of a page as JSON, compressed with zstd.

Either the list of the records, or what they were read from, behind a line with the path of the list in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from backports import zstd
from django.db import connection

from topstitch.errors import LimitExceeded
from topstitch.sdk.model import Raw, Record
from topstitch.store.jsonb import written
from topstitch.values.paths import compile_get

#: A ninth of the size for 5 microseconds a record; higher levels gain little on JSON.
LEVEL = 1
MAGIC = b"\x28\xb5\x2f\xfd"
#: No page is larger when unpacked: a damaged or foreign payload must not fill the memory.
MAX_BYTES = 512 * 1024 * 1024


def packed(records: Sequence[Record], raw: Raw | None = None) -> bytes:
    """Records as they are stored: from `raw` where it is given."""
    data = written(records) if raw is None else b"%b\n%b" % (orjson.dumps(raw.path), raw.body)
    return zstd.compress(data, LEVEL)


def keep_payload(run_id: UUID, page: int, kind: str, records: Sequence[Record]) -> None:
    """Store records beside those that were pulled: `script_input`, `script_output` for people, `edited` for the run itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO stored_payload (at, run_id, page, kind, body) VALUES (now(), %s, %s, %s, %s)",
            [run_id, page, kind, packed(records)],
        )


def forget_payloads(run_id: UUID) -> None:
    """Delete all that a run has stored."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM stored_payload WHERE run_id = %s", [run_id])


def kept_edits(run_id: UUID) -> list[Record]:
    """The records that a person corrected for this run: key, record, mapped. Raises LimitExceeded when they have expired."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM stored_payload WHERE run_id = %s AND kind = 'edited' LIMIT 1", [run_id])
        row = cursor.fetchone()
    if row is None:
        raise LimitExceeded(
            "the corrected record of this run is no longer kept", key="payload_expired", hint="Correct it again."
        )
    return unpacked(row[0])


def unpacked(body: bytes | memoryview) -> list[Record]:
    """Records as they were pulled; what is not compressed is taken for JSON."""
    data = bytes(body)
    if data.startswith(MAGIC):
        data = zstd.ZstdDecompressor().decompress(data, MAX_BYTES)
    path = b'""'
    if data.startswith(b'"'):
        path, _, data = data.partition(b"\n")
    whole, steps = orjson.loads(data), orjson.loads(path)
    records: list[Any] = compile_get(steps)(whole) if steps else whole
    return records
