"""The parts of the benchmark. Each prints what it found and tells whether everything arrived as it should; times only inform."""

from __future__ import annotations

import socket
import statistics
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.mapping import ORDERS, measure
from bench.processes import Watch, cpu_seconds, proportional, python, resident
from bench.product import Installation
from bench.rounds import Ends, Round, bound_round, product_round

SOURCE_PAGE = 250
FAULTS = {"f500": 0.01, "f429": 0.01, "attempts": 1, "retry_after": 1}
IDLE_SECONDS, SETTLE_SECONDS = 20.0, 10.0


@dataclass
class Bench:
    """What all parts share."""

    product: Installation
    ends: Ends
    n: int
    #: Latency in ms -> rounds of each.
    rounds: dict[int, int]
    #: Records of the long run that shows whether memory is flat.
    many: int
    #: Called with every new process tree; pins it, if that was asked for.
    started: Callable[[int], None]
    ratios: dict[int, float] = field(default_factory=dict)

    def worker(self) -> None:
        """A fresh worker."""
        self.product.stop_worker()
        self.product.start_worker()
        self.started(self.product.worker_pid)


def ratios(bench: Bench) -> bool:
    """Bound and product in turn, so that both meet the same moods of the machine."""
    well = True
    for latency, count in bench.rounds.items():
        print(f"\n{latency} ms, {bench.n:,} orders, one POST each: the bound and the product in turn")
        _heading()
        pairs = []
        for number in range(count + 1):
            pair = bound_round(bench.ends, bench.n, latency), product_round(bench.product, bench.ends, bench.n, latency)
            name = str(number) if number else "warm"
            for label, result in zip((f"{name} bound", f"{name} product"), pair, strict=True):
                _row(label, result)
                well &= result.faultless
            if number:
                pairs.append(pair)
        _medians(pairs)
        bench.ratios[latency] = statistics.median(product.rate / bound.rate for bound, product in pairs)
        print(f"ratio product/bound, median of {count} pairs: {bench.ratios[latency]:.2f}")
    return well


def _heading() -> None:
    print(f"{'':14}{'records/s':>10}{'CPU':>8}{'database':>10}{'peak MB':>9}{'missing':>9}{'double':>8}{'wrong':>7}")
    print(f"{'':24}{'ms/rec':>8}{'ms/rec':>10}")


def _row(label: str, result: Round) -> None:
    stats = result.stats
    counts = f"{stats['missing']:>9}{stats['duplicates']:>8}{stats['wrong']:>7}"
    print(f"{label:14}{_figures(result)}{counts}", flush=True)
    if stats["wrong_example"]:
        print(f"  wrong, [arrived, wanted]: {stats['wrong_example']}")


def _figures(result: Round) -> str:
    database = f"{result.database_cpu:>10.3f}" if result.database_cpu else f"{'-':>10}"
    peak = f"{result.peak:>9.0f}" if result.peak else f"{'-':>9}"
    return f"{result.rate:>10,.0f}{result.cpu:>8.3f}{database}{peak}"


def _medians(pairs: list[tuple[Round, Round]]) -> None:
    for label, results in zip(("median bound", "median product"), zip(*pairs, strict=True), strict=True):
        rates, cpus, databases = ([getattr(r, n) for r in results] for n in ("rate", "cpu", "database_cpu"))
        database = f"{statistics.median(databases):>10.3f}" if any(databases) else f"{'-':>10}"
        print(f"{label:14}{statistics.median(rates):>10,.0f}{statistics.median(cpus):>8.3f}{database}")


def faults(bench: Bench) -> bool:
    """1 % of the records meet a 500 and 1 % a 429 at their first try."""
    result = product_round(bench.product, bench.ends, bench.n, 0, **FAULTS)
    stats = result.stats
    early = stats["retried_before_retry_after"]
    print(f"\nFaults (1 % answered 500, 1 % answered 429 with Retry-After: 1), {stats['n']:,} orders")
    print(
        f"missing {stats['missing']}, wrong {stats['wrong']}, double {stats['duplicates']}, retried too early {early}"
    )
    print(f"answers {stats['status']}, {result.rate:,.0f} records/s", flush=True)
    return result.faultless and not early and not stats["duplicates"]


