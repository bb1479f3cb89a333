"""`python -m bench.big`: the screens' queries with much behind them, each with its time. Makes a home of its own, or uses `--home`.

A home that is named is kept, and filled only when it is empty: making five million attempts takes ten minutes and 4 GB.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

#: For making the data; losing it is no loss.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
#: Each question is asked at least so often, and for so long.
LEAST, SECONDS = 5, 0.6


def main() -> None:
    """Make, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.big", description="Time the screens' queries on much data.")
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument("--attempts", type=int, default=5_000_000)
    parser.add_argument("--home", help="keep the data there, and use what is there")
    chosen = parser.parse_args()
    if chosen.home:
        _measured(Path(chosen.home), chosen, keep=True)
        return
    with tempfile.TemporaryDirectory(prefix="topstitch-big-") as folder:
        _measured(Path(folder) / "home", chosen, keep=False)


def _measured(home: Path, chosen: argparse.Namespace, *, keep: bool) -> None:
    os.environ["TOPSTITCH_HOME"] = str(home)
    os.environ.pop("TOPSTITCH_DATABASE_URL", None)
    from topstitch.runtime.postgres.server import delete, ensure_running, stop

    ensure_running(home, settings=CARELESS)
    try:
        from topstitch.cli.start import ready

        ready()
        from bench.bigdata import fill
        from topstitch.store.models import Company

        if not Company.objects.filter(slug="big").exists():
            began = time.monotonic()
            fill(
                chosen.services, chosen.attempts, tell=lambda line: print(f"{time.monotonic() - began:6.0f} s  {line}")
            )
        print("      ms  CPU ms")
        for name, work in questions():
            wall, cpu = cost(work)
            print(f"{wall:8.1f}{cpu:8.1f}  {name}", flush=True)
    finally:
        (stop if keep else delete)(home)


def cost(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds: the best of some times, and the processor's, ours and the database's, which does not mind a busy machine."""
    from django.db import connection

    connection.ensure_connection()
    server = psutil.Process(connection.connection.info.backend_pid)
    work()
    times, before = [], _processor(server)
    over = time.perf_counter() + SECONDS
    while len(times) < LEAST or time.perf_counter() < over:
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return min(times), (_processor(server) - before) * 1000 / len(times)


def _processor(server: psutil.Process) -> float:
    used = server.cpu_times()
    return float(used.user + used.system) + time.process_time()


def questions() -> list[tuple[str, Callable[[], Any]]]:
    """What the screens ask, by name."""
    from topstitch.store import desk
    from topstitch.store.models import Attempt, Company, Item
    from topstitch.store.queries import home
    from topstitch.store.queries.errors import ErrorChoice, affected_records, desk_count, error_cards
    from topstitch.store.queries.report import ReportChoice, report_rows
    from topstitch.store.queries.report_size import report_size
    from topstitch.store.queries.scope import Scope
    from topstitch.store.queries.story import find_story

    company = Company.objects.get(slug="big")
    scope = Scope((company.pk,))
    first = datetime.now(UTC).date() - timedelta(days=4)
    item = Item.objects.exclude(remote_id="").order_by("pk")[1000]
    bad = Attempt.objects.exclude(cause=None).latest("id")
    (largest, *_), _ = error_cards(scope, ErrorChoice(most_first=True))
    choices = {
        "the last five days": ReportChoice(first=first),
        "failed, five days": ReportChoice(first=first, status="failed"),
        "failed": ReportChoice(status="failed"),
        "uncertain, one system": ReportChoice(status="uncertain", system="odoo"),
        "a class": ReportChoice(error_class="script"),
        "words": ReportChoice(text="warehouse.example"),
        "words that nobody said": ReportChoice(text="no such words"),
        "one quiet service": ReportChoice(services={bad.service_id}),
        "a reference": ReportChoice(reference=item.reference),
        "a short beginning": ReportChoice(reference="#1"),
        "a reference that is not there": ReportChoice(reference="nothing"),
        "a source id": ReportChoice(key=item.key),
        "a run": ReportChoice(run=bad.run_id),
        "a cause": ReportChoice(causes=[bad.cause]),
    }
    asked = [(f"report: {name}", lambda choice=choice: report_rows(scope, choice)) for name, choice in choices.items()]
    page = report_rows(scope, ReportChoice())
    asked += [
        ("report: the page after", lambda: report_rows(scope, ReportChoice(), after=page.rows[-1].pk)),
        ("report: oldest first", lambda: report_rows(scope, ReportChoice(), newest_first=False)),
        ("report: how many failed", lambda: report_size(scope, ReportChoice(status="failed"))),
        ("errors: cards", lambda: error_cards(scope, ErrorChoice())),
        ("errors: cards, most first", lambda: error_cards(scope, ErrorChoice(most_first=True))),
        ("errors: records of the largest", lambda: affected_records(largest)),
        ("errors: how many", lambda: desk_count(scope)),
        ("errors: keeping figures, idle", desk.refresh),
        ("errors: counting the largest", lambda: desk.recount(largest.groups)),
        ("story of a reference", lambda: find_story(scope, item.reference)),
        ("story of an id at a destination", lambda: find_story(scope, item.remote_id)),
        ("story of nothing", lambda: find_story(scope, "nothing")),
    ]
    parts = [home.failing_services, home.open_causes, home.paused_runs, home.connectors_down, home.missing_runs]
    parts += [home.uncertain_records, home.expiring, home.next_services, home.volumes, home.changes, home.begun]
    asked += [(f"home: {part.__name__}", lambda part=part: part(scope)) for part in parts]
    return [*asked, ("home: all of it", lambda: [part(scope) for part in parts])]


if __name__ == "__main__":
    main()
