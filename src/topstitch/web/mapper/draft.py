"""A mapping being edited. The page carries its rows as JSON, so that nothing is kept anywhere until it is saved.

A button says what it does by its value: `open:3`, `up:3`, `step-remove:3:do:1`. All of them first take what was typed into
the open row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from pydantic import ValidationError

from topstitch.engine.spec import MappingRow
from topstitch.errors import ConfigError
from topstitch.web.mapper.fields import Tree, any_value, row_of, tree

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 2000

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """The rows in the shape of files, and which of them is open, by its place."""

    rows: list[Plain] = field(default_factory=list)
    open: int | None = None

    @property
    def text(self) -> str:
        """As the page carries it."""
        return orjson.dumps(self.rows).decode()

    def parsed(self) -> tuple[list[MappingRow], dict[int, str]]:
        """The rows that can be read, switched off those that cannot, and what is wrong with these, by their places."""
        rows, wrong = [], {}
        for number, plain in enumerate(self.rows):
            try:
                rows.append(MappingRow.model_validate(plain))
            except ValidationError as error:
                wrong[number] = _said(error)
                rows.append(MappingRow(to=str(plain.get("to") or "?")[:200], enabled=False))
        return rows, wrong


def read_draft(text: str) -> list[Plain]:
    """Rows out of what a page carried, or a person typed. Raises ConfigError."""
    if len(text) > MAX_BYTES:
        raise ConfigError("the mapping is larger than 5 MB", key="mapping_rows")
    try:
        rows = orjson.loads(text or "[]")
    except orjson.JSONDecodeError as error:
        raise ConfigError(f"this is not JSON: {error.msg} in line {error.lineno}", key="mapping_rows") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ConfigError("a mapping is a list of rows", key="mapping_rows")
    if len(rows) > MAX_ROWS:
        raise ConfigError(f"{len(rows):,} rows are more than {MAX_ROWS:,}", key="mapping_rows")
    return rows


def changed(draft: Draft, form: Mapping[str, str], action: str) -> Draft:
    """The draft after a button was pressed. Raises ConfigError for one that there is not."""
    name, *places = action.split(":")
    fields = tree(form)
    if draft.open is not None and draft.open < len(draft.rows) and "to" in fields:
        _part_action(name, places, fields)
        rows = list(draft.rows)
        rows[draft.open] = row_of(fields)
        draft = replace(draft, rows=rows)
    if name in _PARTS or name == "":
        return draft
    act = _ACTIONS.get(name)
    if act is None:
        raise ConfigError(f"there is nothing called {name!r} to do", key="action")
    return act(draft, places, fields)


# -- rows -----------------------------------------------------------------------------------------------------------


def _place(draft: Draft, places: list[str]) -> int:
    if not places or not places[0].isdigit() or int(places[0]) >= len(draft.rows):
        raise ConfigError("that row is gone", key="action", hint="Somebody, or you in another window, has changed it.")
    return int(places[0])


def _open(draft: Draft, places: list[str], fields: Tree) -> Draft:
    return replace(draft, open=_place(draft, places))


def _close(draft: Draft, places: list[str], fields: Tree) -> Draft:
    return replace(draft, open=None)


def _move(step: int) -> Callable[[Draft, list[str], Tree], Draft]:
    """Past the next row of the same category, for that is what the page shows beside it."""

    def move(draft: Draft, places: list[str], fields: Tree) -> Draft:
        at = _place(draft, places)
        alike = [n for n, row in enumerate(draft.rows) if row.get("category", "") == draft.rows[at].get("category", "")]
        beside = alike.index(at) + step
        if not 0 <= beside < len(alike):
            return draft
        opened = draft.rows[draft.open] if draft.open is not None and draft.open < len(draft.rows) else None
        rows = list(draft.rows)
        rows.insert(alike[beside], rows.pop(at))
        return Draft(rows, next((n for n, row in enumerate(rows) if row is opened), None))

    return move


def _copy(draft: Draft, places: list[str], fields: Tree) -> Draft:
    at = _place(draft, places)
    twin = {key: value for key, value in draft.rows[at].items() if key not in ("required", "locked")}
    return Draft([*draft.rows[: at + 1], twin, *draft.rows[at + 1 :]], at + 1)


def _remove(draft: Draft, places: list[str], fields: Tree) -> Draft:
    at = _place(draft, places)
    row = draft.rows[at]
    if row.get("required") or row.get("locked"):
        raise ConfigError(f"{row.get('name') or row.get('to')} is required and stays", key="mapping_rows")
    return Draft([*draft.rows[:at], *draft.rows[at + 1 :]], None)


def _toggle(draft: Draft, places: list[str], fields: Tree) -> Draft:
    at = _place(draft, places)
    row = dict(draft.rows[at])
    if row.pop("enabled", True):
        row["enabled"] = False
    return replace(draft, rows=[*draft.rows[:at], row, *draft.rows[at + 1 :]])


def _add(draft: Draft, places: list[str], fields: Tree) -> Draft:
    """A new row, open; a suggestion brings its two sides along."""
    row: Plain = {"to": str(fields.get("new_to", ""))}
    if source := str(fields.get("new_from", "")):
        row["from"] = [{"path": source}]
    return Draft([*draft.rows, row], len(draft.rows))


def _accept(draft: Draft, places: list[str], fields: Tree) -> Draft:
    """All suggestions that were ticked."""
    ticked = [value for key, value in fields.items() if key.startswith("suggest_") and isinstance(value, str)]
    new = [any_value(value) for value in ticked]
    rows = [{"to": pair[0], "from": [{"path": pair[1]}]} for pair in new if isinstance(pair, list) and len(pair) == 2]
    return replace(draft, rows=[*draft.rows, *rows])


# -- parts of the open row: sources, functions, conditions ----------------------------------------------------------


def _part_action(name: str, places: list[str], fields: Tree) -> None:
    """`part-add:do`, `part-remove:from.0.do.1`, `part-up:when.1`: done to what was typed, before a row is made of it."""
    if name not in _PARTS or not places:
        return
    *way, last = places[0].split(".")
    if name == "part-add":
        node = _node(fields, [*way, last])
        node[str(max((int(key) for key in node if key.isdigit()), default=-1) + 1)] = dict(_NEW.get(last, {}))
        return
    node, keys = _node(fields, way), []
    keys = sorted((key for key in node if key.isdigit()), key=int)
    if last not in keys:
        return
    at = keys.index(last)
    if name == "part-remove":
        del node[last]
    elif 0 <= (to := at + (-1 if name == "part-up" else 1)) < len(keys):
        node[keys[at]], node[keys[to]] = node[keys[to]], node[keys[at]]


def _node(fields: Tree, way: list[str]) -> Tree:
    node: Any = fields
    for part in way:
        node = node.setdefault(part, {}) if isinstance(node, dict) else {}
    return node if isinstance(node, dict) else {}


_PARTS = ("part-add", "part-remove", "part-up", "part-down")
#: What a new part begins with, so that it is not taken for an empty one.
_NEW: dict[str, Tree] = {
    "from": {"path": "…"},
    "do": {"function": "string.trim"},
    "when": {"field": "…", "op": "is_not_empty"},
}
_ACTIONS: dict[str, Callable[[Draft, list[str], Tree], Draft]] = {
    "open": _open,
    "close": _close,
    "up": _move(-1),
    "down": _move(1),
    "copy": _copy,
    "remove": _remove,
    "toggle": _toggle,
    "add": _add,
    "accept": _accept,
}


def _said(error: ValidationError) -> str:
    first = error.errors()[0]
    if first["loc"] == ("to",) and first["type"] in ("missing", "string_too_short"):
        return "choose the field that this row fills"
    where, said = ".".join(str(part) for part in first["loc"]), str(first["msg"]).removeprefix("Value error, ")
    return f"{where}: {said}" if where else said
