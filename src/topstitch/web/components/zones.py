"""Time zones as people choose them: by continent and place, with what a clock there says now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.forms import CharField, Select
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from topstitch.errors import ConfigError
from topstitch.values.zones import find_zone
from topstitch.web.components.markup import attributes
from topstitch.web.components.trouble import wrong_from


class ZoneSelect(Select):
    """All zones. Written here in one go: as a Django template some hundred options take longer than the rest of a page."""

    def __init__(self, attrs: dict[str, Any] | None = None, *, utc: str = "UTC") -> None:
        super().__init__(attrs)
        self.utc = utc

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """The whole control."""
        minute = datetime.now(UTC).replace(second=0, microsecond=0)
        chosen = str(value or self.utc)
        known = chosen == self.utc or any(chosen == zone for _, zones in _places(minute) for zone, _ in zones)
        body = [_option(self.utc, "UTC", chosen), "" if known else _option(chosen, chosen, chosen)]
        body += [_continent(part, zones, chosen) for part, zones in _places(minute)]
        given = attributes({"name": name, **self.build_attrs(self.attrs, attrs)})
        return format_html("<select{}>{}</select>", given, SafeString("".join(body)))


@lru_cache(maxsize=2)
def _places(now: datetime) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """Continents with their zones: name, and `London, 14:07 now`."""
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    parts = groupby(names, key=lambda name: name.partition("/")[0])
    return [(part, [(name, _place(name, now)) for name in some]) for part, some in parts]


def _place(name: str, now: datetime) -> str:
    place = name.partition("/")[2].replace("_", " ").replace("/", ", ")
    return f"{place}, {now.astimezone(ZoneInfo(name)):%H:%M} now"


def _continent(part: str, zones: Sequence[tuple[str, str]], chosen: str) -> SafeString:
    options = format_html_join(
        "", '<option value="{}"{}>{}</option>', ((*_marked(zone, chosen), words) for zone, words in zones)
    )
    return format_html('<optgroup label="{}">{}</optgroup>', part, options)


def _option(zone: str, words: str, chosen: str) -> SafeString:
    return format_html('<option value="{}"{}>{}</option>', *_marked(zone, chosen), words)


def _marked(zone: str, chosen: str) -> tuple[str, str]:
    return zone, SafeString(" selected") if zone == chosen else ""


class ZoneField(CharField):
    """A zone's name; `utc` is the value that stands for UTC."""

    def __init__(self, *, utc: str = "UTC", **more: Any) -> None:
        super().__init__(
            **{"label": "Time zone", "required": False, "max_length": 60, "widget": ZoneSelect(utc=utc), **more}
        )
        self.utc = utc

    def clean(self, value: Any) -> Any:
        """One that there is."""
        name = super().clean(value) or self.utc
        try:
            find_zone(name or "UTC")
        except ConfigError as error:
            raise wrong_from(error) from error
        return name


def zone_words(name: str) -> str:
    """`London, Europe`; UTC and offsets as they are."""
    continent, _, place = name.replace("_", " ").partition("/")
    return f"{place}, {continent}" if place else name or "UTC"


def clock_there(name: str) -> str:
    """`Thursday 26 November, 14:07`: what a clock there says now; "" of a zone that this machine's list has no more."""
    try:
        return f"{datetime.now(find_zone(name or 'UTC')):%A %-d %B, %H:%M}"
    except ConfigError:
        return ""
