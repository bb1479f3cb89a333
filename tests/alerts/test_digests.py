"""Digests: what is not told at once comes together, at its time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from topstitch.alerts.models import AlertRule
from topstitch.alerts.telling.notices import due_at


def test_an_hourly_digest_comes_at_the_full_hour(world):
    world.rule(addresses=["desk@example.com"], frequency="hourly")
    world.ran(world.service("First"), failed=1)
    world.pass_time(minutes=10)
    world.ran(world.service("Second"), "failed", reason="Away")
    assert world.work() == []
    world.now = world.now.replace(minute=59)
    assert world.work() == []
    world.now = world.now.replace(hour=15, minute=0)
    assert world.work() == ["Harbour & Pine: 2 need attention"]
    assert "First: 1 record failed" in world.server.text() and "Second: the run failed" in world.server.text()


def test_a_daily_digest_says_what_is_over_too(world):
    world.rule(addresses=["desk@example.com"], frequency="daily", hour=8, zone="Europe/London")
    broken, mended = world.service("Broken"), world.service("Mended")
    world.ran(broken, failed=1)
    world.ran(mended, "failed", reason="Away")
    world.work()
    world.pass_time(hours=1)
    world.ran(mended, ok=1)
    assert world.work() == []
    world.now = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
    assert world.work() == ["Harbour & Pine: 2 need attention, 1 works again"]
    text = world.server.text()
    assert text.index("Broken: 1 record failed") < text.index("Mended: works again")


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-28T09:00", "2026-03-29T07:00"),  # the clocks go forward: 8 o'clock comes an hour sooner
        ("2026-10-24T09:00", "2026-10-25T08:00"),
        ("2026-11-25T07:59", "2026-11-25T08:00"),
        ("2026-11-25T08:00", "2026-11-26T08:00"),
    ],
)
def test_the_hour_is_that_of_the_zone(now, due):
    rule = AlertRule(frequency="daily", hour=8, zone="Europe/London")
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert due_at(rule, moment) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_one_who_is_named_twice_is_told_once_and_at_the_earliest(world):
    world.desk("Desk@example.com")
    world.rule(addresses=["desk@example.com"], groups=["Desk"], people=["ada@example.com"])
    world.ran(world.service(), failed=1)
    world.work()
    assert [to for to, _ in world.server.told] == ["ada@example.com", "desk@example.com"]


def test_a_digest_of_thousands_stays_readable(world):
    world.rule(addresses=["desk@example.com"], frequency="hourly")
    for number in range(300):
        world.ran(world.service(f"Service {number:03}"), "failed", reason="Away")
    world.work()
    world.now = world.now.replace(hour=15, minute=0)
    assert world.work() == ["Harbour & Pine: 300 need attention"]
    assert "And 90 more notices." in world.server.text()
    assert len(world.server.text()) < 30_000
