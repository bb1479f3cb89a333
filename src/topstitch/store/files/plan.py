"""What applying files would change, shown before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from topstitch.engine.check import check_service
from topstitch.engine.finds import check_finds
from topstitch.engine.mapping.path_check import check_service_paths
from topstitch.engine.mapping.paths import Notation, canonical_rows, canonical_service
from topstitch.engine.places import Place
from topstitch.engine.proposals.defaults import default_mapping
from topstitch.engine.spec import MappingRow
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE, Entry
from topstitch.sdk.file import system_from_data
from topstitch.sdk.settings import checked_settings
from topstitch.store.actions.connectors import effective_settings, shown, stored_values
from topstitch.store.files.lookups import lookup_differences, pairs_of
from topstitch.store.files.parts import parts
from topstitch.store.files.read import Loaded, ServiceFile, config_files, load, merged, placed
from topstitch.store.files.scripts import draft_of, script_differences
from topstitch.store.files.secrets import Hidden, resolved
from topstitch.store.models import CompanyGroup, Connector, LookupTable, Script, Service, UserSystem
from topstitch.store.queries.scripts import check_scripts


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that applying would do."""

    #: create, update or nothing
    verb: str
    kind: str
    name: str
    place: str
    #: What is different, in words: `source.page_size: 100 -> 50`.
    differences: Sequence[str] = ()
    #: All that applying needs.
    wanted: Any = None
    #: What is probably wrong and is applied all the same, with file and line.
    warnings: Sequence[str] = ()


@dataclass
class Plan:
    """Changes in the order in which they are to be made."""

    changes: list[Change] = field(default_factory=list)

    @property
    def effective(self) -> list[Change]:
        """Those that change anything."""
        return [change for change in self.changes if change.verb != "nothing"]


def make_plan(path: Path, group: CompanyGroup) -> Plan:
    """Read and check everything below `path`. Raises ConfigError with file and line for the first thing wrong."""
    files = [load(file) for file in config_files(path)]
    merged(files)
    plan = Plan()
    for part in (_systems, _lookups, _scripts, _connectors):
        for loaded in files:
            plan.changes += part(loaded, group)
    systems = _systems_of_connectors(plan, group)
    planned = {c.name: [v.name for v in c.wanted.variables] for c in plan.changes if c.kind == "script"}
    for loaded in files:
        plan.changes += _services(loaded, group, systems, planned)
    for above in parts():
        plan.changes += above.plan(files, group, plan)
    return plan


def _systems(loaded: Loaded, group: CompanyGroup) -> Iterator[Change]:
    for number, definition in enumerate(loaded.content.systems):
        place = loaded.place("systems", number)
        entry = system_from_data(definition, place=place)
        CATALOGUE.add(entry)
        existing = UserSystem.objects.filter(slug=entry.slug).first()
        yield _change("system", entry.slug, place, existing and existing.definition, definition, definition)


def _lookups(loaded: Loaded, group: CompanyGroup) -> Iterator[Change]:
    for part, owner in (("lookups", None), ("group_lookups", group)):
        for name, wanted in getattr(loaded.content, part).items():
            place = loaded.place(part, name)
            pairs = pairs_of(wanted, loaded.path.parent, place)
            table = LookupTable.objects.filter(company=group.company, group=owner, name=name).first()
            differences = lookup_differences(table, pairs) if table else ()
            verb = "create" if table is None else "update" if differences else "nothing"
            yield Change(verb, part[:-1].replace("_", " "), name, place, differences, pairs)


def _scripts(loaded: Loaded, group: CompanyGroup) -> Iterator[Change]:
    for name, wanted in loaded.content.scripts.items():
        place = loaded.place("scripts", name)
        draft = draft_of(name, wanted, loaded.path.parent, place)
        script = Script.objects.filter(company=group.company, name=name).first()
        differences = script_differences(script, draft) if script else ()
        verb = "create" if script is None else "update" if differences else "nothing"
        yield Change(verb, "script", name, place, differences, draft)


