"""Companies among customers: some systems have one name and say whose it is, others a company beside the name of a person.

name "Harbour Hotels", a company   is   company "Harbour Hotels", and nobody's first and last name
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from topstitch.engine.spec import FilterRow, MappingRow, SourceField, Step
from topstitch.sdk.fields import Field

WHOLE, COMPANY, WHETHER = "name", "company", "is_company"


def named_alike(have: Mapping[str, Field], wanted: Collection[str]) -> bool:
    """Whether people and companies share a name at the source, and have names of their own at the destination."""
    apart = any(_last(tag) == COMPANY for tag in wanted) and WHETHER not in wanted
    return apart and WHETHER in have and WHOLE in have and "first_name" not in have


def of_company(field: Field, have: Mapping[str, Field]) -> tuple[list[SourceField], list[Step]] | None:
    """The name as that of a company."""
    whole = have[WHOLE]
    return ([SourceField(path=whole.path, name=whole.label)], []) if _last(field.tag) == COMPANY else None


def told_apart(field: Field, row: MappingRow, have: Mapping[str, Field]) -> list[MappingRow]:
    """The rows of a field: a company's name is its own, and no first and last name of somebody."""
    whose, plain = have[WHETHER].path, [source.path for source in row.sources] == [have[WHOLE].path]
    if own := of_company(field, have):
        name = row.model_copy(
            update={"sources": own[0], "do": own[1], "when": [FilterRow(field=whose, op="equals", value=True)]}
        )
        # After the other row, and so it wins.
        return [name] if plain else [row, name]
    if plain and _last(field.tag) in ("first_name", "last_name"):
        return [row.model_copy(update={"when": [FilterRow(field=whose, op="not_equals", value=True)]})]
    return [row]


def _last(tag: str) -> str:
    return tag.rpartition(".")[2]
