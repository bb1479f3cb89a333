"""The engine's ledger in PostgreSQL: one service, opened for one run, under the service's advisory lock.

Two connections: one holds the lock and does all that leads to sending, so that losing the lock stops the sending; the
other records what came back, which is true whoever holds the lock, and waits for a server that restarts.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.types.json import Jsonb, set_json_dumps

from topstitch.engine.cause import cause_of, row_of
from topstitch.engine.identity import storable
from topstitch.engine.outcome import DONE
from topstitch.engine.ports import (
    Counts,
    Due,
    Intent,
    Known,
    LedgerLost,
    PageEnd,
    PageStart,
    Position,
    Problem,
    Result,
    Status,
)
from topstitch.errors import LimitExceeded
from topstitch.sdk.model import Record
from topstitch.store import ledger_sql as sql
from topstitch.store.database import GONE, connect, patiently
from topstitch.store.jsonb import dumps
from topstitch.store.payloads import packed, unpacked

T = TypeVar("T")
#: A connection whose rows are read by column name.
Database = Connection[Any]
#: First half of the advisory lock of a service; the second is its id.
SERVICE_LOCK = 0x7053
#: Seconds that the recording of answers waits for a server that is away.
PATIENCE = 60.0
#: Seconds for which a connection that answered is taken to be there. A server needs longer to start again, and a worker
#: that was stopped (a suspended machine) finds that more has passed.
SURE = 0.2


class PgLedger:
    """Implements topstitch.engine.ports.Ledger."""

    def __init__(self, service_id: int, run_id: str | UUID) -> None:
        self.service_id, self.run_id = service_id, str(run_id)
        self._guard = threading.Lock()
        #: Until then the lock is surely ours, on the monotonic clock.
        self._sure_until = 0.0
        self._recording = threading.Lock()
        self._holder = _opened("topstitch run")
        self._recorder = _opened("topstitch record")

    def lock(self) -> bool:
        """Take the service's lock; False when another worker holds it."""
        row = self._held(
            lambda c: c.execute("SELECT pg_try_advisory_lock(%s, %s)", (SERVICE_LOCK, self.service_id)).fetchone()
        )
        return bool(row and row[0])

    def close(self) -> None:
        """Let go of the lock and the connections."""
        self._holder.close()
        self._recorder.close()

    # -- reading ------------------------------------------------------------------------------------------------

    def position(self) -> Position:
        """Where this run stands."""
        rows = self._held(lambda c: c.execute(sql.PAGES, {"run": self.run_id}).fetchall())
        pulled = [row for row in rows if row.number > 0]
        last = pulled[-1] if pulled else None
        counts = Counts()
        for row in rows:
            if row.complete:
                counts.add(Counts(**row.counts))
        return Position(
            open=[self._page_start(row) for row in rows if not row.complete],
            next_pull=last.number + 1 if last else 1,
            next_retry=min([row.number for row in rows if row.number < 0], default=0) - 1,
            cursor=last.next if last else None,
            finished=bool(last and last.last),
            acks=[
                (row.number, row.ack) for row in rows if row.complete and row.ack is not None and not row.acknowledged
            ],
            counts=counts,
            high=max((row.high for row in rows if row.high), default=None),
        )

    def _page_start(self, row: Any) -> PageStart:
        records = self._payload(self.run_id, row.number)
        if records is None:
            raise LimitExceeded(
                f"page {row.number} was pulled so long ago that its stored records have expired",
                key="payload_expired",
                hint="Nothing to do: the next run pulls them again. To wait longer, keep payloads for more days.",
            )
        return PageStart(
            number=row.number,
            cursor=row.cursor,
            next=row.next,
            records=records,
            bad=row.bad,
            ack=row.ack,
            state=row.state,
            high=row.high,
            last=row.last,
        )

    def know(self, keys: Sequence[str]) -> Mapping[str, Known]:
        """What is remembered of these items."""
        rows = self._held(lambda c: c.execute(sql.KNOW, (self.service_id, list(keys)), binary=True).fetchall())
        return {
            r.key: Known(r.key, Status(r.status), r.attempts, r.content, r.remote_id, str(r.run_id or ""), r.page)
            for r in rows
        }

    def due(self, limit: int, max_attempts: int, *, after: int = 0, settles: bool = False) -> Sequence[Due]:
        """Items of earlier runs worth retrying now, oldest first; with `settles` also those that may have arrived."""
        values = {"service": self.service_id, "run": self.run_id, "limit": limit, "attempts": max_attempts}
        values |= {"after": after, "settles": settles}
        rows = self._held(lambda c: c.execute(sql.DUE, values).fetchall())
        return [Due(row.key, str(row.run_id or ""), row.page, row.reference, row.place) for row in rows]

    def chosen(self, keys: Sequence[str], limit: int, *, after: int = 0) -> Sequence[Due]:
        """Of these items those that this run has not begun with, in the order of their places."""
        values = {"service": self.service_id, "run": self.run_id, "keys": list(keys), "limit": limit, "after": after}
        rows = self._held(lambda c: c.execute(sql.CHOSEN, values).fetchall())
        return [Due(row.key, str(row.run_id or ""), row.page, row.reference, row.place) for row in rows]

    def stored(self, run_id: str, page: int) -> Sequence[Record]:
        """The records of a page as it was stored, none once they have expired."""
        return (self._payload(run_id, page) or []) if run_id else []

    def _payload(self, run_id: str, page: int) -> Sequence[Record] | None:
        row = self._held(lambda c: c.execute(sql.PAYLOAD, (run_id, page)).fetchone())
        return unpacked(row[0]) if row else None

    def page_results(self, page: int) -> Counts:
        """Figures of the outcomes already recorded for this page of this run."""
        rows = self._held(lambda c: c.execute(sql.PAGE_RESULTS, (self.run_id, page)).fetchall())
        return Counts(**{row.status: row.count for row in rows})

    # -- writing before sending, on the connection that holds the lock --------------------------------------------

    def open_page(self, page: PageStart) -> None:
        """Store a pulled page."""
        now = datetime.now(UTC)
        body = packed(page.records, page.raw)

        def store(connection: Database) -> None:
            with connection.transaction():
                pulled = Jsonb({"pulled": len(page.records) + len(page.bad)})
                connection.execute(sql.OPEN_PAGE, (*self._page_values(page), pulled, now))
                connection.execute(sql.STORE_PAYLOAD, (now, self.run_id, page.number, body), binary=True)

        self._held(store)

    def _page_values(self, page: PageStart) -> tuple[Any, ...]:
        return (
            self.run_id,
            page.number,
            _json(page.cursor),
            _json(page.next),
            page.last,
            Jsonb(list(page.bad)),
            _json(page.ack),
            _json(page.state),
            page.high,
        )

    def intend(self, page: int, intents: Sequence[Intent]) -> None:
        """Mark items as being sent, before anything leaves."""
        rows = [{"key": i.key, "reference": i.reference, "content": i.content.hex()} for i in intents]
        values = (self.service_id, self.run_id, page, datetime.now(UTC), Jsonb(rows))
        self._held(lambda c: c.execute(sql.INTEND, values))

    def confirm(self) -> None:
        """Make sure that the lock is still ours, at most a moment ago."""
        if time.monotonic() > self._sure_until:
            self._held(lambda c: c.execute("SELECT 1"))

    def withdraw(self, keys: Sequence[str]) -> None:
        """These were marked as being sent and never left."""
        if keys:
            self._held(lambda c: c.execute(sql.WITHDRAW, (self.service_id, list(keys))))

    # -- writing what came back --------------------------------------------------------------------------------

    def record(self, results: Sequence[Result], ends: Sequence[PageEnd] = ()) -> None:
        """Record outcomes, and with a page's last group its end; one transaction."""

        tries = 0

        def write(connection: Database) -> None:
            nonlocal tries
            tries += 1
            new = results and not (tries > 1 and self._committed(connection, results[-1]))
            if new and not ends:
                self._write_results(connection, results)
                return
            with connection.transaction():
                if new:
                    self._write_results(connection, results)
                for end in ends:
                    self._end_page(connection, end)

        self._recorded(write)

    def _committed(self, connection: Database, last: Result) -> bool:
        """Whether an earlier try was committed and only its answer was lost."""
        found = connection.execute(sql.COMMITTED, (self.run_id, last.page, last.key, last.at)).fetchone()
        return found is not None

    def _write_results(self, connection: Database, results: Sequence[Result]) -> None:
        # The later of two results of one item stands; one statement cannot touch a row twice.
        latest = {result.key: at for at, result in enumerate(results)}
        rows = [_row(result, latest[result.key] == at) for at, result in enumerate(results)]
        trouble = False
        for result, row in zip(results, rows, strict=True):
            if result.status not in DONE:
                row |= _cause(self.service_id, result)
                trouble = True
        values = {"results": Jsonb(rows), "service": self.service_id, "run": self.run_id}
        connection.execute(sql.RECORD_TROUBLE if trouble else sql.RECORD, values, binary=True)

    def _end_page(self, connection: Database, end: PageEnd) -> None:
        counts = end.counts.as_dict()
        ended = connection.execute(sql.END_PAGE, (Jsonb(counts), self.run_id, end.number)).rowcount
        if ended:
            connection.execute(sql.ADD_COUNTS, {**counts, "run": self.run_id})
        if end.watermark or end.state is not None:
            connection.execute(sql.MOVE_SERVICE, (end.watermark, _json(end.state), self.service_id))

    def acknowledged(self, page: int) -> None:
        """The source was told that this page is complete."""
        self._recorded(lambda c: c.execute(sql.ACKNOWLEDGED, (self.run_id, page)))

    def paused(self, reason: str) -> None:
        """The run waits, for this reason; "" when it goes on."""
        self._recorded(lambda c: c.execute(sql.PAUSED, (bool(reason), storable(reason), self.run_id)))

    # -- connections -------------------------------------------------------------------------------------------

    def _held(self, work: Callable[[Database], T]) -> T:
        """Work on the connection that holds the lock; its loss is final for this run's session."""
        with self._guard:
            asked = time.monotonic()
            try:
                done = work(self._holder)
                self._sure_until = asked + SURE
                return done
            except GONE as error:
                self._sure_until = 0.0
                raise LedgerLost(f"the database went away ({error})") from error

    def _recorded(self, work: Callable[[Database], Any]) -> None:
        """Record on the other connection, reconnecting to a server that restarts."""
        with self._recording:
            try:
                patiently(lambda: self._once(work), PATIENCE)
            except GONE as error:
                raise LedgerLost(f"the database went away ({error})") from error

    def _once(self, work: Callable[[Database], Any]) -> None:
        if self._recorder.closed or self._recorder.broken:
            self._recorder = _connected("topstitch record")
        work(self._recorder)


