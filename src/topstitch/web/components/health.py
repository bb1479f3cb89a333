"""A connector's health: its checks of the last days as a strip, the steps of a test."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from topstitch.sdk.model import Check
from topstitch.store.queries.connectors import HealthDay
from topstitch.web.components.icons import icon
from topstitch.web.components.words import counted

PITCH, BAR, HEIGHT = 8, 6, 20
#: Kind of colour and height of a day's bar: what is not well is told by its height too.
WELL, PARTLY, DOWN, UNKNOWN = ("ok", 20), ("pending", 14), ("failed", 8), ("none", 3)


def health_strip(days: Sequence[HealthDay]) -> SafeString:
    """One bar a day, oldest on the left; each says its figures on hover."""
    bars = format_html_join("", "{}", ((_bar(day, place),) for place, day in enumerate(days)))
    words = health_words(days)
    return format_html(
        '<svg class="strip health" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        max(len(days), 1) * PITCH,
        HEIGHT,
        words,
        bars,
    )


def _bar(day: HealthDay, place: int) -> SafeString:
    kind, high = _look(day)
    said = f"{day.good:,} of {counted(day.checks, 'check')} good" if day.checks else "not checked"
    return format_html(
        '<g><title>{}: {}</title><rect class="fill-{}" x="{}" y="{}" width="{}" height="{}"/></g>',
        f"{day.day:%a %-d %b}",
        said,
        kind,
        place * PITCH,
        HEIGHT - high,
        BAR,
        high,
    )


def _look(day: HealthDay) -> tuple[str, int]:
    if not day.checks:
        return UNKNOWN
    return WELL if day.good == day.checks else PARTLY if day.good else DOWN


def health_words(days: Sequence[HealthDay]) -> str:
    """The strip in words."""
    looks = [_look(day) for day in days]
    if not days or all(each == UNKNOWN for each in looks):
        return "Not checked in these days"
    parts = (
        (WELL, "well"),
        (PARTLY, "with failures"),
        (DOWN, "down"),
        (UNKNOWN, "not checked"),
    )
    told = ", ".join(f"{looks.count(each)} {word}" for each, word in parts if each in looks)
    return f"Last {counted(len(days), 'day')}: {told}"


def check_steps(checks: Sequence[Check], *, passed: bool = True, told: bool = False) -> SafeString:
    """The steps of a test. One that is not ok in a test that passed is what may not be done; else it is what stopped it.

    `told`: what stopped it is told beside them already, with what to do.
    """
    return format_html(
        '<ol class="steps">{}</ol>', format_html_join("", "{}", ((_step(check, passed, told),) for check in checks))
    )


def _step(check: Check, passed: bool, told: bool) -> SafeString:
    kind, sign, word = ("ok", "tick", "done") if check.ok else ("pending", "warn", "lacking")
    if not check.ok and not passed:
        kind, sign, word = "failed", "cross", "failed"
    detail = (
        format_html('<span class="under">{}</span>', check.detail) if check.detail and (check.ok or not told) else ""
    )
    return format_html(
        '<li><span class="status is-{}">{}<span class="unseen">{}: </span></span><span class="said">{}{}</span></li>',
        kind,
        icon(sign),
        word,
        check.label,
        detail,
    )
