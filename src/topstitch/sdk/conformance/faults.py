"""Questions about a far end that misbehaves: throttled, failing, hanging up, losing its answer, refusing old tokens."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from topstitch.errors import AuthError, TemporaryError, TopstitchError
from topstitch.net.http import Timeouts
from topstitch.sdk.conformance.farend import differences
from topstitch.sdk.conformance.questions import NotAsked, Troubles, question
from topstitch.sdk.conformance.reading import SMALL
from topstitch.sdk.conformance.records import Endless, key_of, read_pages, readers, records_of
from topstitch.sdk.conformance.sending import good_records, outgoing, push, push_options, writers
from topstitch.sdk.conformance.stage import Contents, Stage, named, quick
from topstitch.sdk.connection import Connection
from topstitch.sdk.model import Entity, Idempotency, Outcome, Outgoing, Verdict

#: Seconds named in Retry-After.
PAUSE = 0.25
#: Faults that a read must bear without anyone noticing.
BORNE = ("429", "500", "503", "drop", "lost")
#: Requests of a push at which a fault is tried.
MOST_PLACES = 4


@question("fault.reads", "Reading bears 429, 500, 503, dropped connections and lost answers", tier="silver")
def reads(stage: Stage) -> Troubles:
    """One fault in the midst of the first pages; the records are the same."""
    for entity, _ in readers(stage):
        key = key_of(stage, entity)
        wanted = [key(r) for r in records_of(read_pages(stage, stage.connect(), entity, size=SMALL, most=3))]
        for kind in BORNE:
            stage.faults.clear()
            stage.faults.add(kind, skip=1, retry_after=0.01 if kind == "429" else None)
            try:
                found = [key(r) for r in records_of(read_pages(stage, stage.connect(), entity, size=SMALL, most=3))]
            except (TopstitchError, Endless) as error:
                yield entity.name, f"it does not bear {kind}: {named(error)}"
                continue
            if found != wanted:
                yield entity.name, f"after {kind} other records come"


@question("fault.retry_after", "A Retry-After is never undercut", tier="silver")
def retry_after(stage: Stage) -> Troubles:
    """Measured between the refused request and the next one."""
    for kind in ("429", "503"):
        entity = next((entity for entity, _ in readers(stage)), None)
        if entity is None:
            raise NotAsked("nothing can be read")
        stage.faults.clear()
        stage.traffic.clear()
        stage.faults.add(kind, retry_after=PAUSE)
        conn = stage.connect()
        try:
            read_pages(stage, conn, entity, size=SMALL, most=1)
        except TopstitchError as error:
            yield entity.name, f"after {kind} with Retry-After: {named(error)}"
            continue
        seen = list(stage.traffic)
        waits = [later.began - earlier.ended for earlier, later in pairwise(seen)]
        if not waits or waits[0] < PAUSE - 0.02:
            waited = f"{waits[0]:.2f} s" if waits else "no time"
            yield entity.name, f"it waited {waited} where {kind} asked for {PAUSE} s"


@question("fault.expired", "Refused tokens are renewed, or the refusal is told as one of credentials", tier="silver")
def expired(stage: Stage) -> Troubles:
    """In the midst of a read."""
    entity = next((entity for entity, _ in readers(stage)), None)
    if entity is None:
        raise NotAsked("nothing can be read")
    stage.faults.add("expired", skip=1)
    try:
        read_pages(stage, stage.connect(), entity, size=SMALL, most=3)
    except AuthError as error:
        if not error.hint:
            yield entity.name, "the AuthError has no hint"
    except TopstitchError as error:
        yield entity.name, f"it is no AuthError: {named(error)}"


@question("fault.outage", "An outage is an outage, never the fault of a record", tier="silver")
def outage(stage: Stage) -> Troubles:
    """503 without end, for reading and writing."""
    for entity, _ in readers(stage):
        stage.faults.clear()
        stage.faults.add("503", count=10_000)
        try:
            read_pages(stage, stage.connect(), entity, size=SMALL, most=1)
        except TemporaryError:
            pass
        except TopstitchError as error:
            yield entity.name, f"a read in an outage ends with {named(error)}"
        else:
            yield entity.name, "a read in an outage ends well"
    for entity, _ in writers(stage):
        stage.reset()
        stage.faults.add("503", count=10_000)
        for verdict in push(stage, stage.connect(), entity, outgoing(entity, good_records(stage, entity)[:1])):
            if verdict.outcome is not Outcome.LATER:
                yield entity.name, f"a push in an outage is {_told(verdict)}"
    stage.reset()


@question("fault.writes", "A fault while writing loses nothing, doubles nothing and rejects nothing", tier="silver")
def writes(stage: Stage) -> Troubles:
    """A refusal (429, 503, 500) or a dropped connection, at each request of a push in turn."""
    yield from _each_writer(stage, {"429": 1, "503": 1, "drop": 1, "500": MOST_PLACES})


@question(
    "fault.lost",
    "A lost answer is settled without doubling: by the natural key, the header or a look-up",
    tier="silver",
)
def lost(stage: Stage) -> Troubles:
    """The request is executed and the connection closes, at each request of a push in turn; or the answer is too slow."""
    yield from _each_writer(stage, {"lost": MOST_PLACES, "slow": 1})


def _each_writer(stage: Stage, kinds: dict[str, int]) -> Troubles:
    asked = False
    stage.faults.clear()
    for entity, _ in writers(stage):
        records = outgoing(entity, good_records(stage, entity)[:1])
        stage.reset()
        stage.traffic.clear()
        if not records or any(v.error for v in push(stage, stage.connect(), entity, records)):
            continue
        asked, clean, requests = True, stage.contents(), len(stage.traffic)
        for kind, places in kinds.items():
            # The last requests are those that write; the ones before them sign in and look up.
            for place in range(max(0, requests - places), requests):
                if trouble := _faulty_push(stage, entity, records, clean, kind, place):
                    yield entity.name, f"{kind} at request {place + 1} of {requests}: {trouble}"
                    break
    stage.reset()
    if not asked:
        raise NotAsked("no record is written, even without faults")


def _faulty_push(
    stage: Stage, entity: Entity, records: Sequence[Outgoing], clean: Contents, kind: str, place: int
) -> str:
    stage.reset()
    fault = stage.faults.add(kind, skip=place, retry_after=0.01 if kind == "429" else None, seconds=0.4)
    verdicts = push(stage, _patient(stage, kind), entity, records)
    if fault.count:
        return ""
    if wrong := [v for v in verdicts if v.outcome is Outcome.REJECTED]:
        return f"the record is {_told(wrong[0])}"
    if wrong := [v for v in _settle(stage, entity, records, verdicts) if v.error]:
        return f"sent again it is {_told(wrong[0])}"
    if entity.write and entity.write.idempotency is Idempotency.NONE:
        return ""
    return "; ".join(differences(clean, stage.contents()))


def _patient(stage: Stage, kind: str) -> Connection:
    """A connection; for slow answers, one that does not wait for them."""
    if kind != "slow":
        return stage.connect()
    return stage.connect(entry=quick(stage.entry, timeouts=Timeouts(read=0.15)))


def _settle(
    stage: Stage, entity: Entity, records: Sequence[Outgoing], verdicts: Sequence[Verdict]
) -> Sequence[Verdict]:
    """What the engine does with records whose fate is open: look up the doubtful where that is the way, and send again."""
    write, conn = entity.write, stage.connect()
    assert write is not None
    later = [o for o, v in zip(records, verdicts, strict=True) if v.outcome is Outcome.LATER]
    doubtful = [o for o, v in zip(records, verdicts, strict=True) if v.outcome is Outcome.UNKNOWN]
    if doubtful and write.idempotency is Idempotency.LOOKUP and write.find:
        found = write.find(conn, doubtful, push_options(stage, entity))
        doubtful = [o for o, remote_id in zip(doubtful, found, strict=True) if remote_id is None]
    elif write.idempotency is Idempotency.NONE:
        doubtful = []
    return push(stage, conn, entity, [*later, *doubtful])


def _told(verdict: Verdict) -> str:
    return f"{verdict.outcome}, {named(verdict.error)}" if verdict.error else str(verdict.outcome)
