"""What the destination has now, and what sending would change: field by field, only fields that the mapping writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from topstitch.engine.preview.compare import Change, changes
from topstitch.engine.setup import Side
from topstitch.engine.spec import Destination
from topstitch.errors import TopstitchError
from topstitch.functions.registry import NoAnswer
from topstitch.net.message import CapturedRequest
from topstitch.sdk.find import Finder, Way
from topstitch.sdk.model import Outgoing, Read, Record, Write
from topstitch.sdk.settings import checked_settings
from topstitch.values.paths import compile_get
from topstitch.values.text import show

#: So many fields are counted by name, and so many reasons.
MAX_FIELDS, MAX_REASONS = 1000, 20
#: So many records are asked for one by one where a system cannot be asked for several.
ONE_BY_ONE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A record beside what the destination has."""

    #: created, changed, same, or unknown: it cannot be told, and `why`.
    verdict: str
    why: str = ""
    remote_id: str = ""
    changes: Sequence[Change] = ()
    #: Fields that are written, but not read or read in another form.
    not_compared: Sequence[str] = ()


class Unreadable(Exception):
    """What the destination has cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is none, as far as was looked."""

    why: str = ""


#: What is there: the record, that there is none, or why neither can be told.
Found = Record | Unreadable | Nothing


class Reader:
    """Reads back what a destination has of the records that are about to be sent. Never raises: what cannot be read says so."""

    def __init__(self, destination: Side, part: Destination, write: Write, write_options: Mapping[str, Any]) -> None:
        self._connection, self._entity = destination.connection, destination.entity
        self._name = f"{self._connection.entry.name} {self._entity.label or self._entity.name}"
        self._write, self._write_options = write, write_options
        self._fields = {each.path: each for each in self._connection.entry.fields(part.entity)}
        self._read, self._cannot, self._options = self._readable(part)
        self._names = self._identifying()
        self._finders: dict[str, Finder] = {}
        self._key_of = compile_get(self._entity.key) if isinstance(self._entity.key, str) else None

    def _readable(self, part: Destination) -> tuple[Read | None, str, Mapping[str, Any]]:
        read = self._entity.read
        if read is None:
            return None, f"{self._name} can be written, but not read", {}
        names = {each.name for each in read.options}
        try:
            given = {name: value for name, value in part.options.items() if name in names}
            return read, "", checked_settings(read.options, given, place="reading the destination")
        except TopstitchError as error:
            return None, f"{self._name} cannot be read without more settings: {error.message}", {}

    def _identifying(self) -> list[str]:
        """Fields that tell records apart and can be written; what a system without a field list has as key or reference."""
        if self._fields:
            return [
                path for path, field in self._fields.items() if field.flags & {"key", "reference"} and field.writable
            ]
        return [path for path in (self._entity.key, self._entity.reference) if isinstance(path, str) and path]

    def differences(self, outgoing: Sequence[Outgoing]) -> list[Difference]:
        """One for each record, in order."""
        there = self._there(outgoing)
        return [self._difference(each, found) for each, found in zip(outgoing, there, strict=True)]

    def _difference(self, outgoing: Outgoing, found: Found) -> Difference:
        if isinstance(found, Unreadable):
            return Difference(verdict="unknown", why=str(found), remote_id=outgoing.remote_id)
        if isinstance(found, Nothing):
            return Difference(verdict="created", why=found.why)
        changed, not_compared = changes(outgoing.record, found, self._fields)
        remote_id = outgoing.remote_id or self._id(found)
        if not changed and not_compared and not set(outgoing.record) & set(found):
            why = f"it is there, but {self._name} is read in another form than it is written in"
            return Difference(verdict="unknown", why=why, remote_id=remote_id, not_compared=not_compared)
        verdict = "changed" if changed else "same"
        return Difference(verdict=verdict, remote_id=remote_id, changes=changed, not_compared=not_compared)

    def _there(self, outgoing: Sequence[Outgoing]) -> list[Found]:
        """By the id from an earlier success, by asking as a run does that is not sure, by the key, by the reference."""
        try:
            ids = [each.remote_id for each in outgoing]
            unknown = [at for at, id in enumerate(ids) if not id]
            sure: set[int] = set()
            if self._write.find is not None and unknown:
                answers = self._write.find(self._connection, [outgoing[at] for at in unknown], self._write_options)
                for at, answer in zip(unknown, answers, strict=True):
                    ids[at] = answer or ""
                    sure.add(at)
            if self._read is None:
                return [self._told(ids[at], at in sure) for at in range(len(ids))]
            found: dict[int, Found] = dict(self._by_ids(ids))
            left = [at for at in unknown if at not in found and at not in sure]
            found |= self._by_value(outgoing, left)
            return [found[at] if at in found else self._told(ids[at], at in sure) for at in range(len(outgoing))]
        except TopstitchError as error:
            return [Unreadable(f"{self._name} cannot be read now: {error.message}")] * len(outgoing)
        except CapturedRequest as captured:
            return [Unreadable(f"{self._name} cannot be read without sending {captured}")] * len(outgoing)

    def _told(self, id: str, sure: bool) -> Found:
        """What can be said of a record that was not read."""
        if id and self._read is not None and self._read.by_ids is not None:
            return Unreadable(f"{self._name} no longer has the record with the id {id}, written before")
        if id:
            return Unreadable(
                self._cannot or f"{self._name} cannot be asked for single records; it has this one as {id}"
            )
        if sure:
            return Nothing()
        return Unreadable(self._cannot or f"{self._name} cannot be asked whether it has this record")

    def _by_ids(self, ids: Sequence[str]) -> Iterable[tuple[int, Found]]:
        assert self._read is not None
        asked = [id for id in dict.fromkeys(ids) if id]
        if self._read.by_ids is None or not asked:
            return
        by_id = self._records(asked)
        yield from ((at, by_id[id]) for at, id in enumerate(ids) if id in by_id)

    def _records(self, asked: Sequence[str]) -> dict[str, Record]:
        """Records by the id that they were asked for; one by one where they do not show it."""
        assert self._read is not None and self._read.by_ids is not None
        by_ids, connection, options = self._read.by_ids, self._connection, self._options
        records = by_ids(connection, asked, options)
        if len(asked) == 1 and len(records) == 1:
            return {asked[0]: records[0]}
        found = {id: record for record in records if (id := self._id(record))}
        if records and not any(id in found for id in asked):
            alone = ((id, by_ids(connection, [id], options)) for id in asked[:ONE_BY_ONE])
            return {id: answer[0] for id, answer in alone if answer}
        return found

    def _by_value(self, outgoing: Sequence[Outgoing], left: Sequence[int]) -> dict[int, Found]:
        """By what identifies a record in the destination, where the mapping fills it."""
        found: dict[int, Found] = {}
        for path in self._names:
            get, rest = compile_get(path), [at for at in left if at not in found]
            values = {at: value for at in rest if (value := get(outgoing[at].record)) not in (None, "", [])}
            if values:
                answers = self._finder(path).answer(list(values.values()))
                found |= {at: self._one(path, each, values[at]) for at, each in zip(values, answers, strict=True)}
        return found

    def _finder(self, path: str) -> Finder:
        """What asks for records by a field: anew for each page, so that it keeps no more than a page's answers.

        Where all records must be read to find one, they are read once.
        """
        if path not in self._finders:
            made = Finder(self._connection, self._entity.name, path, options=self._options, several="fail")
            if made.way is not Way.ALL:
                return made
            self._finders[path] = made
        return self._finders[path]

    def _one(self, path: str, answer: object, value: object) -> Found:
        if isinstance(answer, NoAnswer):
            return Unreadable(f"{self._name}: {answer.reason}")
        return answer if isinstance(answer, dict) else Nothing(f"none has {show(value)} at {path}")

    def _id(self, record: Record) -> str:
        value = self._key_of(record) if self._key_of else None
        return "" if value is None else str(value)


@dataclass
class Summary:
    """What a dry run comes to. Its size does not grow with the number of records."""

    created: int = 0
    changed: int = 0
    #: Would be sent, and change nothing.
    same: int = 0
    #: Would be sent; what that changes cannot be told, for these reasons.
    unknown: int = 0
    why: Counter[str] = field(default_factory=Counter)
    #: Not sent: mapped to what was sent last, done before, left out by a filter.
    unchanged: int = 0
    skipped: int = 0
    filtered: int = 0
    failed: int = 0
    #: How often each field would change.
    fields: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {each.name: _plain(getattr(self, each.name)) for each in fields(self)}

    def add(self, difference: Difference) -> None:
        """Count a record that would be sent."""
        setattr(self, difference.verdict, getattr(self, difference.verdict) + 1)
        if difference.verdict == "unknown":
            _count(self.why, difference.why, MAX_REASONS)
        for path in dict.fromkeys(change.field for change in difference.changes):
            _count(self.fields, path, MAX_FIELDS)


def _plain(value: Any) -> Any:
    return dict(value.most_common()) if isinstance(value, Counter) else value


def _count(counter: Counter[str], name: str, most: int) -> None:
    counter[name if name in counter or len(counter) < most else "others"] += 1
