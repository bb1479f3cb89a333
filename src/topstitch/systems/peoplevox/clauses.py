"""Search clauses: the little filter language of GetData and GetReportData, with values quoted or refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from topstitch.sdk import ConfigError

#: Alternatives in one clause; public clients use a hundred. The length keeps odd, long numbers from piling up.
MOST_VALUES = 100
MOST_CHARACTERS = 6_000


def column(name: str, *, brackets: bool) -> str:
    """A column as it is written in a clause: `SalesOrderNumber`, or `[Despatch date]` in reports."""
    return f"[{name}]" if brackets else name


def quotable(value: str) -> bool:
    """Whether a value can stand in a clause; no escape for a quote or a line break is documented."""
    return not any(character in value for character in '"\r\n')


def quoted(value: str) -> str:
    """A text in double quotes. Raises ConfigError for one that would end the quotes."""
    if not quotable(value):
        raise ConfigError(
            f"Peoplevox cannot search for {value!r}: a search value holds no quote and no line break",
            key="search_clause",
            hint="Search with a part of the value, or take the filter away and filter after the pull.",
        )
    return f'"{value}"'


def any_of(name: str, values: Iterable[str]) -> str:
    """`Name.Equals("a") OR Name.Equals("b")`."""
    return " OR ".join(f"{name}.Equals({quoted(value)})" for value in values)


def compared(name: str, operator: str, value: str | int | datetime) -> str:
    """`Name >= 12`; a datetime is local wall time."""
    if isinstance(value, datetime):
        return f"{name} {operator} DateTime({value:%Y,%m,%d,%H,%M,%S})"
    return f"{name} {operator} {value if isinstance(value, int) else quoted(value)}"


def every(parts: Sequence[str]) -> str:
    """All of these clauses, each in parentheses when there are several."""
    given = [part for part in parts if part]
    return given[0] if len(given) == 1 else " AND ".join(f"({part})" for part in given)


def in_chunks(values: Iterable[str]) -> Iterator[list[str]]:
    """Split values so that no clause over a chunk grows beyond the limits above."""
    chunk: list[str] = []
    size = 0
    for value in values:
        if chunk and (len(chunk) == MOST_VALUES or size + len(value) > MOST_CHARACTERS):
            yield chunk
            chunk, size = [], 0
        chunk.append(value)
        # What `any_of` puts around each value is about this long.
        size += len(value) + 40
    if chunk:
        yield chunk
