"""Time zones by name or offset."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone, tzinfo
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from topstitch.errors import ConfigError

_OFFSET = re.compile(r"([+-])([01][0-9]|2[0-3]):?([0-5][0-9])")
_NAME = re.compile(r"[A-Za-z0-9_+\-]+(?:/[A-Za-z0-9_+\-]+){0,2}")


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


def find_zone(name: str) -> tzinfo:
    """A zone of the tz database (`Europe/Berlin`), `UTC`, `Z`, or an offset (`+02:00`). Raises ConfigError."""
    text = name.strip()
    if text.upper() in ("UTC", "Z"):
        return UTC
    if found := _OFFSET.fullmatch(text):
        minutes = int(found[2]) * 60 + int(found[3])
        return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
    if _NAME.fullmatch(text):
        try:
            return ZoneInfo(text)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass  # a folder such as `Europe`, or a name that no file has: told below
    close = get_close_matches(text[:60], _zone_names(), n=3)
    meant = f" Did you mean {' or '.join(close)}?" if close else ""
    raise ConfigError(f"{text[:60]!r} is not a time zone.{meant}", hint="Use a name such as Europe/London, or UTC.")
