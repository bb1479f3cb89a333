"""A service's summary and settings."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from tests.web.pages import checked, text_of


def sync_ids(response):
    return re.findall(r'href="/runs/([0-9a-f-]{36})" title="\1"', response.content.decode())


def test_the_chart_has_the_figures_as_a_table_too(world, client):
    service = world.service()
    world.run(service, ok=40, failed=2, unchanged=7, ago=timedelta(days=1))
    world.run(service, ok=3, sent=1)
    response = client.get(f"/services/{service.pk}")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert f"{yesterday:%a %-d %b}: 40 OK, 2 not, 7 unchanged" in response.content.decode()
    assert f"{yesterday:%a %-d %b %Y} 40 2 7 1" in text_of(response)
    assert "Transactions of 14 days: 44 OK, 2 not." in response.content.decode()
    checked(response)


def test_the_chart_covers_the_days_asked_for(world, client):
    service = world.service()
    response = client.get(f"/services/{service.pk}?from=2026-01-30&to=2026-02-02")
    assert "Transactions of 4 days" in response.content.decode()
    for odd in ("from=2026-02-02&to=2026-01-01", "from=x&to=y", "from=1900-01-01&to=2026-01-01"):
        assert client.get(f"/services/{service.pk}?{odd}").status_code == 200


def test_runs_are_found_by_the_beginning_of_their_sync_id(world, client):
    service = world.service()
    runs = [world.run(service) for _ in range(3)]
    wanted = str(runs[1].pk)
    assert wanted in sync_ids(client.get(f"/services/{service.pk}?sync_id={wanted[:8]}"))
    assert sync_ids(client.get(f"/services/{service.pk}?sync_id={wanted}")) == [wanted]
    assert "No run of this service" in text_of(client.get(f"/services/{service.pk}?sync_id=nonsense"))


def test_runs_page_to_the_end_and_back_without_loss_or_double(world, client):
    service = world.service()
    made = [str(world.run(service, ago=timedelta(minutes=n)).pk) for n in range(75)]
    address, pages = f"/services/{service.pk}", []
    while address:
        response = client.get(address)
        pages.append(sync_ids(response))
        found = re.search(r'rel="next" href="([^"]+)"', response.content.decode())
        address = f"/services/{service.pk}{found[1].replace('&amp;', '&')}" if found else None
    assert [run for page in pages for run in page] == made
    back = re.search(r'rel="prev" href="([^"]+)"', response.content.decode())
    assert sync_ids(client.get(f"/services/{service.pk}{back[1]}")) == pages[-2]


def test_a_revision_shows_the_configuration_in_words(world, client):
    service = world.service(
        spec={
            "source": {
                "connector": "far",
                "entity": "orders",
                "filters": [{"field": "updated_at", "op": "in_the_last", "value": {"amount": 10, "unit": "minute"}}],
            },
            "destination": {"connector": "far", "entity": "sales", "mode": "create_only"},
            "mapping": [
                {"to": "email", "from": "email", "do": ["string.trim"], "required": True},
                {"to": "channel", "value": "web", "enabled": False, "category": "Order"},
            ],
            "schedules": [{"cron": "0 6,18 * * 1-5", "zone": "Europe/London"}],
        }
    )
    response = client.get(f"/services/{service.pk}/revisions/1")
    text = text_of(response)
    for words in (
        "updated_at is in the last 10 minutes",
        "new records only",
        "string.trim",
        "required",
        "switched off",
    ):
        assert words in text
    assert "At 06:00 and 18:00 on Monday through Friday (Europe/London)" in text
    checked(response)


@pytest.mark.parametrize("spec", [{"source": {}}, {"from": "the future"}])
def test_a_configuration_of_another_version_is_no_error_page(world, client, spec):
    service = world.service(spec=spec)
    for tab in ("", "/settings"):
        response = client.get(f"/services/{service.pk}{tab}")
        assert response.status_code == 200
    assert "cannot be shown" in text_of(response)


def test_a_service_that_never_ran_says_so(world, client):
    assert "This service has not run yet." in text_of(client.get(f"/services/{world.service().pk}"))
