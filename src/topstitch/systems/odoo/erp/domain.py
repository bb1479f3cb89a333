"""Search domains: prefix operators, comparisons as PostgreSQL makes them, dotted paths over relations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from topstitch.systems.odoo.erp.faults import value_error
from topstitch.systems.odoo.erp.moments import stored_moment
from topstitch.systems.odoo.erp.schema import X2MANY, Column

if TYPE_CHECKING:
    from topstitch.systems.odoo.erp.env import Doc, Env

_ORDERED = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_OPERATORS = {"=", "!=", "<>", *_ORDERED, "like", "ilike", "not like", "not ilike", "=like", "=ilike", "in", "not in",
              "child_of", "=?"}  # fmt: skip


def matches(env: Env, model: str, domain: Sequence[Any], doc: Doc) -> bool:
    """Whether a record fits a domain; ValueError for an unknown field or operator."""
    stack: list[bool] = []
    for term in reversed(domain):
        if term in ("&", "|"):
            left, right = stack.pop(), stack.pop()
            stack.append(left and right if term == "&" else left or right)
        elif term == "!":
            stack.append(not stack.pop())
        else:
            stack.append(_leaf(env, model, term, doc))
    return all(stack)


def checked(env: Env, model: str, domain: Sequence[Any]) -> None:
    """Refuse a domain that no database could run, even where there is nothing to search."""
    for term in domain:
        if term in ("&", "|", "!"):
            continue
        if not isinstance(term, list | tuple) or len(term) != 3:
            raise value_error(f"Invalid leaf {term!r}")
        if term[0] not in (1, 0):
            env.columns_on(model, str(term[0]))
        if term[1] not in _OPERATORS:
            raise value_error(f"Invalid operator {term[1]!r} in domain term {term!r}")


def _leaf(env: Env, model: str, leaf: Sequence[Any], doc: Doc) -> bool:
    path, operator, value = leaf
    if path in (1, 0):
        return bool(path == value)
    head, _, rest = path.partition(".")
    column = env.column(model, head)
    if rest:
        related = _ids(env.value(model, doc, column))
        docs = [found for each in related if (found := env.get(column.relation, each))]
        return any(_leaf(env, column.relation, (rest, operator, value), each) for each in docs)
    found = env.value(model, doc, column)
    if operator == "=?":
        return value in (None, False) or _compare(env, column, found, "=", value)
    if operator == "child_of":
        return _is_below(env, column.relation or model, found if column.relation else doc["id"], value)
    return _compare(env, column, found, operator, value)


def _ids(value: Any) -> list[int]:
    return value if isinstance(value, list) else [value] if value else []


def _compare(env: Env, column: Column, found: Any, operator: str, value: Any) -> bool:
    if column.kind in X2MANY:
        return _compare_many(env, column, found, operator, value)
    if operator in ("in", "not in"):
        wanted = [_cast(column, each) for each in value]
        return (_or_false(column, found) in wanted) == (operator == "in")
    if "like" in operator:
        text = env.name_of(column.relation, found) if column.relation and found else found
        return bool(_like(text, operator, value)) != operator.startswith("not")
    if column.kind == "many2one" and isinstance(value, str):
        return (bool(found) and env.name_of(column.relation, found) == value) == (operator == "=")
    wanted_one = _cast(column, value)
    have = _or_false(column, found)
    if operator in ("=", "!=", "<>"):
        return bool(have == wanted_one) == (operator == "=")
    # A comparison with NULL is never true.
    return have is not False and wanted_one is not False and bool(_ORDERED[operator](have, wanted_one))


def _compare_many(env: Env, column: Column, found: list[int], operator: str, value: Any) -> bool:
    if "like" in operator:
        return any(_like(env.name_of(column.relation, each), operator, value) for each in found)
    if value is False:
        return (not found) == (operator in ("=", "in"))
    wanted = value if isinstance(value, list) else [value]
    return bool(set(found) & set(wanted)) == (operator in ("=", "in"))


def _or_false(column: Column, found: Any) -> Any:
    if found is None or found == "":
        return 0 if column.kind in ("integer", "float") else False
    return found


def _cast(column: Column, value: Any) -> Any:
    if column.kind in ("datetime", "date") and isinstance(value, str):
        return stored_moment(value) if column.kind == "datetime" else value[:10]
    return False if value is None or value == "" else value


def _like(text: Any, operator: str, value: Any) -> bool:
    """SQL LIKE; `=like` takes the pattern as it is, `like` looks for it anywhere."""
    if not isinstance(text, str):
        return False
    pattern = str(value) if operator in ("=like", "=ilike") else f"%{value}%"
    flags = re.DOTALL | (re.IGNORECASE if operator.endswith("ilike") else 0)
    return re.fullmatch(_regex(pattern), text, flags) is not None


def _regex(pattern: str) -> str:
    parts, escaped = [], False
    for char in pattern:
        if escaped or char not in "%_\\":
            parts.append(re.escape(char))
            escaped = False
        elif char == "\\":
            escaped = True
        else:
            parts.append(".*" if char == "%" else ".")
    return "".join(parts)


def _is_below(env: Env, model: str, id: Any, roots: Any) -> bool:
    """Whether a record is one of `roots` or lies under one, by parent_id or location_id."""
    parent = "location_id" if model == "stock.location" else "parent_id"
    wanted = set(roots if isinstance(roots, list) else [roots])
    while id:
        doc = env.get(model, id)
        if id in wanted or (doc and env.name_of(model, id) in wanted):
            return True
        id = doc.get(parent) if doc else None
    return False
