"""Default mappings: two field lists joined on their tags, with the conversions that their types and formats call for.

Beside the plain join: names are put together and taken apart; what may be empty at the source falls back to what says the
same of the same person; of what there is, what is promised and what is free to sell the third is worked out. Ids of other
records (of the product, of the location) are not copied: they mean nothing in another system.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from topstitch.engine.proposals.companies import named_alike, of_company, told_apart
from topstitch.engine.proposals.convert import conversion, counts_minor_units, is_list, minor_units
from topstitch.engine.proposals.reductions import reduction, regular, told_as
from topstitch.engine.spec import MappingRow, SourceField, Step
from topstitch.sdk.fields import Field
from topstitch.sdk.taxonomy import Term, entities, taxonomy

#: Parts of a name that one text is made of, by the tag it has: `shipping.name` is first and last name of `shipping`.
NAME_PARTS = ("first_name", "last_name")
#: What may be taken from another part of the record when a record has it empty: what is said of the same person, and when
#: an order was placed. Never parts of an address or of a name: they would be mixed with those of somebody else.
FALLS_BACK = frozenset(["name", "phone", "email", "processed_at"])
#: Tag -> how it is worked out where a source lacks it, and of which tags.
WORKED_OUT: Mapping[str, tuple[Sequence[Step], Sequence[str]]] = {
    "available": ([Step(function="number.math", args={"operation": "subtract"})], ("on_hand", "allocated")),
    "on_hand": ([Step(function="number.math", args={"operation": "add"})], ("available", "allocated")),
    "lines[*].discount": (
        [
            Step(function="number.math", args={"operation": "multiply"}),
            Step(function="number.divide", args={"number": 100}),
            Step(function="number.round", args={"places": 2}),
        ],
        ("lines[*].unit_price", "lines[*].quantity", "lines[*].discount_percent"),
    ),
}


def default_mapping(source: Sequence[Field], destination: Sequence[Field], entity: str) -> list[MappingRow]:
    """Rows for every writable field of the destination whose meaning the source has, in the destination's order."""
    terms = taxonomy(entity).terms if entity in entities() else {}
    have = by_tag(source)
    wanted = {field.tag for field in destination if field.tag and field.writable}
    rows = [row for field in destination for row in _rows(field, have, wanted, terms)]
    return _without_rows_lacking_their_list(rows)


def unmapped_required(destination: Sequence[Field], rows: Sequence[MappingRow]) -> list[Field]:
    """Required fields of the destination that no enabled row fills. A list is filled when something in it is."""
    filled = {row.to for row in rows if row.enabled}
    return [field for field in destination if field.required and field.writable and not is_filled(field, filled)]


def is_filled(field: Field, filled: Collection[str]) -> bool:
    """Whether rows to these paths fill the field."""
    return field.path in filled or (
        field.path.endswith("[*]") and any(to.startswith(f"{field.path}.") for to in filled)
    )


def by_tag(fields: Sequence[Field]) -> dict[str, Field]:
    """The readable fields by what they mean; of several that mean the same, the first."""
    found: dict[str, Field] = {}
    for field in fields:
        if field.tag and field.readable:
            found.setdefault(field.tag, field)
    return found


Made = tuple[list[SourceField], list[Step]]


def fillable(field: Field) -> bool:
    """Whether a row can give it a value: lists of objects are filled by the rows of what is in them."""
    return field.writable and field.type != "object" and not field.path.endswith("[*]")


def _rows(
    field: Field, have: Mapping[str, Field], wanted: Collection[str], terms: Mapping[str, Term]
) -> Iterator[MappingRow]:
    if not field.tag or not fillable(field):
        return
    told, shared = told_as(field.tag, have, wanted), named_alike(have, wanted)
    made = _made(field, have, terms) or (_direct(regular(field.tag), field, have) if told else None)
    made = made or (of_company(field, have) if shared else None)
    if made is None:
        return
    term = terms.get(field.tag)
    row = MappingRow(
        to=field.path,
        sources=made[0],
        do=made[1],
        name=field.label,
        category=field.category or (term.category if term else ""),
        required=field.required,
        # What the system refuses a record without is no row to be deleted.
        locked="destination" if field.required or "locked" in field.flags else "",
    )
    if shared:
        yield from told_apart(field, row, have)
    else:
        yield from reduction(field, row, have, told) if told else [row]


def _made(field: Field, have: Mapping[str, Field], terms: Mapping[str, Term]) -> Made | None:
    """The first way that gives the field's value; of what must not be empty, and of what is said of a person, all ways, one
    standing in for the other.
    """
    last, ways = field.tag.rpartition(".")[2], list(_ways(field, have, terms))
    if last in NAME_PARTS:
        ways = [way for way in ways if way[0] == field.tag] or ways[:1]
    elif "[*]" in field.path or not (field.required or last in FALLS_BACK):
        ways = ways[:1]
    if len(ways) < 2:
        return ways[0][1] if ways else None
    return [_alone(*way) for _, way in ways], [Step(function="other.fallback")]


