"""A row as the fields of a form, by dotted names (`from.0.do.1.args.places`), and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

import orjson

from topstitch.functions import registry
from topstitch.functions.params import REQUIRED, Param

#: Deeper names than `from.0.do.1.args.name` there are none.
MAX_PARTS = 6
#: Places of lists in names; a form has no more rows of anything.
MAX_PLACE = 100

Tree = dict[str, Any]


def tree(form: Mapping[str, str]) -> Tree:
    """The fields of a form as objects within objects; places in lists are still keys."""
    root: Tree = {}
    for name, value in form.items():
        parts = name.split(".")
        if len(parts) > MAX_PARTS:
            continue
        node: Any = root
        for part in parts[:-1]:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                break
        else:
            node[parts[-1]] = value
    return root


def listed(node: Any) -> list[Tree]:
    """The elements of a list in the order of their places, those that the form left out gone."""
    if not isinstance(node, dict):
        return []
    places = sorted((int(key), value) for key, value in node.items() if _is_place(key))
    return [value for _, value in places if isinstance(value, dict)]


def _is_place(key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) < 4 and int(key) <= MAX_PLACE


def row_of(fields: Tree) -> dict[str, Any]:
    """A mapping row, in the shape of files, from the fields of its form."""
    row: dict[str, Any] = {"to": _text(fields, "to")}
    sources = [made for source in listed(fields.get("from")) if (made := _source(source))]
    if sources:
        row["from"] = sources
    elif _text(fields, "constant") == "1":
        row["value"] = any_value(_text(fields, "value"))
    if steps := _steps(fields.get("do")):
        row["do"] = steps
    if when := [made for each in listed(fields.get("when")) if (made := _condition(each))]:
        row["when"] = when
    for name, usual in (("name", ""), ("category", ""), ("on_error", "fail"), ("empty", "omit"), ("locked", "")):
        if (value := _text(fields, name)) not in ("", usual):
            row[name] = value
    if row.get("on_error") == "default":
        row["default"] = any_value(_text(fields, "default"))
    if _text(fields, "enabled") != "1":
        row["enabled"] = False
    if _text(fields, "required") == "1":
        row["required"] = True
    return row


def _text(fields: Tree, name: str) -> str:
    value = fields.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _source(fields: Tree) -> dict[str, Any] | None:
    if not (path := _text(fields, "path")):
        return None
    source: dict[str, Any] = {"path": path}
    if name := _text(fields, "name"):
        source["name"] = name
    if steps := _steps(fields.get("do")):
        source["do"] = steps
    return source


def _condition(fields: Tree) -> dict[str, Any] | None:
    if not (field := _text(fields, "field")):
        return None
    condition: dict[str, Any] = {"field": field, "op": _text(fields, "op")}
    if (value := _text(fields, "value")) != "":
        condition["value"] = any_value(value)
    return condition


def _steps(node: Any) -> list[dict[str, Any]]:
    return [made for fields in listed(node) if (made := _step(fields))]


def _step(fields: Tree) -> dict[str, Any] | None:
    if not (name := _text(fields, "function")):
        return None
    step: dict[str, Any] = {"function": name}
    known = registry()
    if name in known and (args := _args(known.get(name).params, fields.get("args"))):
        step["args"] = args
    if inputs := [line.strip() for line in str(fields.get("inputs", "")).splitlines() if line.strip()]:
        step["inputs"] = inputs
    return step


def _args(params: Sequence[Param], given: Any) -> dict[str, Any]:
    """What must be said of the parameters. A switch that is needed and was not shown yet is off, as it will be shown."""
    sent: dict[str, Any] = given if isinstance(given, dict) else {}
    args = {param.name: False for param in params if param.kind is bool and param.default is REQUIRED}
    for param in params:
        if param.name in sent and not _is_usual(param, value := _typed(param, sent[param.name])):
            args[param.name] = value
    return args


def _is_usual(param: Param, value: Any) -> bool:
    """Whether the value need not be said: it is the default, or nothing at all."""
    return value is None or value == param.default or (value == [] and param.default == ())


def _typed(param: Param, text: Any) -> Any:
    """An argument by the kind of its parameter. What cannot be read stays text: the mapping says what is wrong with it."""
    if not isinstance(text, str):
        return None
    if param.kind is bool:
        return text == "1"
    if param.kind is list:
        return [line for line in text.splitlines() if line]
    if param.kind is object:
        return None if text == "" else any_value(text)
    if param.kind is str:
        return text
    if text.strip() == "":
        return None
    with suppress(ValueError):
        return int(text)
    return text.strip()


def any_value(text: str) -> Any:
    """A value as it is typed: JSON where it is JSON (7, true, null, "7", a list), else text."""
    with suppress(orjson.JSONDecodeError):
        return orjson.loads(text)
    return text


def shown(value: Any) -> str:
    """A value as it would be typed."""
    if isinstance(value, str):
        return value if any_value(value) == value and value == value.strip() else orjson.dumps(value).decode()
    if isinstance(value, Decimal):
        return str(value)
    return orjson.dumps(value, default=str).decode()
