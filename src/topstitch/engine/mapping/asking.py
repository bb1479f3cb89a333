"""Questions that a mapping asks of others: of another system, a script, the database. Those of a page are asked together.

A function that asks raises `Wanted` as long as the answer is not known; the mapper notes whose record it was, has all
questions of the page answered at once, and maps those records again. So a page of 200 orders with 50 customers makes one
request for 50 customers, and a script is started once a page.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import orjson

from topstitch.errors import MappingError
from topstitch.functions.signals import Wanted
from topstitch.values.text import show

#: (questions) -> their answers in order; an exception among them is the answer of that one record.
Answer = Callable[[Sequence[Any]], Sequence[Any]]


class Asked:
    """One kind of question: a script, a field of another system's records, a sequence."""

    def __init__(self, asks: Asks, answer: Answer, *, of_record: bool) -> None:
        self._asks, self._answer, self._of_record = asks, answer, of_record
        self._known: dict[Hashable, Any] = {}
        self._wanted: dict[Hashable, Any] = {}

    def __call__(self, question: Any) -> Any:
        """The answer. Raises Wanted until there is one, and what was answered with if that is an error."""
        if self._of_record:
            question = self._asks.record
        key = _key(question)
        try:
            answer = self._known[key]
        except KeyError:
            self._asks.wanted += 1
            if key not in self._wanted:
                self._wanted[key] = question
                self._asks.new.append((self, key))
            raise Wanted from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def take_back(self, key: Hashable) -> None:
        """Nobody wants to know this any more."""
        self._wanted.pop(key, None)

    def settle(self) -> None:
        """Have what is wanted answered."""
        if not self._wanted:
            return
        wanted, self._wanted = self._wanted, {}
        answers = self._answer(list(wanted.values()))
        self._known.update(zip(wanted, answers, strict=True))

    def begin_page(self) -> None:
        """Forget, so that memory stays flat. Whoever answers may remember: a finder does, for the whole run."""
        self._wanted.clear()
        self._known.clear()


class Asks:
    """All that a mapping asks for in one run."""

    def __init__(self) -> None:
        self._asked: dict[Hashable, Asked] = {}
        #: How many answers the record at hand lacks.
        self.wanted = 0
        #: The key of the record that is being mapped.
        self.record = ""
        #: The questions that it was the first to ask.
        self.new: list[tuple[Asked, Hashable]] = []

    def __len__(self) -> int:
        return len(self._asked)

    def asked(self, name: Hashable, make: Callable[[], Answer], *, of_record: bool = False) -> Asked:
        """The questions of this name, made once. `of_record`: the answer is the record's own, whatever is asked."""
        if name not in self._asked:
            self._asked[name] = Asked(self, make(), of_record=of_record)
        return self._asked[name]

    def begin(self, record: str) -> None:
        """The record of this key is mapped from now on."""
        self.record, self.wanted = record, 0
        self.new.clear()

    def take_back(self) -> None:
        """Whatever the record at hand was the first to ask need not be answered for its sake."""
        for asked, key in self.new:
            asked.take_back(key)

    def settle(self) -> None:
        """Have all that is wanted answered."""
        for asked in self._asked.values():
            asked.settle()

    def begin_page(self) -> None:
        """Forget what belongs to the last page."""
        for asked in self._asked.values():
            asked.begin_page()


def _key(question: Any) -> Hashable:
    """Equal for equal questions only: 1, 1.0 and true differ, and so do 1.0 and 1.00, which are written differently."""
    kind = type(question)
    if kind is str:
        return question  # type: ignore[no-any-return]  # its type was just looked at
    if isinstance(question, list | dict | tuple):
        try:
            return b"json", orjson.dumps(question, option=_KEYS, default=repr)
        except (TypeError, RecursionError) as error:
            raise MappingError(f"{show(question)} cannot be asked for", value=question) from error
    return kind, question if isinstance(question, int) else repr(question)


_KEYS = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
