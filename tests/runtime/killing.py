"""Kills at random moments while four services run, and the count of what became of every record afterwards."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.runtime.world import KINDS, World, until

CONCURRENCY = 4
#: Answers that may be on their way to the ledger: a group, and one for each thread.
GROUP = 100


@dataclass
class Tally:
    """What became of the records of one kind, over all rounds."""

    records: int = 0
    lost: int = 0
    doubled: int = 0
    uncertain: int = 0
    most_arrivals: int = 0


@dataclass
class Killer:
    """Keeps a worker alive by starting another after each kill, as `up` does, and counts its kills."""

    world: World
    dice: random.Random
    worker: subprocess.Popen[str] = field(init=False)
    kills: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.worker = self.world.worker()

    def hanging(self) -> str:
        """What was said, what every thread of the worker does, and what the database knows: for a run that hangs."""
        with suppress(ProcessLookupError):
            self.worker.send_signal(signal.SIGUSR1)
            time.sleep(1)
        engine = self.world.rows(
            "SELECT workflow_uuid, status, executor_id FROM dbos.workflow_status WHERE status <> 'SUCCESS'"
        )
        asked = (
            "store_worker",
            "store_run WHERE ended_at IS NULL",
            "pg_locks WHERE locktype = 'advisory'",
            "pg_stat_activity",
        )
        rows = [row for table in asked for row in self.world.rows(f"SELECT * FROM {table}")]  # our own words
        return "\n".join([self.world.said(40_000), time.ctime(), *map(str, [*engine, *rows])])

    def strike(self, what: str) -> None:
        """Kill `worker`, `postmaster` or `both`, and see to it that a worker lives again."""
        self.kills[what] = self.kills.get(what, 0) + 1
        if what in ("postmaster", "both"):
            self.world.kill_postmaster()
        if what in ("worker", "both"):
            self.world.kill(self.worker)
            self.worker = self.world.worker()

    def in_the_middle_of(self, runs: dict[str, str], weapons: list[str], times: int) -> None:
        """Strike so many times while at least one of the runs is under way."""
        for _ in range(times):
            time.sleep(self.dice.uniform(0.0, 0.8))
            if all(self.world.state(run).ended_at for run in runs.values()):
                return
            self.strike(self.dice.choice(weapons))
            until(lambda: self._moves(runs), what="a run that moves again")

    def _moves(self, runs: dict[str, str]) -> bool:
        """Some record arrived since, or all is over: the next kill hits work, not a start."""
        before = self.arrived()
        time.sleep(0.05)
        return self.arrived() > before or all(self.world.state(run).ended_at for run in runs.values())

    def arrived(self) -> int:
        return sum(sum(self.world.arrivals(kind).values()) for kind in KINDS)


def one_round(killer: Killer, numbers: range, strike: Callable[[dict[str, str]], None]) -> None:
    """New orders, a run of each kind, the strikes, and the runs' end."""
    changed = datetime(2026, 2, 1, tzinfo=UTC) + timedelta(minutes=numbers.start)
    killer.world.put(numbers, updated_at=changed.strftime("%Y-%m-%dT%H:%M:%SZ"))
    runs = {kind: killer.world.request(kind) for kind in KINDS}
    until(lambda: killer.arrived(), what="the first record")
    strike(runs)
    for kind, run in runs.items():
        row = killer.world.ended(run, 90)
        assert row.status in ("completed", "completed_with_failures"), (kind, row)
        assert row.failed == row.pending == 0, (kind, row)
        figures = row.filtered + row.skipped + row.unchanged + row.ok + row.sent + row.uncertain
        assert row.pulled == figures, (kind, row)


def count(world: World, numbers: range) -> dict[str, Tally]:
    """What became of all orders, by kind. A record is lost that neither arrived nor is shown as uncertain."""
    found = {}
    for kind in KINDS:
        arrivals = world.arrivals(kind)
        rows = world.rows(
            "SELECT i.key, i.status FROM item i JOIN store_service s ON s.id = i.service_id WHERE s.name = %s", kind
        )
        status = {int(row.key): row.status for row in rows}
        tally = Tally(records=len(numbers))
        for number in numbers:
            tally.lost += not arrivals[number] and status.get(number) != "uncertain"
            tally.lost += status.get(number) not in ("ok", "uncertain")
            tally.doubled += arrivals[number] > 1
            tally.uncertain += status.get(number) == "uncertain"
        tally.most_arrivals = max(arrivals.values(), default=0)
        found[kind] = tally
    return found


def judge(tallies: dict[str, Tally], kills: int) -> None:
    """The bounds of design section 3."""
    assert all(tally.lost == 0 for tally in tallies.values()), tallies
    assert tallies["lookup"].doubled == 0, tallies
    assert tallies["ask"].doubled == 0, tallies
    assert tallies["ask"].uncertain <= kills * CONCURRENCY, tallies
    assert tallies["natural"].uncertain == tallies["lookup"].uncertain == tallies["again"].uncertain == 0, tallies
    assert tallies["again"].doubled <= kills * CONCURRENCY, tallies
    assert tallies["natural"].doubled <= kills * (GROUP + CONCURRENCY), tallies


def report(killer: Killer, tallies: dict[str, Tally]) -> str:
    """For people."""
    lines = [f"kills: {killer.kills}"]
    lines += [f"{kind:8} {tally}" for kind, tally in tallies.items()]
    return "\n".join(lines)
