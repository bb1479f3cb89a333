"""What a service is, as data: the immutable content of a revision. Files, API and screens all edit this one shape."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Mode = Literal["create_only", "create_and_update"]
Unit = Literal["second", "minute", "hour", "day", "week", "month", "year"]

OPERATORS = (
    "equals",
    "not_equals",
    "in",
    "not_in",
    "greater",
    "greater_or_equal",
    "less",
    "less_or_equal",
    "contains",
    "starts_with",
    "ends_with",
    "is_empty",
    "is_not_empty",
    "in_the_last",
    "more_than_ago",
    "before",
    "after",
    "between",
)


class Model(BaseModel):
    """Base: unknown keys are refused, so that a typing error never passes in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


class Ago(Model):
    """A span of time, counted back from the run's scheduled time."""

    amount: int = Field(ge=0, le=100_000)
    unit: Unit


class FilterRow(Model):
    """One condition that a source record must meet; rows combine with AND."""

    field: str = Field(min_length=1, max_length=1024)
    op: Literal[OPERATORS]  # type: ignore[valid-type]  # a tuple of literals, kept in one place
    value: Any = None


class Step(Model):
    """One function of a transform chain. `inputs` names other values than the chain's: paths, or `@value` for it."""

    function: str = Field(min_length=1, max_length=200)
    args: dict[str, Any] = Field(default_factory=dict)
    inputs: list[str] | None = Field(default=None, max_length=100)


def _step(value: Any) -> Any:
    """Shorthands of a step: `string.upper`, or `{string.prefix: {text: X}}`."""
    if isinstance(value, str):
        return {"function": value}
    if isinstance(value, dict) and "function" not in value:
        names = [name for name in value if name != "inputs"]
        if len(names) == 1:
            return {"function": names[0], "args": value[names[0]] or {}, "inputs": value.get("inputs")}
    return value


#: So many functions, sources and conditions may a row have.
MOST_PARTS = 100

Steps = Annotated[list[Annotated[Step, BeforeValidator(_step)]], BeforeValidator(_listed), Field(max_length=MOST_PARTS)]


class SourceField(Model):
    """One source of a row: a path, with functions of its own before the row's."""

    path: str = Field(min_length=1, max_length=1024)
    name: str = Field(default="", max_length=200)
    do: Steps = Field(default_factory=list)


def _source(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


Sources = Annotated[
    list[Annotated[SourceField, BeforeValidator(_source)]], BeforeValidator(_listed), Field(max_length=MOST_PARTS)
]


class MappingRow(Model):
    """One line of the mapping: source fields -> functions -> destination field.

    In files `from`, `to` and `do`. A row `to: lines[*]` `from: items[*]` with rows below it says which lists they walk over,
    one after the other, by which functions those are changed first, and which elements are kept.
    """

    to: str = Field(min_length=1, max_length=1024)
    sources: Sources = Field(default_factory=list, alias="from")
    do: Steps = Field(default_factory=list)
    #: A constant instead of sources.
    value: Any = None
    name: str = Field(default="", max_length=200)
    category: str = Field(default="", max_length=200)
    when: list[FilterRow] = Field(default_factory=list, max_length=MOST_PARTS)
    on_error: Literal["fail", "empty", "default"] = "fail"
    default: Any = None
    #: What an empty result does: leave the field out, or send an explicit null. Of a row that says which list others walk
    #: over, `once`: where it has no element the rows run once all the same, so that an order line without parts stays.
    empty: Literal["omit", "null", "once"] = "omit"
    enabled: bool = True
    required: bool = False
    locked: Literal["", "source", "destination"] = ""

    @property
    def label(self) -> str:
        """How people know this row."""
        return self.name or self.to


class ScriptUse(Model):
    """A custom script, of one version or of whichever is the latest."""

    name: str = Field(min_length=1, max_length=200)
    version: int | None = Field(default=None, ge=1)
    variables: dict[str, str] = Field(default_factory=dict, max_length=100)


def _script(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class Schedule(Model):
    """A five-field cron expression in a time zone."""

    cron: str = Field(max_length=200)
    zone: str = "UTC"


class Source(Model):
    """Where records come from, and how they are pulled."""

    connector: str
    entity: str
    options: dict[str, Any] = Field(default_factory=dict)
    page_size: int | None = Field(default=None, ge=1, le=10_000)
    filters: list[FilterRow] = Field(default_factory=list, max_length=100)
    #: Other paths than the system's for the source id and the reference.
    key: str = ""
    reference: str = ""
    max_attempts: int = Field(default=4, ge=1, le=100)
    zone: str = "UTC"
    #: managed: from the last change seen, minus an overlap. all: everything that the filters let through, every time.
    cursor: Literal["managed", "all"] = "managed"
    #: Seconds to go back behind the last change seen; None: the system's own advice.
    overlap: float | None = Field(default=None, ge=0, le=31_536_000)
    #: Widen relative time filters back to the last complete run, so that a late or missed run loses nothing.
    catch_up: bool = True


class Destination(Model):
    """Where records go."""

    connector: str
    entity: str
    options: dict[str, Any] = Field(default_factory=dict)
    #: None: the usual one of the entity (orders are created only, stock is updated).
    mode: Mode | None = None
    #: What to do with a record of which nobody can tell whether it arrived.
    uncertain: Literal["ask", "send_again"] = "ask"
    zone: str = "UTC"
    concurrency: int | None = Field(default=None, ge=1, le=64)
    batch: int | None = Field(default=None, ge=1, le=10_000)


class Service(Model):
    """A service's configuration."""

    source: Source
    destination: Destination
    #: The payload script: it gets the records of a page that the filters keep, and gives those to be mapped.
    script: Annotated[ScriptUse | None, BeforeValidator(_script)] = None
    mapping: list[MappingRow] = Field(default_factory=list, max_length=2000)
    schedules: list[Schedule] = Field(default_factory=list, max_length=50)
    #: Whether a call to its secret address starts it.
    webhook: bool = False
