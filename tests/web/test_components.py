"""Words, pictures, and the colours they are in."""

from __future__ import annotations

import html
import re
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from tests.web.pages import Checker, checked

import topstitch.web
from topstitch.engine.spec import Schedule
from topstitch.store.queries.runs import LastRun
from topstitch.store.queries.volumes import Day
from topstitch.web.components.charts import daily_chart, nice_top
from topstitch.web.components.figures import gauge, meter
from topstitch.web.components.jsonview import json_view, plain_json, request_view
from topstitch.web.components.schedules import schedule_words
from topstitch.web.components.seam import initials, mark, seam_state
from topstitch.web.components.status import ITEM, RUN, status
from topstitch.web.components.strip import strip
from topstitch.web.components.words import capital, counted, due, duration, exact, relative, size
from topstitch.web.components.zones import ZoneField, ZoneSelect, clock_there, zone_words

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
STATIC = Path(topstitch.web.__file__).parent / "static" / "topstitch"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "just now"),
        (44, "just now"),
        (45, "1 minute ago"),
        (100, "2 minutes ago"),
        (3_590, "1 hour ago"),
        (7_300, "2 hours ago"),
        (90_000, "1 day ago"),
        (13 * 86_400, "13 days ago"),
        (20 * 86_400, "5 Nov 2026"),
        (-10, "in a moment"),
        (-600, "in 10 minutes"),
    ],
)
def test_times_are_relative(seconds, expected):
    assert relative(NOW - timedelta(seconds=seconds), NOW) == expected


def test_what_should_have_happened_is_overdue():
    now = datetime.now(UTC)
    assert ">overdue<" in due(now - timedelta(minutes=5))
    assert ">in 5 minutes<" in due(now + timedelta(minutes=5, seconds=5))
    assert due(None) == "–"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.04, "0.0 s"), (4.25, "4.2 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s"), (3_725, "1 h 2 min"), (-1, "0.0 s")],
)
def test_durations_are_in_words(seconds, expected):
    assert duration(timedelta(seconds=seconds)) == expected


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("the address is wrong", "The address is wrong"),
        ("today's file is empty", "Today's file is empty"),
        ("refused", "Refused"),
        ("orders.csv: line 7: 14 cells were expected", "orders.csv: line 7: 14 cells were expected"),
        ("lines[2].sku is empty", "lines[2].sku is empty"),
        ("far.example refused it", "far.example refused it"),
    ],
)
def test_a_sentence_has_a_capital_but_a_name_stays_as_it_is_written(said, shown):
    assert capital(said) == shown


def test_amounts_are_in_words():
    assert (counted(1, "record"), counted(2_000, "record")) == ("1 record", "2,000 records")
    assert (size(340), size(12_400), size(3_440_000)) == ("340 B", "12 KB", "3.4 MB")


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("*/10 * * * *", "Every 10 minutes"),
        ("*/1 * * * *", "Every minute"),
        ("*/10 6-22 * * *", "Every 10 minutes, 06:00 to 22:59"),
        ("0 * * * *", "Every hour"),
        ("5-59/10 * * * *", "Every 10 minutes, from 5 past"),
        ("15 */2 * * *", "Every 2 hours, at 15 minutes past"),
        ("*/45 * * * *", "Every 45th minute of every hour"),
        ("15 2 * * *", "At 02:15 every day"),
    ],
)
def test_schedules_are_in_words(cron, expected):
    assert schedule_words([Schedule(cron=cron)]) == expected


def test_a_schedule_names_its_zone():
    assert schedule_words([Schedule(cron="0 * * * *", zone="Europe/London")]) == "Every hour (Europe/London)"
    assert schedule_words([]) == "No schedule"


@pytest.mark.parametrize(
    ("name", "expected"), [("Shopify", "SH"), ("WooCommerce", "WC"), ("Business Central", "BC"), ("X", "X")]
)
def test_marks_have_two_letters(name, expected):
    assert initials(name) == expected


def test_a_mark_keeps_its_colour():
    assert mark("shopify") == mark("shopify")


@pytest.mark.parametrize("name", ["sending", "waiting", "pending"])
def test_what_is_under_way_shows_as_pending(name):
    assert "Pending" in status(name)
    assert "is-pending" in status(name)


def test_every_status_has_a_shape_and_a_word():
    for family, looks in (("item", ITEM), ("run", RUN)):
        for name, look in looks.items():
            assert "<svg" in status(name, family)
            assert look.word in status(name, family)


def test_a_status_of_a_later_version_is_shown_as_it_is_called():
    assert "Half done" in status("half_done")


