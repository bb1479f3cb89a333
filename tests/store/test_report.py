"""The sync report: every filter, days, pages, how many, and all of it as CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.store.made import Made

from topstitch.accounts.models import User
from topstitch.errors import ConfigError
from topstitch.store.actions.reports import export_report, remove_view, save_view
from topstitch.store.models import Attempt, AuditEvent, CompanyGroup, DayVolume, SavedView
from topstitch.store.queries import report as reports
from topstitch.store.queries import report_size as report_sizes
from topstitch.store.queries.report import ReportChoice, report_rows
from topstitch.store.queries.report_csv import csv_parts, safe_cell
from topstitch.store.queries.report_size import Size, report_size
from topstitch.store.queries.views import find_view, saved_views

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch):
    """Whatever else this machine does meanwhile."""
    monkeypatch.setattr(reports, "PATIENCE", 60.0)
    monkeypatch.setattr(report_sizes, "PATIENCE_MS", 60_000)


@pytest.fixture
def made(db):
    return Made()


@pytest.fixture
def some(made):
    other = CompanyGroup.objects.create(company=made.company, name="Other", slug="other")
    orders = made.service("Orders", "shopify", "odoo")
    stock = made.service("Stock", "peoplevox", "shopify", "stock", group=other)
    made.attempt(orders, 1)
    made.attempt(orders, 2, "failed", error_class="value", error_key="rejected", message="E-mail is not valid", cause=7)
    made.attempt(stock, 3, "pending", error_class="connection", error_key="unreachable", message="no route")
    made.attempt(stock, 1, "uncertain", reference="SKU-1")
    made.attempt(orders, 5, "sent", ago=timedelta(days=3))
    return made


def keys(made, **choice):
    return [row.key for row in report_rows(made.scope, ReportChoice(**choice)).rows]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({}, "13215"),
        ({"status": "trouble"}, "132"),
        ({"status": "sent"}, "5"),
        ({"system": "shopify"}, "13215"),
        ({"source": "shopify"}, "215"),
        ({"destination": "shopify"}, "13"),
        ({"system": "sftp"}, ""),
        ({"entity": "stock"}, "13"),
        ({"error_class": "value"}, "2"),
        ({"error_key": "unreachable"}, "3"),
        ({"text": "valid e-mail"}, "2"),
        ({"text": "%"}, ""),
        ({"causes": [7]}, "2"),
        ({"causes": [8]}, ""),
        ({"reference": "sku"}, "1"),
        ({"reference": "#2"}, "2"),
        ({"status": "failed", "source": "peoplevox"}, ""),
        ({"services": []}, ""),
    ],
)
def test_every_filter_keeps_what_meets_it(some, choice, expected):
    assert keys(some, **choice) == list(expected)


def test_a_source_id_is_found_in_all_services(some):
    assert keys(some, key="1") == []
    for row in report_rows(some.scope, ReportChoice()).rows:
        if row.key == "1":
            some.item(row.service, 1, tried=False, reference=row.reference)
    assert keys(some, key="1") == ["1", "1"]
    assert keys(some, key="2") == []


def test_a_company_group_and_a_run_can_be_chosen(some):
    assert keys(some, group=CompanyGroup.objects.get(slug="other").pk) == ["1", "3"]
    row = report_rows(some.scope, ReportChoice(status="failed")).rows[0]
    assert keys(some, run=row.run_id) == ["2"]


def test_days_are_whole_and_old_rows_are_found_when_they_are_asked_for(made):
    service = made.service()
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for key, at in (
        ("today", midnight),
        ("last", midnight - timedelta(microseconds=1)),
        ("old", midnight - timedelta(days=400)),
    ):
        row = made.attempt(service, key)
        Attempt.objects.filter(pk=row.pk).update(at=at)
    today = midnight.date()
    assert keys(made, first=today) == ["today"]
    assert keys(made, last=today - timedelta(days=1)) == ["last", "old"]
    assert keys(made, first=today - timedelta(days=400), last=today - timedelta(days=400)) == ["old"]
    assert keys(made, first=today - timedelta(days=399)) == ["today", "last"]
    assert keys(made, first=today + timedelta(days=1)) == []


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("size", [1, 3, 7, 50])
def test_pages_over_many_days_lose_and_double_nothing_in_either_direction(made, newest_first, size):
    service = made.service()
    for number in range(23):
        # Rows are recorded late sometimes: their ids are not in the order of their days.
        made.attempt(service, number, ago=timedelta(days=number * 7 % 40, hours=1))
    whole = [row.key for row in report_rows(made.scope, ReportChoice(), newest_first=newest_first, size=100).rows]
    assert len(whole) == 23
    seen, after, pages = [], None, []
    while True:
        page = report_rows(made.scope, ReportChoice(), after=after, newest_first=newest_first, size=size)
        pages.append([row.key for row in page.rows])
        if not page.has_later:
            break
        after = page.rows[-1].pk
    seen = [key for page in pages for key in page]
    assert seen == whole
    before = page.rows[0].pk if page.rows else None
    for expected in pages[-2::-1]:
        page = report_rows(made.scope, ReportChoice(), before=before, newest_first=newest_first, size=size)
        assert [row.key for row in page.rows] == expected
        before = page.rows[0].pk


def test_when_time_is_over_it_says_how_far_it_looked(some, monkeypatch):
    monkeypatch.setattr(reports, "PATIENCE", -1.0)
    page = report_rows(some.scope, ReportChoice())
    today = datetime.now(UTC).date()
    assert (page.rows, page.has_later, page.reached) == ([], True, today)
    oldest = report_rows(some.scope, ReportChoice(first=today - timedelta(days=9)), newest_first=False)
    assert oldest.reached == today - timedelta(days=9)


def test_a_page_takes_few_queries_whatever_there_is(some):
    for number in range(60):
        some.attempt(some.service(f"S{number}"), number)
    with CaptureQueriesContext(connection) as seen:
        report_rows(some.scope, ReportChoice())
    assert len(seen) == 2


def test_a_frequent_beginning_is_looked_for_day_by_day(some, monkeypatch):
    monkeypatch.setattr(reports, "FEW", 1)
    service = some.service("Many")
    for number in range(70, 75):
        some.item(service, number, ago=timedelta(days=number - 70))
    assert keys(some, reference="7") == ["70", "71", "72", "73", "74"]


# -- how many -----------------------------------------------------------------------------------------------------------


def test_few_rows_are_counted(some):
    assert report_size(some.scope, ReportChoice()) == Size(5, exact=True)
    assert report_size(some.scope, ReportChoice(status="failed", text="valid")) == Size(1, exact=True)
    assert report_size(some.scope, ReportChoice(services=[])) == Size(0, exact=True)


def test_many_rows_are_told_from_the_figures_a_day(some):
    service = some.service("Busy")
    today = datetime.now(UTC).date()
    DayVolume.objects.create(service=service, day=today, ok=123_456, failed=20_000, pulled=900_000)
    DayVolume.objects.create(service=service, day=today - timedelta(days=3), failed=60_000)
    assert report_size(some.scope, ReportChoice()) == Size(200_000, exact=False)
    assert report_size(some.scope, ReportChoice(first=today)) == Size(140_000, exact=False)
    assert report_size(some.scope, ReportChoice(status="trouble")) == Size(80_000, exact=False)
    assert report_size(some.scope, ReportChoice(text="x")) == Size(0, exact=True)


def test_what_takes_long_is_about(some, monkeypatch):
    monkeypatch.setattr("topstitch.store.queries.report_size.EXACT", 2)
    size = report_size(some.scope, ReportChoice(text="e"))
    assert size.exact or size.rows < 100
    assert not report_size(some.scope, ReportChoice(reference="#")).exact


# -- CSV ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+44 20 7946", "'+44 20 7946"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =cmd", "'  =cmd"),
        ("\tx", "'\tx"),
        ("-5", "-5"),
        ("+4.50", "+4.50"),
        ("-5+cmd", "'-5+cmd"),
        ("#1001", "#1001"),
        ("", ""),
    ],
)
def test_no_cell_is_run_as_a_formula(text, cell):
    assert safe_cell(text) == cell


@pytest.mark.django_db(transaction=True)
def test_the_report_is_csv_that_a_spreadsheet_reads():
    made = Made()
    service = made.service("Orders, all")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE attempt")
    made.attempt(service, 1, reference="=HYPERLINK(1)", message='said "no",\ntwice', status="failed")
    made.attempt(service, 2, reference="#2 Käse")
    text = "".join(csv_parts(made.scope, ReportChoice()))
    assert text.startswith("\ufeffTime (UTC),Service,")
    rows = list(csv.DictReader(io.StringIO(text[1:], newline="")))
    assert [row["Reference"] for row in rows] == ["#2 Käse", "'=HYPERLINK(1)"]
    assert rows[1]["Message"] == 'said "no",\ntwice'
    assert (rows[0]["Service"], rows[0]["Source system"], rows[0]["Entity"]) == ("Orders, all", "shopify", "orders")
    ada = User.objects.create_user("ada@example.com", "a quiet harbour")
    choice = ReportChoice(status="failed", first=datetime.now(UTC).date())
    parts = list(export_report(made.scope, choice, company=made.company, person=ada))
    assert "".join(parts).count("\r\n") == 2
    event = AuditEvent.objects.get(verb="export")
    assert (event.person, event.after) == (ada, {"status": "failed", "first": str(choice.first)})


@pytest.mark.django_db(transaction=True)
def test_an_export_that_is_given_up_leaves_no_connection_behind():
    made = Made()
    made.attempt(made.service())
    parts = csv_parts(made.scope, ReportChoice())
    next(parts), next(parts)
    parts.close()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'topstitch export' AND state <> 'idle'"
        )
        assert cursor.fetchone() == (0,)


# -- saved views ----------------------------------------------------------------------------------------------------------


def test_views_are_kept_changed_shared_and_removed(made):
    ada, sam = (User.objects.create_user(f"{name}@example.com", "a quiet harbour") for name in ("ada", "sam"))
    mine = save_view(made.company, ada, " Failed today ", "?status=failed")
    assert (mine.name, mine.query) == ("Failed today", "status=failed")
    save_view(made.company, ada, "Failed today", "status=trouble", shared=True)
    save_view(made.company, sam, "Aaa", "")
    save_view(made.company, sam, "Errors", "", area="errors", shared=True)
    assert [view.name for view in saved_views(made.scope, ada.pk)] == ["Failed today"]
    assert [view.name for view in saved_views(made.scope, sam.pk)] == ["Aaa", "Failed today"]
    assert find_view(made.scope, sam.pk, mine.pk).query == "status=trouble"
    assert find_view(Made("Other").scope, ada.pk, mine.pk) is None
    remove_view(SavedView.objects.get(pk=mine.pk), person=ada)
    assert find_view(made.scope, ada.pk, mine.pk) is None
    assert [e.verb for e in AuditEvent.objects.filter(kind="view", person=ada).order_by("pk")] == [
        "create",
        "update",
        "delete",
    ]


@pytest.mark.parametrize(("name", "query"), [("", "a"), ("  ", "a"), ("x" * 81, "a"), ("x", "y" * 2001)])
def test_a_view_without_a_usable_name_or_query_is_refused(made, name, query):
    ada = User.objects.create_user("ada@example.com", "a quiet harbour")
    with pytest.raises(ConfigError):
        save_view(made.company, ada, name, query)
    assert not SavedView.objects.exists()
