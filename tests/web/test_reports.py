"""The sync report and its records."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.store.models import Attempt, AuditEvent, ErrorNote, Item, Run, SavedView


def references(response):
    found = re.findall(
        r'class="whole" data-row data-drawer href="/reports/\d+" title="[^"]*">([^<]+)<', response.content.decode()
    )
    return [reference.lstrip("#") for reference in found]


@pytest.fixture
def report(world):
    orders, stock = world.service(), world.service("Stock to shop", source="peoplevox", entity="stock")
    run, other = world.run(orders), world.run(stock)
    world.attempt(run, "1001")
    world.attempt(run, "1002", status="sent")
    world.cause(world.failure(run, "1003"))
    world.attempt(other, "SKU-7", reference="Sku-7", status="pending", message="Later")
    world.attempt(other, "SKU-8", reference="SKU-8", status="uncertain")
    world.attempt(run, "900", at=datetime.now(UTC) - timedelta(days=9))
    world.run_1, world.run_2 = run, other
    return world


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["SKU-8", "Sku-7", "1003", "1002", "1001"]),
        ("sort=time", ["1001", "1002", "1003", "Sku-7", "SKU-8"]),
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
        ("source=peoplevox", ["SKU-8", "Sku-7"]),
        ("destination=peoplevox", []),
        ("entity=stock", ["SKU-8", "Sku-7"]),
        ("entity=nonsense", []),
        ("group=0", []),
        ("class=value", ["1003"]),
        ("class=nonsense", ["SKU-8", "Sku-7", "1003", "1002", "1001"]),
        ("saying=address+valid", ["1003"]),
        ("cause=4711", ["1003"]),
        ("cause=4712", []),
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


@pytest.mark.parametrize("query", ["?", "?status=trouble&", "?service=orders&sort=time&"])
def test_it_pages_to_the_end_and_back_without_loss_or_double(world, client, query):
    run = world.run(world.service())
    made = [str(world.attempt(run, str(n), status="failed").key) for n in range(130)]
    address, pages = f"/reports/{query}", []
    while address:
        response = client.get(address)
        pages.append(references(response))
        found = re.search(r'rel="next" href="([^"]+)"', response.content.decode())
        address = f"/reports/{found[1].replace('&amp;', '&')}" if found else None
    expected = made if "sort=time" in query else made[::-1]
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
    assert queries() == few <= 10


def test_an_error_has_four_parts(world, client):
    run = world.run(world.service())
    failed = world.failure(run)
    response = client.get(f"/reports/{failed.pk}")
    text = text_of(response)
    for part in (
        "What happened The e-mail address is not valid Field email",
        "To what Orders #5 id at Far end 5",
        "Why Value: a value is not as it must be. Refused by Far end",
        "What you can do Correct the record at the source. Guide: Mapping Open its log",
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
    assert "Status now OK" in text


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


# -- filters, size, columns, days that were not looked at -----------------------------------------------------------------


def test_choices_that_were_made_stand_out_and_stay(report, client):
    body = client.get("/reports/?status=failed&source=peoplevox&from=2020-01-01").content.decode()
    assert re.search(r'<select name="status"[^>]* class="chosen">', body)
    assert '<details class="rare" open>' in body
    assert '<option value="peoplevox" selected>' in body
    assert '<details class="rare">' in client.get("/reports/?status=failed").content.decode()


def test_a_group_can_be_chosen_where_there_are_several(report, client):
    assert 'name="group"' not in client.get("/reports/").content.decode()
    other = report.add_group("Germany")
    report.attempt(report.run(report.service("Bestellungen", group=other)), "77")
    assert references(client.get(f"/reports/?group={other.pk}")) == ["77"]


def test_a_cause_is_named_and_can_be_left(report, client):
    page = client.get("/reports/?cause=4711")
    assert "because of The e-mail address is not valid" in text_of(page)
    assert references(client.get("/reports/?cause=nonsense"))[0] == "SKU-8"


@pytest.mark.parametrize(("query", "words"), [("", "5 rows"), ("status=failed", "1 row"), ("q=zzz", "0 rows")])
def test_how_many_there_are_comes_after(report, client, query, words):
    assert f"/reports/size?{query}" in client.get(f"/reports/?{query}").content.decode()
    assert text_of(client.get(f"/reports/size?{query}")) == words


def test_additional_data_tell_where_the_record_stands_now(report, client):
    report.item(report.attempt(report.run_1, "77", status="failed", remote_id="SO-9001"), "ok")
    assert "SO-9001" not in text_of(client.get("/reports/"))
    shown = text_of(client.get("/reports/?columns=all&q=77"))
    assert re.search(r"#77 Failed .* 77 SO-9001 OK just now", shown)


def test_days_that_were_not_looked_at_are_said_and_can_be(report, client, monkeypatch):
    monkeypatch.setattr("topstitch.store.queries.report.PATIENCE", 0)
    page = client.get("/reports/?status=failed&class=value&from=2020-01-01")
    further = re.search(r'<a href="([^"]+)">Look further back', page.content.decode())[1]
    assert re.search(r"\bto=\d{4}-\d\d-\d\d", further)
    assert "from=2020-01-01" in further


def test_an_empty_report_teaches_and_an_empty_choice_does_not(world, client):
    assert "Nothing in the last days" in text_of(client.get("/reports/"))
    page = client.get("/reports/?status=failed")
    assert "No row fits." in text_of(page)
    checked(page)


# -- saved views ----------------------------------------------------------------------------------------------------------


def test_a_view_is_saved_shown_and_removed(report, client):
    form = client.get("/reports/views/save?status=failed&after=7")
    assert 'name="query" value="status=failed"' in form.content.decode()
    checked(form)
    saved = client.post("/reports/views/save", {"name": "Broken", "query": "status=failed"})
    assert saved["Location"] == "/reports/?status=failed"
    page = client.get("/reports/?status=failed&before=&after=")
    assert re.search(r'<a href="/reports/\?status=failed" aria-current="true">Broken<', page.content.decode())
    (view,) = SavedView.objects.all()
    client.post(f"/reports/views/{view.pk}/remove")
    assert not SavedView.objects.exists()
    assert "Remove the view" not in client.get("/reports/?status=failed").content.decode()


def test_a_view_without_a_name_says_so_beside_the_field(report, client):
    page = client.post("/reports/views/save", {"name": "", "query": "status=failed"})
    assert "This field is required" in text_of(page)
    assert 'name="query" value="status=failed"' in page.content.decode()
    page = client.post("/reports/views/save", {"name": "Long", "query": "q=" + "x" * 3000})
    assert "more filters than a view can keep" in text_of(page)
    checked(page)


def test_views_that_are_shared_are_seen_by_all_and_changed_by_their_owner(report, client):
    client.post("/reports/views/save", {"name": "Broken", "query": "status=failed", "shared": "on"})
    client.post("/reports/views/save", {"name": "Mine", "query": "status=ok"})
    bob = report.client(report.person("bob@example.com", report.company, Role.MANAGER))
    page = bob.get("/reports/?status=failed")
    assert "Broken" in text_of(page)
    assert "Mine" not in text_of(page)
    assert "Remove the view" not in text_of(page)
    bob.post(f"/reports/views/{SavedView.objects.get(name='Broken').pk}/remove")
    assert bob.post(f"/reports/views/{SavedView.objects.get(name='Mine').pk}/remove").status_code == 404
    assert SavedView.objects.count() == 2
    sam = report.client(report.sam)
    assert sam.post(f"/reports/views/{SavedView.objects.get(name='Broken').pk}/remove").status_code == 404


# -- the list as a file ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_all_that_matches_is_a_csv_file(report, client):
    response = client.post("/reports/export.csv", {"query": "status=trouble&sort=time"})
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert response["Content-Disposition"].startswith('attachment; filename="sync-report-')
    assert lines[0].startswith("Time (UTC),Service,Source system")
    assert [line.split(",")[5] for line in lines[1:]] == ["#1003", "Sku-7", "SKU-8"]
    (event,) = AuditEvent.objects.filter(verb="export")
    assert (event.person, event.after["status"]) == (report.ada, "trouble")


# -- ticked rows ----------------------------------------------------------------------------------------------------------


def ids(*keys):
    return [Attempt.objects.filter(key=key).latest("id").pk for key in keys]


def test_before_anything_is_done_it_says_what_it_takes_and_what_not(report, client):
    report.item(Attempt.objects.get(key="1001"), "ok")
    page = client.post("/records/resync", {"do": "pull", "of": "attempts", "tick": ids("1001", "1003")})
    said = text_of(page)
    assert "Pull 1 record again? " in said
    assert "Orders to warehouse 1" in said
    assert "It has gone through already #1001 1" in said
    assert Run.objects.filter(trigger="resync").count() == 0
    checked(page)
    part = client.post("/records/resync", {"do": "pull", "tick": ids("1003")}, headers={"HX-Target": "act"})
    assert "<html" not in part.content.decode()


def test_once_it_is_agreed_to_a_run_is_asked_for(report, client):
    sent = {"do": "pull", "of": "attempts", "tick": ids("1003"), "agreed": "1", "back": "/reports/?status=failed"}
    done = client.post("/records/resync", sent)
    assert done["Location"] == "/reports/?status=failed"
    (run,) = Run.objects.filter(trigger="resync")
    assert (run.options["ids"], run.person) == (["1003"], report.ada)
    assert "1 record will be pulled again" in client.get("/reports/").content.decode()
    again = client.post("/records/resync", {**sent, "agreed": []})
    assert "It is being synced again already" in text_of(again)


def test_all_that_match_are_meant_when_that_is_ticked(report, client):
    report.cause(report.failure(report.run_1, "1004"))
    page = client.post("/records/settle", {"do": "close", "all": "1", "query": "status=failed", "tick": ids("1001")})
    assert "Resolve 2 records?" in text_of(page)
    kept = dict(re.findall(r'name="(all|query|do)" value="([^"]*)"', page.content.decode()))
    client.post("/records/settle", {**kept, "agreed": "1", "note": "They were test orders"})
    assert set(Item.objects.filter(key__in=["1003", "1004"]).values_list("status", flat=True)) == {"closed"}
    assert ErrorNote.objects.get().text == "They were test orders"


def test_who_insists_sends_again_what_went_through(report, client):
    report.item(Attempt.objects.get(key="1001"), "ok")
    sent = {"do": "pull", "tick": ids("1001")}
    page = client.post("/records/resync", sent)
    assert "None of them can be taken." in text_of(page)
    assert re.search(r'name="again" value="1" required', page.content.decode())
    client.post("/records/resync", {**sent, "agreed": "1"})
    assert not Run.objects.filter(trigger="resync").exists()
    client.post("/records/resync", {**sent, "agreed": "1", "again": "1"})
    assert Run.objects.get(trigger="resync").options["force"]


def test_uncertain_ones_are_settled_by_who_looked(report, client):
    report.item(Attempt.objects.get(key="SKU-8"), "uncertain")
    client.post("/records/settle", {"do": "arrived", "tick": ids("SKU-8"), "agreed": "1"})
    assert Item.objects.get(key="SKU-8").status == "ok"


def test_nothing_ticked_is_said(report, client):
    assert "No record was chosen." in text_of(client.post("/records/resync", {"do": "pull"}))


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "reports"]
)
def test_it_goes_back_to_nowhere_else(report, client, back):
    done = client.post("/records/resync", {"do": "pull", "tick": ids("1003"), "agreed": "1", "back": back})
    assert done["Location"] == "/reports/"


def test_records_of_others_are_nobodys(report, world):
    sam = world.client(world.sam)
    page = sam.post("/records/resync", {"do": "pull", "tick": ids("1003")})
    assert "No record was chosen." in text_of(page)
    assert sam.post("/records/resync", {"do": "pull", "all": "1", "cause": "4711"}).status_code == 404


def test_those_who_may_only_read_have_no_boxes(report, world):
    reader = world.client(world.person("r@example.com", world.company, Role.READ_ONLY))
    body = reader.get("/reports/").content.decode()
    assert 'name="tick"' not in body
    assert "tick-bar" not in body
    assert "Save this view" not in body
