"""Fixtures: real files by name, and reading them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from topstitch.formats import BadRow, Format, Row

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def read_file() -> Callable[..., list[Row | BadRow]]:
    """Read a fixture file by name."""

    def read(made: Format, name: str) -> list[Row | BadRow]:
        with (FIXTURES / name).open("rb") as stream:
            return list(made.read(stream))

    return read


@pytest.fixture
def read_bytes() -> Callable[..., list[Row | BadRow]]:
    """Read bytes."""
    return lambda made, data: list(made.read(io.BytesIO(data)))


@pytest.fixture
def written() -> Callable[..., bytes]:
    """Write records and return the bytes."""

    def write(made: Format, records: list[dict[str, object]]) -> bytes:
        stream = io.BytesIO()
        made.write(records, stream)
        return stream.getvalue()

    return write
