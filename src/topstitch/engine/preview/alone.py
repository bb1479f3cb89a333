"""A mapping at work without a service: no filters, nobody to ask but the tables that come with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from topstitch.engine.environment import RunEnvironment
from topstitch.engine.mapping import compile_mapping
from topstitch.engine.mapping.trace import Trace
from topstitch.engine.ports import Counts
from topstitch.engine.preview.records import Given
from topstitch.engine.preview.rows import Traced, failures_of, rows_shown
from topstitch.engine.preview.shown import Failure, Fate, RecordPreview, RecordsPreview
from topstitch.engine.spec import MappingRow
from topstitch.functions.signals import SkipRecord
from topstitch.sdk.fields import Field
from topstitch.sdk.model import Record

Named = Callable[[Record], tuple[str, str]]


def _nameless(record: Record) -> tuple[str, str]:
    return "", ""


def preview_mapping(
    rows: Sequence[MappingRow],
    given: Given,
    environment: RunEnvironment,
    fields: Sequence[Field] = (),
    named: Named = _nameless,
) -> RecordsPreview:
    """Records through these rows. `fields` are the destination's, `named` gives a record's key and reference.

    Raises RowError for a row that cannot be used.
    """
    trace, seen = Trace(), dict[str, Traced]()
    trace.keep = lambda key, trace: seen.update({key: Traced.of(trace)})
    mapper = compile_mapping(rows, environment, fields, trace)
    records = list(given.records)
    outcomes = list(mapper.outcomes((str(number), record) for number, record in enumerate(records, 1)))
    shown = [
        _shown(number, record, isinstance(outcome, SkipRecord), seen[str(number)], rows, named)
        for number, (record, outcome) in enumerate(zip(records, outcomes, strict=True), 1)
    ]
    bad = [
        RecordPreview(number=0, key=each.place, fate=Fate.FAILED, failures=[Failure(message=each.reason)])
        for each in given.bad
    ]
    failed = sum(each.fate is Fate.FAILED for each in (*bad, *shown))
    left_out = sum(each.fate is Fate.LEFT_OUT for each in shown)
    return RecordsPreview(
        records=[*bad, *shown], counts=Counts(pulled=len(bad) + len(shown), failed=failed, filtered=left_out)
    )


def _shown(
    number: int, record: Record, left_out: bool, traced: Traced, rows: Sequence[MappingRow], named: Named
) -> RecordPreview:
    key, reference = named(record)
    failures = () if left_out else failures_of(traced, rows)
    return RecordPreview(
        number=number,
        key=key,
        reference=reference,
        fate=Fate.LEFT_OUT if left_out else Fate.FAILED if failures else Fate.MAPPED,
        reason=str(traced.stopped) if left_out else "",
        failures=failures,
        record=record,
        rows=rows_shown(traced, rows, record),
        mapped=traced.built,
        left_off=traced.left_off,
    )
