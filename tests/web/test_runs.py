"""A run's page."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from tests.web.pages import checked, text_of

from topstitch.store.models.run import RunStatus


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
    assert ('hx-trigger="every 5s"' in response.content.decode()) == (not over)
    assert ("Reload" in text) == (not over)
    checked(response)


def test_while_it_runs_the_page_asks_only_for_what_moves(world, client):
    run = world.run(world.service(), "running")
    response = client.get(f"/runs/{run.pk}", headers={"HX-Request": "true"})
    assert response.content.decode().lstrip().startswith('<div id="live"')
    world.run(run.service)
    run.status = "completed"
    run.save()
    response = client.get(f"/runs/{run.pk}", headers={"HX-Request": "true"})
    assert "hx-trigger" not in response.content.decode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["done", "refused", "slow", "mapped", "pulled"]),
        ("level=warning", ["refused", "slow"]),
        ("level=error", ["refused"]),
        ("step=map", ["mapped"]),
        ("page=2", ["done", "refused"]),
        ("reference=1005", ["refused"]),
        ("level=nonsense&step=nonsense&page=x", ["done", "refused", "slow", "mapped", "pulled"]),
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
        seen += messages(response)
        found = re.search(r'rel="next" href="([^"]+)"', response.content.decode())
        address = f"/runs/{run.pk}{found[1]}" if found else None
    assert seen == [f"line {number}" for number in reversed(range(230))]


def test_older_lines_stand_still_while_the_run_goes_on(world, client):
    run = world.run(world.service(), "running")
    lines = [world.line(run, f"line {number}") for number in range(3)]
    response = client.get(f"/runs/{run.pk}?after={lines[2].pk}")
    assert messages(response) == ["line 1", "line 0"]
    assert "hx-trigger" not in response.content.decode()


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
