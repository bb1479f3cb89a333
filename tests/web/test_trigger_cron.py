"""Cron expressions and the fields of the trigger's form: the same moments, both ways."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.engine.schedule import slots
from topstitch.engine.spec import Schedule
from topstitch.errors import ConfigError
from topstitch.web.service_forms.trigger_cron import (
    EVERY_DAY,
    HOUR,
    MINUTE,
    MONTHDAY,
    ON_MONTHDAYS,
    ON_WEEKDAYS,
    Fields,
    from_cron,
    from_text,
    in_text,
    problem,
    surprises,
    to_cron,
)

WINTER = datetime(2026, 1, 5, tzinfo=UTC)


def some(unit):
    return st.frozensets(st.integers(unit.low, unit.high), min_size=1)


def moments(cron):
    return list(islice(slots(Schedule(cron=cron), WINTER), 300))


@st.composite
def fields(draw):
    every_minutes, every_hours = draw(st.sampled_from((0, *MINUTE.steps))), draw(st.sampled_from((0, *HOUR.steps)))
    days = draw(st.sampled_from((EVERY_DAY, ON_WEEKDAYS, ON_MONTHDAYS)))
    return Fields(
        every_minutes=every_minutes,
        at_minutes=frozenset() if every_minutes else draw(some(MINUTE)),
        every_hours=every_hours,
        at_hours=frozenset() if every_hours else draw(some(HOUR)),
        days=days,
        weekdays=draw(st.frozensets(st.integers(1, 7), min_size=1)) if days == ON_WEEKDAYS else frozenset(),
        monthdays=draw(some(MONTHDAY)) if days == ON_MONTHDAYS else frozenset(),
    )


PART = st.one_of(
    st.just("*"),
    st.integers(0, 62).map(str),
    st.integers(0, 70).map(lambda step: f"*/{step}"),
    st.tuples(st.integers(0, 30), st.integers(0, 62)).map(lambda pair: f"{pair[0]}-{pair[1]}"),
    st.lists(st.integers(0, 32), min_size=1, max_size=4).map(lambda numbers: ",".join(map(str, numbers))),
    st.sampled_from(["L", "LW", "5L", "MON", "mon-fri", "1#2", "5-20/5", "/", "", "JAN", "?"]),
)


@given(fields())
def test_fields_come_back_out_of_their_expression(given_fields):
    cron = to_cron(given_fields)
    assert problem(cron) is None
    back = from_cron(cron)
    assert back is not None
    assert moments(to_cron(back)) == moments(cron)
    assert from_cron(to_cron(back)) == back


@given(st.lists(PART, min_size=5, max_size=5))
def test_an_expression_that_becomes_fields_means_the_same_moments(parts):
    cron = " ".join(parts)
    read = from_cron(cron)
    if read is None:
        return
    assert moments(to_cron(read)) == moments(cron)


@given(st.one_of(st.text(max_size=80), st.lists(PART, max_size=8).map(" ".join)))
def test_any_text_is_an_expression_with_coming_times_or_has_a_problem(text):
    if problem(text) is None:
        assert moments(text)
        assert isinstance(surprises(text), list)
    else:
        assert from_cron(text) is None


@given(some(MINUTE))
def test_numbers_come_back_out_of_their_text(numbers):
    assert from_text(in_text(numbers), MINUTE) == numbers


@pytest.mark.parametrize(
    ("text", "numbers"), [("0, 30", {0, 30}), ("6-9", {6, 7, 8, 9}), (" 1 - 3 ,7,", {1, 2, 3, 7}), ("05", {5})]
)
def test_lists_are_read_as_people_write_them(text, numbers):
    assert from_text(text, MINUTE) == numbers


@pytest.mark.parametrize("text", ["", ",", "60", "x", "-1", "5-", "9-6", "1.5", "²", "9" * 5000])
def test_a_list_that_is_none_is_refused(text):
    with pytest.raises(ConfigError):
        from_text(text, MINUTE)


@pytest.mark.parametrize(
    ("cron", "said", "hint"),
    [
        ("0 */5 * * * *", "it has 6 fields, and '0' at its beginning is for seconds", "*/5 * * * *"),
        ("* * * *", "it has 4 fields and needs five", "Write minute, hour"),
        ("61 * * * *", "its minute, '61', cannot be read", "0 to 59"),
        ("* 24 * * *", "its hour, '24', cannot be read", "0 to 23"),
        ("* * 0 * *", "its day of the month, '0', cannot be read", "1 to 31"),
        ("* * * 13 *", "its month, '13', cannot be read", "1 to 12"),
        ("* * * * 8", "its day of the week, '8', cannot be read", "0 to 7"),
        ("0 0 31 2 *", "it never comes", "another day"),
    ],
)
def test_what_is_wrong_with_an_expression_has_its_place(cron, said, hint):
    told, do = problem(cron)
    assert said in told
    assert hint in do


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("*/45 * * * *", "it runs at minutes 0 and 45"),
        ("0 */5 * * *", "it runs at hours 0, 5, 10, 15 and 20"),
        ("*/90 * * * *", "it runs at minute 0"),
        ("0 6 1 * 1", "it runs on either"),
        ("0 6 31 * *", "Months that do not have the day are left out"),
    ],
)
def test_what_surprises_people_is_said(cron, said):
    assert any(said in words for words in surprises(cron))


@pytest.mark.parametrize("cron", ["*/5 * * * *", "0 */2 * * *", "0 6-22 * * 1-5", "0 2 1 * *"])
def test_what_does_as_it_says_is_not_talked_about(cron):
    assert surprises(cron) == []