@pytest.mark.parametrize(
    ("active", "last", "expected"),
    [
        (True, "completed", "sound"),
        (True, "", "sound"),
        (True, "running", "running"),
        (True, "completed_with_failures", "failing"),
        (True, "failed", "failing"),
        (True, "paused", "paused"),
        (False, "failed", "paused"),
        (False, "running", "running"),
    ],
)
def test_how_a_seam_lies(active, last, expected):
    assert seam_state(active, last) == expected


def last_run(pulled, state="completed"):
    return LastRun(uuid.uuid4(), state, NOW, pulled, pulled, 0)


def test_a_strip_is_as_high_as_its_records_and_begins_on_the_left_with_the_oldest():
    drawn = strip([last_run(1_000), last_run(0, "failed")])
    assert 'class="fill-ok" d="M5 20v-20h4v20z"' in drawn
    assert 'class="fill-failed" d="M0 20v-2h4v2z"' in drawn
    many = strip([last_run(1_000), *(last_run(0, "failed") for _ in range(30))])
    assert 'class="fill-ok" d="M95 20' in many, "of more than there is room for, the newest"
    assert "Last 2 runs: 1 with failures, 1,000 records pulled" in drawn


def test_a_strip_without_runs_says_so():
    assert "No runs yet" in strip([])


@pytest.mark.parametrize(("highest", "top"), [(0, 1), (1, 1), (3, 4), (9, 10), (11, 20), (340, 400), (950, 1000)])
def test_an_axis_ends_with_a_round_number(highest, top):
    assert nice_top(highest) == top


def test_a_chart_of_nothing_is_still_a_chart():
    for days in ([], [Day(date(2026, 1, 1))]):
        checker = Checker()
        checker.feed(daily_chart(days))
        assert checker.open == []


def test_failed_ones_stand_on_those_that_went_through():
    drawn = daily_chart([Day(date(2026, 1, 1), ok=60, failed=40)])
    assert re.search(r'fill-ok" x="15.00%" y="40.00%" width="70.00%" height="60.00%"', drawn)
    assert re.search(r'fill-failed" x="15.00%" y="0.00%" width="70.00%" height="40.00%"', drawn)


def json_lines(shown):
    """What is read of a tree: each line indented by its depth."""
    shown = re.sub(r'<details class="cut"><summary>.*?</summary>', "", shown)
    lines = re.findall(r'class="line[^"]*" data-depth="(\d+)"[^>]*>(.*?)(?=</?div|</summary)', shown)
    return "\n".join("  " * int(depth) + html.unescape(re.sub(r"<[^>]+>", "", text)) for depth, text in lines)


@pytest.mark.parametrize(
    "value",
    [
        {"a": "</div><script>", "n": 1, "list": [], "object": {}, "none": None, "é": "🙂"},
        [{"lines": [1, [2, [3]]]}, "x" * 5_000],
        [],
        "text",
        3.5,
    ],
    ids=str,
)
def test_json_reads_as_it_is_written(value):
    assert json_lines(json_view(value)) == plain_json(value)


def test_the_body_of_a_request_reads_as_it_is_sent():
    request = {"method": "POST", "url": "https://wms.example/api", "headers": {}}
    soap = request_view({**request, "body": '<?xml version="1.0"?><a><b x="1">5 &amp; 6</b></a>'})
    assert [html.unescape(line) for line in re.findall(r'<div class="line"[^>]*>(.*?)</div>', soap)] == [
        '<?xml version="1.0"?>',
        "<a>",
        '<b x="1">5 &amp; 6</b>',
        "</a>",
    ]
    assert "data-json-fold" not in soap
    assert "POST https://wms.example/api" in request_view(request)
    assert "SKU-1" in request_view({**request, "body": {"sku": "SKU-1"}})


def test_values_of_json_are_lit_by_their_paths():
    shown = json_view({"a": {"b": [1, 2]}, "c": 3}, marks={"a.b[1]": "made", "c": "wrong", "nothing": "made"})
    lit = re.findall(
        r'<div class="line (made|wrong)" data-depth="\d">(?:<span class="name">[^<]+</span>: )?<[^>]+>(\d)', shown
    )
    assert lit == [("made", "2"), ("wrong", "3")]


def test_nothing_in_json_is_markup_and_what_is_huge_is_cut():
    assert "<script>" not in json_view({"<script>": "</div><script>"}, "<script>")
    shown = json_view([{"x": "y" * 100, "z": [1, 2]} for _ in range(5_000)])
    assert "the rest is in the download" in shown
    assert len(shown) < 2_000_000
    assert "9,600 characters more" in json_view("x" * 9_998)
    for value in (shown, json_view([[[[1]]]] * 90)):
        checker = Checker()
        checker.feed(value)
        assert checker.open == []


