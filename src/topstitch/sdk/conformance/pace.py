"""Questions about speed: the declared limits keep a burst below what the vendor refuses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from time import monotonic

from topstitch.errors import RateLimited
from topstitch.net.limits import Limits, LocalBudget
from topstitch.sdk.conformance.questions import NotAsked, Troubles, question
from topstitch.sdk.conformance.records import iterate, readers
from topstitch.sdk.conformance.stage import Stage
from topstitch.sdk.connection import Connection
from topstitch.sdk.model import Entity
from topstitch.sdk.practice.throttle import Throttle

#: Limits of many seconds are tried in this time, on a clock that runs faster on both sides.
WINDOW = 0.6
#: More requests than these are not worth the time.
MOST_REQUESTS = 150
LONGEST = 5.0
#: Seconds added to the window, since on the fast clock a request's way to the server is long.
SLACK = 0.15


@question(
    "pace.kept", "A burst of reads is held to the declared limits, so that the vendor refuses nothing", tier="gold"
)
def kept(stage: Stage) -> Troubles:
    """Four threads ask for twice what a window lets through."""
    http = stage.entry.system.http
    limits = http.limits_for(stage.connect().settings) if http else Limits()
    entity = next((entity for entity, _ in readers(stage)), None)
    if not limits.requests or entity is None:
        raise NotAsked("no limit of requests is declared" if entity else "nothing can be read")
    speed = max(1.0, limits.per / WINDOW)
    with Throttle.at_speed(speed):
        conn = stage.connect(budget=LocalBudget(replace(limits, per=limits.per / speed), slack=SLACK))
        refused_before, wanted = Throttle.refusals, min(2 * limits.requests, MOST_REQUESTS)
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: _burst(stage, conn, entity, wanted), range(4)))
    refused = Throttle.refusals - refused_before
    refused += sum(
        seen.exchange.status == 429 or isinstance(seen.exchange.error, RateLimited) for seen in stage.traffic
    )
    if refused:
        yield entity.name, f"{refused} of {len(stage.traffic)} requests were refused as too many"


def _burst(stage: Stage, conn: Connection, entity: Entity, wanted: int) -> None:
    """Read small pages over and over until all threads together have asked often enough."""
    deadline = monotonic() + LONGEST
    while len(stage.traffic) < wanted and monotonic() < deadline:
        with suppress(RateLimited):
            for _ in iterate(stage, conn, entity, size=1):
                if len(stage.traffic) >= wanted or monotonic() > deadline:
                    break
