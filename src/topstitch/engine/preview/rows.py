"""From the notes of a trace to the rows that are shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from topstitch.engine.mapping.reading import is_work
from topstitch.engine.mapping.trace import Note, Trace
from topstitch.engine.preview.shown import Failure, Pass, RowShown, SourceShown, StepShown
from topstitch.engine.spec import MappingRow
from topstitch.errors import ConfigError, MappingError, TopstitchError
from topstitch.functions.signals import Signal
from topstitch.sdk.model import Record
from topstitch.values.paths import EACH, Step, is_each, parse
from topstitch.values.text import show

Ways = frozenset[tuple[Step, ...]]
#: Of the passes of a row the first of these that there is.
_WORST = ("failed", "spared", "written", "null", "kept", "skipped", "empty", "not_met")


@dataclass(frozen=True, slots=True)
class Traced:
    """What a trace noted of one record, kept while the next one is mapped."""

    notes: Mapping[int, Sequence[Note]]
    stopped: Exception | None
    built: Record
    left_off: int

    @classmethod
    def of(cls, trace: Trace) -> Traced:
        """What it holds now."""
        return cls(trace.notes, trace.stopped, trace.built, trace.left_off)


def rows_shown(traced: Traced, rows: Sequence[MappingRow], record: Record) -> list[RowShown]:
    """Every row of a mapping, in its order."""
    ways = ways_of(record)
    return [_row(number, row, rows, traced.notes.get(id(row), ()), ways) for number, row in enumerate(rows, 1)]


def failures_of(traced: Traced, rows: Sequence[MappingRow]) -> list[Failure]:
    """All that is wrong with a record, what a run would report first."""
    found = [(note, number, row) for number, row in enumerate(rows, 1) for note in traced.notes.get(id(row), ())]
    told = [_failure(note.error, note, number, row.label) for note, number, row in found if note.step == "error"]
    alone = [
        _failure(note.error, note, 0, "")
        for note in traced.notes.get(id(None), ())
        if note.step == "error" and not isinstance(note.error, Signal)
    ]
    first = traced.stopped
    if first is not None and not isinstance(first, Signal) and not told and not alone:
        return [failure_of(first)]
    return sorted([*told, *alone], key=lambda each: each.message != str(first))


def failure_of(error: Exception) -> Failure:
    """An error in its parts."""
    hint, key = (error.hint, error.key) if isinstance(error, TopstitchError) else ("", "")
    if not isinstance(error, MappingError):
        return Failure(message=str(error), hint=hint, key=key)
    return Failure(
        message=error.message,
        hint=hint,
        key=key,
        row=error.row,
        path=error.path,
        function=error.function,
        step=error.step,
        value=error.value,
    )


def _failure(error: Exception | None, note: Note, number: int, label: str) -> Failure:
    told = failure_of(error) if error is not None else Failure(message=note.problem)
    return Failure(
        message=told.message,
        hint=told.hint,
        key=told.key,
        row=told.row or label,
        row_number=number,
        place=note.place,
        path=told.path,
        function=told.function,
        step=told.step,
        value=told.value,
    )


def _row(number: int, row: MappingRow, rows: Sequence[MappingRow], notes: Sequence[Note], ways: Ways) -> RowShown:
    head = _heads(row, rows)
    groups = groupby(notes, lambda note: (note.place, note.number))
    passes = [_pass(row, list(group), ways, head=head) for _, group in groups]
    return RowShown(
        number=number,
        to=row.to,
        label=row.label,
        category=row.category,
        required=row.required,
        state=_state(row, passes, head=head),
        passes=passes,
    )


def _heads(row: MappingRow, rows: Sequence[MappingRow]) -> bool:
    """Whether it says which list other rows walk over, instead of filling anything itself."""
    return row.to.endswith("[*]") and any(each.to.startswith(row.to) and each is not row for each in rows)


def _state(row: MappingRow, passes: Sequence[Pass], *, head: bool) -> str:
    if not row.enabled:
        return "disabled"
    states = {each.state for each in passes}
    if head and states <= {"kept", "not_met"}:
        return "list"
    return next((state for state in _WORST if state in states), "never")


def _pass(row: MappingRow, notes: Sequence[Note], ways: Ways, *, head: bool) -> Pass:
    first, by_step = notes[0], {note.step: note for note in notes}
    condition = by_step.get("condition")
    unmet = condition if condition is not None and condition.value is False else None
    written, ended = by_step.get("write"), by_step.get("error") or by_step.get("skip") or by_step.get("spared")
    return Pass(
        place=first.place,
        number=first.number,
        state=_pass_state(row, by_step, unmet=unmet is not None, head=head),
        condition=_condition(row, unmet.what) if unmet else "",
        met=unmet.given if unmet else None,
        sources=[
            SourceShown(note.what, note.value, note.value is not None or occurs(note.what, ways))
            for note in notes
            if note.step == "read"
        ],
        steps=list(_steps(notes, _list_places(row) if head else _places(row))),
        value=written.value if written else None,
        problem=ended.problem if ended else "",
    )


def _condition(row: MappingRow, what: str) -> str:
    """The condition of a row in words."""
    asked = next((each for each in row.when if f"{each.field} {each.op}" == what), None)
    wanted = "" if asked is None or asked.value is None else f" {show(asked.value)}"
    return f"{what.replace('_', ' ')}{wanted}"


def _pass_state(row: MappingRow, by_step: Mapping[str, Note], *, unmet: bool, head: bool) -> str:
    if unmet:
        return "not_met"
    for step, state in (("error", "failed"), ("skip", "skipped"), ("spared", "spared"), ("write", "written")):
        if step in by_step:
            return state
    if head:
        return "kept"
    return "null" if row.empty == "null" else "empty"


def _steps(notes: Sequence[Note], places: Iterator[tuple[str, str]]) -> Iterator[StepShown]:
    """The functions in their order: those that empty values passed by too, but none behind one that failed."""
    ran = [note for note in notes if note.step == "function"]
    if not ran and not any(note.step == "read" for note in notes):
        return
    for at, name in places:
        if not ran or (ran[0].at, ran[0].what) != (at, name):
            yield StepShown(at, name, ran=False)
            continue
        note = ran.pop(0)
        yield StepShown(at, name, note.given, note.value, note.problem)
        if note.problem:
            return


def _places(row: MappingRow) -> Iterator[tuple[str, str]]:
    for number, source in enumerate(row.sources, 1):
        before = f"source {number} function " if len(row.sources) > 1 else ""
        yield from ((f"{before}{at}", step.function) for at, step in enumerate(source.do, 1))
    yield from ((str(at), step.function) for at, step in enumerate(row.do, 1))


def _list_places(row: MappingRow) -> Iterator[tuple[str, str]]:
    for source in row.sources:
        yield from ((str(at), step.function) for at, step in enumerate([*source.do, *row.do], 1))


def ways_of(record: Any) -> Ways:
    """All paths of a record, to leaves and on the way to them, elements of lists under [*]."""
    found: set[tuple[Step, ...]] = set()
    waiting: list[tuple[tuple[Step, ...], Any]] = [((), record)]
    while waiting:
        way, value = waiting.pop()
        inner: list[tuple[Step, Any]] = []
        if isinstance(value, dict):
            inner = [(str(key), each) for key, each in value.items()]
        elif isinstance(value, list):
            inner = [(EACH, each) for each in value]
        for step, each in inner:
            found.add((*way, step))
            waiting.append(((*way, step), each))
    return frozenset(found)


def occurs(path: str, ways: Ways) -> bool:
    """Whether a record has this path, whatever stands there and at whichever element; of working fields nobody knows."""
    try:
        if is_work(path):
            return True
        steps = parse(path)
    except ConfigError:
        return False
    plain = tuple(step if isinstance(step, str) and not is_each(step) else EACH for step in steps)
    return plain in ways or (bool(plain) and plain[-1] == EACH and plain[:-1] in ways) or "@" in plain[-1][:1]
