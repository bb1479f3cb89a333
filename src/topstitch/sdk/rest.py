"""Plain REST as data: reading a paged list and writing records, for systems that need nothing special."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from topstitch.errors import AnswerLost, ConfigError, FormatError, RemoteRejected, TopstitchError
from topstitch.net.message import Response
from topstitch.sdk.connection import Connection
from topstitch.sdk.model import Check, Condition, Cursor, Outgoing, Page, Query, Raw, Record, Verdict
from topstitch.sdk.paging import OnePage, Pager
from topstitch.values.paths import compile_get

Options = Mapping[str, Any]
#: The paths of a system are few, and read for every record.
_getter = lru_cache(256)(compile_get)


@dataclass(frozen=True, slots=True)
class Param:
    """A filter that the system takes as a query parameter; `list` values are joined by a comma."""

    name: str
    ops: Sequence[str] = ("equals",)

    def value(self, condition: Condition) -> str:
        """The condition's value as text."""
        value = condition.value
        if isinstance(value, datetime):
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return ",".join(str(v) for v in value) if isinstance(value, list | tuple) else str(value)


@dataclass(frozen=True, kw_only=True)
class RestList:
    """Reads a list: `Read(pages=RestList(...), by_ids=RestList(...).by_ids)`."""

    path: str
    #: Path of the records in the answer; "" when the answer is the list.
    records: str = ""
    paging: Pager = field(default_factory=OnePage)
    params: Mapping[str, str] = field(default_factory=dict)
    #: Parameter for `query.since` and `query.until`, "" when the system has none.
    since: str = ""
    until: str = ""
    #: How those moments are written.
    moment: Callable[[datetime], str] = lambda when: when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    filters: Mapping[str, Param] = field(default_factory=dict)
    #: Path of one record, `/orders/{id}`, and where the record is in that answer.
    one: str = ""
    one_record: str = ""

    def __call__(self, conn: Connection, query: Query, cursor: Cursor | None) -> Iterator[Page]:
        """Pages from the cursor on."""
        state = self.paging.first() if cursor is None else cursor
        fixed = self._fixed(query)
        while state is not None:
            size = query.page_size
            response = conn.http.get(self.path, params={**fixed, **self.paging.params(state, size)})
            body = response.json()
            records = records_in(body, self.records, self.path)
            state = self.paging.after(state, size, response, body, records)
            yield Page(records=records, raw=Raw(response.body, self.records, records), next=state)

    def _fixed(self, query: Query) -> dict[str, str]:
        params = dict(self.params)
        if query.since and self.since:
            params[self.since] = self.moment(query.since)
        if query.until and self.until:
            params[self.until] = self.moment(query.until)
        for condition in query.conditions:
            param = self.filters[condition.field]
            params[param.name] = param.value(condition)
        return params

    def by_ids(self, conn: Connection, ids: Sequence[str], options: Options) -> list[Record]:
        """One request an id; those that are not found are left out."""
        found: list[Record] = []
        for id in ids:
            response = conn.http.get(self.one.format(id=quote(id, safe="")), expect={404})
            if response.status != 404:
                record: Any = response.json()
                found.append(_getter(self.one_record)(record) if self.one_record else record)
        return found

    @property
    def pushed(self) -> dict[str, Sequence[str]]:
        """What `Read.filters` is to say."""
        return {name: param.ops for name, param in self.filters.items()}


def records_in(body: Any, path: str, where: str) -> list[Record]:
    """The records of an answer; raises FormatError when they are not where they should be."""
    records = _getter(path)(body) if path else body
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        shown = f"under {path!r}" if path else "at its top"
        raise FormatError(f"the answer to {where} holds no list of records {shown}", key="malformed_page")
    return records


