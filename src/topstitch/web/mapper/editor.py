"""The open row as its form: sources, functions with their parameters and what each made of the record, conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from topstitch.engine.preview.shown import Pass, StepShown
from topstitch.functions import registry
from topstitch.functions.params import REQUIRED, Param
from topstitch.functions.registry import Function
from topstitch.web.mapper.draft import Plain
from topstitch.web.mapper.fields import shown
from topstitch.web.services.mapping import short


@dataclass(frozen=True, slots=True)
class ArgView:
    """A parameter of a function as a field: its full name in the form, the text in it."""

    param: Param
    name: str
    text: str
    #: text, number, choice, switch, lines, any
    kind: str

    @property
    def required(self) -> bool:
        """Whether there is no value without one."""
        return self.param.default is REQUIRED


@dataclass(frozen=True, slots=True)
class StepView:
    """A function of the row. `made` is what it did with the record; None: it has not run."""

    name: str
    function: str
    known: Function | None
    args: Sequence[ArgView]
    inputs: str
    made: StepShown | None = None

    @property
    def value(self) -> str:
        """What it made, on one line."""
        return short(self.made.value) if self.made and self.made.ran and not self.made.problem else ""


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source of the row, with functions of its own."""

    name: str
    path: str
    label: str
    value: str
    steps: Sequence[StepView]
    #: The value as it would be typed, to try another one.
    typed: str = ""


@dataclass(frozen=True, slots=True)
class ConditionView:
    """A condition of the row."""

    name: str
    field: str
    op: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorView:
    """The form of a row."""

    place: int
    plain: Plain
    sources: Sequence[SourceView]
    steps: Sequence[StepView]
    conditions: Sequence[ConditionView]
    constant: str
    default: str

    @property
    def offers(self) -> set[str]:
        """What its parameters offer to choose from."""
        steps = [*self.steps, *(step for source in self.sources for step in source.steps)]
        return {arg.param.offer for step in steps for arg in step.args if arg.param.offer}

    @property
    def is_constant(self) -> bool:
        """Whether it has a fixed value in place of sources."""
        return not self.sources and "value" in self.plain


def editor_of(plain: Plain, place: int, passes: Sequence[Pass]) -> EditorView:
    """The form of a row, beside what it made of the record: of the element that failed, else of the first."""
    one = next((each for each in passes if each.problem), passes[0] if passes else None)
    made = {step.at: step for step in one.steps} if one else {}
    sources = _listed(plain.get("from"))
    given = {number: each.value for number, each in enumerate(one.sources)} if one else {}
    return EditorView(
        place=place,
        plain=plain,
        sources=[
            SourceView(
                f"from.{number}",
                source.get("path", ""),
                source.get("name", ""),
                short(given[number]) if number in given else "",
                _steps(source.get("do"), f"from.{number}.do", made, f"source {number + 1} function "),
                _typed(given[number]) if number in given else "",
            )
            for number, source in enumerate({"path": each} if isinstance(each, str) else each for each in sources)
        ],
        steps=_steps(plain.get("do"), "do", made, ""),
        conditions=[
            ConditionView(f"when.{n}", each.get("field", ""), each.get("op", ""), _value(each, "value"))
            for n, each in enumerate(_listed(plain.get("when")))
        ],
        constant=_value(plain, "value"),
        default=_value(plain, "default"),
    )


def _typed(value: Any) -> str:
    """A plain value as it is typed; lists and objects are changed in the record itself."""
    return "" if value is None or isinstance(value, dict | list) else shown(value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _value(fields: Mapping[str, Any], name: str) -> str:
    return shown(fields[name]) if fields.get(name) is not None else ""


def _steps(node: Any, name: str, made: Mapping[str, StepShown], before: str) -> list[StepView]:
    return [_step(each, f"{name}.{n}", made.get(f"{before}{n + 1}")) for n, each in enumerate(_listed(node))]


def _step(step: Any, name: str, made: StepShown | None) -> StepView:
    if isinstance(step, str):
        step = {"function": step}
    function, args = str(step.get("function", "")), step.get("args") or {}
    known = registry().get(function) if function in registry() else None
    views = [_arg(param, name, args) for param in known.params] if known else []
    return StepView(name, function, known, views, "\n".join(step.get("inputs") or ()), made)


def _arg(param: Param, name: str, args: Mapping[str, Any]) -> ArgView:
    value = args.get(param.name, None if param.default is REQUIRED else param.default)
    if param.kind is bool:
        kind, text = "switch", "1" if value in (True, "true", "1") else ""
    elif param.choices:
        kind, text = "choice", str(value or "")
    elif param.kind is list:
        kind, text = "lines", "\n".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")
    elif param.kind is object:
        kind, text = "any", "" if value is None else shown(value)
    else:
        kind = "text" if param.kind is str else "number"
        text = "" if value is None else str(value)
    return ArgView(param, f"{name}.args.{param.name}", text, kind)
