"""One filter row as a form: its field, the operators of that field's type, the controls of that operator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict

from topstitch.engine.filters import compile_condition, resolve, split
from topstitch.engine.mapping.path_check import PathFinding
from topstitch.engine.spec import FilterRow
from topstitch.errors import ConfigError
from topstitch.sdk.fields import Field
from topstitch.sdk.model import Read
from topstitch.values.paths import canonical
from topstitch.values.zones import find_zone
from topstitch.web.service_forms import filters_values as controls
from topstitch.web.service_forms.filters_words import operators_of, row_words, type_words

#: Longer fields there are none.
LONGEST_PATH = 1024
NAMES = ("field", "op", "value", "to", "amount", "unit")


@dataclass(frozen=True, slots=True)
class Ground:
    """What rows are about: the fields of the source's entity, what the system filters itself, and what was saved."""

    fields: Mapping[str, Field]
    read: Read
    system: str
    zone: str
    saved: Sequence[FilterRow] = ()


@dataclass(slots=True)
class RowForm:
    """A row. `path` and `op` are as typed; `values` the texts of the controls."""

    ground: Ground
    number: int
    path: str
    op: str
    values: dict[str, list[str]] = dataclass_field(default_factory=dict)
    autofocus: bool = False
    #: What is wrong: the control's name, what, and what to do.
    problem: tuple[str, str, str] | None = None
    doubt: PathFinding | None = None
    #: So many of the records that were counted it keeps; None: not counted.
    keeps: int | None = None
    row: FilterRow | None = None

    @classmethod
    def of(cls, row: FilterRow, number: int, ground: Ground) -> RowForm:
        """A row that is saved, or an example."""
        return cls(ground, number, row.field, row.op, controls.shown(row.value)).parsed()

    @classmethod
    def new(cls, number: int, ground: Ground) -> RowForm:
        """An empty row, nothing wrong with it yet."""
        return cls(ground, number, "", operators_of(None)[0], autofocus=True)

    @classmethod
    def sent(cls, data: QueryDict, sent_as: int, number: int, ground: Ground) -> RowForm:
        """What a person sent as row `sent_as`."""
        sent = {name: _texts(data, f"filter-{sent_as}-{name}") for name in NAMES}
        path, op = ("".join(sent.pop(name)[:1]).strip() for name in ("field", "op"))
        form = cls(ground, number, path, op, {name: texts for name, texts in sent.items() if texts})
        if op not in form.operators:
            form.op = form.operators[0]
        return form.parsed()

    # -- what is shown ----------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The beginning of its controls' names."""
        return f"filter-{self.number}"

    @property
    def field(self) -> Field | None:
        """The field that the path is of."""
        return self.ground.fields.get(self.path)

    @property
    def operators(self) -> tuple[str, ...]:
        """What it can be compared by."""
        saved = {row.op for row in self.ground.saved if row.field == self.path}
        return operators_of(self.field, self.op if self.op in saved else "")

    @property
    def type(self) -> str:
        """The type of its field, in words."""
        return type_words(self.field) if self.path else ""

    @property
    def control(self) -> str:
        """Which controls its value has."""
        return controls.control_of(self.op, self.field)

    @property
    def input_type(self) -> str:
        """Of the controls of a text."""
        return controls.input_type(self.field, self.values)

    @property
    def value(self) -> str:
        """The text of the only control, or of the first."""
        return self._first("value")

    @property
    def to(self) -> str:
        """The upper end."""
        return self._first("to")

    @property
    def amount(self) -> str:
        """How many units."""
        return self._first("amount") or "10"

    @property
    def unit(self) -> str:
        """The unit of a span."""
        return self._first("unit") or "minute"

    @property
    def lines(self) -> list[str]:
        """Several values."""
        return controls.lines_of(self.values)

    @property
    def text(self) -> str:
        """Several values, one a line."""
        return "\n".join(self.lines)

    @property
    def choices(self) -> list[str]:
        """The choices of its field, and values that it has besides."""
        known = list(self.field.choices) if self.field else []
        return [*known, *(each for each in self.lines if each not in known)]

    @property
    def at_source(self) -> bool:
        """Whether the source system applies it itself."""
        if self.row is None:
            return False
        there, _ = split([resolve(self.row, datetime.now(UTC))], self.ground.read)
        return bool(there)

    @property
    def only_at_source(self) -> bool:
        """Whether records need not have what it asks about: it is a question that only the system understands."""
        return self.at_source and self.field is None

    @property
    def words(self) -> str:
        """The row as part of a sentence; "" while it is wrong."""
        return row_words(self.row, self.field) if self.row else ""

    def _first(self, name: str) -> str:
        return self.values[name][0] if self.values.get(name) else ""

    # -- what it says -----------------------------------------------------------------------------------------------

    def parsed(self) -> RowForm:
        """Itself, with its row, or what is wrong with it."""
        try:
            self.row = self._read()
        except ConfigError as error:
            place = error.key if error.key in NAMES else "value"
            self.problem = (place, error.message, error.hint)
        return self

    def _read(self) -> FilterRow:
        path = self._path()
        values = {**self.values, "amount": [self.amount], "unit": [self.unit]}
        value = controls.read(self.control, values, self.field, find_zone(self.ground.zone))
        row = FilterRow(field=path, op=self.op, value=self._as_saved(value))
        compile_condition(resolve(row, datetime.now(UTC)), self.ground.zone)
        return row

    def _path(self) -> str:
        if not self.path:
            raise ConfigError("the field is missing", key="field", hint="Choose one, or remove the row.")
        if len(self.path) > LONGEST_PATH:
            raise ConfigError("the field is too long", key="field", hint=f"Use at most {LONGEST_PATH:,} characters.")
        if self.path in self.ground.read.filters:
            return self.path
        try:
            return canonical(self.path)
        except ConfigError as error:
            raise ConfigError(error.message, key="field", hint=error.hint) from error

    def _as_saved(self, value: Any) -> Any:
        """What is saved already where it reads the same: 5 and "5" are the same filter and no new revision."""
        for row in self.ground.saved:
            if (row.field, row.op) == (self.path, self.op) and controls.shown(row.value) == controls.shown(value):
                return row.value
        return value


def _texts(data: QueryDict, name: str) -> list[str]:
    """What was sent, without what no database text holds."""
    return [text.replace("\x00", "") for text in data.getlist(name)]
