"""One measured round, of the bound or of the product, against the mock; and what it gave."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bench.processes import ROOT, Watch, cpu_seconds, resident
from bench.product import Installation

Stats = dict[str, Any]
TIMEOUT = 3600.0


class Ends:
    """The mock, asked over HTTP; ours, or any with the same addresses and counters."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")

    def begin(self, n: int, **plan: object) -> int:
        """Forget, and behave so. Gives how many orders there are: a mock may have fewer than were asked for."""
        self._get(f"/control?{urlencode({'reset': 1, 'n': n, **plan})}")
        return int(self.stats()["n"])

    def stats(self) -> Stats:
        """What it counted."""
        answer: Stats = self._get("/stats")
        return answer

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(self.address + path, timeout=TIMEOUT) as answer:
            return json.load(answer)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round gave. CPU in ms a record, memory in MB."""

    stats: Stats
    cpu: float
    database_cpu: float = 0.0
    peak: float = 0.0

    @property
    def rate(self) -> float:
        """Source records a second, from the first source request to the last post."""
        span = self.stats["t_last_post"] - self.stats["t_first_src"]
        return float(self.stats["n"] / span)

    @property
    def faultless(self) -> bool:
        """Whether everything arrived, rightly, and nothing else."""
        return not any(self.stats[name] for name in ("missing", "wrong", "should_be_filtered", "unknown"))


def bound_round(ends: Ends, n: int, latency: int) -> Round:
    """The hand-written bound. Raises RuntimeError with what it said when it fails."""
    n = ends.begin(n, latency_ms=latency)
    command = [sys.executable, "-m", "bench.hand", "--base", ends.address]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if done.returncode:
        raise RuntimeError(f"the bound failed: {done.stderr[-2000:]}")
    return Round(ends.stats(), json.loads(done.stdout)["cpu"] / n * 1000)


def product_round(product: Installation, ends: Ends, n: int, latency: int, **plan: object) -> Round:
    """One run of the service, of records it has never seen."""
    product.forget()
    n = ends.begin(n, latency_ms=latency, **plan)
    worker, database = product.worker_pid, product.database_pid
    before = cpu_seconds(worker), cpu_seconds(database)
    with Watch(lambda: (0.0, resident(worker))) as memory:
        product.follow(product.request())
    spent = cpu_seconds(worker) - before[0], cpu_seconds(database) - before[1]
    peak = max(size for _, size in memory.seen)
    return Round(ends.stats(), spent[0] / n * 1000, spent[1] / n * 1000, peak)
