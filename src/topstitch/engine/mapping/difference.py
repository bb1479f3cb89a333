"""Two mappings compared row by row, and what may not be taken away from one."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from topstitch.engine.mapping.document import plain_row
from topstitch.engine.spec import MappingRow
from topstitch.errors import ConfigError

Kind = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that is different; numbers count from 1, 0 where there is no such row."""

    kind: Kind
    to: str
    number: int
    before_number: int
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @property
    def parts(self) -> dict[str, tuple[Any, Any]]:
        """Of a changed row, what is different: part -> (before, after), None where it is not said."""
        before, after = self.before or {}, self.after or {}
        names = [*before, *(name for name in after if name not in before)]
        return {n: (before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n)}

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "kind": self.kind,
            "to": self.to,
            "row": self.number or self.before_number,
            "before": self.before,
            "after": self.after,
        }


def row_changes(before: Sequence[MappingRow], after: Sequence[MappingRow]) -> list[RowChange]:
    """What makes `after` of `before`, in the order of `after`, removed rows last.

    Rows belong together by their destination field; of several to one field first those that are equal, then in order.
    """
    old, new = [plain_row(row) for row in before], [plain_row(row) for row in after]
    partner = _partners(before, after, old, new)
    moved = _moved([was for at, was in sorted(partner.items()) if old[was] == new[at]])
    changes = []
    for at, row in enumerate(after):
        if (was := partner.get(at)) is None:
            changes.append(RowChange("added", row.to, at + 1, 0, None, new[at]))
        elif old[was] != new[at]:
            changes.append(RowChange("changed", row.to, at + 1, was + 1, old[was], new[at]))
        elif was in moved:
            changes.append(RowChange("moved", row.to, at + 1, was + 1, old[was], new[at]))
    kept = set(partner.values())
    gone = (at for at in range(len(old)) if at not in kept)
    return [*changes, *(RowChange("removed", before[at].to, 0, at + 1, old[at], None) for at in gone)]


def _partners(
    before: Sequence[MappingRow],
    after: Sequence[MappingRow],
    old: Sequence[Mapping[str, Any]],
    new: Sequence[Mapping[str, Any]],
) -> dict[int, int]:
    """Which row of `after` was which of `before`."""
    waiting: defaultdict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(before):
        waiting[row.to].append(at)
    partner: dict[int, int] = {}
    for equal in (True, False):
        for at, row in enumerate(after):
            if at not in partner:
                found = next((was for was in waiting[row.to] if not equal or old[was] == new[at]), None)
                if found is not None:
                    partner[at] = found
                    waiting[row.to].remove(found)
    return partner


def _moved(order: Sequence[int]) -> set[int]:
    """Of rows that only may have moved, given by their old places, those to move: the fewest that there can be."""
    tails: list[int] = []
    ends: list[int] = []
    previous: dict[int, int] = {}
    for value in order:
        at = bisect_left(tails, value)
        if at:
            previous[value] = ends[at - 1]
        if at == len(tails):
            tails.append(value)
            ends.append(value)
        else:
            tails[at] = ends[at] = value
    stays: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        stays.add(last)
        last = previous.get(last)
    return set(order) - stays


def refuse_dropping(before: Sequence[MappingRow], after: Sequence[MappingRow]) -> None:
    """Raises ConfigError when a row that is required or locked has no successor: an enabled row to the same destination field,
    from the same sources where the source side is locked.
    """
    enabled = [row for row in after if row.enabled]
    targets = {row.to for row in enabled}
    for row in before:
        if not row.enabled or not (row.required or row.locked):
            continue
        if row.to not in targets:
            raise _refused(row, "would have no row any more")
        if row.locked == "source" and not any(other.to == row.to and other.sources == row.sources for other in enabled):
            raise _refused(row, "would have another source")


def _refused(row: MappingRow, what: str) -> ConfigError:
    needs = "required" if row.required else "locked"
    return ConfigError(
        f"{row.to} ({row.label}) is {needs} and {what}",
        key="locked_row",
        hint="Give the field another row (a constant will do), take the mark off its row first, or insist with --force.",
    )
