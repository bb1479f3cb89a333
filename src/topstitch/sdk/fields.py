"""Field lists: one line a field in `fields/<entity>.toml`, and what a line may say."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from topstitch.errors import ConfigError
from topstitch.values.paths import canonical

TYPES = frozenset(
    [
        "id",
        "text",
        "integer",
        "decimal",
        "money",
        "boolean",
        "datetime",
        "date",
        "country",
        "currency",
        "language",
        "weight",
        "length",
        "email",
        "phone",
        "url",
        "enum",
        "array",
        "object",
        "any",
    ]
)
FLAGS = frozenset(["required", "readonly", "writeonly", "personal", "filterable", "key", "reference", "locked"])


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entity.

    `type` is what it means; `format` how this system writes it: PHP letters of a date, `minor` or `text` or `number` for
    money, `iso2`, `iso3` or `name` for a country, a unit for weight and length, `1/0` (true/false words) for a boolean.
    `tag` ties it to the taxonomy, which is what makes default mappings.
    """

    path: str
    type: str = "text"
    label: str = ""
    tag: str = ""
    flags: frozenset[str] = frozenset()
    format: str = ""
    #: Heading in the mapper; "" takes the taxonomy's.
    category: str = ""
    help: str = ""
    choices: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        """Whether the system refuses a record without it."""
        return "required" in self.flags

    @property
    def writable(self) -> bool:
        """Whether it may be sent."""
        return "readonly" not in self.flags

    @property
    def readable(self) -> bool:
        """Whether it is in what is read."""
        return "writeonly" not in self.flags


def load_fields(path: Path) -> tuple[Field, ...]:
    """Read a field list; raises ConfigError naming the file and the field."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the field list ({error})", place=path.name) from error
    return tuple(parse_field(name, line, place=f"{path.parent.parent.name}/{path.name}") for name, line in data.items())


def parse_field(path: str, line: Mapping[str, Any] | str, *, place: str = "") -> Field:
    """One line: `"lines[*].sku" = { type = "text", label = "SKU", tag = "line.sku", flags = "required" }`."""
    if not isinstance(line, str | Mapping):
        raise ConfigError(f"field {path!r}: its line is neither a label nor a table", place=place)
    given = {"label": line} if isinstance(line, str) else dict(line)
    for name, value in given.items():
        if not isinstance(value, str) and name != "choices":
            raise ConfigError(f"field {path!r}: {name} must be text", place=place)
    flags = frozenset(str(given.pop("flags", "")).split())
    choices = tuple(str(c) for c in given.pop("choices", ()))
    unknown = set(given) - {"type", "label", "tag", "format", "category", "help"}
    kind = given.get("type", "text")
    if unknown or flags - FLAGS or kind not in TYPES:
        wrong = ", ".join(sorted(unknown | (flags - FLAGS) | ({kind} - TYPES)))
        raise ConfigError(f"field {path!r}: unknown {wrong}", place=place)
    label = given.pop("label", "") or path.rsplit(".", 1)[-1].replace("_", " ")
    try:
        plain = canonical(path)
    except ConfigError as error:
        raise ConfigError(f"field {path!r}: {error.message}", place=place) from error
    return Field(path=plain, label=label, flags=flags, choices=choices, **given)
