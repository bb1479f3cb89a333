"""How long a company keeps what the server would keep longer.

Whole days go for all companies at once (partitions.py); these rows go in small parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from topstitch.store.models import Company

#: Rows deleted in one transaction.
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Period:
    """How long one kind of thing is kept."""

    #: In forms, and what a company's own period is called.
    field: str
    table: str
    #: Which rows of the table are those of some services.
    theirs: str
    setting: str

    @property
    def most(self) -> int:
        """Days that the server keeps it, for everybody."""
        return int(getattr(settings, self.setting))

    def of(self, company: Company) -> int:
        """Days that a company keeps it: its own, never more than the server does."""
        own: int | None = getattr(company, self.field)
        return self.most if own is None else min(own, self.most)


_OF_SERVICE = "service_id = ANY(%(services)s)"
_OF_RUN = "run_id IN (SELECT id FROM store_run WHERE service_id = ANY(%(services)s))"
PERIODS = (
    Period("keep_payload_days", "stored_payload", _OF_RUN, "KEEP_PAYLOAD_DAYS"),
    Period("keep_log_days", "log_line", _OF_RUN, "KEEP_LOG_DAYS"),
    Period("keep_report_days", "attempt", _OF_SERVICE, "KEEP_REPORT_DAYS"),
)

# Where a row lies tells it apart from all others, and is found without an index.
_FORGET = """
DELETE FROM {table} t USING (
    SELECT tableoid, ctid FROM {table} WHERE at >= %(oldest)s AND at < %(before)s AND {theirs} LIMIT %(batch)s
) old WHERE t.tableoid = old.tableoid AND t.ctid = old.ctid
"""


def forget_early() -> bool:
    """Delete some of what companies keep shorter than the server; whether there may be more."""
    full = False
    for company in Company.objects.all():
        for period in PERIODS:
            if period.of(company) < period.most:
                full = _forget(company, period) == BATCH or full
    return full


def _forget(company: Company, period: Period) -> int:
    today = timezone.now().date()
    values: dict[str, Any] = {
        "services": list(company.groups.values_list("services__pk", flat=True)),
        # What is older still goes with its whole day.
        "oldest": datetime.combine(today - timedelta(days=period.most + 1), time.min, UTC),
        "before": datetime.combine(today - timedelta(days=period.of(company)), time.min, UTC),
        "batch": BATCH,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FORGET.format(table=period.table, theirs=period.theirs), values)
        return int(cursor.rowcount)
