"""The long form of the kill tests, by hand: `python -m tests.runtime.kill_loop [kills] [seed]`."""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from tests.runtime.killing import CONCURRENCY, Killer, count, judge, one_round, report
from tests.runtime.world import KINDS, world

RECORDS = 300
KILLS_A_ROUND = 5
WEAPONS = ["worker", "worker", "worker", "postmaster", "both"]


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as made:
        try:
            made.control(delay=0.02)
            made.configure(*KINDS, concurrency=CONCURRENCY)
            killer = Killer(made, random.Random(seed))
            last = 0
            while sum(killer.kills.values()) < kills:
                numbers = range(last + 1, last + RECORDS + 1)
                last += RECORDS
                one_round(killer, numbers, lambda runs: killer.in_the_middle_of(runs, WEAPONS, KILLS_A_ROUND))
                tallies = count(made, range(1, last + 1))
                print(report(killer, tallies), flush=True)
                judge(tallies, sum(killer.kills.values()))
        except BaseException:
            print(killer.hanging())
            raise


if __name__ == "__main__":
    main()