def test_the_pattern_page_shows_every_element_in_both_themes(client):
    response = client.get("/patterns")
    body = response.content.decode()
    for word in ("Completed with failures", "Uncertain", "Unchanged", "Inactive"):
        assert body.count(f">{word}<") >= 2, word
    checked(response)


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_the_theme_is_drawn_by_the_server_from_its_cookie(client, theme):
    client.cookies["theme"] = theme
    assert f'data-theme="{theme}" ' in client.get("/services/").content.decode().split("<head>")[0]


def test_a_theme_that_does_not_exist_is_as_the_device(client):
    client.cookies["theme"] = '"><script>'
    assert 'data-theme="auto" ' in client.get("/services/").content.decode()


def tokens():
    text = (STATIC / "css" / "tokens.css").read_text()
    pairs = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", text)
    return {name: (light, dark) for name, light, dark in pairs}


def contrast(one, other):
    """WCAG 2.2, relative luminance."""

    def luminance(colour):
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_can_be_read_on_every_ground(theme):
    colours = {name: pair[theme] for name, pair in tokens().items()}
    words = ("text", "muted", "accent", "ok", "sent", "pending", "failed", "uncertain", "going", "quiet")
    for word in words:
        for ground in ("ground", "surface", "sunken", "hover"):
            assert contrast(colours[word], colours[ground]) >= 4.5, (word, ground)
    for word in ("failed", "pending", "uncertain", "quiet"):
        assert contrast(colours[word], colours[f"{word}-soft"]) >= 4.5, word
    assert contrast(colours["muted"], colours["failed-soft"]) >= 4.5
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
    assert contrast(colours["accent-strong"], colours["accent-soft"]) >= 4.5
    assert contrast(colours["line-strong"], colours["surface"]) >= 3


def test_only_the_tokens_name_colours():
    for path in (STATIC / "css").glob("*.css"):
        if path.name != "tokens.css":
            assert not re.search(r"#[0-9a-f]{3,8}\b|(?:rgba?|hsl|oklch|url)\(", path.read_text()), path.name


def test_a_gauge_that_is_full_is_good():
    assert "meter is-ok" in gauge(43, 43, "43 of 43 fields")
    assert "meter is-failed" in meter(240, 240, "All of it")
    assert 'width="0.0%"' in gauge(0, 0, "no fields")


def test_exact_times_are_told_in_the_persons_zone_beside_utc():
    moment = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert exact(moment) == "Wed 1 Jul 2026, 22:30:00 UTC"
    with timezone.override("Europe/Berlin"):
        assert exact(moment) == "Thu 2 Jul 2026, 00:30:00 (UTC+02:00), 1 Jul 22:30 UTC"
    with timezone.override("Europe/London"):
        winter = datetime(2026, 1, 1, tzinfo=UTC)
        assert exact(winter) == "Thu 1 Jan 2026, 00:00:00 UTC"


def test_zones_are_chosen_by_continent_and_place():
    drawn = ZoneSelect().render("zone", "Europe/London", {"id": "id_zone"})
    Checker().feed(drawn)
    assert '<optgroup label="Europe">' in drawn
    assert re.search(r'<option value="Europe/London" selected>London, \d\d:\d\d now</option>', drawn)
    assert '<option value="America/Argentina/Buenos_Aires">Argentina, Buenos Aires, ' in drawn
    assert drawn.count(" selected") == 1
    assert '<option value="" selected>UTC' in ZoneSelect(utc="").render("zone", "")
    assert '<option value="&lt;b&gt;" selected>&lt;b&gt;' in ZoneSelect().render("zone", "<b>")
    assert [zone_words(name) for name in ("Europe/London", "UTC", "")] == ["London, Europe", "UTC", "UTC"]


def test_what_a_clock_there_says():
    assert re.fullmatch(r"[A-Z][a-z]+day \d+ [A-Z][a-z]+, \d\d:\d\d", clock_there("Asia/Tokyo"))
    assert clock_there("Mars/Base") == ""


def test_a_zone_that_there_is_not_is_refused_with_what_may_be_meant():
    assert ZoneField().clean("") == "UTC"
    assert ZoneField(utc="").clean("") == ""
    with pytest.raises(ValidationError, match="Did you mean Europe/London"):
        ZoneField().clean("Europe/Londn")


def test_a_class_has_its_looks_from_one_sheet():
    """All sheets are on every page: a second one with the same class would change screens that its writer never saw."""
    owners = {}
    for path in sorted((STATIC / "css").glob("*.css")):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        for rule in re.findall(r"([^{}]+)\{", text):
            for selector in map(str.strip, re.split(r",(?![^(]*\))", rule)):
                if re.fullmatch(r"\.[a-z][\w-]*", selector):
                    owners.setdefault(selector, set()).add(path.name)
    assert {name: sheets for name, sheets in owners.items() if len(sheets) > 1} == {}
