"""The mapping as the page shows it: rows by category beside the record in hand, with the value after every function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from topstitch.engine.environment import FrozenEnvironment
from topstitch.engine.mapping import RowError, compile_mapping
from topstitch.engine.mapping.path_check import PathFinding, check_service_paths
from topstitch.engine.preview import Given, RecordPreview
from topstitch.engine.preview.shown import Pass, RowShown
from topstitch.engine.proposals.defaults import is_filled, unmapped_required
from topstitch.engine.proposals.suggest import suggest
from topstitch.engine.spec import MappingRow
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError, TopstitchError
from topstitch.runtime.preview import Wanted, preview_of
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.fields import Field
from topstitch.store.models import Service
from topstitch.web.mapper.draft import Draft
from topstitch.web.mapper.editor import EditorView, editor_of
from topstitch.web.services.mapping import Line, line, short


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """A row with what it makes of the record."""

    #: Its place in the draft.
    place: int
    row: MappingRow
    line: Line
    #: written, empty, failed, skipped... "" without a record.
    state: str = ""
    passes: Sequence[Pass] = ()
    #: Its sources, each with what it gave; and what the row wrote, on one line.
    sources: Sequence[tuple[str, str]] = ()
    value: str = ""
    problem: str = ""
    #: Why a path of it is doubtful: amber.
    doubts: Sequence[str] = ()
    #: How deep in lists its target is.
    depth: int = 0

    @property
    def more(self) -> int:
        """How many further elements of a list it was run for."""
        return max(len(self.passes) - 1, 0)


@dataclass(frozen=True, slots=True)
class GroupView:
    """The rows of a category."""

    name: str
    rows: Sequence[RowView]
    #: Required fields of the destination in it, and how many of them a row fills.
    required: int = 0
    filled: int = 0


@dataclass(frozen=True, slots=True)
class Missing:
    """A field without a row, and what it may be filled from: path, label, why."""

    field: Field
    suggestions: Sequence[tuple[str, str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MapperView:
    """All that the page shows of a draft."""

    draft: Draft
    groups: Sequence[GroupView]
    missing: Sequence[Missing]
    #: What the record became: mapped, failed..., its reason, the result and the requests.
    record: RecordPreview | None = None
    #: Why nothing can be shown of the record.
    trouble: TopstitchError | None = None
    #: The form of the open row.
    editor: EditorView | None = None

    @property
    def rows(self) -> list[RowView]:
        """All rows, group by group."""
        return [row for group in self.groups for row in group.rows]

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """The kinds of rows that can be shown alone, by their class on the page, with how many there are."""
        failing = sum(bool(row.problem) for row in self.rows)
        doubtful = sum(bool(row.doubts) for row in self.rows)
        off = sum(not row.row.enabled for row in self.rows)
        return [
            ("", "All"),
            ("is-wrong", f"Failing {failing}"),
            ("is-doubtful", f"Doubtful {doubtful}"),
            ("off", f"Off {off}"),
        ]


def mapper_view(
    service: Service, spec: Spec, draft: Draft, given: Given | None, *, requests: bool = False
) -> MapperView:
    """The draft beside a record; without one the rows alone. With `requests` the destination builds what it would be sent."""
    rows, wrong = draft.parsed()
    fields = CATALOGUE.get(service.destination.system).fields(service.destination_entity)
    wrong = {**wrong, **_switch_off(rows, fields)}
    source = CATALOGUE.get(service.source.system)
    wanted = spec.model_copy(update={"mapping": rows})
    preview, trouble = _preview(service, wanted, given, requests)
    shown = {each.number - 1: each for each in preview.rows} if preview else {}
    samples = list(given.records) if given else []
    doubts = _doubts(wanted, service, samples)
    views = [
        _row_view(place, row, shown.get(place), doubts.get(place, ()), wrong.get(place, ""))
        for place, row in enumerate(rows)
    ]
    lacking = unmapped_required(fields, rows)
    return MapperView(
        draft=draft,
        groups=list(_groups(views, fields, lacking)),
        missing=_missing(lacking, source.fields(service.source_entity), samples),
        record=preview,
        trouble=trouble,
        editor=_editor(draft, shown),
    )


def _switch_off(rows: list[MappingRow], fields: Sequence[Field]) -> dict[int, str]:
    """Rows that cannot be used, switched off in the list so that the others can be seen at work, and what is wrong."""
    wrong: dict[int, str] = {}
    while True:
        try:
            compile_mapping(rows, FrozenEnvironment(), fields)
            return wrong
        except RowError as error:
            place = next(at for at, row in enumerate(rows) if row is error.row)
            wrong[place] = str(error).removeprefix(f"{error.place}: ")
            rows[place] = rows[place].model_copy(update={"enabled": False})


def _editor(draft: Draft, shown: Mapping[int, RowShown]) -> EditorView | None:
    at = draft.open
    if at is None or at >= len(draft.rows):
        return None
    return editor_of(draft.rows[at], at, shown[at].passes if at in shown else ())


def _preview(
    service: Service, spec: Spec, given: Given | None, requests: bool
) -> tuple[RecordPreview | None, TopstitchError | None]:
    if given is None or not given.records:
        return None, None
    try:
        # Also of a record that was sent long ago the request is to be seen.
        wanted = Wanted(given=given, filters=False, limit=1, force=requests, requests=requests)
        found = preview_of(service, wanted, spec=spec)
    except TopstitchError as error:
        return None, error
    return (found.records[0] if found.records else None), None


def _doubts(spec: Spec, service: Service, samples: Sequence[Any]) -> dict[int, list[str]]:
    source, destination = CATALOGUE.get(service.source.system), CATALOGUE.get(service.destination.system)
    found: dict[int, list[str]] = {}
    try:
        for each in check_service_paths(spec, source, destination, samples):
            if len(each.part) > 1 and each.part[0] == "mapping":
                found.setdefault(int(each.part[1]), []).append(_doubt(each))
    except ConfigError:
        # A path that cannot be read is told with the row that has it.
        return found
    return found


def _state(row: MappingRow, shown: RowShown | None) -> str:
    if not (row.sources or row.do or row.value is not None):
        return "nothing"
    return shown.state if shown else ""


def _doubt(each: PathFinding) -> str:
    """What is doubtful, said beside its row: the path is named, the row is not."""
    meant = f" Perhaps {' or '.join(each.close)}?" if each.close else ""
    return f"{each.path}: {each.problem}.{meant}"


def _row_view(place: int, row: MappingRow, shown: RowShown | None, doubts: Sequence[str], wrong: str) -> RowView:
    passes = shown.passes if shown else ()
    first = next((each for each in passes if each.problem), passes[0] if passes else None)
    own, given = line(row), [short(source.value) for source in first.sources] if first else []
    return RowView(
        place=place,
        row=row,
        line=own,
        state="failed" if wrong else _state(row, shown),
        passes=passes,
        sources=list(zip_longest(own.sources, given, fillvalue="")),
        value=short(first.value) if first and first.state in ("written", "null") else "",
        problem=wrong or (first.problem if first else ""),
        doubts=doubts,
        depth=row.to.count("[*]"),
    )


def _groups(views: Sequence[RowView], fields: Sequence[Field], lacking: Sequence[Field]) -> Iterator[GroupView]:
    names = list(dict.fromkeys(view.row.category or "Fields" for view in views))
    required = {each.path: each for each in fields if each.required and each.writable}
    category = {view.row.to: view.row.category or "Fields" for view in views}
    for name in names:
        own = [view for view in views if (view.row.category or "Fields") == name]
        wanted = [path for path, each in required.items() if (category.get(path) or each.category or "Fields") == name]
        open_ = [each for each in lacking if each.path in wanted]
        yield GroupView(name, own, len(wanted), len(wanted) - len(open_))


def _missing(wanted: Sequence[Field], have: Sequence[Field], samples: Sequence[Any]) -> list[Missing]:
    found = {field.path: some for field, some in suggest(have, wanted, samples)}
    return [
        Missing(
            each,
            [(one.field.path, one.field.label, one.reason) for one in found.get(each.path, ())],
        )
        for each in wanted
    ]


def suggestions(service: Service, draft: Draft, given: Given | None) -> list[Missing]:
    """For every field of the destination that no row fills what of the source is like it; those without any left out."""
    rows, _ = draft.parsed()
    source, destination = CATALOGUE.get(service.source.system), CATALOGUE.get(service.destination.system)
    filled = {row.to for row in rows}
    free = [
        each
        for each in destination.fields(service.destination_entity)
        if each.writable and not each.required and not is_filled(each, filled)
    ]
    found = _missing(free, source.fields(service.source_entity), list(given.records) if given else [])
    return [each for each in found if each.suggestions]
