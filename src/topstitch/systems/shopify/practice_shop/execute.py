"""Runs a checked GraphQL request over plain documents: resolvers, fragments, connections with cursors, actual cost."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from topstitch.sdk.practice import Store
from topstitch.systems.shopify.practice_shop.check import Check, Checked, Fault, Schema, cost, problems, resolve
from topstitch.systems.shopify.practice_shop.syntax import FieldType, Parser, Selection, SyntaxFault, TypeRef

Doc = dict[str, Any]
Args = dict[str, Any]
MAX_FIRST = 250
MAX_COST = 1000


class Denied(Exception):
    """The whole request fails: `code` as in `errors[].extensions.code`."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.message, self.code = message, code


@dataclass(slots=True)
class Context:
    """What resolvers are given."""

    store: Store
    schema: Schema
    scopes: frozenset[str]
    #: Value of @idempotent on the mutation that runs.
    key: str = ""
    objects: int = 0
    faults: list[Fault] = field(default_factory=list)
    #: Search fields that were ignored since there are none of that name.
    faults_of_search: list[Fault] = field(default_factory=list)

    def need(self, *scopes: str) -> None:
        """Refuse unless the token has one of these scopes."""
        if not self.scopes & set(scopes):
            raise Denied(f"Access denied. Required access: `{scopes[0]}` access scope.", "ACCESS_DENIED")


Resolver = Callable[[Context, Doc, Args], Any]
Resolvers = Mapping[tuple[str, str], Resolver]


def prepare(version: str, text: str, variables: Mapping[str, Any], name: str | None) -> Checked | list[Fault]:
    """Parse and check a request; the faults when it may not run."""
    schema = Schema(version)
    try:
        definitions = Parser(text).document()
    except SyntaxFault as fault:
        return [{"message": fault.message, "locations": [{"line": fault.line, "column": fault.column}]}]
    check = Check(schema, definitions, name)
    if check.faults or check.operation is None:
        return check.faults
    values: dict[str, Any] = {}
    for variable, (kind, default) in check.operation.variables.items():
        if variable in variables or kind.required:
            faults = list(problems(schema, kind, variables.get(variable)))
            if faults:
                return [_invalid_variable(variable, kind, variables.get(variable), faults)]
        if variable in variables:
            values[variable] = with_defaults(schema, kind, variables[variable])
        elif default is not None:
            values[variable] = resolve(default, {})
    checked = Checked(schema, check.operation, check.fragments, values, 0)
    root = "Mutation" if check.operation.kind == "mutation" else "QueryRoot"
    checked.cost = cost(schema, check.operation.selections, root, checked)
    return checked


def _invalid_variable(name: str, kind: TypeRef, value: Any, faults: list[tuple[list[Any], str]]) -> Fault:
    said = ", ".join(f"{'.'.join(map(str, path))} ({why})" if path else why for path, why in faults)
    return {
        "message": f"Variable ${name} of type {kind} was provided invalid value for {said}",
        "locations": [{"line": 1, "column": 1}],
        "extensions": {
            "code": "INVALID_VARIABLE",
            "value": value,
            "problems": [{"path": path, "explanation": why} for path, why in faults],
        },
    }


def with_defaults(schema: Schema, kind: TypeRef, value: Any) -> Any:
    """A given value with the defaults of input fields filled in and single values made lists."""
    if value is None:
        return None
    if kind.of:
        return [with_defaults(schema, kind.of, item) for item in (value if isinstance(value, list) else [value])]
    if schema.kind(kind.name) != "input" or not isinstance(value, dict):
        return value
    filled = {}
    for name, declared in schema.inputs(kind.name).items():
        if name in value:
            filled[name] = with_defaults(schema, declared.type, value[name])
        elif declared.has_default and declared.default is not None:
            filled[name] = resolve(declared.default, {})
    return filled