def _opened(name: str) -> Database:
    try:
        return _connected(name)
    except GONE as error:
        raise LedgerLost(f"the database cannot be reached ({error})") from error


def _connected(name: str) -> Database:
    connection: Database = connect(name)
    connection.row_factory = psycopg.rows.namedtuple_row
    set_json_dumps(dumps, connection)
    return connection


def _row(result: Result, latest: bool) -> dict[str, Any]:
    """A result as RECORD reads it; what only failures have is left out of the others."""
    row = {
        "at": result.at,
        "page": result.page,
        "key": result.key,
        "reference": result.reference,
        "status": result.status,
        "outcome": result.outcome,
        "remote_id": result.remote_id,
        "content": result.content.hex(),
        "attempts": 1 if result.counts else 0,
        "latest": latest,
    }
    problem = result.problem
    if problem is not None:
        parts = (problem.desk_class, problem.key, problem.message, problem.field, problem.hint, problem.detail)
        row |= zip(_PROBLEM, parts, strict=True)
        row["evidence"] = result.evidence
    return row


def _cause(service_id: int, result: Result) -> dict[str, Any]:
    """What a result that is not done is counted under at the error desk."""
    problem = result.problem or Problem.of_status(result.status)
    found = cause_of(service_id, problem, row=row_of(result.evidence), values=(result.key, result.reference))
    return {"cause": found.id, "kin": found.kin, "sentence": found.sentence, "place": found.place}


_PROBLEM = ("error_class", "error_key", "message", "field", "hint", "detail")


def _json(value: Any) -> Jsonb | None:
    return None if value is None else Jsonb(value)
