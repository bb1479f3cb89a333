"""Checks a GraphQL request against the schema, as the vendor does before it runs anything, and prices it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from topstitch.systems.shopify.practice_shop.syntax import (
    Argument,
    Definition,
    Directive,
    EnumValue,
    FieldType,
    Parser,
    Selection,
    TypeDef,
    TypeRef,
    Var,
)

Fault = dict[str, Any]
_TYPES = Parser((Path(__file__).parent / "schema.graphql").read_text("utf-8")).schema()
_BUILT_IN = ("String", "Int", "Float", "Boolean", "ID")


@dataclass(slots=True)
class Schema:
    """The types as one API version has them."""

    version: str
    types: Mapping[str, TypeDef] = field(default_factory=lambda: _TYPES)

    def kind(self, name: str) -> str:
        """`type`, `interface`, `input`, `enum` or `scalar`."""
        if name in self.types:
            return self.types[name].kind
        return "type" if name.endswith(("Connection", "Edge")) else "scalar"

    def field(self, parent: str, name: str) -> FieldType | None:
        """The field of a type in this version; connections and edges are made up here."""
        if name == "__typename":
            return FieldType(TypeRef("String", required=True))
        if parent in self.types:
            found = self.types[parent].fields.get(name)
            return found if found and self.has(found.directives) else None
        if parent.endswith("Connection"):
            item = TypeRef(parent.removesuffix("Connection"), required=True)
            edge = TypeRef(f"{item.name}Edge", required=True)
            made = {"nodes": TypeRef(of=item), "edges": TypeRef(of=edge), "pageInfo": TypeRef("PageInfo")}
            return FieldType(made[name]) if name in made else None
        made = {"node": TypeRef(parent.removesuffix("Edge")), "cursor": TypeRef("String")}
        return FieldType(made[name]) if name in made else None

    def inputs(self, name: str) -> dict[str, Argument]:
        """The fields of an input type in this version."""
        return {n: a for n, a in self.types[name].inputs.items() if self.has(a.directives)}

    def has(self, notes: list[Directive]) -> bool:
        """Whether `@since` and `@until` let this version have it."""
        since = next((d.args["version"] for d in notes if d.name == "since"), "")
        until = next((d.args["version"] for d in notes if d.name == "until"), "9999")
        return bool(since <= self.version < until)

    def fits(self, name: str, condition: str) -> bool:
        """Whether an object of type `name` passes `... on condition`."""
        return name == condition or condition in (self.types[name].interfaces if name in self.types else [])


@dataclass(slots=True)
class Checked:
    """A request that may run."""

    schema: Schema
    operation: Definition
    fragments: dict[str, Definition]
    variables: dict[str, Any]
    cost: int


class Check:
    """One look through a request. `faults` are in the vendor's shape; empty when there is nothing to say against it."""

    def __init__(self, schema: Schema, definitions: list[Definition], name: str | None) -> None:
        self.schema = schema
        self.faults: list[Fault] = []
        self.fragments = {d.name: d for d in definitions if d.kind == "fragment"}
        operations = [d for d in definitions if d.kind != "fragment" and (not name or d.name == name)]
        self.operation = operations[0] if len(operations) == 1 else None
        self.used: set[str] = set()
        if self.operation is None:
            self.faults.append({"message": "An operation name is required"})
            return
        self.title = f"{self.operation.kind} {self.operation.name}".strip()
        root = "Mutation" if self.operation.kind == "mutation" else "QueryRoot"
        self._selections(self.operation.selections, root, [self.title])
        for unused in sorted(set(self.operation.variables) - self.used):
            self._say(f"Variable ${unused} is declared by {self.operation.name} but not used", None, "variableNotUsed")

    def _say(self, message: str, at: Selection | None, code: str, path: list[Any] | None = None, **more: Any) -> None:
        places = [{"line": at.line, "column": at.column}] if at else []
        self.faults.append(
            {
                "message": message,
                "locations": places,
                "path": path or [self.title],
                "extensions": {"code": code, **more},
            }
        )

    def _selections(self, selections: list[Selection], parent: str, path: list[Any]) -> None:
        for each in selections:
            self._directives(each, path)
            if each.kind == "field":
                self._field(each, parent, [*path, each.alias])
            elif each.kind == "inline":
                self._selections(each.selections, each.on or parent, path)
            elif each.name in self.fragments:
                fragment = self.fragments[each.name]
                self._selections(fragment.selections, fragment.on, path)
            else:
                self._say(f"Fragment {each.name} was used, but not defined", each, "useAndDefineFragment", path)

    def _directives(self, at: Selection, path: list[Any]) -> None:
        for directive in at.directives:
            known = {"include": "if", "skip": "if"}
            if self.schema.version >= "2026-01":
                known["idempotent"] = "key"
            if directive.name not in known:
                self._say(f"Directive @{directive.name} is not defined", at, "undefinedDirective", path)
                continue
            kind = TypeRef("String" if directive.name == "idempotent" else "Boolean", required=True)
            self._arguments(at, {known[directive.name]: Argument(kind)}, directive.args, "Directive", path)

    def _field(self, at: Selection, parent: str, path: list[Any]) -> None:
        declared = self.schema.field(parent, at.name)
        if declared is None:
            message = f"Field '{at.name}' doesn't exist on type '{parent}'"
            self._say(message, at, "undefinedField", path, typeName=parent, fieldName=at.name)
            return
        self._arguments(at, declared.args, at.args, "Field", path)
        composite = self.schema.kind(declared.type.base) in ("type", "interface")
        if composite and not at.selections:
            message = (
                f"Field must have selections (field '{at.name}' returns {declared.type.base} but has no selections)"
            )
            self._say(message, at, "selectionMismatch", path, nodeName=f"field '{at.name}'")
        elif at.selections and not composite:
            message = f"Selections can't be made on scalars (field '{at.name}' returns {declared.type.base})"
            self._say(message, at, "selectionMismatch", path, nodeName=f"field '{at.name}'")
        else:
            self._selections(at.selections, declared.type.base, path)

    def _arguments(
        self, at: Selection, declared: dict[str, Argument], given: dict[str, Any], what: str, path: list[Any]
    ) -> None:
        for name, value in given.items():
            if name not in declared:
                message = f"{what} '{at.name}' doesn't accept argument '{name}'"
                self._say(message, at, "argumentNotAccepted", path, name=at.name, typeName=what, argumentName=name)
            else:
                self._value(at, declared[name].type, value, name, path)
        missing = [n for n, a in declared.items() if a.type.required and not a.has_default and given.get(n) is None]
        if missing:
            message = f"{what} '{at.name}' is missing required arguments: {', '.join(missing)}"
            self._say(message, at, "missingRequiredArguments", path, className=what, arguments=", ".join(missing))

    def _value(self, at: Selection, kind: TypeRef, value: Any, name: str, path: list[Any]) -> None:
        """Check a literal, and note the variables in it."""
        if isinstance(value, Var):
            self._variable(at, kind, value, name, path)
        elif isinstance(value, list):
            for item in value:
                self._value(at, kind.of or kind, item, name, path)
        elif isinstance(value, dict) and self.schema.kind(kind.base) == "input":
            inputs = self.schema.inputs(kind.base)
            for key, item in value.items():
                if key in inputs:
                    self._value(at, inputs[key].type, item, key, path)
                else:
                    message = f"InputObject '{kind.base}' doesn't accept argument '{key}'"
                    self._say(message, at, "argumentNotAccepted", path, typeName="InputObject", argumentName=key)
        else:
            plain = value.name if isinstance(value, EnumValue) else value
            if isinstance(value, EnumValue) != (self.schema.kind(kind.base) == "enum" and value is not None) or any(
                problems(self.schema, kind.of or kind, plain)
            ):
                message = f"Argument '{name}' on Field '{at.name}' has an invalid value. Expected type '{kind}'."
                self._say(message, at, "argumentLiteralsIncompatible", path, argumentName=name)

    def _variable(self, at: Selection, kind: TypeRef, value: Var, name: str, path: list[Any]) -> None:
        assert self.operation
        self.used.add(value.name)
        if value.name not in self.operation.variables:
            message = f"Variable ${value.name} is used by {self.operation.name} but not declared"
            self._say(message, at, "variableNotDefined", path, variableName=value.name)
            return
        given, default = self.operation.variables[value.name]
        if not _usable(given, kind, default is not None):
            message = f"Type mismatch on variable ${value.name} and argument {name} ({given} / {kind})"
            self._say(message, at, "variableMismatch", path, variableName=value.name, argumentName=name)


