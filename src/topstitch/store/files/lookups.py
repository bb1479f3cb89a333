"""Lookup tables from files: pairs or rows in YAML, or CSV files beside it; and how they differ from what is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from topstitch.errors import ConfigError
from topstitch.store.files.read import LookupFile, LookupRow
from topstitch.store.lookups.rows import SHOWN, Pair, distinct
from topstitch.store.lookups.table_csv import MAX_BYTES, read_pairs, write_pairs
from topstitch.store.models import LookupTable
from topstitch.store.queries.lookups import all_pairs, has_ways

#: A table with more pairs is exported as CSV files beside the YAML file.
INLINE = 5_000


def pairs_of(wanted: LookupFile, folder: Path, place: str) -> list[Pair]:
    """The pairs in their order. Raises ConfigError naming the lines of broken CSV rows."""
    if sum(part is not None for part in (wanted.pairs, wanted.rows, wanted.csv)) != 1:
        raise ConfigError("a lookup has either pairs, rows or csv", place=place)
    try:
        if wanted.pairs is not None:
            return distinct(wanted.pairs.items())
        if wanted.rows is not None:
            return distinct(map(_pair, wanted.rows))
        names = [wanted.csv] if isinstance(wanted.csv, str) else wanted.csv or []
        return distinct(pair for name in names for pair in _from_csv(folder / name))
    except ConfigError as error:
        raise ConfigError(error.message, place=place, hint=error.hint) from error


def _pair(row: LookupRow | tuple[str, str]) -> Pair:
    return Pair(row.left, row.right, row.match, row.field) if isinstance(row, LookupRow) else Pair(*row)


def _from_csv(path: Path) -> list[Pair]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path.name} cannot be read: {error.strerror}") from error
    return read_pairs(data, path.name).pairs


def lookup_differences(table: LookupTable, wanted: Sequence[Pair]) -> list[str]:
    """What saving these pairs would change, in words; the first so many, and how many more there are."""
    places = {pair: number for number, pair in enumerate(wanted)}
    gone: dict[str, list[Pair]] = {}
    order = [place for pair in all_pairs(table) if (place := _take(places, pair, gone)) is not None]
    found = [*_lines(places, gone)]
    if any(after < before for before, after in pairwise(order)):
        found.append("the order of the pairs")
    return found if len(found) <= SHOWN else [*found[:SHOWN], f"and {len(found) - SHOWN:,} more"]


def _take(places: dict[Pair, int], pair: Pair, gone: dict[str, list[Pair]]) -> int | None:
    place = places.pop(pair, None)
    if place is None:
        gone.setdefault(pair.left, []).append(pair)
    return place


def _lines(new: Mapping[Pair, int], gone: Mapping[str, list[Pair]]) -> Iterator[str]:
    waiting = {left: list(pairs) for left, pairs in gone.items()}
    for pair in new:
        old = waiting[pair.left].pop(0) if waiting.get(pair.left) else None
        yield f"{_brief(pair.left)}: {_shown(old)} -> {_shown(pair)}"
    for pairs in waiting.values():
        yield from (f"{_brief(pair.left)}: {_shown(pair)} -> nothing" for pair in pairs)


def _shown(pair: Pair | None) -> str:
    if pair is None:
        return "nothing"
    ways = [part for part in (pair.match, pair.field and f"for {_brief(pair.field)}") if part]
    return f"{pair.right!r:.60}" + (f" ({', '.join(ways)})" if ways else "")


def _brief(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def lookup_content(table: LookupTable, folder: Path | None, number: int) -> dict[str, object]:
    """A table as it stands in a configuration file. A large one goes into CSV files in `folder`, named after `number`.

    Raises ConfigError for a large one where there is no folder.
    """
    version = table.versions.order_by("-number").first()
    if version and version.pairs > INLINE:
        if folder is None:
            raise ConfigError(
                f"the lookup table {table.name!r} has {version.pairs:,} pairs, too many to stand within the text",
                hint="Name a file with -o: its large lookup tables are written beside it.",
            )
        return {"csv": [path.name for path in _write(table, folder, number)]}
    pairs = list(all_pairs(table))
    if not any(pair.match or pair.field for pair in pairs):
        if len({pair.left for pair in pairs}) == len(pairs):
            return {"pairs": {pair.left: pair.right for pair in pairs}}
        return {"rows": [[pair.left, pair.right] for pair in pairs]}
    return {"rows": [{name: cell for name, cell in pair._asdict().items() if cell or name == "left"} for pair in pairs]}


def _write(table: LookupTable, folder: Path, number: int) -> Iterator[Path]:
    """CSV files of at most 5 MB each."""
    ways = has_ways(table)
    pairs = list[Pair]()
    size = part = 0
    for pair in all_pairs(table):
        # Each quotation mark may be doubled, and four of them, commas and the line end come on top.
        most = sum(len(cell.encode()) + cell.count('"') + 4 for cell in pair) + 2
        if size + most > MAX_BYTES - 1000:
            part += 1
            yield _written(pairs, ways, folder / f"lookup-{number}-{part}.csv")
            pairs, size = [], 0
        pairs.append(pair)
        size += most
    yield _written(pairs, ways, folder / f"lookup-{number}-{part + 1}.csv")


def _written(pairs: Sequence[Pair], ways: bool, path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(write_pairs(pairs, ways=ways))
    return path
