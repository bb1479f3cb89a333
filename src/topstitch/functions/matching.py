"""Records found by the text of one of their fields: which is the first, how many there are, what it gives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from topstitch.errors import MappingError
from topstitch.functions.registry import MISSING, NoAnswer
from topstitch.functions.support import element
from topstitch.values.paths import compile_get, parse
from topstitch.values.text import as_text, show

#: What is done with a value that several records have.
SEVERAL = ("first", "fail")


def folded(text: str) -> str:
    """A text as it is compared where case does not matter."""
    return text.strip().casefold()


class Matches:
    """The first record of each text, out of records that are `take`n one by one. Of a list (`tags[*]`) each element counts.

    `wanted` are the only texts of interest; None: all. `key` tells whether a record is one that came before: then the
    later reading of it stands. Raises ConfigError for a path that cannot be read.
    """

    def __init__(
        self,
        match: str,
        give: str = "",
        *,
        ignore_case: bool = False,
        wanted: Collection[str] | None = None,
        key: Callable[[Any], object] = lambda record: None,
    ) -> None:
        parse(match)
        self._match, self._give, self._key = compile_get(match), element(give), key
        self._fold, self._wanted, self._name = ignore_case, wanted, match
        self._first: dict[str, tuple[object, object]] = {}
        self._counts: dict[str, int] = {}
        #: How many records were looked at, and how many of those taken had something at `give`.
        self.seen, self.filled = 0, 0

    def __len__(self) -> int:
        return len(self._first)

    def take(self, record: Any) -> None:
        """Look at one more record."""
        self.seen += 1
        for text in set(self._texts(record)):
            if self._wanted is not None and text not in self._wanted:
                continue
            key, known = self._key(record), self._first.get(text)
            if known is None or (key is not None and key == known[0]):
                given = self._give(record)
                self.filled += given is not None and given != []
                self._first[text] = key, given
            else:
                self._counts[text] = self._counts.get(text, 1) + 1

    def _texts(self, record: Any) -> Iterator[str]:
        value = self._match(record)
        for each in value if isinstance(value, list) else [value]:
            try:
                text = as_text(each)
            except MappingError:
                # An object or a list of lists: no text is equal to it.
                continue
            if text:
                yield folded(text) if self._fold else text

    def count(self, text: str) -> int:
        """How many records have been seen with this text."""
        return self._counts.get(text, int(text in self._first))

    def answer(self, text: str, several: str) -> object:
        """What the first record with this text gives, or MISSING; a NoAnswer for one of several that may not be."""
        if several == "fail" and self.count(text) > 1:
            return NoAnswer(
                f"{self.count(text)} records have {show(text)} at {self._name!r}",
                hint="Take a field that tells records apart, or let the first one count.",
            )
        found = self._first.get(text)
        return MISSING if found is None else found[1]