def _usable(given: TypeRef, wanted: TypeRef, has_default: bool) -> bool:
    """Whether a variable of type `given` may stand where `wanted` is expected (specification, 5.8.5)."""
    if wanted.required and not given.required and not has_default:
        return False
    if bool(given.of) != bool(wanted.of):
        return False
    if given.of and wanted.of:
        return _usable(given.of, wanted.of, False)
    return given.name == wanted.name


def problems(schema: Schema, kind: TypeRef, value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[list[Any], str]]:
    """What is wrong with a value given for a type: (path, explanation)."""
    if isinstance(value, Var):
        return
    if value is None:
        if kind.required:
            yield list(path), "Expected value to not be null"
        return
    if kind.of:
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            yield from problems(schema, kind.of, item, (*path, index))
        return
    if schema.kind(kind.name) == "input":
        yield from _input_problems(schema, kind.name, value, path)
    elif schema.kind(kind.name) == "enum":
        if value not in schema.types[kind.name].values:
            yield list(path), f"Expected {value!r} to be one of: {', '.join(schema.types[kind.name].values)}"
    elif not _scalar_fits(kind.name, value):
        yield list(path), f"Could not coerce value {value!r} to {kind.name}"


def _input_problems(schema: Schema, name: str, value: Any, path: tuple[Any, ...]) -> Iterator[tuple[list[Any], str]]:
    if not isinstance(value, dict):
        yield list(path), f"Expected {value!r} to be a key-value object."
        return
    inputs = schema.inputs(name)
    for key in value:
        if key not in inputs:
            yield [*path, key], f"Field is not defined on {name}"
    for key, declared in inputs.items():
        if key in value or (declared.type.required and not declared.has_default):
            yield from problems(schema, declared.type, value.get(key), (*path, key))
    if any(d.name == "oneOf" for d in schema.types[name].directives) and len(value) != 1:
        yield list(path), f"'{name}' requires exactly one argument, but {len(value)} were provided."


