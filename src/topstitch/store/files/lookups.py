"""Lookup tables from files: pairs in YAML, or a CSV file with the headers left_value and right_value."""

from __future__ import annotations

import csv
from pathlib import Path

from topstitch.errors import ConfigError
from topstitch.store.files.read import LookupFile

MAX_CSV = 5 * 1024 * 1024
HEADERS = ["left_value", "right_value"]


def pairs_of(wanted: LookupFile, folder: Path, place: str) -> list[tuple[str, str]]:
    """The pairs in their order. Raises ConfigError naming the line of a broken CSV row."""
    if (wanted.pairs is None) == (wanted.csv is None):
        raise ConfigError("a lookup has either pairs or csv", place=place)
    if wanted.pairs is not None:
        return list(wanted.pairs.items())
    return _from_csv(folder / str(wanted.csv), place)


def _from_csv(path: Path, place: str) -> list[tuple[str, str]]:
    try:
        if path.stat().st_size > MAX_CSV:
            raise ConfigError(f"{path.name} is larger than 5 MB", place=place)
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except OSError as error:
        raise ConfigError(f"{path.name} cannot be read: {error.strerror}", place=place) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path.name} is not a UTF-8 CSV file: {error}", place=place) from error
    if not rows or [cell.strip() for cell in rows[0]] != HEADERS:
        raise ConfigError(f"{path.name} line 1 must be {','.join(HEADERS)}", place=place)
    for number, row in enumerate(rows[1:], 2):
        if row and len(row) != 2:
            raise ConfigError(f"{path.name} line {number} has {len(row)} cells instead of 2", place=place)
    return [(row[0], row[1]) for row in rows[1:] if row]
