"""Reading dates, shifting and rounding them: nothing guessed, nothing lost, no error but MappingError."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.errors import ConfigError, MappingError
from topstitch.values.date_arithmetic import EDGES, UNITS, compile_round, compile_shift, whole_units
from topstitch.values.date_letters import compile_format
from topstitch.values.date_reading import compile_reader
from topstitch.values.dates import NAMED_FORMATS, as_datetime, compile_date_reader
from topstitch.values.zones import find_zone

LONDON = ZoneInfo("Europe/London")
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
ZONES = st.sampled_from([UTC, LONDON, BERLIN, NEW_YORK, timezone(timedelta(hours=5, minutes=30))])
FIRST, LAST = datetime(1971, 1, 1), datetime(2199, 12, 31)  # noqa: DTZ001  # hypothesis wants them naive
MOMENTS = st.datetimes(FIRST, LAST, timezones=ZONES)
ANY_MOMENT = st.datetimes(timezones=ZONES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-10-26T07:51:07Z", datetime(2023, 10, 26, 7, 51, 7, tzinfo=UTC)),
        ("2023-10-26T07:51:07-04:00", datetime(2023, 10, 26, 11, 51, 7, tzinfo=UTC)),
        ("2023-10-26t07:51:07z", datetime(2023, 10, 26, 7, 51, 7, tzinfo=UTC)),
        ("2023-10-26 07:51", datetime(2023, 10, 26, 5, 51, tzinfo=UTC)),
        ("2023-10-26 07:51:07 UTC", datetime(2023, 10, 26, 7, 51, 7, tzinfo=UTC)),
        ("2023-10-26T07:51:07.1234567Z", datetime(2023, 10, 26, 7, 51, 7, 123456, tzinfo=UTC)),
        (" 2023-10-26 ", datetime(2023, 10, 25, 22, 0, tzinfo=UTC)),
        ("20231026", datetime(2023, 10, 25, 22, 0, tzinfo=UTC)),
        ("20231026T0751Z", datetime(2023, 10, 26, 7, 51, tzinfo=UTC)),
        ("2023-W43-4", datetime(2023, 10, 25, 22, 0, tzinfo=UTC)),
        (1698321067, datetime(2023, 10, 26, 11, 51, 7, tzinfo=UTC)),
        (Decimal("1698321067.25"), datetime(2023, 10, 26, 11, 51, 7, 250000, tzinfo=UTC)),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (date(2023, 10, 26), datetime(2023, 10, 25, 22, 0, tzinfo=UTC)),
        (datetime(2023, 10, 26, 7, 51), datetime(2023, 10, 26, 5, 51, tzinfo=UTC)),  # noqa: DTZ001  # naive on purpose
    ],
)
def test_it_reads_iso_8601_and_unix_seconds_in_the_zone_given(text, expected):
    assert as_datetime(text, BERLIN) == expected


@pytest.mark.parametrize(
    "value",
    [
        "26/10/2023",
        "10/26/2023",
        "26.10.2023",
        "1698321067",
        "1612011231000",
        "16120112310",
        "2023-10-26x07:51",
        "2023-13-01",
        "2023-02-30",
        "2023-10-26T25:00:00",
        "0000-00-00 00:00:00",
        "2023",
        "2023-10",
        "yesterday",
        "",
        "２０２３-10-26",
        "2023-10-26T07:51:07+99:00",
        True,
        [],
        {},
        b"2023-10-26",
        1698321067000,
        float("nan"),
        pytest.param(10**5000, id="huge integer"),
        pytest.param("9" * 100_000, id="long text"),
    ],
)
def test_it_refuses_what_is_not_surely_a_date(value):
    with pytest.raises(MappingError) as caught:
        as_datetime(value)

    assert len(caught.value.message) < 300


def test_milliseconds_are_read_only_when_asked_for():
    read = compile_date_reader(["unix_ms"], UTC)
    expected = datetime(2023, 10, 26, 11, 51, 7, 5000, tzinfo=UTC)

    assert read(1698321067005) == read("1698321067005") == expected
    with pytest.raises(MappingError) as caught:
        as_datetime(1698321067005)
    assert "unix_ms" in caught.value.hint


@pytest.mark.parametrize(
    ("letters", "text", "expected"),
    [
        ("d/m/Y", "05/06/2023", datetime(2023, 6, 5, tzinfo=UTC)),
        ("m/d/Y", "05/06/2023", datetime(2023, 5, 6, tzinfo=UTC)),
        ("j/n/Y", "5/12/2023", datetime(2023, 12, 5, tzinfo=UTC)),
        ("d-M-y", "05-jun-69", datetime(2069, 6, 5, tzinfo=UTC)),
        ("d-M-y", "05-Jun-70", datetime(1970, 6, 5, tzinfo=UTC)),
        ("jS F Y", "1st May 2023", datetime(2023, 5, 1, tzinfo=UTC)),
        ("Ymd", "20230605", datetime(2023, 6, 5, tzinfo=UTC)),
        ("d.m.Y H:i", "05.06.2023 23:59", datetime(2023, 6, 5, 23, 59, tzinfo=UTC)),
        ("d/m/Y g:i A", "05/06/2023 12:01 am", datetime(2023, 6, 5, 0, 1, tzinfo=UTC)),
        ("d/m/Y g:i A", "05/06/2023 12:01 PM", datetime(2023, 6, 5, 12, 1, tzinfo=UTC)),
        ("Y-m-d H:i:s.u", "2023-06-05 01:02:03.123456789", datetime(2023, 6, 5, 1, 2, 3, 123456, tzinfo=UTC)),
        ("Y-m-d H:i:s.v", "2023-06-05 01:02:03.040", datetime(2023, 6, 5, 1, 2, 3, 40000, tzinfo=UTC)),
        ("rfc2822", "Mon, 05 Jun 2023 01:02:03 +0200", datetime(2023, 6, 4, 23, 2, 3, tzinfo=UTC)),
        ("D, d M Y H:i:s T", "Mon, 05 Jun 2023 01:02:03 GMT", datetime(2023, 6, 5, 1, 2, 3, tzinfo=UTC)),
        ("Y-m-d H:i e", "2023-06-05 01:02 Europe/London", datetime(2023, 6, 5, 0, 2, tzinfo=UTC)),
        ("U", "-1", datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("U.u", "1698321067.5", datetime(2023, 10, 26, 11, 51, 7, 500000, tzinfo=UTC)),
        (r"\D\a\y d, m/Y", "Day 05, 06/2023", datetime(2023, 6, 5, tzinfo=UTC)),
    ],
)
def test_it_reads_the_format_it_is_told(letters, text, expected):
    assert compile_date_reader([letters], UTC)(text) == expected


def test_formats_are_tried_in_order_and_iso_8601_last():
    read = compile_date_reader(["d/m/Y", "d.m.Y"], UTC)

    assert read("05.06.2023") == read("05/06/2023") == read("2023-06-05") == datetime(2023, 6, 5, tzinfo=UTC)
    with pytest.raises(MappingError, match=r"'d/m/Y' or 'd\.m\.Y' or ISO 8601"):
        read("06-05-2023")


def test_a_day_without_time_belongs_to_the_day_zone():
    read = compile_date_reader(["d/m/Y"], UTC, NEW_YORK)

    assert read("05/06/2023") == read("2023-06-05") == datetime(2023, 6, 5, tzinfo=NEW_YORK)
    assert read("2023-06-05T00:00") == datetime(2023, 6, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("letters", "part"),
    [
        ("d/m", "needs one year"),
        ("Y-m", "needs a day"),
        ("H:i", "needs one year"),
        ("d d m Y", "twice"),
        ("Y-m-d h:i", "12-hour"),
        ("W Y", "'W'"),
        ("U Y", "mixes"),
        ("Y y m d", "one year"),
    ],
)
def test_it_refuses_a_format_that_names_no_certain_day(letters, part):
    with pytest.raises(ConfigError, match=part):
        compile_reader(letters)


@given(MOMENTS, st.sampled_from(["c", r"Y-m-d\TH:i:s.uP", "rfc2822", "D, d M y G:i:s O", "n/j/Y g:i:s a p", "U"]))
def test_what_is_written_is_read_back(moment, letters):
    letters = NAMED_FORMATS.get(letters, letters)
    moment = moment if "u" in letters else moment.replace(microsecond=0)
    if "y" in letters:
        moment = moment.replace(year=2000 + moment.year % 70, day=min(moment.day, 28))

    text = compile_format(letters)(moment)

    # In UTC, as Python never finds moments of a repeated hour equal across zones.
    assert compile_date_reader([letters], UTC)(text).astimezone(UTC) == moment.astimezone(UTC)


@given(ANY_MOMENT, st.text(st.sampled_from("dDjlNSwzWFmMntLoYyaABgGhHisuveIOPpTZcrUxX -:/\\%q"), max_size=12))
def test_any_format_writes_any_moment(moment, letters):
    assert isinstance(compile_format(letters)(moment), str)


@given(st.text() | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]?[0-9:.+\-Z]{0,16}", fullmatch=True))
def test_any_text_is_a_date_or_a_mapping_error(text):
    for read in (compile_date_reader((), UTC), compile_date_reader(["j/n/y", "Y-m-d H:i e", "unix_ms"], UTC)):
        with suppress(MappingError):
            assert read(text).tzinfo is not None


@given(st.integers() | st.floats() | st.decimals())
def test_any_number_is_a_date_or_a_mapping_error(number):
    for formats in ((), ("unix_ms",)):
        with suppress(MappingError):
            assert compile_date_reader(formats, UTC)(number).tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "amount", "unit", "expected"),
    [
        (datetime(2023, 1, 31, tzinfo=UTC), 1, "month", datetime(2023, 2, 28, tzinfo=UTC)),
        (datetime(2024, 1, 31, tzinfo=UTC), 1, "month", datetime(2024, 2, 29, tzinfo=UTC)),
        (datetime(2024, 2, 29, tzinfo=UTC), -1, "year", datetime(2023, 2, 28, tzinfo=UTC)),
        (datetime(2023, 1, 15, tzinfo=UTC), -1, "month", datetime(2022, 12, 15, tzinfo=UTC)),
        (datetime(2023, 12, 31, tzinfo=UTC), 14, "month", datetime(2025, 2, 28, tzinfo=UTC)),
        (datetime(2023, 1, 1, tzinfo=UTC), -36, "hour", datetime(2022, 12, 30, 12, tzinfo=UTC)),
        (datetime(2023, 1, 1, tzinfo=UTC), 2, "week", datetime(2023, 1, 15, tzinfo=UTC)),
        # London goes to summer time on 26 March 2023: a day keeps the clock, 24 hours do not.
        (datetime(2023, 3, 25, 12, tzinfo=LONDON), 1, "day", datetime(2023, 3, 26, 11, tzinfo=UTC)),
        (datetime(2023, 3, 25, 12, tzinfo=LONDON), 24, "hour", datetime(2023, 3, 26, 12, tzinfo=UTC)),
        # 01:30 does not exist there on that day.
        (datetime(2023, 3, 25, 1, 30, tzinfo=LONDON), 1, "day", datetime(2023, 3, 26, 1, 30, tzinfo=UTC)),
    ],
)
def test_shifting_follows_the_calendar_or_the_clock(moment, amount, unit, expected):
    assert compile_shift(amount, unit)(moment).astimezone(UTC) == expected


@pytest.mark.parametrize(
    ("unit", "start", "end"),
    [
        ("second", "2024-02-08T10:30:15", "2024-02-08T10:30:15"),
        ("minute", "2024-02-08T10:30:00", "2024-02-08T10:30:59"),
        ("hour", "2024-02-08T10:00:00", "2024-02-08T10:59:59"),
        ("day", "2024-02-08T00:00:00", "2024-02-08T23:59:59"),
        ("week", "2024-02-05T00:00:00", "2024-02-11T23:59:59"),
        ("month", "2024-02-01T00:00:00", "2024-02-29T23:59:59"),
        ("year", "2024-01-01T00:00:00", "2024-12-31T23:59:59"),
    ],
)
def test_rounding_goes_to_the_first_and_last_second(unit, start, end):
    moment = datetime(2024, 2, 8, 10, 30, 15, 500, tzinfo=LONDON)

    assert compile_round("start", unit)(moment).isoformat() == f"{start}+00:00"
    assert compile_round("end", unit)(moment).isoformat() == f"{end}+00:00"


def test_rounding_stays_in_its_half_of_a_repeated_hour():
    second_half = datetime(2023, 10, 29, 1, 30, tzinfo=UTC).astimezone(BERLIN)  # 02:30 for the second time

    assert compile_round("start", "hour")(second_half).astimezone(UTC) == datetime(2023, 10, 29, 1, tzinfo=UTC)
    assert compile_round("end", "hour")(second_half).astimezone(UTC) == datetime(2023, 10, 29, 1, 59, 59, tzinfo=UTC)


def test_a_day_that_begins_without_midnight_begins_later():
    # In São Paulo the clock went from 00:00 to 01:00 on 4 November 2018.
    noon = datetime(2018, 11, 4, 12, tzinfo=ZoneInfo("America/Sao_Paulo"))

    assert compile_round("start", "day")(noon).isoformat() == "2018-11-04T01:00:00-02:00"


@given(ANY_MOMENT, st.integers(-(10**7), 10**7), st.sampled_from(UNITS), st.sampled_from(EDGES))
def test_any_shift_and_rounding_ends_in_a_date_or_a_mapping_error(moment, amount, unit, edge):
    try:
        compile_shift(amount, unit)(moment)
        rounded = compile_round(edge, unit)(moment)
    except MappingError:
        return
    assert (rounded <= moment) if edge == "start" else (rounded >= moment.replace(microsecond=0))


@given(MOMENTS, st.integers(-5000, 5000), st.sampled_from(["second", "minute", "hour"]))
def test_clock_units_are_exact_durations(moment, amount, unit):
    shifted = compile_shift(amount, unit)(moment)

    assert (shifted.astimezone(UTC) - moment.astimezone(UTC)) == timedelta(**{f"{unit}s": amount})


@pytest.mark.parametrize("amount", [10**12 + 1, -(10**30)])
def test_an_absurd_adjustment_is_refused_when_it_is_configured(amount):
    with pytest.raises(ConfigError, match="beyond any date"):
        compile_shift(amount, "year")


@pytest.mark.parametrize("name", ["UTC", "z", "Europe/Berlin", "+02:00", "-0330", "America/Argentina/Buenos_Aires"])
def test_zones_are_found_by_name_or_offset(name):
    assert find_zone(name) is not None


@pytest.mark.parametrize(
    "name", ["", "Europe", "Europe/Berlinn", "../../etc/passwd", "/etc/localtime", "+25:00", "a" * 5000, "\0", "é/é"]
)
def test_an_unknown_zone_is_a_config_error(name):
    with pytest.raises(ConfigError, match="not a time zone"):
        find_zone(name)


def test_an_almost_right_zone_is_suggested():
    with pytest.raises(ConfigError, match="Europe/Berlin"):
        find_zone("Europe/Berlinn")


@given(*[st.datetimes(FIRST, LAST, timezones=st.just(UTC))] * 2, st.sampled_from(UNITS))
def test_whole_units_are_as_many_as_fit_between_two_dates(one, other, unit):
    start, end = sorted((one.replace(day=min(one.day, 28)), other))

    passed = whole_units(start, end, unit)

    assert compile_shift(passed, unit)(start) <= end < compile_shift(passed + 1, unit)(start)
    assert whole_units(end, start, unit) == -passed


@pytest.mark.parametrize(
    ("start", "end", "unit", "passed"),
    [
        (datetime(2026, 3, 28, 12, tzinfo=LONDON), datetime(2026, 3, 29, 12, tzinfo=LONDON), "day", 1),
        (datetime(2026, 3, 28, 12, tzinfo=LONDON), datetime(2026, 3, 29, 12, tzinfo=LONDON), "hour", 23),
        (datetime(2026, 10, 24, 12, tzinfo=LONDON), datetime(2026, 10, 25, 11, 59, tzinfo=LONDON), "day", 0),
        (datetime(2026, 10, 25, 1, 30, tzinfo=LONDON), datetime(2026, 10, 25, 1, 15, fold=1, tzinfo=LONDON), "day", 0),
        (
            datetime(2026, 10, 25, 1, 30, tzinfo=LONDON),
            datetime(2026, 10, 25, 1, 15, 30, fold=1, tzinfo=LONDON),
            "minute",
            45,
        ),
        (datetime(2024, 2, 29, tzinfo=UTC), datetime(2025, 2, 28, tzinfo=UTC), "year", 0),
        (datetime(2024, 2, 29, tzinfo=UTC), datetime(2025, 3, 1, tzinfo=UTC), "year", 1),
        (datetime(2026, 1, 1, 23, tzinfo=UTC), datetime(2026, 1, 2, 1, tzinfo=BERLIN), "minute", 60),
    ],
)
def test_units_from_a_day_on_go_by_the_clock_and_shorter_ones_are_durations(start, end, unit, passed):
    assert whole_units(start, end, unit) == passed