def killed(bench: Bench) -> bool:
    """SIGKILL of the worker when half has arrived; another one goes on."""
    product, ends = bench.product, bench.ends
    product.forget()
    n = ends.begin(bench.n)
    run = product.request()
    while (stats := ends.stats())["unique"] < stats["expected"] / 2:
        time.sleep(0.01)
    product.kill_worker()
    arrived, began = ends.stats()["unique"], time.monotonic()
    bench.worker()
    product.follow(run)
    stats = ends.stats()
    print(f"\nKilled: SIGKILL to the worker after {arrived:,} of {stats['expected']:,} records, another one started")
    print(f"missing {stats['missing']}, wrong {stats['wrong']}, double {stats['duplicates']}", end="")
    print(f"; over {time.monotonic() - began:.1f} s after the kill ({n:,} orders)", flush=True)
    return not (stats["missing"] or stats["wrong"])


def memory(bench: Bench) -> bool:
    """The memory of a fresh worker after the first 10,000 records of a long run, and after all of them."""
    product, ends = bench.product, bench.ends
    bench.worker()
    product.forget()
    n, few = ends.begin(bench.many), min(10_000, bench.many)
    worker = product.worker_pid

    def look() -> tuple[float, float]:
        return ends.stats()["source_requests"] * SOURCE_PAGE, resident(worker)

    with Watch(look, period=0.5) as watch:
        product.follow(product.request())
    stats, first, peak = ends.stats(), _peak(watch, few), _peak(watch, n + SOURCE_PAGE)
    print(
        f"\nMemory of a fresh worker: {first:.0f} MB over the first {min(few, n):,} records, {peak:.0f} MB over {n:,}"
    )
    print(f"ratio {peak / first:.2f}; at the end {proportional(worker):.0f} MB of its own share (PSS)", end="")
    print(f"; missing {stats['missing']}, wrong {stats['wrong']}", flush=True)
    return not (stats["missing"] or stats["wrong"])


def _peak(watch: Watch, records: float) -> float:
    return max(size for seen, size in watch.seen if seen <= records or seen == watch.seen[0][0])


def idle(bench: Bench) -> bool:
    """What web, a fresh worker and the database cost while nothing happens."""
    bench.worker()
    port = _free_port()
    log = bench.product.home / "web.log"
    with python("-m", "topstitch", "web", log=log, environment={"TOPSTITCH_PORT": str(port)}) as web:
        if not _answers(f"http://127.0.0.1:{port}/"):
            print(f"\nIdle: the web process did not come up: {log.read_text('utf-8', 'replace')[-500:]}")
            return False
        time.sleep(SETTLE_SECONDS)
        pids = {"web": web.pid, "worker": bench.product.worker_pid, "database": bench.product.database_pid}
        before = {name: cpu_seconds(pid) for name, pid in pids.items()}
        time.sleep(IDLE_SECONDS)
        shares = {name: (cpu_seconds(pid) - before[name]) / IDLE_SECONDS * 100 for name, pid in pids.items()}
        sizes = {name: proportional(pid) for name, pid in pids.items()}
    print(
        f"\nIdle for {IDLE_SECONDS:.0f} s: {sum(shares.values()):.1f} % of a core, {sum(sizes.values()):.0f} MB (PSS)"
    )
    print(", ".join(f"{name} {shares[name]:.1f} % {sizes[name]:.0f} MB" for name in pids), flush=True)
    return True


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            time.sleep(0.2)
    return False


def mapping(bench: Bench) -> bool:
    """Mapping alone: what rows and functions cost beside code written by hand, and what a custom script adds."""
    found = measure()
    rows, script = found["rows"] / found["hand"], found["script"] / found["rows"]
    print(f"\nmapping, {ORDERS:,} orders of 20 fields, microseconds a record")
    print(f"  by hand {found['hand']:.1f}   rows and functions {found['rows']:.1f} ({rows:.2f} times)")
    print(f"  with one field made by a script {found['script']:.1f} ({script:.2f} times that)")
    return True


PARTS: dict[str, Callable[[Bench], bool]] = {
    "ratios": ratios,
    "mapping": mapping,
    "faults": faults,
    "kill": killed,
    "memory": memory,
    "idle": idle,
}
