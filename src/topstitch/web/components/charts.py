"""Charts as SVG made here. Positions are percentages, so that text keeps its size at any width."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from topstitch.store.queries.volumes import Day
from topstitch.web.components.words import number

#: Share of a day's place that its bar takes.
BAR = 0.7


def nice_top(highest: int) -> int:
    """The round number that an axis ends with: 1, 2, 4, 5, 8 or 10 times a power of ten."""
    power = int("1" + "0" * (len(str(max(highest, 1))) - 1))
    return next(step * power for step in (1, 2, 4, 5, 8, 10) if step * power >= highest)


def daily_chart(days: Sequence[Day]) -> SafeString:
    """Transactions a day, failed ones on top of those that went through; figures on hover."""
    top = nice_top(max((day.total for day in days), default=0))
    place = 100 / max(len(days), 1)
    bars = format_html_join("", "{}", ((_day(day, n * place, place, top),) for n, day in enumerate(days)))
    lines = format_html_join(
        "",
        '<line class="grid" x1="0" x2="100%" y1="{}%" y2="{}%"/>',
        ((height, height) for height in (0.5, 50, 99.5)),
    )
    return format_html(
        '<div class="chart"><div class="scale" aria-hidden="true"><span>{}</span><span>{}</span><span>0</span></div>'
        '<svg class="bars" role="img" aria-label="{}">{}{}</svg><div class="days" aria-hidden="true">{}</div></div>',
        number(top),
        number(top // 2) if top > 1 else "",
        _label(days),
        lines,
        bars,
        format_html_join("", "<span>{}</span>", ((f"{day.day:%-d %b}",) for day in _ends(days))),
    )


def _day(day: Day, left: float, place: float, top: int) -> SafeString:
    good, bad = (100 * count / top for count in (day.ok, day.failed))
    x, wide = left + place * (1 - BAR) / 2, place * BAR
    return format_html(
        '<g class="day"><title>{}</title><rect class="hover" x="{}%" y="0" width="{}%" height="100%"/>'
        '<rect class="fill-ok" x="{}%" y="{}%" width="{}%" height="{}%"/>'
        '<rect class="fill-failed" x="{}%" y="{}%" width="{}%" height="{}%"/></g>',
        f"{day.day:%a %-d %b}: {number(day.ok)} OK, {number(day.failed)} not, {number(day.unchanged)} unchanged",
        *(f"{value:.2f}" for value in (left, place)),
        *(f"{value:.2f}" for value in (x, 100 - good, wide, good)),
        *(f"{value:.2f}" for value in (x, 100 - good - bad, wide, bad)),
    )


def _ends(days: Sequence[Day]) -> list[Day]:
    return [days[0], days[len(days) // 2], days[-1]] if len(days) > 2 else list(days)


def _label(days: Sequence[Day]) -> str:
    ok, failed = sum(day.ok for day in days), sum(day.failed for day in days)
    return f"Transactions of {len(days)} days: {number(ok)} OK, {number(failed)} not. The same figures are in the table below."


def funnel(stages: Sequence[tuple[str, int, str]]) -> SafeString:
    """Stages that each pass on a part of the one before: name, count, and what stayed behind."""
    most = max((count for _, count, _ in stages), default=0) or 1
    return format_html('<ol class="funnel">{}</ol>', format_html_join("", "{}", ((_stage(s, most),) for s in stages)))


def _stage(stage: tuple[str, int, str], most: int) -> SafeString:
    name, count, note = stage
    return format_html(
        '<li><span class="name">{}</span><b>{}</b><svg aria-hidden="true"><rect width="{}%" height="100%"/></svg>'
        '<span class="note">{}</span></li>',
        name,
        number(count),
        f"{100 * count / most:.2f}",
        note,
    )
