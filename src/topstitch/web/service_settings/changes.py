"""What is different between two configurations, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from topstitch.engine.mapping.difference import RowChange, row_changes
from topstitch.engine.spec import FilterRow, Schedule, ScriptUse
from topstitch.engine.spec import Service as Spec
from topstitch.store.actions.services import spec_json
from topstitch.web.components.schedules import schedule_words
from topstitch.web.components.words import counted
from topstitch.web.services.mapping import condition_words, short

#: Rows that are named before "and 3 more".
NAMED = 3
FIELDS = {
    "connector": "connector",
    "entity": "entity",
    "page_size": "page size",
    "key": "path of the source id",
    "reference": "path of the reference",
    "max_attempts": "maximum attempts",
    "zone": "time zone",
    "cursor": "what each run pulls",
    "overlap": "seconds to look back",
    "catch_up": "making up for missed runs",
    "mode": "what is written",
    "uncertain": "what happens when an answer is lost",
    "concurrency": "calls at the same time",
    "batch": "records in one call",
}
VALUES = {
    "managed": "what changed",
    "all": "everything",
    "create_only": "new records only",
    "create_and_update": "new and changed records",
    "ask": "a person decides",
    "send_again": "it is sent again",
}
DEED = {"added": "added", "changed": "changed", "removed": "removed", "moved": "moved"}


def change_words(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    """What made `after` of `before`, the JSON of two revisions: one phrase for each thing that differs."""
    if before is None:
        return ["The first one"]
    try:
        old, new = Spec.model_validate(before), Spec.model_validate(after)
    except ValidationError:
        parts = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        return [f"{part.capitalize()} changed" for part in parts]
    return [
        *_ends(old, new),
        *_filters(old.source.filters, new.source.filters),
        *_schedules(old.schedules, new.schedules),
        *_script(old.script, new.script),
        *mapping_words(row_changes(old.mapping, new.mapping)),
    ]


def in_order(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """The JSON of a revision with its names in the order in which people think of them, not in that of the database."""
    try:
        return spec_json(Spec.model_validate(spec))
    except ValidationError:
        return spec


def mapping_words(changes: Sequence[RowChange]) -> Iterator[str]:
    """`2 mapping rows added: email, total`."""
    for kind, deed in DEED.items():
        rows = [change.to for change in changes if change.kind == kind]
        if rows:
            rest = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
            yield f"{counted(len(rows), 'mapping row')} {deed}: {', '.join(rows[:NAMED])}{rest}"


def _ends(old: Spec, new: Spec) -> Iterator[str]:
    for side in ("source", "destination"):
        before, after = getattr(old, side), getattr(new, side)
        for name, words in FIELDS.items():
            was, now = getattr(before, name, None), getattr(after, name, None)
            if was != now:
                yield f"{side.capitalize()}: {words} from {_value(was)} to {_value(now)}"
        for name in sorted({*before.options, *after.options}):
            was, now = before.options.get(name), after.options.get(name)
            if was != now:
                yield f"{side.capitalize()}: {name.replace('_', ' ')} from {_value(was)} to {_value(now)}"


def _value(value: Any) -> str:
    if value in (None, ""):
        return "the usual"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return VALUES.get(value, value)
    return f"{value:g}" if isinstance(value, float) else short(value)


def _filters(old: Sequence[FilterRow], new: Sequence[FilterRow]) -> Iterator[str]:
    before, after = ([condition_words(row) for row in rows] for rows in (old, new))
    yield from (f"Filter added: {words}" for words in after if words not in before)
    yield from (f"Filter removed: {words}" for words in before if words not in after)


def _schedules(old: Sequence[Schedule], new: Sequence[Schedule]) -> Iterator[str]:
    if list(old) != list(new):
        yield f"Schedule: from {schedule_words(old)} to {schedule_words(new)}"


def _script(old: ScriptUse | None, new: ScriptUse | None) -> Iterator[str]:
    if old != new:
        before, after = _use(old), _use(new)
        same = before == after
        yield "Payload script: other variables" if same else f"Payload script: from {before} to {after}"


def _use(use: ScriptUse | None) -> str:
    if use is None:
        return "none"
    return f"{use.name} version {use.version}" if use.version else f"{use.name}, its latest version"
