"""The paths of a service in their one canonical form, whichever notation they were written in."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

from topstitch.engine.mapping.named import expanded, named_lists
from topstitch.engine.mapping.reading import named_fields
from topstitch.engine.places import Place, placed
from topstitch.engine.spec import FilterRow, MappingRow, Service, SourceField, Step
from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import Entry
from topstitch.sdk.fields import Field
from topstitch.sdk.model import Entity
from topstitch.values.paths import canonical, parse, render

Rewrite = Callable[[str], str]
M = TypeVar("M", FilterRow, MappingRow, Service, SourceField, Step)


class Notation:
    """How the paths of one entity are read: `notation(path)` is the path in its canonical form.

    Three ways of writing have one form: ours, that of older tools (`orders.0.lines.0.sku`) and the short form of lists
    whose elements go by name (`metafields.custom.care`). Raises ConfigError.
    """

    def __init__(self, tops: Collection[str], fields: Sequence[Field], *, as_given: Collection[str] = ()) -> None:
        self.tops = frozenset(tops)
        self._lists = named_lists(fields)
        self._as_given = frozenset(as_given)

    @classmethod
    def of(cls, entry: Entry, entity: str) -> Notation:
        """That of an entity of a system; of one that does not exist only its name is known."""
        found = next((each for each in entry.system.entities if each.name == entity), None)
        filters = found.read.filters if found and found.read else ()
        return cls(tops_of(entity, found), entry.fields(entity), as_given=list(filters))

    def __call__(self, path: str) -> str:
        """The canonical form. What begins with @ (`@value`) is no path."""
        if path.startswith("@") or path in self._as_given:
            return path
        return canonical(render(expanded(parse(path, tops=self.tops), self._lists)))


def tops_of(name: str, entity: Entity | None = None) -> set[str]:
    """What the record may be called at the top of a path: orders, order, sales_orders, salesorders..."""
    words = {name, *((entity.taxonomy, entity.label) if entity else ())}
    numbers = {form for word in words for form in _numbers(word.lower())}
    spelt = numbers | {re.sub(r"fulfil(?!l)", "fulfill", word) for word in numbers}
    return spelt | {re.sub(r"[\s_-]", joint, word) for word in spelt for joint in ("", "_")}


def _numbers(word: str) -> set[str]:
    """A word in the singular and in the plural."""
    if word.endswith("ies"):
        return {word, f"{word[:-3]}y"}
    return {word, word[:-1] if word.endswith("s") else f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"}


def canonical_service(spec: Service, source: Entry, destination: Entry, *, place: Place) -> Service:
    """The service with every path in its canonical form; the same object when they are already.

    Raises ConfigError, placed, for a path that cannot be read.
    """
    read, write = Notation.of(source, spec.source.entity), Notation.of(destination, spec.destination.entity)
    end, filters = spec.source, []
    for number, row in enumerate(end.filters):
        with placed(place, "source", "filters", number):
            filters.append(_changed(row, field=read(row.field)))
    given: dict[str, Any] = {"filters": filters} if _differ(filters, end.filters) else {}
    for name in ("key", "reference"):
        if path := getattr(end, name):
            with placed(place, "source", name):
                given |= {name: read(path)} if read(path) != path else {}
    rows = canonical_rows(spec.mapping, read, write, place=place)
    changed = {"source": end.model_copy(update=given)} if given else {}
    return _changed(spec, mapping=rows, **changed)


def canonical_rows(
    rows: Sequence[MappingRow], read: Rewrite, write: Rewrite, *, place: Place, part: str = "mapping"
) -> list[MappingRow]:
    """Rows with their paths in canonical form, those that need no change as they are. `part` is where they stand."""
    out = []
    for number, row in enumerate(rows):
        with placed(place, part, number):
            try:
                out.append(canonical_row(row, read, write))
            except ConfigError as error:
                raise ConfigError(f"{row.label}: {error}", key=error.key, hint=error.hint) from error
    return out


def canonical_row(row: MappingRow, read: Rewrite, write: Rewrite) -> MappingRow:
    """One row with its paths in canonical form. Raises ConfigError."""
    return _changed(
        row,
        to=write(row.to),
        sources=[_changed(source, path=read(source.path), do=_steps(source.do, read)) for source in row.sources],
        do=_steps(row.do, read),
        when=[_changed(condition, field=read(condition.field)) for condition in row.when],
    )


def _steps(steps: Sequence[Step], read: Rewrite) -> list[Step]:
    return [_step(step, read) for step in steps]


def _step(step: Step, read: Rewrite) -> Step:
    given = {name: read(path) for name, path in named_fields(step).items()}
    parts: dict[str, Any] = {"args": {**step.args, **given}} if given else {}
    if step.inputs:
        parts["inputs"] = [read(path) for path in step.inputs]
    return _changed(step, **parts)


def _changed(model: M, **parts: Any) -> M:
    """A copy with these parts where they differ, else the model itself."""
    differ = {name: part for name, part in parts.items() if _differ(part, getattr(model, name))}
    return model.model_copy(update=differ) if differ else model


def _differ(new: Any, old: Any) -> bool:
    if isinstance(new, list) and isinstance(old, list):
        return len(new) != len(old) or any(
            one is not other and one != other for one, other in zip(new, old, strict=True)
        )
    return bool(new != old)