def _scalar_fits(name: str, value: Any) -> bool:
    if name == "Int":
        return isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31
    if name == "Boolean":
        return isinstance(value, bool)
    if name == "Float":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if name in ("Decimal", "Money"):
        return _is_number(value)
    if name == "ID":
        return isinstance(value, str | int) and not isinstance(value, bool)
    return name == "JSON" or isinstance(value, str)


def _is_number(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and math.isfinite(float(value))
    except (TypeError, ValueError):
        return False


def cost(schema: Schema, selections: list[Selection], parent: str, checked: Checked) -> int:
    """What the vendor asks for these selections: nothing for a scalar, 1 for an object, 10 for a mutation.

    A connection costs what its items cost, times a factor that grows with the logarithm of `first` (as measured in
    public: 250 items with an object each cost 24).
    """
    total = 0
    for each in selections:
        if each.kind != "field":
            fragment = checked.fragments.get(each.name)
            inner = each.selections if each.kind == "inline" else (fragment.selections if fragment else [])
            on = each.on if each.kind == "inline" else (fragment.on if fragment else parent)
            total += cost(schema, inner, on or parent, checked)
            continue
        declared = schema.field(parent, each.name)
        if declared is None or schema.kind(declared.type.base) not in ("type", "interface"):
            continue
        below = cost(schema, each.selections, declared.type.base, checked)
        if declared.type.base.endswith("Connection"):
            first = resolve(each.args.get("first", 0), checked.variables) or 0
            total += below * math.ceil(1.5 * math.log2(1 + first))
        elif each.name != "pageInfo":
            total += below + (10 if parent == "Mutation" else 1)
    return total


def resolve(value: Any, variables: Mapping[str, Any]) -> Any:
    """A literal with its variables filled in."""
    if isinstance(value, Var):
        return variables.get(value.name)
    if isinstance(value, EnumValue):
        return value.name
    if isinstance(value, list):
        return [resolve(item, variables) for item in value]
    if isinstance(value, dict):
        return {k: resolve(v, variables) for k, v in value.items() if not _absent(v, variables)}
    return value


def _absent(value: Any, variables: Mapping[str, Any]) -> bool:
    return isinstance(value, Var) and value.name not in variables
