"""Stored payloads: the records of a page as JSON, compressed with zstd."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from backports import zstd

from topstitch.sdk.model import Record
from topstitch.store.jsonb import written

#: A ninth of the size for 5 microseconds a record; higher levels gain little on JSON.
LEVEL = 1
#: No page is larger when unpacked: a damaged or foreign payload must not fill the memory.
MAX_BYTES = 512 * 1024 * 1024


def packed(records: Sequence[Record]) -> bytes:
    """Records as they are stored."""
    return zstd.compress(written(records), LEVEL)


def unpacked(body: bytes | memoryview) -> list[Record]:
    """Records as they were pulled."""
    data = zstd.ZstdDecompressor().decompress(bytes(body), MAX_BYTES)
    records: list[Any] = orjson.loads(data)
    return records
