"""The command: starts both ends and the product, measures, prints, cleans up. `python -m bench --help`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import psutil

from bench.parts import PARTS, Bench
from bench.processes import pin, python
from bench.product import installation
from bench.rounds import Ends

DEFAULT_PARTS = ("ratios", "mapping", "faults", "kill", "memory")


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """The command line, read."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure Topstitch beside a hand-written bound."
    )
    parser.add_argument("--n", type=int, default=10_000, help="orders a round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each at 0 ms; three fifths of it at 20 ms")
    parser.add_argument("--many", type=int, default=200_000, help="orders of the long run")
    parser.add_argument("--parts", help=f"of {','.join(PARTS)}; default {','.join(DEFAULT_PARTS)}")
    parser.add_argument("--quick", action="store_true", help="the ratios only")
    parser.add_argument("--idle", action="store_true", help="also measure web, worker and database at rest")
    parser.add_argument("--mock", default=os.environ.get("MOCK", ""), help="address of a running mock (or MOCK=)")
    parser.add_argument("--pin", action="store_true", help="the mock on the first CPU, everything else on the others")
    chosen = parser.parse_args(given)
    names = chosen.parts.split(",") if chosen.parts else ["ratios"] if chosen.quick else list(DEFAULT_PARTS)
    if unknown := [name for name in names if name not in PARTS]:
        parser.error(f"there is no part {', '.join(unknown)}")
    chosen.names = [*names, "idle"] if chosen.idle and "idle" not in names else names
    if chosen.pin and (chosen.mock or len(_cpus()) < 2):
        parser.error("--pin needs our own mock and two CPUs")
    return chosen


def main(given: Sequence[str] | None = None) -> int:
    """Run the chosen parts. 0 when everything arrived as it should, whatever the times; 1 otherwise; 130 after Ctrl-C."""
    chosen = arguments(given)
    # A polite kill unwinds like Ctrl-C, so that nothing is left behind.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _measure(chosen)
    except KeyboardInterrupt:
        print("\nInterrupted; everything that was started has been ended.", file=sys.stderr)
        return 130


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _measure(chosen: argparse.Namespace) -> int:
    orders = max(chosen.n, chosen.many if "memory" in chosen.names else 0)
    with _mock(chosen.mock, orders, chosen.pin) as ends, installation(ends.address) as product:
        rounds = {0: chosen.rounds, 20: max(1, round(chosen.rounds * 0.6))}
        bench = Bench(product, ends, ends.begin(chosen.n), rounds, chosen.many, _pinner(chosen.pin))
        bench.started(product.database_pid)
        bench.worker()
        _introduce(ends)
        well = [PARTS[name](bench) for name in chosen.names]
    print("\nEverything arrived as it should." if all(well) else "\nNOT everything arrived as it should: see above.")
    if bench.ratios:
        print("ratios: " + " ".join(f"{latency}ms={ratio:.2f}" for latency, ratio in bench.ratios.items()))
    return 0 if all(well) else 1


def _introduce(ends: Ends) -> None:
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{len(_cpus())} CPUs, load {load}, mock at {ends.address}")


@contextmanager
def _mock(address: str, orders: int, pinned: bool) -> Iterator[Ends]:
    """The mock that was named, or one of our own."""
    if address:
        yield Ends(address)
        return
    with tempfile.TemporaryDirectory(prefix="topstitch-bench-mock-") as folder:
        log = Path(folder) / "mock.log"
        with python("-m", "bench.mock", "--max", str(orders), log=log) as process:
            while not (said := log.read_text("utf-8")).endswith("\n"):
                if process.poll() is not None:
                    raise RuntimeError(f"the mock did not start: {said}")
                time.sleep(0.05)
            if pinned:
                pin([process.pid], _cpus()[:1])
            yield Ends(said.split()[0])


def _pinner(pinned: bool) -> Callable[[int], None]:
    """What is done with a new process tree. Ourselves first: what we start from now on, the bound, inherits it."""
    if not pinned:
        return lambda pid: None
    rest = _cpus()[1:]
    pin([os.getpid()], rest)
    return lambda pid: pin([pid], rest)


def _cpus() -> list[int]:
    """The CPUs that we may use."""
    return sorted(psutil.Process().cpu_affinity() or []) or list(range(psutil.cpu_count() or 1))


if __name__ == "__main__":
    sys.exit(main())
