"""The date letters of PHP, each against text worked out by hand from its manual."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from topstitch.values.date_letters import compile_format, unix_milliseconds

BERLIN = ZoneInfo("Europe/Berlin")
#: A Friday early in a leap year, in ISO week 1, morning, winter time.
EARLY = datetime(2024, 1, 5, 9, 3, 7, 45678, tzinfo=BERLIN)
#: A Sunday afternoon in October, summer time; half an hour before midnight UTC it is not.
LATE = datetime(2023, 10, 22, 21, 5, 0, 999999, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("letter", "early", "late"),
    [
        ("d", "05", "22"),
        ("j", "5", "22"),
        ("D", "Fri", "Sun"),
        ("l", "Friday", "Sunday"),
        ("S", "th", "nd"),
        ("N", "5", "7"),
        ("w", "5", "0"),
        ("z", "4", "294"),
        ("W", "01", "42"),
        ("o", "2024", "2023"),
        ("m", "01", "10"),
        ("n", "1", "10"),
        ("M", "Jan", "Oct"),
        ("F", "January", "October"),
        ("t", "31", "31"),
        ("L", "1", "0"),
        ("Y", "2024", "2023"),
        ("y", "24", "23"),
        ("X", "+2024", "+2023"),
        ("x", "2024", "2023"),
        ("H", "09", "21"),
        ("G", "9", "21"),
        ("h", "09", "09"),
        ("g", "9", "9"),
        ("a", "am", "pm"),
        ("A", "AM", "PM"),
        ("i", "03", "05"),
        ("s", "07", "00"),
        ("v", "045", "999"),
        ("u", "045678", "999999"),
        ("e", "Europe/Berlin", "Europe/Berlin"),
        ("I", "0", "1"),
        ("O", "+0100", "+0200"),
        ("P", "+01:00", "+02:00"),
        ("p", "+01:00", "+02:00"),
        ("T", "CET", "CEST"),
        ("Z", "3600", "7200"),
        # 2024-01-05T08:03:07Z and 2023-10-22T19:05:00Z.
        ("U", "1704441787", "1698001500"),
        # Swatch beats: 09:03:07 and 20:05:00 at UTC+1, as thousandths of a day.
        ("B", "377", "836"),
        ("c", "2024-01-05T09:03:07+01:00", "2023-10-22T21:05:00+02:00"),
        ("r", "Fri, 05 Jan 2024 09:03:07 +0100", "Sun, 22 Oct 2023 21:05:00 +0200"),
    ],
)
def test_each_letter_writes_what_php_writes(letter, early, late):
    write = compile_format(letter)

    assert (write(EARLY), write(LATE)) == (early, late)


@pytest.mark.parametrize(
    ("letters", "text"),
    [
        ("j.m.Y", "5.01.2024"),
        (r"Y-m-d\TH:i:sP", "2024-01-05T09:03:07+01:00"),
        (r"\Y\e\a\r Y", "Year 2024"),
        (r"l jS \o\f F Y h:i:s A", "Friday 5th of January 2024 09:03:07 AM"),
        ("100% d", "100% 05"),
        (r"\\d", r"\05"),
        ("Y\\", "2024\\"),
        ("", ""),
        ("/ q ü", "/ q ü"),
        ("%s%d", "%07%05"),
        (r"\%\%", "%%"),
    ],
)
def test_letters_literals_and_escapes_combine(letters, text):
    assert compile_format(letters)(EARLY) == text


def test_noon_and_midnight_are_twelve_on_the_short_clock():
    write = compile_format("g A, h a, G H")

    assert write(datetime(2024, 1, 1, 0, 0, tzinfo=UTC)) == "12 AM, 12 am, 0 00"
    assert write(datetime(2024, 1, 1, 12, 0, tzinfo=UTC)) == "12 PM, 12 pm, 12 12"


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        (UTC, "+00:00 Z +0000 UTC UTC"),
        (timezone(timedelta(hours=-4)), "-04:00 -04:00 -0400 -04:00 -04:00"),
        (timezone(timedelta(hours=5, minutes=30)), "+05:30 +05:30 +0530 +05:30 +05:30"),
        (timezone(timedelta(minutes=-210)), "-03:30 -03:30 -0330 -03:30 -03:30"),
        (ZoneInfo("Asia/Dubai"), "+04:00 +04:00 +0400 +04 Asia/Dubai"),
    ],
)
def test_zones_are_written_as_offset_abbreviation_and_name(zone, text):
    assert compile_format("P p O T e")(datetime(2024, 1, 5, tzinfo=zone)) == text


@pytest.mark.parametrize(
    ("day", "ending"),
    [
        (1, "st"),
        (2, "nd"),
        (3, "rd"),
        (4, "th"),
        (11, "th"),
        (12, "th"),
        (13, "th"),
        (21, "st"),
        (22, "nd"),
        (31, "st"),
    ],
)
def test_the_ordinal_ending_follows_the_day(day, ending):
    assert compile_format("S")(datetime(2024, 1, day, tzinfo=UTC)) == ending


def test_the_iso_year_differs_at_new_year():
    # 1 January 2023 is a Sunday: the last day of week 52 of 2022.
    assert compile_format("o-W-N")(datetime(2023, 1, 1, tzinfo=UTC)) == "2022-52-7"


def test_years_before_1000_keep_four_digits():
    assert compile_format("Y o")(datetime(787, 6, 1, tzinfo=UTC)) == "0787 0787"


def test_moments_before_1970_round_down():
    moment = datetime(1969, 12, 31, 23, 59, 59, 500000, tzinfo=UTC)

    assert compile_format("U")(moment) == "-1"
    assert unix_milliseconds(moment) == -500
