"""GraphQL text to a tree: documents (operations, fragments) and schemas, by the GraphQL specification of October 2021."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


class SyntaxFault(Exception):
    """The text is no GraphQL. `line` and `column` count from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


@dataclass(frozen=True, slots=True)
class Var:
    """A variable used as a value."""

    name: str


@dataclass(frozen=True, slots=True)
class EnumValue:
    """A bare word used as a value."""

    name: str


@dataclass(frozen=True, slots=True)
class TypeRef:
    """A type as written: a name or a list of something, perhaps not null."""

    name: str = ""
    of: TypeRef | None = None
    required: bool = False

    @property
    def base(self) -> str:
        """The name inside all lists."""
        return self.of.base if self.of else self.name

    def __str__(self) -> str:
        return (f"[{self.of}]" if self.of else self.name) + ("!" if self.required else "")


@dataclass(frozen=True, slots=True)
class Directive:
    """`@include(if: $more)`."""

    name: str
    args: dict[str, Any]


@dataclass(slots=True)
class Selection:
    """A field (name), a spread (`...name`) or an inline fragment (neither; `on` may be empty)."""

    kind: str
    line: int
    column: int
    name: str = ""
    alias: str = ""
    on: str = ""
    args: dict[str, Any] = field(default_factory=dict)
    directives: list[Directive] = field(default_factory=list)
    selections: list[Selection] = field(default_factory=list)


@dataclass(slots=True)
class Definition:
    """An operation or a fragment."""

    kind: str
    name: str
    on: str = ""
    variables: dict[str, tuple[TypeRef, Any]] = field(default_factory=dict)
    selections: list[Selection] = field(default_factory=list)


@dataclass(slots=True)
class Argument:
    """An argument or an input field as the schema declares it."""

    type: TypeRef
    default: Any = None
    has_default: bool = False
    directives: list[Directive] = field(default_factory=list)


@dataclass(slots=True)
class FieldType:
    """A field as the schema declares it."""

    type: TypeRef
    args: dict[str, Argument] = field(default_factory=dict)
    directives: list[Directive] = field(default_factory=list)


@dataclass(slots=True)
class TypeDef:
    """A type of the schema: `type`, `interface`, `input`, `enum` or `scalar`."""

    kind: str
    name: str
    fields: dict[str, FieldType] = field(default_factory=dict)
    inputs: dict[str, Argument] = field(default_factory=dict)
    values: list[str] = field(default_factory=list)
    interfaces: list[str] = field(default_factory=list)
    directives: list[Directive] = field(default_factory=list)


