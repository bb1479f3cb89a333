"""Schedules: five fields, zones over clock changes, several at once."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import pytest

from topstitch.engine.schedule import in_words, next_slot, slots, upcoming
from topstitch.engine.spec import Schedule
from topstitch.errors import ConfigError


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    "cron", ["* * * *", "0 * * * * *", "0 0 1 1 * 2030", "", "@daily", "61 * * * *", "a b c d e", "0 0 30 2 *"]
)
def test_what_is_no_five_field_schedule_is_refused(cron):
    with pytest.raises(ConfigError) as caught:
        next_slot([Schedule(cron=cron)], at(2026, 1, 1))
    assert caught.value.key == "schedule"


@pytest.mark.parametrize("zone", ["Europe/Londn", "", "../etc/passwd", "Europe", "x" * 300])
def test_a_zone_that_does_not_exist_is_refused(zone):
    with pytest.raises(ConfigError) as caught:
        next_slot([Schedule(cron="0 * * * *", zone=zone)], at(2026, 1, 1))
    assert caught.value.key == "schedule"


def test_every_45_minutes_is_at_0_and_45():
    times = list(islice(slots(Schedule(cron="*/45 * * * *"), at(2026, 1, 1, 10, 50)), 3))
    assert times == [at(2026, 1, 1, 11, 0), at(2026, 1, 1, 11, 45), at(2026, 1, 1, 12, 0)]


def test_a_slot_is_always_after_the_moment_asked():
    assert next_slot([Schedule(cron="0 * * * *")], at(2026, 1, 1, 10, 0)) == at(2026, 1, 1, 11, 0)


def test_six_in_london_is_another_time_in_summer():
    london = Schedule(cron="0 6 * * *", zone="Europe/London")
    assert next_slot([london], at(2026, 3, 28, 7)) == at(2026, 3, 29, 5)
    assert next_slot([london], at(2026, 3, 27, 7)) == at(2026, 3, 28, 6)


def test_an_hour_that_the_clocks_leave_out_is_not_left_out():
    times = list(islice(slots(Schedule(cron="30 1 * * *", zone="Europe/London"), at(2026, 3, 28, 12)), 2))
    assert times[0].date().isoformat() == "2026-03-29"
    assert times[1] == at(2026, 3, 30, 0, 30)


def test_an_hour_that_comes_twice_is_run_once():
    times = list(islice(slots(Schedule(cron="30 1 * * *", zone="Europe/London"), at(2026, 10, 24, 12)), 2))
    assert [t.date().isoformat() for t in times] == ["2026-10-25", "2026-10-26"]


def test_the_first_of_several_schedules_is_next():
    both = [Schedule(cron="0 12 * * *"), Schedule(cron="0 3 * * *", zone="America/New_York")]
    assert next_slot(both, at(2026, 1, 1, 0)) == at(2026, 1, 1, 8)
    assert next_slot(both, at(2026, 1, 1, 8)) == at(2026, 1, 1, 12)
    assert next_slot([], at(2026, 1, 1)) is None


def test_the_next_times_are_merged_and_each_is_shown_once():
    both = [Schedule(cron="0 */6 * * *"), Schedule(cron="0 12 * * *")]
    assert [t.hour for t in upcoming(both, at(2026, 1, 1, 1))] == [6, 12, 18, 0, 6]


def test_a_schedule_is_said_in_words():
    assert "Europe/London" in in_words(Schedule(cron="0 6 * * *", zone="Europe/London"))
    assert in_words(Schedule(cron="nonsense")) == "nonsense"
