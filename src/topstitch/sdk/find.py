"""Finding records of another system by the values of a field: many at once where it can be asked so, each answer kept.

How a system is asked depends on what its reader declares. By id where the field is the id; else with the filter `in`;
else with one question a value, unless there is so little that all of it is read sooner; else everything is read once.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from topstitch.errors import (
    AnswerLost,
    ConfigError,
    FormatError,
    LimitExceeded,
    MappingError,
    RemoteRejected,
    TemporaryError,
    TopstitchError,
)
from topstitch.functions.matching import Matches, folded
from topstitch.functions.registry import MISSING, NoAnswer
from topstitch.sdk.connection import Connection
from topstitch.sdk.everything import Ask, Everything
from topstitch.sdk.model import Condition, Entity, Read, Record
from topstitch.sdk.settings import checked_settings
from topstitch.values.paths import canonical
from topstitch.values.text import as_text, show

#: Values asked for at once: in a URL, so many must fit.
CHUNK = 50
CHUNK_CHARACTERS = 6_000
#: A longer value is no id, SKU or address.
MOST_CHARACTERS = 1_024
#: Values kept in memory when everything is read, and answers kept of a run; fewer when they are whole records.
MOST_KEPT = 200_000
MOST_WHOLE = 20_000
#: After the same refusal of so many single values, with nothing ever answered, it is the question that is wrong.
MOST_REFUSALS = 10
#: Before so many questions of one value each it is tried, with one request in five, whether all is read sooner.
MANY_QUESTIONS = 10
TRIED = 5


class Way(StrEnum):
    """How a system is asked for the records with a value, in words for people."""

    IDS = "by id, 50 at once"
    MANY = "with a filter, 50 values at once"
    EACH = "with a filter, one value at a time"
    ALL = "for everything, once"


class Finder:
    """Answers per value: what the first record with it has at `give` ("": the whole record), MISSING, or a NoAnswer.

    Values are compared as text, exactly or, with `ignore_case`, without regard to case and spaces around. `several` says
    what several records with a value mean: `first`, or `fail` for a NoAnswer. Not for use by several threads at once.
    """

    def __init__(
        self,
        connection: Connection,
        entity: str,
        match: str,
        give: str = "",
        options: Mapping[str, Any] | None = None,
        *,
        several: str = "first",
        ignore_case: bool = False,
    ) -> None:
        """Raises ConfigError for an entity or option that does not exist, or a path that cannot be read."""
        name, found = connection.entry.name, connection.entry.entity(entity)
        if found.read is None:
            raise ConfigError(f"{name} does not let {found.label.lower()} be read", key="direction")
        self._about = Ask(
            connection=connection,
            entity=found,
            read=found.read,
            options=checked_settings(found.read.options, options or {}, place=f"{name} {entity}"),
            match=canonical(match),
            give=give,
            ignore_case=ignore_case,
        )
        self.way, self._filter = _way(found, found.read, self._about.match, everything=ignore_case)
        self._several, self._most = several, MOST_KEPT if give else MOST_WHOLE
        self._everything, self._tried = Everything(self._about, self._most), False
        self._answers: dict[str, object] = {}
        self._refusals: Counter[str] = Counter()
        self._answered = False
        self._dead: ConfigError | None = None

    def answer(self, values: Sequence[object]) -> list[object]:
        """One answer a value, in order; every different value is asked for once in the life of this finder.

        Raises the connection's TemporaryError or AuthError when the system is away or lets nobody in: what it said before
        is kept, so the question may be asked again. Raises ConfigError when it refuses to be asked in this way at all.
        """
        if self._dead:
            raise self._dead
        asked = [self._question(value) for value in values]
        unknown = dict.fromkeys(text for text in asked if isinstance(text, str) and text not in self._answers)
        try:
            self._learn(list(unknown))
        except AnswerLost as error:
            # Nothing was written by asking.
            raise TemporaryError(error.message, detail=error.detail) from error
        answers = [self._answers[text] if isinstance(text, str) else text for text in asked]
        for text in list(self._answers)[: max(len(self._answers) - self._most, 0)]:
            del self._answers[text]
        # Whoever is given a list or an object may change it.
        return [copy.deepcopy(each) if isinstance(each, dict | list) else each for each in answers]

    def _question(self, value: object) -> object:
        """A value as it is asked for; a MISSING or NoAnswer for what no record can have."""
        try:
            text = as_text(value)
        except MappingError as error:
            return NoAnswer(f"{show(value)} cannot be looked up: {error.message}")
        if not text.strip():
            return MISSING
        if len(text) > MOST_CHARACTERS:
            return NoAnswer(f"{show(text)} is too long to be looked up: {MOST_CHARACTERS} characters are the most")
        if self.way is not Way.ALL and not _speakable(text):
            return NoAnswer(f"{show(text)} cannot be looked up: it holds control characters or half a character")
        return folded(text) if self._about.ignore_case else text

    def _learn(self, texts: list[str]) -> None:
        if self.way is Way.EACH and len(texts) >= MANY_QUESTIONS and not self._tried:
            self._try_everything(len(texts) // TRIED)
        if self.way is Way.ALL:
            if texts:
                with self._deadly():
                    self._everything.read()
            self._keep(texts, self._everything.found)
            return
        for chunk in _chunks(texts, 1 if self.way is Way.EACH else CHUNK):
            self._ask(chunk)

    def _try_everything(self, pages: int) -> None:
        """A small shop is read in a few requests, where one a value would be many."""
        self._tried = True
        try:
            if self._everything.read(pages):
                self.way = Way.ALL
        except (RemoteRejected, ConfigError, FormatError, LimitExceeded):
            # It answers questions of one value; whatever is wrong, those will tell.
            pass
        if self.way is not Way.ALL:
            self._everything = Everything(self._about, self._most)

    def _keep(self, texts: Iterable[str], found: Matches) -> None:
        about = self._about
        for text in texts:
            self._answers[text] = found.answer(text, self._several)
            if self._several == "first" and (count := found.count(text)) > 1:
                many = f"{count} {about.entity.name} or more have {show(text)} at {about.match!r}"
                about.tell("several", f"{many}: the first is taken, here and wherever several have a value.")
        if found and not found.filled:
            many = f"none of the {about.entity.name} found has anything at {about.give!r}"
            about.tell("empty", f"So far {many}; is the path right?")

    def _ask(self, chunk: list[str]) -> None:
        try:
            found = self._search(chunk)
        except (RemoteRejected, ConfigError, FormatError, LimitExceeded) as error:
            if self._dead:
                raise
            self._refused(chunk, error)
        else:
            self._answered = True
            self._keep(chunk, found)

    def _refused(self, chunk: list[str], error: TopstitchError) -> None:
        """A value may be at fault: it is singled out, so that the others get their answers."""
        if len(chunk) > 1:
            self._ask(chunk[: len(chunk) // 2])
            self._ask(chunk[len(chunk) // 2 :])
            return
        self._refusals[error.message] += 1
        if not self._answered and self._refusals[error.message] >= MOST_REFUSALS:
            with self._deadly():
                raise ConfigError(
                    f"{self._about.connection.entry.name} refuses to be asked: {error.message}", hint=error.hint
                )
        self._answers[chunk[0]] = NoAnswer(f"{show(chunk[0])} cannot be looked up: {error.message}", error.hint)

    def _search(self, chunk: list[str]) -> Matches:
        """Read until each value has what it needs: a record, or two where two are a fault."""
        found, enough = self._about.matches(frozenset(chunk)), 2 if self._several == "fail" else 1
        for records in self._pages_with(chunk):
            for record in records:
                found.take(record)
            if found.seen > MOST_KEPT or all(found.count(text) >= enough for text in chunk):
                break
        if found.seen > MOST_KEPT:
            with self._deadly():
                raise ConfigError(
                    f"more than {MOST_KEPT:,} {self._about.entity.name} have one of {len(chunk)} values at "
                    f"{self._about.match!r}",
                    hint="Match a field that tells records apart, such as an id, a SKU or an e-mail address.",
                )
        return found

    def _pages_with(self, chunk: list[str]) -> Iterator[Sequence[Record]]:
        about = self._about
        if self.way is Way.IDS:
            assert about.read.by_ids is not None
            yield about.read.by_ids(about.connection, chunk, about.options)
            return
        condition = Condition(*self._filter, chunk[0] if self.way is Way.EACH else list(chunk))
        size = min(max(about.read.page_size, len(chunk)), about.read.max_page_size)
        for page in about.pages(size, [condition]):
            yield page.records

    @contextmanager
    def _deadly(self) -> Iterator[None]:
        """What is wrong here is wrong for every value: said again without asking again."""
        try:
            yield
        except ConfigError as error:
            self._dead = ConfigError(error.message, place="lookup in a system", key="lookup", hint=error.hint)
            self._everything = Everything(self._about, self._most)
            raise self._dead from error


def _way(entity: Entity, read: Read, match: str, *, everything: bool) -> tuple[Way, tuple[str, str]]:
    """How to ask, and the filter (field, operator) to ask with."""
    if everything:
        return Way.ALL, ("", "")
    if read.by_ids is not None and isinstance(entity.key, str) and canonical(entity.key) == match:
        return Way.IDS, ("", "")
    for name, operators in read.filters.items():
        if canonical(name) == match:
            if "in" in operators:
                return Way.MANY, (name, "in")
            for operator in ("equals", "contains") if "[*]" in match else ("equals",):
                if operator in operators:
                    return Way.EACH, (name, operator)
    return Way.ALL, ("", "")


def _speakable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return not any(character < " " or character == "\x7f" for character in text)


def _chunks(texts: Sequence[str], most: int) -> Iterator[list[str]]:
    chunk: list[str] = []
    for text in texts:
        if chunk and (len(chunk) == most or sum(map(len, chunk)) + len(text) > CHUNK_CHARACTERS):
            yield chunk
            chunk = []
        chunk.append(text)
    if chunk:
        yield chunk