@dataclass(frozen=True, kw_only=True)
class RestWrite:
    """Writes records: one a request, or a batch as a list."""

    path: str
    method: str = "POST"
    #: For records whose remote id is known: `/orders/{id}`.
    update_path: str = ""
    update_method: str = "PUT"
    #: Key that wraps the record, or the list of a batch.
    wrap: str = ""
    #: Send a list even for one record; each answer item is matched by position under `answers`.
    bulk: bool = False
    answers: str = ""
    #: Path of the remote id in the answer, or in each of its items.
    id: str = "id"
    #: Path of an error text in each item of a bulk answer.
    item_error: str = ""
    #: Sending twice does no harm: the door may repeat a request whose answer was lost.
    idempotent: bool = False
    #: Header that carries the idempotency key.
    key_header: str = ""

    def __call__(self, conn: Connection, batch: Sequence[Outgoing], options: Options) -> Sequence[Verdict]:
        """One verdict a record."""
        if self.bulk:
            return self._bulk(conn, batch)
        return [self._one(conn, outgoing) for outgoing in batch]

    def _one(self, conn: Connection, outgoing: Outgoing) -> Verdict:
        update = bool(self.update_path and outgoing.remote_id)
        method = self.update_method if update else self.method
        path = self.update_path.format(id=quote(outgoing.remote_id, safe="")) if update else self.path
        headers = {self.key_header: outgoing.idempotency_key} if self.key_header else None
        safe_again = self.idempotent or update or bool(self.key_header)
        body = {self.wrap: outgoing.record} if self.wrap else outgoing.record
        try:
            response = conn.http.request(method, path, json=body, headers=headers, idempotent=safe_again)
        except TopstitchError as error:
            return Verdict.of(error)
        remote_id = self._id_of(response) or outgoing.remote_id
        return Verdict.updated(remote_id) if update else Verdict.created(remote_id)

    def _id_of(self, response: Response) -> str:
        if not self.id or not response.body:
            return ""
        try:
            value = _getter(self.id)(response.json())
        except TopstitchError:
            return ""
        return "" if value is None else str(value)

    def _bulk(self, conn: Connection, batch: Sequence[Outgoing]) -> Sequence[Verdict]:
        records = [outgoing.record for outgoing in batch]
        body = {self.wrap: records} if self.wrap else records
        response = conn.http.request(self.method, self.path, json=body, idempotent=self.idempotent)
        answer = response.json() if response.body else None
        items = _getter(self.answers)(answer) if self.answers else answer
        if not isinstance(items, list) or len(items) != len(batch):
            if self.answers:
                raise AnswerLost(f"{self.path} did not answer for each of {len(batch)} records, so their fate is open.")
            return [Verdict.created() for _ in batch]
        return [self._item(item) for item in items]

    def _item(self, item: Any) -> Verdict:
        error = _getter(self.item_error)(item) if self.item_error else None
        if error:
            return Verdict.of(RemoteRejected(str(error)))
        return Verdict.created(_getter(self.id)(item) or "" if self.id else "")


@dataclass(frozen=True, kw_only=True)
class RestFind:
    """Looks records up before they are sent again: one request each, by a parameter filled from the record."""

    path: str
    #: Parameter -> path in the mapped record, or `@key` for the source's id.
    by: Mapping[str, str]
    records: str = ""
    id: str = "id"

    def __call__(self, conn: Connection, batch: Sequence[Outgoing], options: Options) -> Sequence[str | None]:
        """The remote id of each record that is there."""
        return [self._one(conn, outgoing) for outgoing in batch]

    def _one(self, conn: Connection, outgoing: Outgoing) -> str | None:
        params = {
            name: outgoing.key if path == "@key" else _getter(path)(outgoing.record) for name, path in self.by.items()
        }
        if any(value in (None, "") for value in params.values()):
            raise ConfigError(f"cannot look the record up: {', '.join(self.by.values())} is empty", key="find")
        response = conn.http.get(self.path, params={name: str(value) for name, value in params.items()})
        found = records_in(response.json(), self.records, self.path)
        return str(_getter(self.id)(found[0])) if found else None


@dataclass(frozen=True, slots=True)
class GetTest:
    """The simplest test: GET a path."""

    path: str

    def __call__(self, conn: Connection) -> Sequence[Check]:
        """Reached and signed in, or an error."""
        conn.http.get(self.path)
        return [Check("Address reached and signed in", detail=self.path)]
