"""A dry run as a worker does it: page by page like any run, but nothing is sent and the ledger is only asked.

After a crash it begins anew, with nothing left of what it had shown: the source may give other records by now.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from topstitch.engine.ports import Counts
from topstitch.engine.preview import DryPage, Preview, dry_run
from topstitch.net.retry import Stopped
from topstitch.runtime.assemble import info_of, open_side, spec_of_run, transform_of
from topstitch.sdk.model import Record
from topstitch.store.actions.runs import dry_begun, dry_counts
from topstitch.store.ledger import PgLedger
from topstitch.store.models import Run
from topstitch.store.payloads import keep_payload
from topstitch.store.runlog import PgRunLog

#: The kind of stored payload: a list of what would be sent, or why not, record by record.
KIND = "dry_run"


class DryRun:
    """Stands in a session in the place of a ServiceRun: `step()`, then `finish()`, and always `close()`."""

    #: It waits for no system that is away: it fails, and can be tried again.
    waits = False

    def __init__(self, run: Run, ledger: PgLedger, log: PgRunLog, stop: threading.Event) -> None:
        """Raises ConfigError as `assemble` does."""
        self.counts = Counts()
        self._run, self._log, self._stop = run, log, stop
        self._number = 0
        dry_begun(run)
        self._open = ExitStack()
        try:
            self._pages = self._dry_pages(ledger)
        except BaseException:
            self._open.close()
            raise

    def _dry_pages(self, ledger: PgLedger) -> Iterator[DryPage]:
        run, service, spec = self._run, self._run.service, spec_of_run(self._run)
        common: dict[str, Any] = {"stop": self._stop, "log": self._log}
        source = open_side(service.source, spec.source.entity, step="pull", **common)
        self._open.callback(source.connection.close)
        destination = open_side(service.destination, spec.destination.entity, step="push", dry=True, **common)
        self._open.callback(destination.connection.close)
        transform = transform_of(spec, run, source, destination, paused=ledger.paused, dry=True, **common)
        self._open.callback(transform.others.close)
        info = info_of(run, spec, destination)
        return dry_run(
            spec,
            source,
            destination,
            transform.mapper,
            script=transform.script,
            info=info,
            know=ledger.know,
            clock=lambda: datetime.now(UTC),
            compare=info.options.compare,
        )

    def step(self) -> bool:
        """One page; True while there may be another."""
        if self._stop.is_set():
            raise Stopped()
        page = next(self._pages, None)
        if page is None:
            return False
        self._number += 1
        failed = [preview for preview in page.previews if preview.problem is not None]
        self.counts.add(page.counts)
        self.counts.failed += len(failed)
        keep_payload(self._run.pk, self._number, KIND, [_shown(preview) for preview in page.previews])
        self._tell(page, failed)
        dry_counts(self._run, self.counts)
        return True

    def _tell(self, page: DryPage, failed: Sequence[Preview]) -> None:
        sent = len(page.previews) - len(failed)
        self._log(
            "info",
            "map",
            f"Page {self._number}: {page.counts.pulled} pulled, {sent} would be sent, {len(failed)} would fail.",
            page=self._number,
        )
        for preview in failed:
            if preview.problem is not None:
                said = f"{preview.problem.message} {preview.problem.hint}".strip()
                self._log("error", "map", said, page=self._number, reference=preview.reference or preview.key)

    def finish(self) -> Counts:
        """The run's figures."""
        return self.counts

    def interrupt(self, error: BaseException) -> None:
        """It never waits."""

    def close(self) -> None:
        """End the connections."""
        self._open.close()


def _shown(preview: Preview) -> Record:
    """A record of a dry run as it is stored: what is nothing is left out."""
    return {name: value for name, value in asdict(preview).items() if value is not None}
