"""A mapping generated anew: the default one, or the present one with what it lacks of the default."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from topstitch.engine.mapping.document import plain_row
from topstitch.engine.spec import MappingRow


@dataclass(frozen=True, slots=True)
class Generated:
    """What generating gives, and which fields it leaves as a person has them: changed, added or deleted."""

    rows: tuple[MappingRow, ...]
    kept: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def regenerated(
    present: Sequence[MappingRow], default: Sequence[MappingRow], *, keep_changes: bool, known: Collection[str] = ()
) -> Generated:
    """The default rows; with `keep_changes` the present ones and, each after the one it follows in the default, those that
    they lack. What an earlier revision had (`known`, destination fields) and the present one has not, a person took out.
    """
    if not keep_changes:
        return Generated(tuple(default))
    rows = list(present)
    have = {row.to for row in present}
    left_out = []
    before: str | None = None
    for to in dict.fromkeys(row.to for row in default):
        if to not in have:
            if to in known:
                left_out.append(to)
                continue
            at = _after(rows, before)
            rows[at:at] = [row for row in default if row.to == to]
        before = to
    changed = [to for to in dict.fromkeys(row.to for row in present) if _of(present, to) != _of(default, to)]
    return Generated(tuple(rows), tuple(changed), tuple(left_out))


def _after(rows: Sequence[MappingRow], to: str | None) -> int:
    """The place after the last row to this field; the first where there is none."""
    return next((at for at in range(len(rows), 0, -1) if rows[at - 1].to == to), 0)


def _of(rows: Sequence[MappingRow], to: str) -> list[dict[str, object]]:
    return [plain_row(row) for row in rows if row.to == to]
