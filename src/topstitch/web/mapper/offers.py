"""What the fields of the mapper's form offer to choose from: fields with their values in the record in hand, tables, scripts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from topstitch.errors import TopstitchError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.fields import Field
from topstitch.store.models import Service
from topstitch.store.queries.lookups import tables
from topstitch.store.queries.scripts import script_names
from topstitch.values.codes import currencies
from topstitch.values.paths import compile_get, occurring
from topstitch.values.units import LENGTHS, WEIGHTS
from topstitch.web.services.mapping import short

#: Fields that are offered beyond those which the system describes: what else a record has.
MOST_FOUND = 300
SAMPLE = 40


@dataclass(frozen=True, slots=True)
class Option:
    """A value that may be taken, and what is said beside it."""

    value: str
    words: str = ""


def offers_of(service: Service, record: Any, wanted: Collection[str] = ()) -> dict[str, list[Option]]:
    """Options by the name that a field of the form refers to them by: `source` and `destination` always, and of what
    parameters may offer (`Param.offer`) that which is `wanted`. `record` is the one in hand, None without one.
    """
    source = CATALOGUE.get(service.source.system).fields(service.source_entity)
    destination = CATALOGUE.get(service.destination.system).fields(service.destination_entity)
    have = list(_source_options(source, record))
    return {
        "source": have,
        "destination": [Option(each.path, each.label) for each in destination if each.writable],
        **{name: list(_LISTS[name](service, have)) for name in sorted(set(wanted) & set(_LISTS))},
    }


def _tables(service: Service, have: Sequence[Option]) -> Iterable[Option]:
    return (Option(table.name) for table in tables(service.group))


def _scripts(service: Service, have: Sequence[Option]) -> Iterable[Option]:
    return (Option(name) for name in script_names(service.group.company))


def _within(service: Service, have: Sequence[Option]) -> Iterable[Option]:
    """The same fields as they are called from within an element of their list."""
    inner = {each.value.rpartition("[*].")[2]: each.words for each in have if "[*]." in each.value}
    return (Option(path, words) for path, words in inner.items())


_LISTS: dict[str, Callable[[Service, Sequence[Option]], Iterable[Option]]] = {
    "field": lambda service, have: have,
    "path": _within,
    "lookup": _tables,
    "script": _scripts,
    "zone": lambda service, have: map(Option, sorted(available_timezones())),
    "currency": lambda service, have: (Option(code, each.name) for code, each in currencies().items()),
    "unit": lambda service, have: map(Option, (*WEIGHTS, *LENGTHS)),
}


def _source_options(fields: Sequence[Field], record: Any) -> Iterable[Option]:
    """Described fields first, then what else the record has, each with its value."""
    known = set()
    for each in fields:
        known.add(each.path)
        yield Option(each.path, " · ".join(filter(None, (each.label, _sample(record, each.path)))))
    found = dict(occurring(record)) if record is not None else {}
    for path in [path for path in found if path not in known][:MOST_FOUND]:
        yield Option(path, _sample(record, path))


def _sample(record: Any, path: str) -> str:
    if record is None:
        return ""
    try:
        value = compile_get(path)(record)
    except TopstitchError:
        return ""
    text = short(value) if value is not None else ""
    return text if len(text) <= SAMPLE else f"{text[: SAMPLE - 1]}…"
