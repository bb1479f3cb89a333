"""Date-times of the practice Odoo: kept with microseconds, shown in whole seconds, as PostgreSQL and the ORM do."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from topstitch.systems.odoo.erp.faults import value_error

WRITTEN = "%Y-%m-%d %H:%M:%S"
_LOOSE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?)(\.\d{1,6})?(?:Z|\+00:00)?)?")


def now_moment() -> str:
    """The time of this transaction: `2026-11-23 15:34:37.123456`, UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def stored_moment(text: str) -> str:
    """A value of a domain as the column is compared: PostgreSQL reads the `T`/`Z` form too."""
    found = _LOOSE.fullmatch(text.strip())
    if not found:
        raise value_error(f'invalid input syntax for type timestamp: "{text}"')
    day, time, fraction = found.groups()
    time = time or "00:00:00"
    return f"{day} {time if len(time) == 8 else time + ':00'}.{(fraction or '.')[1:]:0<6}"


def written_moment(text: str) -> str:
    """A value that is written: only the ORM's own format is taken."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        text += " 00:00:00"
    try:
        datetime.strptime(text[:26], WRITTEN).replace(tzinfo=UTC)
    except ValueError as error:
        raise value_error(f"time data {text!r} does not match format {WRITTEN!r}") from error
    return f"{text}.000000"


def shown_moment(text: str) -> str:
    """As answers show it."""
    return text[:19]
