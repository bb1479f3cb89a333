"""How many rows a choice of the report keeps: exactly when they are few, about when counting would take long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import floor, log10

import orjson
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from topstitch.store.models import Attempt, DayVolume
from topstitch.store.queries.report import STATUSES, TROUBLE, ReportChoice, chosen_attempts, chosen_services
from topstitch.store.queries.scope import Scope

#: Counted exactly up to here, if that takes no longer than so many milliseconds.
EXACT, PATIENCE_MS = 10_000, 40
#: What an index finds is worth waiting for.
SEEKING_MS = 300


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows. An estimate is rounded to two figures; that of the planner, of rare words, may be off by a factor."""

    rows: int
    exact: bool


def report_size(scope: Scope, choice: ReportChoice) -> Size:
    """How many rows a choice keeps."""
    known = _from_volumes(scope, choice)
    if known is not None and known > EXACT:
        return Size(_rounded(known), exact=False)
    rows = chosen_attempts(scope, choice).order_by()
    counted = _counted(rows, SEEKING_MS if choice.reference or choice.run or choice.key else PATIENCE_MS)
    return Size(counted, exact=True) if counted is not None else Size(_rounded(_planned(rows)), exact=False)


def _from_volumes(scope: Scope, choice: ReportChoice) -> int | None:
    """From the services' figures a day; None where they do not tell."""
    c = choice
    if c.reference or c.run or c.key or c.causes or c.error_class or c.error_key or c.text:
        return None
    statuses = {"": STATUSES, TROUBLE: STATUSES[2:]}.get(choice.status, (choice.status,))
    oldest = timezone.now().date() - timedelta(days=settings.KEEP_REPORT_DAYS)
    days = DayVolume.objects.filter(service__in=chosen_services(scope, choice), day__gte=choice.first or oldest)
    if choice.last:
        days = days.filter(day__lte=choice.last)
    sums = days.aggregate(**{f"sum_{status}": Sum(status) for status in statuses})
    return sum(value or 0 for value in sums.values())


def _counted(rows: QuerySet[Attempt], patience: int) -> int | None:
    """None when they are many, or take long to find."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {patience}")
            found = rows.values("pk")[: EXACT + 1].count()
            cursor.execute("SET LOCAL statement_timeout = DEFAULT")
    except OperationalError:
        # Cancelled for time.
        return None
    return found if found <= EXACT else None


def _planned(rows: QuerySet[Attempt]) -> int:
    sql, values = rows.values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", values)
        (plan,) = cursor.fetchone()
    plan = orjson.loads(plan) if isinstance(plan, str | bytes) else plan
    return int(plan[0]["Plan"]["Plan Rows"])


def _rounded(count: int) -> int:
    if count < 100:
        return count
    unit = 10 ** (floor(log10(count)) - 1)
    return int(round(count / unit) * unit)
