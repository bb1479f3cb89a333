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
from topstitch.engine.preview.difference import Difference, Reader
from topstitch.engine.pull import only
from topstitch.engine.reshape import Reshape
from topstitch.engine.setup import Clock, RunInfo, Setup, Side, outgoing_of, set_up
from topstitch.engine.spec import Service
from topstitch.engine.window import RunOptions
from topstitch.errors import TopstitchError
from topstitch.net.message import CapturedRequest
from topstitch.sdk.connection import Connection
from topstitch.sdk.model import Page, Record


@dataclass(frozen=True, slots=True)
class Preview:
    """One record of a dry run: what would be sent, or why nothing would."""

    key: str
    reference: str
    mapped: Record | None = None
    #: The first writing request for this record: method, url, headers, body. Later ones depend on its answer.
    request: Mapping[str, Any] | None = None
    problem: Problem | None = None
    #: Beside what the destination has now, where that was asked for.
    difference: Difference | None = None


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
    compare: bool = False,
) -> Iterator[DryPage]:
    """Pages of previews. `destination` must be a dry connection: reading is let through, writing is shown.

    With `compare` every record is set beside what the destination has.
    """
    ready = set_up(spec, source, destination, mapper, info=info, know=know, clock=clock, script=script)
    reader = Reader(destination, spec.destination, ready.write, ready.write_options) if compare else None
    left = info.options.limit
    for number, page in enumerate(pulled(spec, source, ready, info.options, script=script is not None), 1):
        records = list(page.records)[:left]
        bad = [{"place": b.place, "reason": b.reason, "raw": b.raw} for b in page.bad]
        out = ready.sort(PageStart(number=number, cursor=None, next=None, records=records, bad=bad), Counts())
        failures = [Preview(f.key, f.reference, problem=f.problem) for f in out.failures]
        outgoing = [outgoing_of(candidate, info) for candidate in out.candidates]
        beside = reader.differences(outgoing) if reader else [None] * len(outgoing)
        shown = [
            _preview(candidate, ready, destination.connection, info, difference)
            for candidate, difference in zip(out.candidates, beside, strict=True)
        ]
        yield DryPage([*failures, *shown], out.counts)
        if left is not None and (left := left - len(records)) <= 0:
            return


def pulled(spec: Service, source: Side, ready: Setup, options: RunOptions, *, script: bool) -> Iterator[Page]:
    """The pages that a run with these options pulls. With a payload script ids are those of what it makes."""
    read, query, ids = ready.read, ready.window.query, options.ids
    if ids and not script and read.by_ids is not None and own_keys(spec.source, source.entity):
        return iter([Page(records=read.by_ids(source.connection, ids, query.options))])
    pages = read.pages(source.connection, query, None)
    return only(pages, frozenset(ids), ready.who.key) if ids and not script else pages


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of pushing into a dry connection: the request that would leave, or why none would."""

    request: Mapping[str, Any] | None = None
    error: TopstitchError | None = None


def asked_of(candidate: Candidate, ready: Setup, connection: Connection, info: RunInfo) -> Asked:
    """Push a record into a dry connection."""
    try:
        verdicts = ready.write.push(connection, [outgoing_of(candidate, info)], ready.write_options)
    except CapturedRequest as captured:
        return Asked(asdict(captured.request))
    except TopstitchError as error:
        return Asked(error=error)
    return Asked(error=verdicts[0].error if verdicts else None)


def _preview(
    candidate: Candidate, ready: Setup, connection: Connection, info: RunInfo, difference: Difference | None
) -> Preview:
    asked = asked_of(candidate, ready, connection, info)
    return Preview(
        candidate.key,
        candidate.reference,
        candidate.mapped,
        asked.request,
        problem_of(asked.error) if asked.error else None,
        difference,
    )
