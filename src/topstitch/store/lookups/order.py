"""Where pairs stand: positions with gaps, so that a change of order touches few pairs."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

#: Between two neighbours of a table made at once: thirty pairs can come between one after the other.
GAP = 1 << 32


class NoRoomError(Exception):
    """Two neighbours are too close: all positions of the table must be given anew."""


def places(was: Sequence[int | None], standing: Sequence[int]) -> list[int | None]:
    """New positions of pairs that are to stand in this order; None for those that stay where they are.

    `was` are their positions now, None for a new pair; `standing` are, in order, all positions of the table that stay
    taken or may. As many as can be stay; the others go right behind the pair before them. If all are new they go to the
    end. Raises NoRoomError.
    """
    kept = _longest_rising(was)
    staying = {was[n] for n in kept}
    moving = {position for position in was if position is not None} - staying
    taken = [position for position in standing if position not in moving] if moving else standing
    goes: list[int | None] = [None] * len(was)
    for start, end in _gaps(kept, len(was)):
        low, high = _around(was, taken, start, end)
        goes[start:end] = _spread(end - start, low, high)
    return goes


def _gaps(kept: Sequence[int], size: int) -> Iterator[tuple[int, int]]:
    """Start and end of each stretch between those that stay."""
    before = -1
    for n in (*kept, size):
        if n - before > 1:
            yield before + 1, n
        before = n


def _around(was: Sequence[int | None], taken: Sequence[int], start: int, end: int) -> tuple[int | None, int | None]:
    """The positions between which a stretch goes; None where nothing is in the way."""
    before = was[start - 1] if start else None
    if before is not None:
        at = bisect_right(taken, before)
        return before, taken[at] if at < len(taken) else None
    after = was[end] if end < len(was) else None
    if after is not None:
        at = bisect_left(taken, after)
        return taken[at - 1] if at else None, after
    return (taken[-1] if taken else 0), None


def _spread(count: int, low: int | None, high: int | None) -> list[int]:
    if low is None:
        assert high is not None
        return [high - GAP * n for n in range(count, 0, -1)]
    if high is None:
        return [low + GAP * n for n in range(1, count + 1)]
    step = (high - low) // (count + 1)
    if step < 1:
        raise NoRoomError
    return [low + step * n for n in range(1, count + 1)]


def _longest_rising(was: Sequence[int | None]) -> list[int]:
    """Indexes of a longest rising run of the positions (patience sorting)."""
    ends: list[int] = []
    last_of: list[int] = []
    before: list[int] = [-1] * len(was)
    for n, position in enumerate(was):
        if position is None:
            continue
        pile = len(ends) if not ends or position > ends[-1] else bisect_left(ends, position)
        if pile == len(ends):
            ends.append(position)
            last_of.append(n)
        else:
            ends[pile], last_of[pile] = position, n
        before[n] = last_of[pile - 1] if pile else -1
    chain: list[int] = []
    n = last_of[-1] if last_of else -1
    while n >= 0:
        chain.append(n)
        n = before[n]
    return chain[::-1]