def _connectors(loaded: Loaded, group: CompanyGroup) -> Iterator[Change]:
    for name, wanted in loaded.content.connectors.items():
        place = loaded.place("connectors", name)
        with _placed_at(place):
            entry = CATALOGUE.get(wanted.system)
            values = resolved(wanted.settings, loaded.path.parent, place)
            values = checked_settings(entry.system.settings, effective_settings(entry, wanted.environment, values))
        existing = Connector.objects.filter(group=group, name=name).first()
        before = {**shown(existing), "settings": _comparable(entry, _readable_values(existing))} if existing else None
        kept = {k: v for k, v in values.items() if v is not None}
        after = {**wanted.model_dump(mode="json"), "settings": _comparable(entry, kept)}
        yield _change("connector", name, place, before, after, (wanted, values))


def _readable_values(connector: Connector) -> dict[str, Any]:
    """Secrets under a lost key count as changed: applying the file is how they are entered again."""
    try:
        return stored_values(connector)
    except ConfigError:
        return dict(connector.settings)


def _comparable(entry: Entry, values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings for a difference: a secret only says whether it changed, by a mark that gives nothing away."""
    secret = {s.name for s in entry.system.settings if s.secret}
    return {name: Hidden(value) if name in secret else value for name, value in sorted(values.items())}


def _systems_of_connectors(plan: Plan, group: CompanyGroup) -> dict[str, str]:
    known = dict(Connector.objects.filter(group=group).values_list("name", "system"))
    return known | {change.name: change.wanted[0].system for change in plan.changes if change.kind == "connector"}


def _services(
    loaded: Loaded, group: CompanyGroup, systems: Mapping[str, str], planned: Mapping[str, Sequence[str]]
) -> Iterator[Change]:
    for name, wanted in loaded.content.services.items():
        place = loaded.place("services", name)
        with _placed_at(place):
            spec, warnings = service_spec(name, wanted, loaded, systems)
        check_scripts(spec, group, place=place, planned=planned)
        existing = Service.objects.filter(group=group, name=name).select_related("revision").first()
        before = None
        if existing and existing.revision:
            before = {"active": existing.active, "type": existing.type, **existing.revision.spec}
        content = spec.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        after = {"active": wanted.active, "type": wanted.type.value, **content}
        yield replace(_change("service", name, place, before, after, (wanted, spec)), warnings=warnings)


def service_spec(
    name: str, wanted: ServiceFile, loaded: Loaded, systems: Mapping[str, str]
) -> tuple[Spec, Sequence[str]]:
    """The specification that a file's service stands for, its default mapping written out, paths in canonical form, checked.

    With it what is probably wrong, each with file and line.
    """
    data: dict[str, Any] = {
        "source": wanted.source,
        "destination": wanted.destination,
        "schedules": [{"cron": s} if isinstance(s, str) else s for s in wanted.schedules],
        "mapping": wanted.mapping if isinstance(wanted.mapping, list) else [],
        "script": wanted.script,
        "webhook": wanted.webhook,
    }
    try:
        spec = Spec.model_validate(data)
    except ValidationError as error:
        raise placed(error, loaded, "services", name) from error
    changes = [_changed_row(row, number, name, loaded) for number, row in enumerate(wanted.changes)]
    entries = (
        _entry_of(spec.source.connector, systems, loaded.place("services", name, "source", "connector")),
        _entry_of(spec.destination.connector, systems, loaded.place("services", name, "destination", "connector")),
    )
    spec, changes = _canonical(spec, changes, *entries, place=partial(loaded.place, "services", name))
    own = list(spec.mapping)
    if wanted.mapping == "default":
        spec = spec.model_copy(update={"mapping": _default_rows(spec, *entries)})
    elif not isinstance(wanted.mapping, list):
        raise ConfigError("mapping is `default` or a list of rows", place=loaded.place("services", name, "mapping"))
    spec = spec.model_copy(update={"mapping": _with_changes(spec.mapping, changes)})

    def place(*parts: str | int) -> str:
        if parts and parts[0] == "mapping":
            parts = _origin(spec.mapping[int(parts[1])], own, changes)
        return loaded.place("services", name, *parts)

    check_service(spec, *entries, place=place)
    check_finds(
        spec,
        lambda connector: _entry_of(connector, systems, loaded.place("services", name)),
        place=lambda row: place("mapping", row),
    )
    return spec, [f"{place(*found.part)}: {found}" for found in check_service_paths(spec, *entries)]


def _canonical(
    spec: Spec, changes: Sequence[MappingRow], source: Entry, destination: Entry, *, place: Place
) -> tuple[Spec, list[MappingRow]]:
    """Before rows are compared by their paths all of these have one form."""
    ends = Notation.of(source, spec.source.entity), Notation.of(destination, spec.destination.entity)
    return (
        canonical_service(spec, source, destination, place=place),
        canonical_rows(changes, *ends, place=place, part="changes"),
    )


def _origin(row: MappingRow, own: Sequence[MappingRow], changes: Sequence[MappingRow]) -> tuple[str | int, ...]:
    """Where the file has a row: among the rows, among the changes, or for a default one just under `mapping`."""
    for part, rows in (("mapping", own), ("changes", changes)):
        for number, candidate in enumerate(rows):
            if candidate is row:
                return part, number
    return ("mapping",)


def _changed_row(row: Any, number: int, name: str, loaded: Loaded) -> MappingRow:
    try:
        return MappingRow.model_validate(row)
    except ValidationError as error:
        raise placed(error, loaded, "services", name, "changes", number) from error


def _entry_of(connector: str, systems: Mapping[str, str], place: str) -> Entry:
    if connector not in systems:
        known = ", ".join(sorted(systems)) or "none yet"
        raise ConfigError(f"there is no connector {connector!r}; there are {known}", place=place)
    return CATALOGUE.get(systems[connector])


def _default_rows(spec: Spec, source: Entry, destination: Entry) -> list[MappingRow]:
    kind = destination.entity(spec.destination.entity).taxonomy
    return default_mapping(source.fields(spec.source.entity), destination.fields(spec.destination.entity), kind)


def _with_changes(rows: Sequence[MappingRow], changes: Sequence[MappingRow]) -> list[MappingRow]:
    """Changes stand where the row of their destination field stood, new ones at the end."""
    out: list[MappingRow] = []
    placed_already: set[str] = set()
    for row in rows:
        instead = [change for change in changes if change.to == row.to]
        out += [] if row.to in placed_already else instead or [row]
        placed_already |= {change.to for change in instead}
    return [*out, *(change for change in changes if change.to not in placed_already)]


@contextmanager
def _placed_at(place: str) -> Iterator[None]:
    """Gives errors without a place this one."""
    try:
        yield
    except ConfigError as error:
        if error.place:
            raise
        raise ConfigError(error.message, place=place, key=error.key, hint=error.hint, detail=error.detail) from error


def _change(kind: str, name: str, place: str, before: Any, after: Any, wanted: Any) -> Change:
    if before is None:
        return Change("create", kind, name, place, (), wanted)
    differences = list(differing(before, after))
    return Change("update" if differences else "nothing", kind, name, place, differences, wanted)


def differing(before: Any, after: Any, at: str = "") -> Iterator[str]:
    """What is different between two values of JSON, one line a leaf."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(k for k in after if k not in before)]:
            where = f"{at}.{key}" if at else str(key)
            if key not in after:
                yield f"{where}: {_brief(before[key])} -> nothing"
            elif key not in before:
                yield f"{where}: nothing -> {_brief(after[key])}"
            else:
                yield from differing(before[key], after[key], where)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (left, right) in enumerate(zip(before, after, strict=True)):
            yield from differing(left, right, f"{at}[{number}]")
    elif before != after:
        yield f"{at}: {_brief(before)} -> {_brief(after)}"


def _brief(value: Any) -> str:
    if isinstance(value, list):
        return f"{len(value)} entries"
    return f"{value!r:.60}"
