"""How many of some records each filter row keeps, and where those records are from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from topstitch.engine.filters import Test, compile_condition, resolve
from topstitch.engine.spec import FilterRow
from topstitch.engine.spec import Service as Spec
from topstitch.runtime.records import Pulled, first_records, recent_records
from topstitch.store.models import Service

#: So many records are counted.
LAST = 100


@dataclass(frozen=True, slots=True)
class Counted:
    """`keeps` is by row, `all` what every row keeps. `newest`: when the newest was pulled; None: they were pulled just now."""

    records: int
    keeps: Sequence[int]
    all: int
    newest: datetime | None = None


def count_kept(service: Service, spec: Spec, rows: Sequence[FilterRow]) -> Counted:
    """Of the last records that runs have pulled, relative times as they were then; where there are none, of the first that
    the source gives now. Raises what pulling raises.
    """
    stored = recent_records(service, LAST)
    now = datetime.now(UTC)
    pulled = stored or [Pulled(record, now) for record in first_records(service, spec, LAST)]
    tests: dict[datetime, list[Test]] = {}
    keeps, kept_by_all = [0] * len(rows), 0
    for one in pulled:
        if one.at not in tests:
            tests[one.at] = [compile_condition(resolve(row, one.at), spec.source.zone) for row in rows]
        met = [test(one.record) for test in tests[one.at]]
        keeps = [count + holds for count, holds in zip(keeps, met, strict=True)]
        kept_by_all += all(met)
    return Counted(len(pulled), keeps, kept_by_all, max(one.at for one in stored) if stored else None)
