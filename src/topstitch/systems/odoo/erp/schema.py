"""The practice Odoo's models, read from models.toml, as each version has them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

#: The decimal accuracy "Product Price" and "Discount".
TWO_DIGITS = frozenset({"price_unit", "discount", "list_price", "standard_price", "fixed_price"})
NUMBERS = frozenset({"integer", "float", "boolean"})
X2MANY = frozenset({"one2many", "many2many"})
_DEFAULTS: Mapping[str, Any] = {"integer": int, "float": float}


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a model."""

    name: str
    kind: str
    #: The model a relation leads to.
    relation: str = ""
    #: For one2many: the field that leads back.
    inverse: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    computed: bool = False
    default: Any = None

    def described(self) -> dict[str, Any]:
        """The attributes that fields_get tells."""
        told: dict[str, Any] = {
            "type": self.kind,
            "string": self.name.removesuffix("_id").replace("_", " ").capitalize(),
            "required": self.required,
            "readonly": self.computed,
            "store": not self.computed,
        }
        if self.relation:
            told["relation"] = self.relation
        if self.kind == "float" and self.name in TWO_DIGITS:
            told["digits"] = [16, 2]
        if self.choices:
            told["selection"] = [[choice, choice.capitalize()] for choice in self.choices]
        return told


@cache
def models(series: int) -> dict[str, dict[str, Column]]:
    """Every model of this version with its fields."""
    data = tomllib.loads((Path(__file__).parent / "models.toml").read_text("utf-8"))
    return {model: _columns(lines, series) for model, lines in data.items()}


def _columns(lines: Mapping[str, str], series: int) -> dict[str, Column]:
    found = {
        "id": Column("id", "integer"),
        "display_name": Column("display_name", "char", computed=True),
        "create_date": Column("create_date", "datetime"),
        "write_date": Column("write_date", "datetime"),
    }
    for name, line in lines.items():
        column = _column(name.removesuffix("_"), line.split(), series)
        if column:
            found[column.name] = column
    return found


def _column(name: str, words: list[str], series: int) -> Column | None:
    kind, *rest = words
    relation = inverse = ""
    choices: tuple[str, ...] = ()
    if kind in ("many2one", "many2many", "one2many"):
        relation = rest.pop(0)
    if kind == "one2many":
        inverse = rest.pop(0)
    if kind == "selection":
        choices = tuple(choice.replace("~", " ") for choice in rest.pop(0).split(","))
    if not all(_has(word, series) for word in rest):
        return None
    given = next((word[1:] for word in rest if word.startswith("=")), None)
    flags = set(rest)
    return Column(
        name, kind, relation, inverse, choices, "required" in flags, "computed" in flags, _default(kind, given)
    )


def _has(word: str, series: int) -> bool:
    if word.startswith(">="):
        return series >= int(word[2:])
    if word.startswith("<"):
        return series < int(word[1:])
    return True


def _default(kind: str, given: str | None) -> Any:
    if given is None:
        return None
    if kind == "boolean":
        return given == "True"
    return _DEFAULTS[kind](given) if kind in _DEFAULTS else given
