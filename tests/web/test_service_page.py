"""A service's summary and settings."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.store.models import Service


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


def test_runs_of_the_last_day_are_shown_and_older_ones_when_asked_for(world, client):
    service = world.service()
    new, old = world.run(service), world.run(service, "failed", ago=timedelta(hours=25))
    assert sync_ids(client.get(f"/services/{service.pk}")) == [str(new.pk)]
    assert sync_ids(client.get(f"/services/{service.pk}?runs=all")) == [str(new.pk), str(old.pk)]
    assert sync_ids(client.get(f"/services/{service.pk}?runs=all&status=failed")) == [str(old.pk)]
    assert sync_ids(client.get(f"/services/{service.pk}?sync_id={old.pk}")) == [str(old.pk)]
    assert "No such run in the last 24 hours." in text_of(client.get(f"/services/{service.pk}?status=failed"))


def test_a_dry_run_is_told_from_others_and_is_not_the_last_run(world, client):
    service = world.service()
    world.run(service, "completed", ok=5, ago=timedelta(hours=1))
    world.run(service, "completed_with_failures", options={"dry": True}, pulled=9, failed=9)
    response = client.get(f"/services/{service.pk}")
    said = text_of(response)
    assert "Completed with failures dry run" in said
    assert "Last run Completed 1 hour ago" in said
    assert "5 OK, 0 not" in response.content.decode()


def test_the_head_offers_what_the_person_may_do(world, client):
    service = world.service()
    assert "Run now" in text_of(client.get(f"/services/{service.pk}"))
    Service.objects.update(active=False)
    said = text_of(client.get(f"/services/{service.pk}"))
    assert "Run now" not in said
    assert "Dry run" in said
    reader = world.client(world.person("r@example.com", world.company, Role.READ_ONLY))
    body = reader.get(f"/services/{service.pk}").content.decode()
    assert "Dry run" not in body
    assert 'role="switch"' not in body


def test_the_summary_asks_few_questions_however_many_runs_there_are(world, client):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            client.get(f"/services/{service.pk}")
        return len(seen)

    service = world.service()
    few = queries()
    for _ in range(25):
        world.run(service)
    assert queries() == few <= 10


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
        "Trim",
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
