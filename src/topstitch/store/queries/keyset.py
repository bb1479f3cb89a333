"""Paging through long lists by the last row seen, never by counting: page 1,000 is as fast as page 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Window(Generic[M]):
    """Some rows of a list, in its order."""

    rows: list[M]
    #: Whether there is more in either direction.
    has_earlier: bool
    has_later: bool
    #: The day that was not looked at any more, for time: there may be more from it on.
    reached: date | None = None


def window(
    rows: QuerySet[M],
    *,
    by: str,
    size: int,
    after: object = None,
    before: object = None,
    descending: bool = True,
) -> Window[M]:
    """`size` rows ordered by the unique column `by`: from the start, or next to a row whose value of it is given.

    `after` and `before` are meant in the order of the list: with the newest first, what comes after is older.
    """
    backwards = before is not None
    anchor = before if backwards else after
    downwards = descending != backwards
    if anchor is not None:
        rows = rows.filter(**{f"{by}__{'lt' if downwards else 'gt'}": anchor})
    found = list(rows.order_by(f"-{by}" if downwards else by)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        return Window(found[::-1], has_earlier=more, has_later=True)
    return Window(found, has_earlier=after is not None, has_later=more)
