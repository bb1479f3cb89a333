"""Default mappings: two field lists joined on their tags, with the conversions that their types and formats call for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from topstitch.engine.mapping.convert import conversion
from topstitch.engine.spec import MappingRow, SourceField, Step
from topstitch.sdk.fields import Field
from topstitch.sdk.taxonomy import Term, entities, taxonomy

#: Parts of a name that one text is made of, by the tag it has: `shipping.name` is first and last name of `shipping`.
NAME_PARTS = ("first_name", "last_name")


def default_mapping(source: Sequence[Field], destination: Sequence[Field], entity: str) -> list[MappingRow]:
    """Rows for every writable field of the destination whose meaning the source has, in the destination's order."""
    terms = taxonomy(entity).terms if entity in entities() else {}
    have = _by_tag(source)
    rows = [row for field in destination if (row := _row(field, have, terms)) is not None]
    return _without_rows_lacking_their_list(rows)


def unmapped_required(destination: Sequence[Field], rows: Sequence[MappingRow]) -> list[Field]:
    """Required fields of the destination that no enabled row fills."""
    filled = {row.to for row in rows if row.enabled}
    return [field for field in destination if field.required and field.writable and field.path not in filled]


def _by_tag(fields: Sequence[Field]) -> dict[str, Field]:
    found: dict[str, Field] = {}
    for field in fields:
        if field.tag and field.readable:
            found.setdefault(field.tag, field)
    return found


def _row(field: Field, have: Mapping[str, Field], terms: Mapping[str, Term]) -> MappingRow | None:
    if not field.tag or not field.writable or field.type in ("array", "object"):
        return None
    made = _from_same_meaning(field, have, terms) or _from_name_parts(field, have) or _from_whole_name(field, have)
    if made is None:
        return None
    sources, steps = made
    term = terms.get(field.tag)
    return MappingRow(
        to=field.path,
        sources=sources,
        do=steps,
        name=field.label,
        category=field.category or (term.category if term else ""),
        required=field.required,
        locked="destination" if "locked" in field.flags else "",
    )


Made = tuple[list[SourceField], list[Step]]


def _from_same_meaning(field: Field, have: Mapping[str, Field], terms: Mapping[str, Term]) -> Made | None:
    for tag in _candidates(field.tag, terms):
        source = have.get(tag)
        if source is not None and (steps := conversion(source, field)) is not None:
            return [SourceField(path=source.path, name=source.label)], steps
    return None


def _candidates(tag: str, terms: Mapping[str, Term]) -> Iterator[str]:
    yield tag
    if tag in terms:
        yield from terms[tag].alike


def _from_name_parts(field: Field, have: Mapping[str, Field]) -> Made | None:
    """A full name from first and last name."""
    prefix, _, last = field.tag.rpartition(".")
    if last != "name":
        return None
    parts = [have.get(f"{prefix}.{part}" if prefix else part) for part in NAME_PARTS]
    if not all(parts):
        return None
    sources = [SourceField(path=part.path, name=part.label) for part in parts if part]
    return sources, [Step(function="string.concatenate", args={"joiner": " ", "trim": True, "skip_empty": True})]


def _from_whole_name(field: Field, have: Mapping[str, Field]) -> Made | None:
    """First name: the first word of a full name; last name: the rest."""
    prefix, _, last = field.tag.rpartition(".")
    whole = have.get(f"{prefix}.name" if prefix else "name")
    if whole is None or last not in NAME_PARTS:
        return None
    pattern = r"^\s*(\S+)" if last == "first_name" else r"^\s*\S+\s+(.*\S)\s*$"
    step = Step(function="string.extract_pattern", args={"pattern": pattern, "group": 1})
    return [SourceField(path=whole.path, name=whole.label)], [step]


def _without_rows_lacking_their_list(rows: list[MappingRow]) -> list[MappingRow]:
    """A row of a list needs a list at the source: without one in any of its list's rows, all of them are left out."""
    driven = {_list_of(row.to) for row in rows if "[*]" in row.to and any("[*]" in s.path for s in row.sources)}
    return [row for row in rows if "[*]" not in row.to or _list_of(row.to) in driven]


def _list_of(path: str) -> str:
    return path.rpartition("[*]")[0]
