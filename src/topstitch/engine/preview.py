"""Dry runs: the same pulling, filtering, mapping and deciding as a real run, and the exact requests, of which none is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from topstitch.engine.identity import own_keys
from topstitch.engine.mapping import Mapper
from topstitch.engine.outcome import problem_of
from topstitch.engine.page import Candidate
from topstitch.engine.ports import Counts, Known, PageStart, Problem
from topstitch.engine.pull import only
from topstitch.engine.reshape import Reshape
from topstitch.engine.setup import Clock, RunInfo, Setup, Side, set_up
from topstitch.engine.spec import Service
from topstitch.errors import TopstitchError
from topstitch.net.message import CapturedRequest
from topstitch.sdk.connection import Connection
from topstitch.sdk.model import Outgoing, Page, Record


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
    clock: Clock,
    script: Reshape | None = None,
) -> Iterator[DryPage]:
    """Pages of previews. `destination` must be a dry connection: reading is let through, writing is shown."""
    ready = set_up(spec, source, destination, mapper, info=info, know=know, clock=clock, script=script)
    read, query = ready.read, ready.window.query
    ids, left = info.options.ids, info.options.limit
    if ids and read.by_ids is not None and own_keys(spec.source, source.entity):
        pages: Iterator[Page] = iter([Page(records=read.by_ids(source.connection, ids, query.options))])
    else:
        pages = read.pages(source.connection, query, None)
        pages = only(pages, frozenset(ids), ready.who.key) if ids else pages
    for number, page in enumerate(pages, 1):
        records = list(page.records)[:left]
        bad = [{"place": b.place, "reason": b.reason, "raw": b.raw} for b in page.bad]
        out = ready.sort(PageStart(number=number, cursor=None, next=None, records=records, bad=bad), Counts())
        failures = [Preview(f.key, f.reference, problem=f.problem) for f in out.failures]
        yield DryPage(
            [*failures, *(_preview(c, ready, destination.connection, info) for c in out.candidates)], out.counts
        )
        if left is not None and (left := left - len(records)) <= 0:
            return


def _preview(candidate: Candidate, ready: Setup, connection: Connection, info: RunInfo) -> Preview:
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
        verdicts = ready.write.push(connection, [outgoing], ready.write_options)
    except CapturedRequest as captured:
        return Preview(*_head(shown), asdict(captured.request))
    except TopstitchError as error:
        return Preview(*_head(shown), problem=problem_of(error))
    refused = verdicts[0].error if verdicts else None
    return Preview(*_head(shown), problem=problem_of(refused) if refused else None)


def _head(preview: Preview) -> tuple[str, str, Record | None]:
    return preview.key, preview.reference, preview.mapped
