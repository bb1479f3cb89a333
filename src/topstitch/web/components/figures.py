"""Small figures: tiles, spark bars, meters; and the days of a chart as a table."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from topstitch.store.queries.volumes import Day
from topstitch.web.components.icons import icon
from topstitch.web.components.words import number

HEIGHT, PITCH, BAR = 24, 8, 6


def tile(name: str, value: object, *, note: str = "", href: str = "", kind: str = "", sign: str = "") -> SafeString:
    """One figure in a `.tiles` grid. `kind` colours the note (with `sign`, an icon, and words: never colour alone)."""
    shown = number(value) if isinstance(value, int) else value
    mark = icon(sign) if sign else ""
    below = format_html('<span class="note{}">{}{}</span>', f" is-{kind}" if kind else "", mark, note) if note else ""
    body = format_html('<span class="name">{}</span><b>{}</b>{}', name, shown, below)
    return (
        format_html('<a class="tile" href="{}">{}</a>', href, body)
        if href
        else format_html('<div class="tile">{}</div>', body)
    )


def spark(counts: Sequence[int], words: str, *, kind: str = "failed") -> SafeString:
    """Bars of the last days, oldest first. `words` say what they show; the highest and the last are added."""
    most = max(counts, default=0) or 1
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}"/>',
        ((at * PITCH, HEIGHT - high, BAR, high) for at, high in enumerate(_high(count, most) for count in counts)),
    )
    label = f"{words}: {', '.join(number(count) for count in counts)}" if counts else f"{words}: none"
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}"><title>{}</title>'
        '<g class="fill-{}">{}</g></svg>',
        max(len(counts), 1) * PITCH,
        HEIGHT,
        label,
        label,
        kind,
        bars,
    )


def _high(count: int, most: int) -> int:
    return max(2, round(HEIGHT * count / most)) if count else 1


def meter(used: float, total: float, words: str) -> SafeString:
    """How much of a budget is used; amber from four fifths, red when all of it is."""
    share = min(used / total, 1) if total else 0
    return _bar(share, "failed" if share >= 1 else "pending" if share >= 0.8 else "ok", words)


def gauge(done: float, total: float, words: str) -> SafeString:
    """How much of something is done: the more the better, and no amount of it is alarming."""
    return _bar(min(done / total, 1) if total else 0, "ok", words)


def _bar(share: float, kind: str, words: str) -> SafeString:
    return format_html(
        '<svg class="meter is-{}" role="img" aria-label="{}"><title>{}</title><rect width="{}%" height="100%"/></svg>',
        kind,
        words,
        words,
        f"{100 * share:.1f}",
    )


def beside_before(good: int, bad: int, before: int, most: int) -> SafeString:
    """A bar of what is so far, good and bad, in front of what it was before; `most` is the longest bar of its list."""
    behind, wide, wrong = (f"{100 * count / (most or 1):.1f}" for count in (before, good, bad))
    words = f"{number(good + bad)} so far, {number(bad)} of them did not go through; {number(before)} before"
    return format_html(
        '<svg class="beside-before" role="img" aria-label="{0}"><title>{0}</title>'
        '<rect class="before" width="{1}%" height="100%"/><rect class="fill-ok" y="25%" width="{2}%" height="50%"/>'
        '<rect class="fill-failed" x="{2}%" y="25%" width="{3}%" height="50%"/></svg>',
        words,
        behind,
        wide,
        wrong,
    )


def daily_table(days: Sequence[Day]) -> SafeString:
    """What `daily_chart` shows, to be read: behind a fold, newest first."""
    rows = format_html_join(
        "",
        '<tr><td>{}</td><td class="number">{}</td><td class="number">{}</td><td class="number">{}</td>'
        '<td class="number">{}</td></tr>',
        (
            (f"{day.day:%a %-d %b %Y}", number(day.ok), number(day.failed), number(day.unchanged), number(day.runs))
            for day in reversed(days)
        ),
    )
    return format_html(
        "<details><summary>The same as a table</summary>"
        '<div class="scroll" role="group" aria-label="Figures of each day" tabindex="0"><table class="list narrow"><thead><tr>'
        '<th>Day (UTC)</th><th class="number">OK</th><th class="number">Not through</th><th class="number">Unchanged</th>'
        '<th class="number">Runs</th></tr></thead><tbody>{}</tbody></table></div></details>',
        rows,
    )
