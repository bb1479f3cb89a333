"""From rows to closures, and one pass over a record: the rows of the record itself, then each list that rows build."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

from topstitch.engine.mapping.asking import Asks
from topstitch.engine.mapping.chain import Making
from topstitch.engine.mapping.lists import compile_list
from topstitch.engine.mapping.named import named_lists, with_defaults
from topstitch.engine.mapping.plan import RowError, Scope, asking, plan
from topstitch.engine.mapping.rows import Fill, compile_row, run_rows
from topstitch.engine.mapping.sources import Lists
from topstitch.engine.mapping.trace import Trace
from topstitch.engine.mapping.working import stages, worked
from topstitch.engine.spec import MappingRow
from topstitch.errors import Bug, MappingError, ScriptError
from topstitch.functions.registry import Environment
from topstitch.functions.signals import SkipRecord
from topstitch.sdk.fields import Field

Record = dict[str, Any]
Fields = Mapping[str, Field]
#: A record as mapped, or why it could not be, or why it is left out.
Outcome = Record | MappingError | ScriptError | SkipRecord


class Mapper:
    """A compiled mapping: `mapper(record)` gives the destination record or raises MappingError."""

    __slots__ = ("_ask", "_asks", "_fill", "_rounds", "_walked", "_work", "rows")

    def __init__(
        self, rows: Sequence[MappingRow], env: Environment, fields: Fields, trace: Trace | None = None
    ) -> None:
        self.rows = tuple(rows)
        asks = getattr(env, "asks", None)
        self._asks: Asks | None = asks if isinstance(asks, Asks) else None
        working, sent = stages(rows)
        root = with_defaults(plan(sent), named_lists(list(fields.values())))
        making = Making(env, fields, trace)
        #: What makes the working fields, one after the other.
        self._work = [_compile_scope(plan(stage), (), making) for stage in working]
        self._fill, self._walked = _compile_scope(root, (), making), making.walked
        #: The same for the rows alone that ask, and for those that leave records out, which need not ask.
        self._ask: Fill | None = None
        if self._asks is not None and making.asking:
            rows_alone = asking(root, making.asking.keys() | making.skipping)
            self._ask = self._asking(_compile_scope(rows_alone, (), Making(env, fields, walked=making.walked)))
        #: No record is waiting more often than there are functions that ask, if each waits for the one before.
        self._rounds = making.asking.total() + 1

    def __call__(self, record: Record, key: str = "") -> Record:
        """One record. Raises MappingError, ScriptError, or SkipRecord where the mapping leaves it out."""
        if self._ask is None:
            return self._mapped(record)
        outcome = next(self.outcomes([(key, record)]))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def outcomes(self, records: Iterable[tuple[str, Record]]) -> Iterator[Outcome]:
        """What becomes of the records of a page, each with its key, in order.

        Raises what other systems raise when they are asked and are away.
        """
        if self._ask is None:
            for _, record in records:
                yield self._outcome(record)
            return
        page = list(records)
        self._have_answered(page)
        for key, record in page:
            yield self._answered(key, record)

    def _mapped(self, record: Record) -> Record:
        out: Record = {}
        self._walked.count = 0
        self._fill_all(record, out)
        return out

    def _fill_all(self, record: Record, out: Record) -> None:
        self._fill(worked(record, self._work) if self._work else record, None, out)

    def _asking(self, ask: Fill) -> Fill:
        """The same with the working fields, each made once what those before it ask is answered."""
        if not self._work:
            return ask

        def ask_in_turn(record: Record, frame: Any, out: Any) -> None:
            asks = self._asks
            assert asks is not None
            before = asks.wanted
            answered = takewhile(lambda _: asks.wanted == before, self._work)
            here = worked(record, answered)
            if asks.wanted == before:
                ask(here, frame, out)

        return ask_in_turn

    def _outcome(self, record: Record) -> Outcome:
        try:
            return self._mapped(record)
        except (MappingError, ScriptError, SkipRecord) as error:
            return error

    def _have_answered(self, page: Sequence[tuple[str, Record]]) -> None:
        """Ask all that the records of a page ask, those of all records at once, until none has another question."""
        asks = self._asks
        assert asks is not None
        asks.begin_page()
        waiting = page
        for _ in range(self._rounds):
            waiting = [each for each in waiting if self._asks_more(asks, *each)]
            if not waiting:
                return
            asks.settle()

    def _asks_more(self, asks: Asks, key: str, record: Record) -> bool:
        assert self._ask is not None
        asks.begin(key)
        self._walked.count = 0
        try:
            self._ask(record, None, {})
        except (MappingError, ScriptError, SkipRecord):
            # It is said, with its place, when the whole record is mapped; no answer would change it.
            asks.take_back()
            return False
        return asks.wanted > 0

    def _answered(self, key: str, record: Record) -> Outcome:
        """A record all of whose questions are answered, but for those that only come up now."""
        asks = self._asks
        assert asks is not None
        for _ in range(self._rounds):
            asks.begin(key)
            outcome = self._outcome(record)
            if isinstance(outcome, Exception):
                asks.take_back()
                return outcome
            if not asks.wanted:
                return outcome
            asks.settle()
        raise Bug(f"the record {key!r} asks without end")


class WatchedMapper(Mapper):
    """The same, under a trace: when a row ends a record, the rows behind it are run all the same, to be shown."""

    __slots__ = ("_trace",)

    def __init__(self, rows: Sequence[MappingRow], env: Environment, fields: Fields, trace: Trace) -> None:
        super().__init__(rows, env, fields, trace)
        self._trace = trace

    def outcomes(self, records: Iterable[tuple[str, Record]]) -> Iterator[Outcome]:
        """As those of any mapper; each record's notes are kept before the next one is mapped."""
        page = list(records)
        for (key, _), outcome in zip(page, super().outcomes(page), strict=True):
            if self._trace.keep is not None:
                self._trace.keep(key, self._trace)
            yield outcome

    def _mapped(self, record: Record) -> Record:
        trace = self._trace
        trace.begin()
        self._walked.count = 0
        out: Record = {}
        trace.built = out
        try:
            self._fill_all(record, out)
        except (MappingError, ScriptError, SkipRecord) as error:
            trace.stop(error)
        if trace.stopped is not None:
            raise trace.stopped
        return out


def compile_mapping(
    rows: Sequence[MappingRow], env: Environment, fields: Sequence[Field] = (), trace: Trace | None = None
) -> Mapper:
    """Compile rows once. `fields` is the destination's list; it decides how numbers and words are written.

    Raises RowError, a ConfigError, for an unknown function, a wrong argument or a path that cannot be read.
    """
    by_path = {field.path: field for field in fields}
    return Mapper(rows, env, by_path) if trace is None else WatchedMapper(rows, env, by_path, trace)


def _compile_scope(scope: Scope, lists: Lists, making: Making) -> Fill:
    rows = [compile_row(row, target, lists, making) for row, target in scope.rows]
    built = [compile_list(inner, lists, making, _compile_scope) for inner in scope.lists]
    fill = run_rows(rows)
    if not built:
        return fill

    def fill_all(here: Any, frame: Any, out: Any) -> None:
        fill(here, frame, out)
        for build in built:
            build(here, frame, out)

    return fill_all


__all__ = ["Mapper", "Outcome", "RowError", "compile_mapping"]
