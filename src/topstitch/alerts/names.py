"""Names, times and amounts as messages say them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE


def system_name(slug: str) -> str:
    """A system's name; of one that this installation does not have, its slug."""
    try:
        return CATALOGUE.get(slug).name
    except ConfigError:
        return slug


def exact(moment: datetime) -> str:
    """`Wed 25 Nov 2026, 14:07 UTC`."""
    return f"{moment.astimezone(UTC):%a %d %b %Y, %H:%M} UTC"


def counted(count: int, name: str) -> str:
    """`1 record`, `2,000 records`."""
    return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"


def span(time: timedelta) -> str:
    """`3 minutes`, `26 hours`, `4 days`."""
    minutes = max(round(time.total_seconds() / 60), 1)
    if minutes < 120:
        return counted(minutes, "minute")
    hours = round(minutes / 60)
    return counted(hours, "hour") if hours < 72 else counted(round(hours / 24), "day")


def one_line(text: str, longest: int = 200) -> str:
    """Text for a subject or a row: one line, not too long."""
    plain = " ".join(text.split())
    return plain if len(plain) <= longest else f"{plain[: longest - 3]}..."


def without_numbers(text: str) -> str:
    """What two sentences about the same cause have in common."""
    return re.sub(r"\d+", "#", one_line(text))