class Execution:
    """One run of a request."""

    def __init__(self, checked: Checked, context: Context, resolvers: Resolvers) -> None:
        self.checked, self.context, self.resolvers = checked, context, resolvers

    def run(self) -> Doc:
        """The `data` of the answer."""
        root = "Mutation" if self.checked.operation.kind == "mutation" else "QueryRoot"
        return self._object({"__typename": root}, root, self.checked.operation.selections)

    def _object(self, parent: Doc, kind: str, selections: list[Selection]) -> Doc:
        out: Doc = {}
        for each in selections:
            if not self._included(each):
                continue
            if each.kind == "field":
                _merge(out, each.alias, self._field(parent, kind, each))
            else:
                fragment = self.checked.fragments.get(each.name)
                on = (fragment.on if fragment else each.on) or kind
                if self.checked.schema.fits(kind, on):
                    inner = self._object(parent, kind, fragment.selections if fragment else each.selections)
                    for name, value in inner.items():
                        _merge(out, name, value)
        return out

    def _included(self, each: Selection) -> bool:
        for directive in each.directives:
            if directive.name in ("include", "skip"):
                wanted = bool(resolve(directive.args["if"], self.checked.variables))
                if wanted != (directive.name == "include"):
                    return False
        return True

    def _field(self, parent: Doc, kind: str, each: Selection) -> Any:
        if each.name == "__typename":
            return kind
        declared = self.checked.schema.field(kind, each.name)
        assert declared is not None
        args = self._args(declared, each)
        keys = [d.args["key"] for d in each.directives if d.name == "idempotent"]
        self.context.key = str(resolve(keys[0], self.checked.variables)) if keys else ""
        resolver = self.resolvers.get((kind, each.name))
        try:
            value = resolver(self.context, parent, args) if resolver else parent.get(each.name)
        except Denied as denied:
            self.context.faults.append(
                {
                    "message": denied.message,
                    "locations": [{"line": each.line, "column": each.column}],
                    "extensions": {"code": denied.code},
                    "path": [each.alias],
                }
            )
            return None
        if declared.type.base.endswith("Connection"):
            value = page(value or [], args) if not isinstance(value, dict) else value
        return self._value(value, declared.type, each)

    def _args(self, declared: FieldType, each: Selection) -> Args:
        args: Args = {}
        for name, argument in declared.args.items():
            given = each.args.get(name, argument.default if argument.has_default else None)
            if name in each.args or argument.has_default:
                args[name] = with_defaults(self.checked.schema, argument.type, resolve(given, self.checked.variables))
        return args

    def _value(self, value: Any, kind: TypeRef, each: Selection) -> Any:
        if kind.of:
            if value is None:
                return [] if kind.required else None
            return [self._value(item, kind.of, each) for item in value]
        if value is None:
            if kind.required:
                raise LookupError(f"the practice data have no {each.name}, which is {kind}")
            return None
        if self.checked.schema.kind(kind.name) not in ("type", "interface"):
            return value
        if not kind.name.endswith(("Connection", "Edge", "PageInfo")):
            self.context.objects += 1
        concrete = str(value.get("__typename") or kind.name)
        return self._object(value, concrete, each.selections)


def _merge(out: Doc, name: str, value: Any) -> None:
    if isinstance(value, dict) and isinstance(out.get(name), dict):
        for key, inner in value.items():
            _merge(out[name], key, inner)
    else:
        out[name] = value


def page(items: list[Doc], args: Args) -> Doc:
    """One page of a connection. Cursors hold the last id and where it stood."""
    first = args.get("first")
    if first is None:
        raise Denied("you must provide one of first or last", "BAD_REQUEST")
    if not 0 <= first <= MAX_FIRST:
        raise Denied(f"first must be between 0 and {MAX_FIRST}", "BAD_REQUEST")
    if args.get("reverse"):
        items = items[::-1]
    start = _after(items, args["after"]) if args.get("after") else 0
    chosen = items[start : start + first]
    cursors = [_cursor(item, start + index) for index, item in enumerate(chosen)]
    info = {
        "hasNextPage": start + len(chosen) < len(items),
        "hasPreviousPage": start > 0,
        "startCursor": cursors[0] if cursors else None,
        "endCursor": cursors[-1] if cursors else None,
    }
    edges = [{"node": node, "cursor": cursor} for node, cursor in zip(chosen, cursors, strict=True)]
    return {"nodes": chosen, "edges": edges, "pageInfo": info}


def _cursor(item: Doc, place: int) -> str:
    return b64encode(json.dumps({"last_id": item.get("id"), "place": place}).encode()).decode()


def _after(items: list[Doc], cursor: str) -> int:
    try:
        found = json.loads(b64decode(cursor, validate=True))
    except ValueError:
        raise Denied(f"Invalid cursor: {cursor}", "BAD_REQUEST") from None
    place = next((i for i, item in enumerate(items) if item.get("id") == found["last_id"] is not None), found["place"])
    return int(place) + 1
