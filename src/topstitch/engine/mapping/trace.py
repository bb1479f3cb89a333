"""Watching a mapping at work: the value of each row after each of its functions, by the same closures as a real run.

A row that fails ends a record in a real run. Here the other rows are run all the same, so that a person sees everything
that is wrong at once; what ended it first is what the record then fails with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from topstitch.engine.mapping.sources import NOWHERE, Anywhere, Expr, Frame
from topstitch.engine.spec import MappingRow
from topstitch.functions.registry import Bound, Takes
from topstitch.functions.signals import Ended, Signal, SkipField, Wanted

MAX_NOTES = 10_000
#: (error, what is being built): what a row does about an error.
Failed = Callable[[Exception, Any], None]


@dataclass(frozen=True, slots=True)
class Note:
    """One step of one row: what it made of which value, or how it failed."""

    #: read, function, condition, write; skip (the field, or the record), error (the row fails), spared (by its policy)
    step: str
    #: The source's path, the function's name.
    what: str = ""
    given: Any = None
    value: Any = None
    problem: str = ""
    #: Of a function: where in its row it stands, `2` or `source 1 function 2`.
    at: str = ""
    #: For which element, counted from 1 in the lists of the source, the outermost first; empty outside of lists.
    place: tuple[int, ...] = ()
    #: Of an element: its place from 1 in the list that is built.
    number: int = 0
    error: Exception | None = field(default=None, compare=False, repr=False)


@dataclass
class Trace:
    """The notes of one record, by row, in the order in which they came; rows of lists have those of every element."""

    notes: dict[int, list[Note]] = field(default_factory=dict)
    #: What ends the record in a real run: the first of its errors, or the reason to leave it out.
    stopped: Exception | None = None
    #: Notes that found no room.
    left_off: int = 0
    #: What was built of the record, also where something ended it.
    built: dict[str, Any] = field(default_factory=dict)
    #: Called with a record's key once it is mapped, before the notes are forgotten.
    keep: Callable[[str, Trace], None] | None = None
    _count: int = 0
    _frame: Frame | None = None

    def begin(self) -> None:
        """Forget the last record."""
        self.notes, self.stopped, self.left_off, self._count, self._frame = {}, None, 0, 0, None

    def note(self, row: MappingRow | None, note: Note) -> None:
        """Keep a note, up to a limit: a record of 100,000 lines is not shown whole."""
        self._count += 1
        if self._count > MAX_NOTES:
            self.left_off += 1
            return
        if self._frame is not None:
            note = replace(note, place=_place(self._frame), number=self._frame[3] + 1)
        self.notes.setdefault(id(row), []).append(note)

    def of(self, row: MappingRow | None) -> list[Note]:
        """What was noted of a row; None: of no row in particular."""
        return self.notes.get(id(row), [])

    def inside(self, call: Callable[..., Any] | None) -> Any:
        """The same work on one element of a list, (element, frame, ...), whose place is known meanwhile."""
        if call is None:
            return None

        def work(here: Any, frame: Frame, *more: Any) -> Any:
            around, self._frame = self._frame, frame
            try:
                return call(here, frame, *more)
            finally:
                self._frame = around

        return work

    def reading(self, row: MappingRow, path: str, expr: Expr) -> Expr:
        """The same expression, noted."""

        def read(here: Any, frame: Any = None) -> Any:
            value = expr.anywhere(here, frame)
            self.note(row, Note("read", path, value=value))
            return value

        return Expr(read, local=expr.local)

    def function(self, row: MappingRow, bound: Bound) -> Bound:
        """The same function, noted."""
        call, constant = bound.call, bound.takes is Takes.NOTHING

        def run(*args: Any) -> Any:
            given = None if constant else args[0]
            try:
                value = call(*args)
            except Exception as error:
                said = str(error) or type(error).__name__
                self.note(row, Note("function", bound.name, given, problem=said, at=bound.step, error=error))
                raise
            shown = value.value if type(value) is Ended else value
            self.note(row, Note("function", bound.name, given, shown, at=bound.step))
            return value

        return replace(bound, call=run)

    def condition(self, row: MappingRow, tests: Sequence[tuple[Anywhere, Callable[[Any], bool]]]) -> Anywhere:
        """The condition of a row, noted with the value that decided."""

        def holds(here: Any, frame: Any) -> bool:
            for asked, (get, test) in zip(row.when, tests, strict=True):
                value = get(here, frame)
                if not test(value):
                    self.note(row, Note("condition", f"{asked.field} {asked.op}", given=value, value=False))
                    return False
            self.note(row, Note("condition", value=True))
            return True

        return holds

    def writing(self, row: MappingRow, finish: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """The same last step, noted."""

        def write(value: Any) -> Any:
            written = finish(value)
            self.note(row, Note("write", row.to, value, written))
            return written

        return write

    def failing(self, row: MappingRow, failed: Failed) -> Failed:
        """What the row does about an error, noted; where it would end the record, the rows behind are run all the same."""

        def note(error: Exception, out: Any) -> None:
            if isinstance(error, Wanted):
                failed(error, out)
                return
            try:
                failed(error, out)
            except Exception as ending:  # noqa: BLE001  # raised again when the record is through
                self.stop(ending, row)
            else:
                step = "skip" if isinstance(error, SkipField) else "spared"
                self.note(row, Note(step, problem=str(error), error=error))

        return note

    def listing(self, row: MappingRow | None, items_of: Anywhere) -> Anywhere:
        """The elements of a list, none where they end the record."""

        def items(here: Any, frame: Any) -> Any:
            try:
                return items_of(here, frame)
            except Wanted:
                raise
            except Exception as ending:  # noqa: BLE001  # raised again when the record is through
                self.stop(ending, row)
                return None

        return items

    def stop(self, error: Exception, row: MappingRow | None = None) -> None:
        """Note what ends the record."""
        if self.stopped is None:
            self.stopped = error
        skips = isinstance(error, Signal)
        self.note(row, Note("skip" if skips else "error", problem=str(error), error=error))


def _place(frame: Frame | None) -> tuple[int, ...]:
    """The places around an element and its own, from 1."""
    places: list[int] = []
    while frame is not None:
        places.append(1 if frame[2] == NOWHERE else frame[2] + 1)
        frame = frame[1]
    return tuple(reversed(places))
