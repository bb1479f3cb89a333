"""Reduced prices: some systems keep the regular price and a reduced one beside it, others the price asked and the one before.

regular 20, reduced 15   is   price 15, before 20
regular 20               is   price 20, before 20 (which shops show as no reduction, so that one that is over ends)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from topstitch.engine.proposals.convert import conversion
from topstitch.engine.spec import FilterRow, MappingRow, SourceField
from topstitch.sdk.fields import Field

REGULAR, REDUCED, BEFORE, NOW = "price", "sale_price", "compare_price", "on_sale"


def told_as(tag: str, have: Mapping[str, Field], wanted: Collection[str]) -> str:
    """BEFORE or REDUCED, whichever the destination has in place of the source's; "" where the two say it alike."""
    prefix, last = _split(tag)
    if last not in (REGULAR, REDUCED, BEFORE):
        return ""
    for theirs, ours in ((REDUCED, BEFORE), (BEFORE, REDUCED)):
        if {theirs, ours} & {each for each in (REDUCED, BEFORE) if prefix + each in have} == {theirs}:
            asked = {each for each in (REDUCED, BEFORE) if prefix + each in wanted}
            return ours if asked == {ours} else ""
    return ""


def regular(tag: str) -> str:
    """The tag of the regular price beside this one."""
    return _split(tag)[0] + REGULAR


def reduction(field: Field, row: MappingRow, have: Mapping[str, Field], told: str) -> list[MappingRow]:
    """The rows of a price whose reductions are `told` otherwise than at the source; `row` gives it the source's price."""
    prefix, last = _split(field.tag)
    if told == BEFORE:
        reduced = have[prefix + REDUCED]
        while_reduced = _while_reduced(reduced, have.get(prefix + NOW))
        return [row, _instead(row, field, reduced, while_reduced)] if last == REGULAR else [row]
    before = have[prefix + BEFORE]
    is_reduced = FilterRow(field=before.path, op="greater", value=0)
    if last == REGULAR:
        return [row, _instead(row, field, before, is_reduced)]
    nothing = row.model_copy(update={"sources": [], "do": [], "value": ""})
    return [nothing, row.model_copy(update={"when": [is_reduced]})]


def _split(tag: str) -> tuple[str, str]:
    head, dot, last = tag.rpartition(".")
    return head + dot, last


def _instead(row: MappingRow, field: Field, source: Field, when: FilterRow) -> MappingRow:
    """The same row from another price, where the condition holds; it comes after the other and so wins."""
    steps = conversion(source, field) or []
    return row.model_copy(
        update={"sources": [SourceField(path=source.path, name=source.label)], "do": steps, "when": [when]}
    )


def _while_reduced(reduced: Field, now: Field | None) -> FilterRow:
    """While the reduction runs, where the source says when that is; else whenever there is a reduced price."""
    if now is not None:
        return FilterRow(field=now.path, op="equals", value=True)
    return FilterRow(field=reduced.path, op="is_not_empty")
