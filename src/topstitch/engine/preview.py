"""Dry runs: the same pulling, filtering, mapping and deciding as a real run, and the exact requests, of which none is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from topstitch.engine.identity import identity, own_keys
from topstitch.engine.mapping import Mapper
from topstitch.engine.outcome import problem_of
from topstitch.engine.page import Candidate, Sorter
from topstitch.engine.ports import Counts, Known, PageStart, Problem
from topstitch.engine.pull import only
from topstitch.engine.run import RunInfo, Side, write_settles
from topstitch.engine.spec import Service
from topstitch.engine.window import window
from topstitch.errors import TopstitchError
from topstitch.net.message import CapturedRequest
from topstitch.sdk.model import Outgoing, Page, Record
from topstitch.sdk.settings import checked_settings


@dataclass(frozen=True, slots=True)
class Preview:
    """One record of a dry run: what would be sent, or why nothing would."""

    key: str
    reference: str
    mapped: Record | None = None
    #: The first writing request for this record: method, url, headers, body. Later ones depend on its answer.
    request: Mapping[str, Any] | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class DryPage:
    """One page of a dry run."""

    previews: Sequence[Preview]
    counts: Counts


def dry_run(
    spec: Service,
    source: Side,
    destination: Side,
    mapper: Mapper,
    *,
    info: RunInfo,
    know: Callable[[Sequence[str]], Mapping[str, Known]],
    clock: Callable[[], datetime],
) -> Iterator[DryPage]:
    """Pages of previews. `destination` must be a dry connection: reading is let through, writing is shown."""
    read = source.entity.read
    assert read is not None and destination.entity.write is not None
    options = checked_settings(read.options, spec.source.options, place="source options")
    who = identity(source.entity, spec.source, options)
    asked = window(
        spec.source,
        read,
        now=info.now,
        watermark=info.watermark,
        covered=info.covered,
        options=info.options,
        settings=options,
        modified=who.modified,
        state=info.state,
    )
    sort = Sorter(
        identity=who,
        keep=asked.keep,
        keep_again=asked.keep_again,
        mapper=mapper,
        know=know,
        run_id=info.run_id,
        create_only=info.create_only,
        max_attempts=spec.source.max_attempts,
        force=info.options.force,
        settles=write_settles(destination.entity.write, spec),
        clock=clock,
    )
    ids, left = info.options.ids, info.options.limit
    if ids and read.by_ids is not None and own_keys(spec.source, source.entity):
        pages: Iterator[Page] = iter([Page(records=read.by_ids(source.connection, ids, options))])
    else:
        pages = read.pages(source.connection, asked.query, None)
        pages = only(pages, frozenset(ids), who.key) if ids else pages
    for number, page in enumerate(pages, 1):
        records = list(page.records)[:left]
        bad = [{"place": b.place, "reason": b.reason, "raw": b.raw} for b in page.bad]
        out = sort(PageStart(number=number, cursor=None, next=None, records=records, bad=bad), Counts())
        failures = [Preview(f.key, f.reference, problem=f.problem) for f in out.failures]
        yield DryPage([*failures, *(_preview(c, spec, destination, info) for c in out.candidates)], out.counts)
        if left is not None and (left := left - len(records)) <= 0:
            return


def _preview(candidate: Candidate, spec: Service, destination: Side, info: RunInfo) -> Preview:
    write = destination.entity.write
    assert write is not None
    options = checked_settings(write.options, spec.destination.options, place="destination options")
    outgoing = Outgoing(
        key=candidate.key,
        record=candidate.mapped,
        scope=info.service_id,
        reference=candidate.reference,
        idempotency_key="dry-run",
        remote_id=candidate.known.remote_id if candidate.known else "",
    )
    shown = Preview(candidate.key, candidate.reference, candidate.mapped)
    try:
        verdicts = write.push(destination.connection, [outgoing], options)
    except CapturedRequest as captured:
        return Preview(*_head(shown), asdict(captured.request))
    except TopstitchError as error:
        return Preview(*_head(shown), problem=problem_of(error))
    refused = verdicts[0].error if verdicts else None
    return Preview(*_head(shown), problem=problem_of(refused) if refused else None)


def _head(preview: Preview) -> tuple[str, str, Record | None]:
    return preview.key, preview.reference, preview.mapped
