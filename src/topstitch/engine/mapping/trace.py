"""Watching a mapping at work: the value of each row after each of its functions, by the same closures as a real run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from topstitch.engine.mapping.sources import Anywhere, Expr
from topstitch.engine.spec import MappingRow
from topstitch.functions.registry import Bound, Takes

MAX_NOTES = 10_000


@dataclass(frozen=True, slots=True)
class Note:
    """One step of one row: what it made of which value, or how it failed."""

    #: read, function, condition, write, error
    step: str
    #: The source's path, the function's name.
    what: str = ""
    given: Any = None
    value: Any = None
    problem: str = ""


@dataclass
class Trace:
    """The notes of one record, by row, in the order in which they came; rows of lists have those of every element."""

    notes: dict[int, list[Note]] = field(default_factory=dict)
    _count: int = 0

    def begin(self) -> None:
        """Forget the last record."""
        self.notes, self._count = {}, 0

    def note(self, row: MappingRow, note: Note) -> None:
        """Keep a note, up to a limit: a record of 100,000 lines is not shown whole."""
        self._count += 1
        if self._count <= MAX_NOTES:
            self.notes.setdefault(id(row), []).append(note)

    def of(self, row: MappingRow) -> list[Note]:
        """What was noted of a row."""
        return self.notes.get(id(row), [])

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
                self.note(row, Note("function", bound.name, given, problem=str(error) or type(error).__name__))
                raise
            self.note(row, Note("function", bound.name, given, getattr(value, "value", value)))
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