_LEXEMES = re.compile(
    r'(?P<skip>[\s,\ufeff]+|\#[^\n]*)|(?P<block>"""(?:\\"""|[^"]|"(?!""))*""")|(?P<string>"(?:[^"\\\n]|\\.)*")'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<name>[_A-Za-z]\w*)|(?P<mark>\.\.\.|[!$&()=:@\[\]{}|])"
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class Parser:
    """Recursive descent over the lexemes of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lexemes: list[tuple[str, str, int]] = []
        at = 0
        while at < len(text):
            found = _LEXEMES.match(text, at)
            if not found or found.end() == at:
                raise self._fault(f"Unexpected character: {text[at]!r}", at)
            if found.lastgroup != "skip":
                self.lexemes.append((found.lastgroup or "", found[0], at))
            at = found.end()
        self.at = 0

    def document(self) -> list[Definition]:
        """Operations and fragments."""
        found = []
        while self.at < len(self.lexemes):
            found.append(self._definition())
        if not found:
            raise self._fault("Unexpected end of document", len(self.text))
        return found

    def schema(self) -> dict[str, TypeDef]:
        """Types by name."""
        types = {}
        while self.at < len(self.lexemes):
            kind = self._name()
            made = TypeDef(kind, self._name())
            if self._accept("implements"):
                made.interfaces = [self._name()]
                while self._accept("&"):
                    made.interfaces.append(self._name())
            made.directives = self._directives()
            if kind in ("type", "interface"):
                made.fields = dict(self._block(self._field_type))
            elif kind == "input":
                made.inputs = dict(self._block(self._argument))
            elif kind == "enum":
                made.values = self._block(self._name)
            types[made.name] = made
        return types

    def _definition(self) -> Definition:
        if self._peek() == "{":
            return Definition("query", "", selections=self._selections())
        kind = self._name()
        if kind == "fragment":
            name = self._name()
            self._need("on")
            return Definition(kind, name, on=self._name(), selections=self._selections())
        if kind not in ("query", "mutation"):
            raise self._fault(f'Expected one of SCHEMA, query or mutation, actual: "{kind}"', self._place(self.at - 1))
        name = self._name() if self._peek() not in ("(", "{", "@") else ""
        variables = dict(self._list(self._variable, "(", ")")) if self._peek() == "(" else {}
        self._directives()
        return Definition(kind, name, variables=variables, selections=self._selections())

    def _variable(self) -> tuple[str, tuple[TypeRef, Any]]:
        self._need("$")
        name = self._name()
        self._need(":")
        kind = self._type()
        return name, (kind, self._value() if self._accept("=") else None)

    def _type(self) -> TypeRef:
        if self._accept("["):
            inner = self._type()
            self._need("]")
            return TypeRef(of=inner, required=self._accept("!"))
        name = self._name()
        return TypeRef(name, required=self._accept("!"))

    def _selections(self) -> list[Selection]:
        return self._list(self._selection, "{", "}")

    def _selection(self) -> Selection:
        line, column = self._position(self._place(self.at))
        if self._accept("..."):
            if self._peek() not in ("on", "@", "{"):
                return Selection("spread", line, column, name=self._name(), directives=self._directives())
            on = self._name() if self._accept("on") else ""
            return Selection(
                "inline", line, column, on=on, directives=self._directives(), selections=self._selections()
            )
        name = alias = self._name()
        if self._accept(":"):
            name = self._name()
        made = Selection("field", line, column, name=name, alias=alias, args=self._arguments())
        made.directives = self._directives()
        made.selections = self._selections() if self._peek() == "{" else []
        return made

    def _arguments(self) -> dict[str, Any]:
        return dict(self._list(self._pair, "(", ")")) if self._peek() == "(" else {}

    def _pair(self) -> tuple[str, Any]:
        name = self._name()
        self._need(":")
        return name, self._value()

    def _directives(self) -> list[Directive]:
        found = []
        while self._accept("@"):
            found.append(Directive(self._name(), self._arguments()))
        return found

    def _value(self) -> Any:
        kind, text, at = self._take()
        if text == "$":
            return Var(self._name())
        if text in "[{" and kind == "mark":
            self.at -= 1
            return self._list(self._value, "[", "]") if text == "[" else dict(self._list(self._pair, "{", "}"))
        if kind == "string":
            return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _unescape, text[1:-1], flags=re.DOTALL)
        if kind == "block":
            return text[3:-3].strip().replace('\\"""', '"""')
        if kind == "number":
            return float(text) if set(text) & set(".eE") else int(text)
        if kind == "name":
            return {"true": True, "false": False, "null": None}.get(text, EnumValue(text))
        raise self._fault(f"Unexpected {text!r}", at)

    def _field_type(self) -> tuple[str, FieldType]:
        name = self._name()
        args = dict(self._list(self._argument, "(", ")")) if self._peek() == "(" else {}
        self._need(":")
        return name, FieldType(self._type(), args, self._directives())

    def _argument(self) -> tuple[str, Argument]:
        name = self._name()
        self._need(":")
        made = Argument(self._type())
        if self._accept("="):
            made.default, made.has_default = self._value(), True
        made.directives = self._directives()
        return name, made

    def _block(self, each: Callable[[], Any]) -> list[Any]:
        return self._list(each, "{", "}")

    def _list(self, each: Callable[[], Any], opening: str, closing: str) -> list[Any]:
        self._need(opening)
        found = []
        while not self._accept(closing):
            found.append(each())
        return found

    def _peek(self) -> str:
        return self.lexemes[self.at][1] if self.at < len(self.lexemes) else ""

    def _take(self) -> tuple[str, str, int]:
        if self.at >= len(self.lexemes):
            raise self._fault("Unexpected end of document", len(self.text))
        self.at += 1
        return self.lexemes[self.at - 1]

    def _accept(self, text: str) -> bool:
        if self._peek() != text:
            return False
        self.at += 1
        return True

    def _need(self, text: str) -> None:
        _, got, at = self._take()
        if got != text:
            raise self._fault(f"Expected {text!r}, actual: {got!r}", at)

    def _name(self) -> str:
        kind, text, at = self._take()
        if kind != "name":
            raise self._fault(f"Expected a name, actual: {text!r}", at)
        return text

    def _place(self, index: int) -> int:
        return self.lexemes[index][2] if index < len(self.lexemes) else len(self.text)

    def _position(self, at: int) -> tuple[int, int]:
        return self.text.count("\n", 0, at) + 1, at - self.text.rfind("\n", 0, at)

    def _fault(self, message: str, at: int) -> SyntaxFault:
        return SyntaxFault(message, *self._position(at))


def _unescape(found: re.Match[str]) -> str:
    code = found[1]
    return chr(int(code[1:], 16)) if code[0] == "u" and len(code) == 5 else _ESCAPES.get(code, code)
