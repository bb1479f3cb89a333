"""The screens' queries with something behind them: none goes through a whole table. `python -m bench.big` measures far more."""

from __future__ import annotations

import json

import pytest
from bench.big import questions
from bench.bigdata import fill
from django.db import connection
from django.test.utils import CaptureQueriesContext

from topstitch.store import desk
from topstitch.store.models import Attempt, ErrorGroup, Item

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

#: Tables with a row for each record.
HUGE = ("item", "attempt_")
#: These are asked seldom, and of a part that an index finds.
MOST_QUERIES = 9


@pytest.fixture
def big(transactional_db):
    yield fill(60, 60_000, days=10, runs_a_day=4)
    # Too much to be deleted row by row, as is done after other tests.
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE item, attempt, log_line, stored_payload")


def scanned(plan):
    """Tables that a plan reads from end to end, with the rows expected."""
    if plan["Node Type"] == "Seq Scan" and plan["Relation Name"].startswith(HUGE) and plan["Plan Rows"] > 100:
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from scanned(part)


def test_no_question_goes_through_a_whole_table_or_asks_again_and_again(big):
    assert Item.objects.count() > 50_000
    assert ErrorGroup.objects.filter(affected__gt=0).count() > 100
    assert not Attempt.objects.exclude(status__in=("ok", "sent")).filter(cause=None).exists()
    for name, ask in questions():
        with CaptureQueriesContext(connection) as seen:
            ask()
        if not name.startswith("home: all"):
            assert len(seen) <= MOST_QUERIES, name
        for query in seen:
            # Small tables are read whole, and rightly; so is one day of a small report.
            if query["sql"].startswith(("SELECT", "WITH", "(SELECT")) and " FROM item" in query["sql"]:
                with connection.cursor() as cursor:
                    cursor.execute("EXPLAIN (FORMAT JSON) " + query["sql"])
                    (plan,) = cursor.fetchone()
                plan = json.loads(plan) if isinstance(plan, str) else plan
                assert list(scanned(plan[0]["Plan"])) == [], f"{name}: {query['sql'][:300]}"


def test_all_causes_can_be_made_anew(big):
    before = set(ErrorGroup.objects.values_list("pk", "seen", "affected"))
    desk.rebuild()
    assert set(ErrorGroup.objects.values_list("pk", "seen", "affected")) == before
