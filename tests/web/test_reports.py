"""The sync report and its records."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.pages import checked, text_of


def references(response):
    found = re.findall(r'class="whole" data-row href="/reports/\d+">([^<]+)<', response.content.decode())
    return [reference.lstrip("#") for reference in found]


@pytest.fixture
def report(world):
    orders, stock = world.service(), world.service("Stock to shop", source="peoplevox", entity="stock")
    run, other = world.run(orders), world.run(stock)
    world.attempt(run, "1001")
    world.attempt(run, "1002", status="sent")
    world.failure(run, "1003")
    world.attempt(other, "SKU-7", reference="Sku-7", status="pending", message="Later")
    world.attempt(other, "SKU-8", reference="SKU-8", status="uncertain")
    world.attempt(run, "900", at=datetime.now(UTC) - timedelta(days=9))
    world.run_1, world.run_2 = run, other
    return world


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["SKU-8", "Sku-7", "1003", "1002", "1001"]),
        ("order=oldest", ["1001", "1002", "1003", "Sku-7", "SKU-8"]),
        ("status=failed", ["1003"]),
        ("status=pending", ["Sku-7"]),
        ("status=uncertain", ["SKU-8"]),
        ("status=trouble", ["SKU-8", "Sku-7", "1003"]),
        ("status=ok", ["1001"]),
        ("status=sent", ["1002"]),
        ("status=nonsense", ["SKU-8", "Sku-7", "1003", "1002", "1001"]),
        ("q=100", ["1003", "1002", "1001"]),
        ("q=%231003", ["1003"]),
        ("q=sku-8", ["SKU-8"]),
        ("q=900", ["900"]),
        ("q=%25", []),
        ("q=zzz", []),
        ("q=far+end", ["SKU-8", "Sku-7", "1003", "1002", "1001"]),
        ("q=peoplevox", ["SKU-8", "Sku-7"]),
        ("q=peoplevox&as=reference", []),
        ("system=peoplevox", ["SKU-8", "Sku-7"]),
        ("service=stock", ["SKU-8", "Sku-7"]),
        ("service=no+such", []),
        ("service=stock&status=failed", []),
        ("from=2020-01-01", ["SKU-8", "Sku-7", "1003", "1002", "1001", "900"]),
        ("from=2020-01-01&to=2020-01-02", []),
        ("from=nonsense&after=nonsense&before=nonsense", ["SKU-8", "Sku-7", "1003", "1002", "1001"]),
    ],
)
def test_search_and_filters_narrow_the_report(report, client, query, expected):
    response = client.get(f"/reports/?{query}")
    assert references(response) == expected
    checked(response)


def test_it_finds_the_records_of_a_run_by_its_sync_id(report, client):
    response = client.get(f"/reports/?q={report.run_2.pk}")
    assert references(response) == ["SKU-8", "Sku-7"]
    assert "Records of run" in text_of(response)


def test_a_service_can_be_named_by_its_id(report, client):
    assert references(client.get(f"/reports/?service={report.run_2.service_id}")) == ["SKU-8", "Sku-7"]


def test_a_day_takes_in_all_of_it(report, client):
    day = (datetime.now(UTC) - timedelta(days=9)).date()
    assert references(client.get(f"/reports/?from={day}&to={day}")) == ["900"]


def test_more_columns_show_both_ids(report, client):
    report.attempt(report.run_1, "77", remote_id="SO-9001")
    assert "SO-9001" not in text_of(client.get("/reports/"))
    assert "SO-9001" in text_of(client.get("/reports/?columns=all"))


@pytest.mark.parametrize("query", ["?", "?status=trouble&", "?service=orders&order=oldest&"])
def test_it_pages_to_the_end_and_back_without_loss_or_double(world, client, query):
    run = world.run(world.service())
    made = [str(world.attempt(run, str(n), status="failed").key) for n in range(130)]
    address, pages = f"/reports/{query}", []
    while address:
        response = client.get(address)
        pages.append(references(response))
        found = re.search(r'rel="next" href="([^"]+)"', response.content.decode())
        address = f"/reports/{found[1].replace('&amp;', '&')}" if found else None
    expected = made if "oldest" in query else made[::-1]
    assert [reference for page in pages for reference in page] == expected
    while found := re.search(r'rel="prev" href="([^"]+)"', response.content.decode()):
        pages.pop()
        response = client.get(f"/reports/{found[1].replace('&amp;', '&')}")
        assert references(response) == pages[-1]
        if len(pages) == 1:
            break
    assert len(pages) == 1


def test_rows_that_come_meanwhile_do_not_shift_the_pages(world, client):
    run = world.run(world.service())
    for number in range(60):
        world.attempt(run, str(number))
    first = client.get("/reports/")
    for number in range(100, 110):
        world.attempt(run, str(number))
    more = re.search(r'rel="next" href="([^"]+)"', first.content.decode())[1]
    assert references(client.get(f"/reports/{more}")) == [str(n) for n in reversed(range(10))]


def test_the_number_of_queries_does_not_grow_with_the_report(world, client):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            client.get("/reports/")
        return len(seen)

    run = world.run(world.service())
    world.attempt(run)
    few = queries()
    for number in range(45):
        world.failure(world.run(world.service(f"Service {number}")), str(number))
    assert queries() == few <= 7


def test_an_error_has_four_parts(world, client):
    run = world.run(world.service())
    failed = world.failure(run)
    response = client.get(f"/reports/{failed.pk}")
    text = text_of(response)
    for part in (
        "What happened The e-mail address is not valid Field email",
        "To which record Orders #5 id at Far end 5",
        "Why Value : refused by Far end",
        "What you can do Correct the record at the source. Open its log",
    ):
        assert part.replace(" :", ":") in text.replace(" :", ":")
    assert re.search(r"<details><summary>[^<]+</summary><pre[^>]*>422 ", response.content.decode())
    checked(response)


def test_a_record_shows_as_it_was_pulled_and_as_it_was_mapped(world, client):
    run = world.run(world.service())
    world.payload(run, 4, 5, 6)
    failed = world.failure(run, "5")
    text = text_of(client.get(f"/reports/{failed.pk}"))
    assert "Person5@Example.com" in text
    assert "Person4@Example.com" not in text
    assert orjson.loads(client.get(f"/reports/{failed.pk}/pulled.json").content)["id"] == 5
    assert orjson.loads(client.get(f"/reports/{failed.pk}/mapped.json").content) == {"reference": "5", "email": "bad"}
    assert client.get(f"/reports/{failed.pk}/other.json").status_code == 404


def test_a_record_whose_page_has_expired_says_so(world, client):
    fine = world.attempt(world.run(world.service()))
    text = text_of(client.get(f"/reports/{fine.pk}"))
    assert "The pulled page is no longer kept" in text
    assert "Kept only for records that did not go through." in text
    assert client.get(f"/reports/{fine.pk}/pulled.json").status_code == 404


def test_a_record_of_a_system_that_has_gone_is_still_shown(world, client):
    run = world.run(world.service(source="long-gone"))
    world.payload(run, 1)
    attempt = world.attempt(run)
    response = client.get(f"/reports/{attempt.pk}")
    assert response.status_code == 200
    assert "Long Gone" in text_of(response)


def test_all_attempts_of_the_same_record_are_a_timeline(world, client):
    run = world.run(world.service())
    first = world.failure(run, "5")
    world.failure(run, "55")
    last = world.attempt(world.run(run.service), "5", remote_id="SO-9001", outcome="created")
    world.item(last, "ok")
    text = text_of(client.get(f"/reports/{first.pk}"))
    timeline = text[text.index("Attempts") : text.index("Record Source id")]
    assert timeline.index("created as SO-9001") < timeline.index("rejected")
    assert timeline.count("Failed") == 1
    assert "Stands now OK" in text


def test_values_are_text_not_markup(world, client):
    run = world.run(world.service())
    attempt = world.attempt(
        run,
        "<b>1</b>",
        status="failed",
        message="<img src=x>",
        detail="<script>",
        evidence={"mapped": {"a": "</pre><b>"}},
    )
    for address in ("/reports/", f"/reports/{attempt.pk}"):
        response = client.get(address)
        assert "<img src=x>" not in response.content.decode()
        checked(response)
