"""A run's page."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.pages import checked, text_of

from topstitch.store.models import AuditEvent, RunPage
from topstitch.store.models.run import RunStatus
from topstitch.store.payloads import keep_payload


def messages(response):
    return re.findall(r'<td class="message">([^<]*)</td>', response.content.decode())


@pytest.mark.parametrize("status", RunStatus.values)
def test_it_shows_a_run_in_every_status(world, client, status):
    over = status not in ("queued", "running", "paused")
    now = datetime.now(UTC)
    run = world.run(
        world.service(),
        status,
        started_at=None if status == "queued" else now - timedelta(seconds=125),
        ended_at=now if over else None,
        reason="The shop is away" if status in ("paused", "failed") else "",
        pulled=340,
        filtered=128,
        unchanged=150,
        skipped=2,
        ok=56,
        failed=4,
    )
    response = client.get(f"/runs/{run.pk}")
    text = text_of(response)
    assert RunStatus(status).label in text
    assert "Pulled 340" in text
    assert "Kept 212 128 records filtered out" in text
    assert "Mapped 60 150 records unchanged, 2 records done before" in text
    assert "Pushed 56 4 records did not go through" in text
    assert ("The shop is away" in text) == (status in ("paused", "failed"))
    assert ('hx-trigger="every 2s"' in response.content.decode()) == (not over)
    assert ("Stop</button>" in response.content.decode()) == (not over)
    assert ("Reload" in text) == (not over)
    checked(response)


def test_its_figures_move_while_a_page_is_being_sent(world, client):
    run = world.run(world.service(), "running", started_at=datetime.now(UTC), pulled=100, ok=90, filtered=10)
    RunPage.objects.create(run=run, number=1, complete=True, counts={"pulled": 100}, stored_at=run.created_at)
    RunPage.objects.create(run=run, number=2, counts={"pulled": 5}, stored_at=run.created_at)
    for key, status in (("1", "pending"), ("1", "ok"), ("2", "ok"), ("3", "failed")):
        world.attempt(run, key, status=status, page=2)
    text = text_of(client.get(f"/runs/{run.pk}"))
    for stage in ("Pulled 105", "Kept 93", "Mapped 93", "Pushed 92 1 record did not go through"):
        assert stage in text
    run.refresh_from_db()
    assert (run.pulled, run.ok) == (100, 90)


def test_while_it_runs_the_page_asks_only_for_what_moves(world, client):
    run = world.run(world.service(), "running")
    response = client.get(f"/runs/{run.pk}", headers={"HX-Request": "true"})
    assert response.content.decode().lstrip().startswith('<div id="live"')
    world.run(run.service)
    run.status = "completed"
    run.save()
    response = client.get(f"/runs/{run.pk}", headers={"HX-Request": "true"})
    body = response.content.decode()
    assert "hx-trigger" not in body
    assert 'id="run-acts" hx-swap-oob="true"' in body
    assert "Stop</button>" not in body


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["pulled", "mapped", "slow", "refused", "done"]),
        ("level=warning", ["slow", "refused"]),
        ("level=error", ["refused"]),
        ("step=map", ["mapped"]),
        ("page=2", ["refused", "done"]),
        ("q=MAP", ["mapped"]),
        ("step=script", []),
        ("reference=1005", ["refused"]),
        ("level=nonsense&step=nonsense&page=x", ["pulled", "mapped", "slow", "refused", "done"]),
        ("level=error&step=map", []),
    ],
)
def test_the_log_is_filtered(world, client, query, expected):
    run = world.run(world.service())
    world.line(run, "pulled", step="pull", level="debug")
    world.line(run, "mapped", step="map", level="debug")
    world.line(run, "slow", level="warning")
    world.line(run, "refused", level="error", page=2, reference="#1005")
    world.line(run, "done", step="run", page=2)
    world.line(world.run(run.service), "of another run")
    assert messages(client.get(f"/runs/{run.pk}?{query}")) == expected


def test_the_log_pages_to_the_end_without_loss_or_double(world, client):
    run = world.run(world.service())
    for number in range(230):
        world.line(run, f"line {number}")
    seen, address = [], f"/runs/{run.pk}"
    while address:
        response = client.get(address)
        seen = messages(response) + seen
        found = re.search(r'rel="next" href="([^"]+)"', response.content.decode())
        address = f"/runs/{run.pk}{found[1]}" if found else None
    assert seen == [f"line {number}" for number in range(230)]


def follow(client, response):
    """What the last row of a log asks for."""
    found = re.search(r'<tr data-live hx-get="([^"]+)"', response.content.decode())
    return client.get(found[1].replace("&amp;", "&"), headers={"HX-Request": "true"}) if found else None


def test_older_lines_stand_still_while_the_run_goes_on(world, client):
    run = world.run(world.service(), "running")
    lines = [world.line(run, f"line {number}") for number in range(3)]
    response = client.get(f"/runs/{run.pk}?after={lines[2].pk}")
    assert messages(response) == ["line 0", "line 1"]
    assert follow(client, response) is None


def test_the_log_goes_on_where_it_was_until_the_run_is_over(world, client):
    run = world.run(world.service(), "running")
    page = client.get(f"/runs/{run.pk}?level=info")
    world.line(run, "first")
    world.line(run, "aside", level="debug")
    more = follow(client, page)
    assert messages(more) == ["first"]
    nothing = follow(client, more)
    assert messages(nothing) == []
    world.line(run, "last")
    run.status = "completed"
    run.save()
    end = follow(client, nothing)
    assert messages(end) == ["last"]
    assert messages(follow(client, end)) == []
    assert follow(client, follow(client, end)) is None


def test_a_run_that_is_stopped_is_asked_to_rest(world, client):
    run = world.run(world.service(), "running")
    response = client.post(f"/runs/{run.pk}/stop")
    assert response["Location"] == f"/runs/{run.pk}"
    run.refresh_from_db()
    assert run.stop_requested
    assert (AuditEvent.objects.latest("pk").verb, AuditEvent.objects.latest("pk").person) == ("stop", world.ada)
    assert "stopping" in text_of(client.get(f"/runs/{run.pk}"))


def test_a_run_that_is_over_is_not_stopped(world, client):
    run = world.run(world.service())
    client.post(f"/runs/{run.pk}/stop")
    run.refresh_from_db()
    assert not run.stop_requested


def test_a_failed_run_says_what_happened_and_what_happens_next(world, client):
    service = world.service(next_due=datetime.now(UTC) + timedelta(minutes=8))
    run = world.run(service, "failed", reason="The shop refuses the credentials.", hint="Renew them.", pulled=50)
    response = client.get(f"/runs/{run.pk}")
    said = text_of(response)
    assert "What happened The shop refuses the credentials." in said
    assert "To what The whole run. 50 records had been pulled by then." in said
    assert (
        "Renew them. The next run, in 8 minutes, begins where the last complete one ended: nothing is left out." in said
    )
    checked(response)


def test_records_that_did_not_go_through_are_named(world, client):
    run = world.run(world.service(), "completed_with_failures", failed=1, pending=12)
    failure = world.failure(run)
    response = client.get(f"/runs/{run.pk}")
    said = text_of(response)
    assert f'href="/reports/{failure.pk}"' in response.content.decode()
    assert "#5 Failed The e-mail address is not valid" in said
    assert "All 13 of them" in said
    assert "1 record failed. The next runs try those again whose reason may pass" in said
    assert "12 records pending: the next run tries them again" in said


def test_it_says_what_it_was_asked_for(world, client):
    options = {"ids": ["5", "7"], "limit": 3, "force": True, "source": {"page_size": 10}, "filters": []}
    said = text_of(client.get(f"/runs/{world.run(world.service(), options=options).pk}"))
    for words in (
        "only 5, 7",
        "at most 3 records",
        "sends again what was done before",
        "source page size 10",
        "0 rows",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("pulled", "seconds", "options", "words"),
    [
        (12_000, 100, {}, "120 records a second"),
        (5_000, 100, {"limit": 10_000}, "50 records a second, about 1 min 40 s left"),
        (50, 100, {"limit": 50}, "30 records a minute"),
        (5, 0, {}, "Running for"),
    ],
)
def test_its_speed_and_what_is_left_of_it_are_in_words(world, client, pulled, seconds, options, words):
    began = datetime.now(UTC) - timedelta(seconds=seconds)
    run = world.run(world.service(), "running", started_at=began, pulled=pulled, options=options)
    assert words in text_of(client.get(f"/runs/{run.pk}"))


def test_a_dry_run_shows_what_would_be_sent_and_claims_nothing(world, client):
    run = world.run(world.service(), "completed_with_failures", options={"dry": True}, pulled=3, unchanged=1, failed=1)
    rows = [
        {
            "key": "1",
            "reference": "#1001",
            "mapped": {"number": "1001"},
            "request": {"method": "POST", "url": "http://x"},
        },
        {"key": "2", "reference": "#1002", "problem": {"message": "The e-mail is missing.", "hint": "Add it."}},
    ]
    keep_payload(run.pk, 1, "dry_run", rows)
    response = client.get(f"/runs/{run.pk}")
    said = text_of(response)
    assert "Would be pushed 1 1 record would fail" in said
    assert "#1001 Would be sent" in said
    assert "#1002 Would fail The e-mail is missing. Add it." in said
    assert "Nothing was sent, and the service remembers nothing of it." in said
    assert "Its records" not in said
    checked(response)


def test_the_page_asks_the_same_few_questions_however_much_there_is(world, client):
    def queries(run):
        with CaptureQueriesContext(connection) as seen:
            client.get(f"/runs/{run.pk}")
        return len(seen)

    few, many = world.run(world.service("Few"), failed=1), world.run(world.service("Many"), failed=40)
    world.failure(few)
    world.line(few)
    for number in range(40):
        world.failure(many, str(number))
        world.line(many)
    assert queries(few) == queries(many) <= 11


def test_stored_pages_can_be_downloaded(world, client):
    run = world.run(world.service())
    world.payload(run, 5, 6)
    assert "Pulled page 1" in text_of(client.get(f"/runs/{run.pk}"))
    response = client.get(f"/runs/{run.pk}/payloads/pulled/1.json")
    assert [record["id"] for record in orjson.loads(response.content)] == [5, 6]
    assert response["Content-Disposition"].startswith('attachment; filename="pulled-')
    assert client.get(f"/runs/{run.pk}/payloads/pulled/2.json").status_code == 404
    assert client.get(f"/runs/{run.pk}/payload?page=1")["Location"].endswith("/payloads/pulled/1.json")
    assert client.get(f"/runs/{run.pk}/payload?page=x").status_code == 404


def test_it_leads_to_its_records_by_status(world, client):
    run = world.run(world.service(), failed=2)
    assert f'href="/reports/?q={run.pk}&amp;status=failed"' in client.get(f"/runs/{run.pk}").content.decode()
