"""SaveData: rows out in batches, and the fate of every single row back, however Peoplevox words it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from topstitch.sdk import (
    AuthError,
    ConfigError,
    Connection,
    RemoteRejected,
    SoapFault,
    TemporaryError,
    TopstitchError,
    Unreachable,
)
from topstitch.systems.peoplevox.columns import not_configured
from topstitch.systems.peoplevox.service import SERVER_FAULT, Answer, refused, said, save_data
from topstitch.systems.peoplevox.tables import write_table

SAVE, SAVE_WITHOUT_ALLOCATING, DELETE = 0, 1, 2
_NOT_CONFIGURED = re.compile(r"not (?:been )?configured", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row on its way out. `reference` is what Peoplevox is expected to call it: its key."""

    reference: str
    cells: dict[str, str]


#: Of each row, in order: None when it was saved, else why it was not.
Fates = list[TopstitchError | None]


def save(conn: Connection, template: str, rows: Sequence[Row], action: int = SAVE) -> Fates:
    """Save rows, those with the same columns together: an empty cell would overwrite what a missing column leaves alone.

    Raises ConfigError when the template is not configured. After an outage the remaining rows share its error.
    """
    fates: Fates = [None] * len(rows)
    outage: TopstitchError | None = None
    for places in _batches(rows, int(conn["rows_per_save"])):
        batch = [rows[place] for place in places]
        try:
            found = [outage] * len(batch) if outage else _send(conn, template, batch, action)
        except ConfigError:
            raise
        except TopstitchError as error:
            outage = error if isinstance(error, Unreachable | AuthError) else None
            found = [error] * len(batch)
        for place, fate in zip(places, found, strict=True):
            fates[place] = fate
    return fates


def with_blanks(rows: Sequence[Row]) -> list[Row]:
    """The rows with an empty cell for each column that another of them has, so that all are saved together."""
    columns = dict.fromkeys(name for row in rows for name in row.cells)
    return [Row(row.reference, {name: row.cells.get(name, "") for name in columns}) for row in rows]


def _batches(rows: Sequence[Row], most: int) -> Iterator[list[int]]:
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        alike[tuple(sorted(row.cells))].append(place)
    for places in alike.values():
        for start in range(0, len(places), max(1, most)):
            yield places[start : start + max(1, most)]


def _send(conn: Connection, template: str, rows: Sequence[Row], action: int, *, again: bool = True) -> Fates:
    """One SaveData. Where its answer leaves open which rows were saved, the rows are sent again in halves.

    So are they after a server fault, which one odd row can cause: saving is an upsert, so nothing is doubled.
    """
    text = write_table(list(rows[0].cells), [row.cells for row in rows])
    try:
        answer = save_data(conn, template, text, action)
    except SoapFault as fault:
        own = fault.code == SERVER_FAULT
        if len(rows) == 1 and own and again:
            return _send(conn, template, rows, action, again=False)
        unclear: TopstitchError = TemporaryError(f"Peoplevox: {said(fault.message)}") if own else fault
    else:
        if answer.failed and _NOT_CONFIGURED.search(answer.detail):
            raise not_configured(template, answer.detail)
        fates = fates_of(answer, [row.reference for row in rows])
        if fates is not None:
            return fates
        unclear = RemoteRejected("Peoplevox answered without an error and saved nothing")
    if len(rows) == 1:
        return [unclear]
    middle = len(rows) // 2
    return _send(conn, template, rows[:middle], action) + _send(conn, template, rows[middle:], action)


def fates_of(answer: Answer, references: Sequence[str]) -> Fates | None:
    """What became of each row, None when the answer does not tell them apart."""
    if len(answer.statuses) == len(references) and not (answer.failed and all(ok for _, ok in answer.statuses)):
        return [None if ok else _reason(answer, name) for name, ok in _in_order(answer, references)]
    if answer.failed:
        return [refused(answer.detail)] if len(references) == 1 else None
    errors = Counter(name for name, ok in answer.statuses if not ok)
    if answer.total + errors.total() != len(references):
        return None
    rows = Counter(references)
    if any(rows[name] != count for name, count in errors.items()):
        return None
    return [_reason(answer, name) if errors[name] else None for name in references]


def _in_order(answer: Answer, references: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """The statuses row by row: by reference where these are the keys we sent, else by position."""
    if Counter(name for name, _ in answer.statuses) != Counter(references):
        yield from ((name, ok) for name, (_, ok) in zip(references, answer.statuses, strict=True))
        return
    waiting: dict[str, deque[bool]] = defaultdict(deque)
    for name, ok in answer.statuses:
        waiting[name].append(ok)
    yield from ((name, waiting[name].popleft()) for name in references)


def _reason(answer: Answer, reference: str) -> TopstitchError:
    """Why a row failed: the lines of Detail that name it, else all of Detail, else what its status calls it."""
    mention = re.compile(rf"(?<![\w-]){re.escape(reference)}(?![\w-])")
    named = [line for line in answer.detail.splitlines() if reference and mention.search(line)]
    other = next((name for name, ok in answer.statuses if not ok and name != reference and reference in name), "")
    words = "\n".join(named) or answer.detail or other
    if not words.strip():
        return RemoteRejected(f"Peoplevox marks {reference} as Error and gives no reason")
    return refused(words)
