"""Times, durations, amounts and names as people say them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def exact(moment: datetime) -> str:
    """`Wed 25 Nov 2026, 14:07:12 UTC`; for somebody who lives elsewhere their own time first, and UTC behind it."""
    utc, there = moment.astimezone(UTC), moment.astimezone(timezone.get_current_timezone())
    if there.utcoffset() == utc.utcoffset():
        return f"{utc:%a %-d %b %Y, %H:%M:%S} UTC"
    # Summer time is told by the offset: a zone has one name all year.
    return f"{there:%a %-d %b %Y, %H:%M:%S} (UTC{there.isoformat()[-6:]}), {utc:%-d %b %H:%M} UTC"


def stamp(moment: datetime) -> str:
    """`25 Nov 14:07:12`, for columns that are headed UTC."""
    return f"{moment.astimezone(UTC):%d %b %H:%M:%S}"


def relative(moment: datetime, now: datetime) -> str:
    """`3 minutes ago`, `in 2 hours`; beyond a fortnight the day itself."""
    seconds = (now - moment).total_seconds()
    if abs(seconds) >= 14 * 86_400:
        return f"{moment.astimezone(UTC):%-d %b %Y}"
    if abs(seconds) < 45:
        return "just now" if seconds >= 0 else "in a moment"
    span = _rounded(abs(seconds))
    return f"{span} ago" if seconds >= 0 else f"in {span}"


def _rounded(seconds: float) -> str:
    for size, name in _UNITS:
        count = round(seconds / size)
        if seconds >= size * 0.95:
            return counted(max(count, 1), name)
    return "1 minute"


def ago(moment: datetime | None) -> SafeString:
    """A time element: relative, with the exact one on hover."""
    return _time(moment, relative(moment, timezone.now()), moves=True) if moment else SafeString("–")


def due(moment: datetime | None) -> SafeString:
    """When something is to happen; of what should have happened a minute ago, that it is overdue."""
    if moment is None or timezone.now() - moment < timedelta(minutes=1):
        return ago(moment)
    return _time(moment, "overdue", relative(moment, timezone.now()))


def at(moment: datetime | None) -> SafeString:
    """A time element: the UTC time, with the exact and the relative one on hover."""
    return _time(moment, stamp(moment), relative(moment, timezone.now())) if moment else SafeString("–")


def clock(moment: datetime) -> SafeString:
    """A time element: the time of day where the reader is, for what stands below its day."""
    return _time(moment, f"{timezone.localtime(moment):%H:%M:%S}", relative(moment, timezone.now()))


def _time(moment: datetime, text: str, more: str = "", *, moves: bool = False) -> SafeString:
    title = f"{exact(moment)} ({more})" if more else exact(moment)
    iso = moment.astimezone(UTC).isoformat(timespec="seconds")
    # js/times.js keeps those that move true while a page stays open.
    kept = SafeString(" data-relative") if moves else ""
    return format_html('<time datetime="{}" title="{}"{}>{}</time>', iso, title, kept, text)


def duration(span: timedelta | None) -> str:
    """`2 min 5 s`; tenths below ten seconds."""
    if span is None:
        return "–"
    seconds = max(span.total_seconds(), 0)
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def number(value: int) -> str:
    """With commas: 1,000,000."""
    return f"{value:,}"


def counted(count: int, name: str) -> str:
    """`1 record`, `2,000 records`."""
    return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"


def size(count: int) -> str:
    """Bytes in the unit that suits: 340 B, 12 KB, 3.4 MB."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.0f} KB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


@lru_cache(maxsize=1024)
def system_name(slug: str) -> str:
    """A system's name; of one that this installation does not have, its slug in words."""
    try:
        return CATALOGUE.get(slug).name
    except ConfigError:
        return slug.replace("-", " ").replace("_", " ").title()


def entity_name(name: str) -> str:
    """`sales_orders` as `sales orders`."""
    return name.replace("_", " ")


def operator_words(op: str) -> str:
    """A filter's operator as part of a sentence: `status` `is one of` `open, paid`."""
    return _OPERATORS.get(op, op.replace("_", " "))


_OPERATORS = {
    "not_equals": "does not equal",
    "in": "is one of",
    "not_in": "is none of",
    "greater": "is greater than",
    "greater_or_equal": "is at least",
    "less": "is less than",
    "less_or_equal": "is at most",
    "starts_with": "begins with",
    "in_the_last": "is in the last",
    "more_than_ago": "is longer ago than",
    "before": "is before",
    "after": "is after",
    "between": "is between",
}


def capital(text: str) -> str:
    """With a capital; what begins with a name, a path or a file stays as it is."""
    return capfirst(text) if re.match(r"[a-z]+(?:['’-][a-z]+)*(?:[ ,:;]|\.?$)", text) else text


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    text = capital(text)
    return text if text.endswith((".", "?")) else f"{text}."
