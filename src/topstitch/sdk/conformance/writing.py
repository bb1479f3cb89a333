"""Questions about writing: verdicts one by one, nothing doubled, bad records that spoil nobody, dry runs that send nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from topstitch.sdk.conformance.farend import changed, counts, more
from topstitch.sdk.conformance.questions import NotAsked, Troubles, question
from topstitch.sdk.conformance.sending import (
    bad_records,
    capture,
    good_records,
    outgoing,
    push,
    push_options,
    updates,
    writers,
)
from topstitch.sdk.conformance.stage import Stage, named
from topstitch.sdk.model import Entity, Idempotency, Outcome, Outgoing, Record, Verdict

DONE = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.SENT)


@question("write.accepts", "Good records are written, each with a verdict of its own")
def accepts(stage: Stage) -> Troubles:
    """Those of GOOD_RECORDS or the samples; something of them must be at the far end afterwards."""
    for entity, records in _writable(stage):
        stage.reset()
        if not records:
            yield entity.name, "there is no record to write: give samples or GOOD_RECORDS"
            continue
        before = stage.contents()
        verdicts = push(stage, stage.connect(), entity, records)
        if len(verdicts) != len(records):
            yield entity.name, f"{len(records)} records got {len(verdicts)} verdicts"
        yield from ((entity.name, text) for text in _not_done(verdicts))
        wrote = any(v.outcome in (Outcome.CREATED, Outcome.UPDATED, Outcome.SENT) for v in verdicts)
        if wrote and not changed(before, stage.contents()):
            yield entity.name, "it says that it wrote, and nothing changed at the far end"
    stage.reset()


def _writable(stage: Stage) -> Iterator[tuple[Entity, list[Outgoing]]]:
    asked = False
    for entity, _ in writers(stage):
        asked = True
        yield entity, outgoing(entity, good_records(stage, entity))
    if not asked:
        raise NotAsked("nothing is written to it")


def _not_done(verdicts: Sequence[Verdict]) -> list[str]:
    return [
        f"record {number}: {verdict.outcome}" + (f", {named(verdict.error)}" if verdict.error else "")
        for number, verdict in enumerate(verdicts, 1)
        if verdict.outcome not in DONE
    ]


@question("write.repeat", "Sending a record again makes no second one, as its idempotency promises")
def repeat(stage: Stage) -> Troubles:
    """With the remote id known, and without it where the destination alone prevents doubling."""
    for entity, records in _writable(stage):
        stage.reset()
        first = push(stage, stage.connect(), entity, records)
        if not records or _not_done(first):
            continue
        once = counts(stage.contents())
        if entity.write and entity.write.idempotency in (Idempotency.NATURAL_KEY, Idempotency.HEADER):
            again = push(stage, stage.connect(), entity, records)
            yield from ((entity.name, f"sent again, {text}") for text in _not_done(again))
            yield from ((entity.name, f"sent again, {text}") for text in more(once, counts(stage.contents())))
        if updates(stage.entry, entity):
            known = [replace(o, remote_id=v.remote_id) for o, v in zip(records, first, strict=True)]
            again = push(stage, stage.connect(), entity, known)
            yield from ((entity.name, f"as an update, {text}") for text in _not_done(again))
            yield from ((entity.name, f"as an update, {text}") for text in more(once, counts(stage.contents())))
    stage.reset()


@question("write.finds", "What is looked up before it is sent again is found when it is there, and only then")
def finds(stage: Stage) -> Troubles:
    """For idempotency by look-up."""
    asked = False
    for entity, records in _writable(stage):
        assert entity.write is not None
        if entity.write.idempotency is not Idempotency.LOOKUP:
            continue
        asked, find = True, entity.write.find
        if find is None:
            yield entity.name, "its idempotency is lookup, and it has no find"
            continue
        stage.reset()
        options = push_options(stage, entity)
        if any(list(find(stage.connect(), records, options))):
            yield entity.name, "a record is found before it was ever sent"
        verdicts = push(stage, stage.connect(), entity, records)
        if _not_done(verdicts):
            continue
        wanted = [verdict.remote_id or None for verdict in verdicts]
        found = list(find(stage.connect(), records, options))
        if found != wanted:
            yield entity.name, f"{wanted} were written, {found} are found"
    if not asked:
        raise NotAsked("no entity is looked up")
    stage.reset()


@question("write.rejects", "A bad record is rejected with a reason, and its neighbours in the batch arrive")
def rejects(stage: Stage) -> Troubles:
    """Bad ones are made by taking away what is required, or by nonsense; BAD_RECORDS says better."""
    for entity, records in _writable(stage):
        if not records:
            continue
        bad = _rejected(stage, entity)
        if bad is None:
            yield entity.name, "no record was refused; BAD_RECORDS in practice.py must name one that is"
            continue
        record, verdict = bad
        if verdict.error is None or len(verdict.error.message) < 10:
            yield entity.name, "the refusal gives no reason"
        yield from ((entity.name, text) for text in _in_between(stage, entity, records, record))
    stage.reset()


def _rejected(stage: Stage, entity: Entity) -> tuple[Record, Verdict] | None:
    """The first bad record that is refused when it is sent alone."""
    for record in bad_records(stage, entity):
        stage.reset()
        verdicts = push(stage, stage.connect(), entity, outgoing(entity, [record]))
        if [verdict.outcome for verdict in verdicts] == [Outcome.REJECTED]:
            return record, verdicts[0]
    return None


def _in_between(stage: Stage, entity: Entity, good: Sequence[Outgoing], bad: Record) -> Iterator[str]:
    first, *rest = good
    batch = [first, *outgoing(entity, [bad], start=900), *rest[:2]]
    stage.reset()
    verdicts = push(stage, stage.connect(), entity, batch)
    if len(verdicts) != len(batch):
        yield f"a batch of {len(batch)} with a bad record got {len(verdicts)} verdicts"
        return
    if verdicts[1].outcome is not Outcome.REJECTED:
        yield f"between good ones the bad record is {verdicts[1].outcome}"
    for text in _not_done([verdicts[0], *verdicts[2:]]):
        yield f"beside a bad record, good {text}"


@question("write.dry", "A dry connection sends nothing, and shows what would have left")
def dry(stage: Stage) -> Troubles:
    """The far end is the same afterwards."""
    for entity, records in _writable(stage):
        if not records:
            continue
        stage.reset()
        before = stage.contents()
        captured, verdicts = capture(stage, stage.connect(dry=True), entity, records[:1])
        done = [v.outcome for v in verdicts if v.outcome in DONE and v.outcome is not Outcome.UNCHANGED]
        if stage.entry.system.http is not None and captured is None and done:
            yield entity.name, f"a record is {done[0]} and no request is shown"
        if changed(before, stage.contents()):
            yield entity.name, "the far end has changed"
    stage.reset()