def _ways(field: Field, have: Mapping[str, Field], terms: Mapping[str, Term]) -> Iterator[tuple[str, Made]]:
    """From the tag itself, then from what may stand in for it: as it is, worked out, or from the parts of a name."""
    for tag in candidates(field, terms):
        direct = _direct(tag, field, have)
        if direct is not None:
            yield tag, direct
        worked_out = None if field.format == "minor" else _worked_out(tag, have) or _from_name_parts(tag, have)
        if worked_out is not None and direct is None:
            yield tag, worked_out
        if (split := _from_whole_name(tag, have)) is not None:
            yield tag, split


def _direct(tag: str, field: Field, have: Mapping[str, Field]) -> Made | None:
    source = have.get(tag)
    if source is None or names_another(tag, source, field):
        return None
    if counts_minor_units(source, field):
        return _in_its_currency(source, field, have)
    steps = conversion(source, field)
    if steps is None:
        return None
    made = _source(source)
    if source.type == "array" and is_list(field) and "[*]" in field.path:
        made = made.model_copy(update={"path": f"{source.path}[*]"})
    return [made], steps


def _in_its_currency(source: Field, field: Field, have: Mapping[str, Field]) -> Made | None:
    """Pence for pounds or the other way round; which currency it is only the record can say."""
    currency = have.get("currency")
    if currency is None:
        return None
    return [_source(source), _source(currency)], minor_units(source)


def candidates(field: Field, terms: Mapping[str, Term]) -> Iterator[str]:
    """What is of another type (the id for the number) stands in only where the destination cannot do without."""
    yield field.tag
    if own := terms.get(field.tag):
        for tag in own.alike:
            if field.required or tag not in terms or terms[tag].type == own.type:
                yield tag


def names_another(tag: str, source: Field, field: Field) -> bool:
    """Whether it is the source's id of some other record (its product, its location): the destination has ids of its own."""
    return source.type == "id" and tag != "id" and (field.type == "id" or tag != field.tag)


def _source(field: Field) -> SourceField:
    return SourceField(path=field.path, name=field.label)


def _alone(sources: Sequence[SourceField], steps: Sequence[Step]) -> SourceField:
    """A way as one source with steps of its own."""
    first, *rest = sources
    if rest:
        steps = [Step(function=steps[0].function, args=steps[0].args, inputs=[s.path for s in sources]), *steps[1:]]
    return SourceField(path=first.path, name=" + ".join(s.name for s in sources), do=[*first.do, *steps])


def _worked_out(tag: str, have: Mapping[str, Field]) -> Made | None:
    steps, tags = WORKED_OUT.get(tag, ((), ()))
    parts = [have.get(part) for part in tags]
    if not parts or not all(parts) or any(part.format == "minor" for part in parts if part):
        return None
    return [_source(part) for part in parts if part], list(steps)


def _from_name_parts(tag: str, have: Mapping[str, Field]) -> Made | None:
    """A full name from first and last name."""
    prefix, _, last = tag.rpartition(".")
    if last != "name":
        return None
    parts = [have.get(f"{prefix}.{part}" if prefix else part) for part in NAME_PARTS]
    if not all(parts):
        return None
    joining = {"joiner": " ", "trim": True, "skip_empty": True}
    return [_source(part) for part in parts if part], [Step(function="string.concatenate", args=joining)]


def _from_whole_name(tag: str, have: Mapping[str, Field]) -> Made | None:
    """First name: the first word of a full name; last name: the rest."""
    prefix, _, last = tag.rpartition(".")
    whole = have.get(f"{prefix}.name" if prefix else "name")
    if whole is None or last not in NAME_PARTS:
        return None
    pattern = r"^\s*(\S+)" if last == "first_name" else r"^\s*\S+\s+(.*\S)\s*$"
    return [_source(whole)], [Step(function="string.extract_pattern", args={"pattern": pattern, "group": 1})]


def _without_rows_lacking_their_list(rows: list[MappingRow]) -> list[MappingRow]:
    """A row of a list needs a list at the source: without one in any of its list's rows, all of them are left out."""
    driven = {_list_of(row.to) for row in rows if "[*]" in row.to and any("[*]" in s.path for s in row.sources)}
    return [row for row in rows if "[*]" not in row.to or _list_of(row.to) in driven]


def _list_of(path: str) -> str:
    return path.rpartition("[*]")[0]
