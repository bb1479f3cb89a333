"""Field lists: one line a field in `fields/<entity>.toml`, and what a line may say."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from topstitch.errors import ConfigError
from topstitch.values.paths import canonical, parse, render

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
    money, `iso2`, `iso3` or `name` for a country, a unit for weight and length, `1/0` (true/false words) for a
    boolean, `posix` for a language as en_GB.
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
    #: Of a list: the fields of its elements by which they are addressed instead of their place (namespace and key).
    names: tuple[str, ...] = ()
    #: Of such a list: where an element keeps what its name stands for.
    value: str = "value"
    #: Of such a list: what the names follow in the short form; "" is the list itself: `metafields.custom.care`.
    short: str = ""
    #: Of such a list: what an element has when a mapping adds it, unless a row says otherwise.
    defaults: tuple[tuple[str, str], ...] = ()
    #: What each choice means, in the words that the taxonomy has for the tag: (("publish", "true"), ("draft", "false")).
    means: tuple[tuple[str, str], ...] = ()
    #: The option of the destination that says it for every record where a record leaves it empty.
    option: str = ""

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


def element_path(path: str, *names: str) -> str:
    """The short form of an element by name, names with dots in quotes: of `metafields`, custom and care
    `metafields.custom.care`.
    """
    return render((*parse(path), *names))


def load_fields(path: Path) -> tuple[Field, ...]:
    """Read a field list; raises ConfigError naming the file and the field."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the field list ({error})", place=path.name) from error
    return tuple(parse_field(name, line, place=f"{path.parent.parent.name}/{path.name}") for name, line in data.items())


def parse_field(path: str, line: Mapping[str, Any] | str, *, place: str = "") -> Field:
    """One line: `"lines[*].sku" = { type = "text", label = "SKU", tag = "line.sku", flags = "required" }`.

    `choices` is a list, or a table of each choice and what it means: `{ publish = "true", draft = "false", future = "" }`.
    A list whose elements go by name: `"meta[*]" = { type = "array", names = ["key"], value = "value" }`. Raises ConfigError.
    """
    if not isinstance(line, str | Mapping):
        raise ConfigError(f"field {path!r}: its line is neither a label nor a table", place=place)
    given = {"label": line} if isinstance(line, str) else dict(line)
    for name, value in given.items():
        if not isinstance(value, str) and name not in ("choices", "names", "defaults"):
            raise ConfigError(f"field {path!r}: {name} must be text", place=place)
    named = _named(path, given, place)
    flags = frozenset(str(given.pop("flags", "")).split())
    listed = given.pop("choices", ())
    choices = tuple(str(c) for c in listed)
    means = tuple((str(c), str(m)) for c, m in listed.items() if m != "") if isinstance(listed, Mapping) else ()
    unknown = set(given) - {"type", "label", "tag", "format", "category", "help", "option", "value", "short"}
    kind = given.get("type", "text")
    if unknown or flags - FLAGS or kind not in TYPES:
        wrong = ", ".join(sorted(unknown | (flags - FLAGS) | ({kind} - TYPES)))
        raise ConfigError(f"field {path!r}: unknown {wrong}", place=place)
    label = given.pop("label", "") or path.rsplit(".", 1)[-1].replace("_", " ")
    try:
        plain = canonical(path)
        if given.get("short"):
            given["short"] = canonical(given["short"])
    except ConfigError as error:
        raise ConfigError(f"field {path!r}: {error.message}", place=place) from error
    return Field(path=plain, label=label, flags=flags, choices=choices, means=means, **named, **given)


def _named(path: str, given: dict[str, Any], place: str) -> dict[str, Any]:
    """Takes `names` and `defaults` out of a line; raises ConfigError for what does not belong to a list by name."""
    names, defaults = given.pop("names", []), given.pop("defaults", {})
    if not (
        isinstance(names, list) and isinstance(defaults, Mapping) and _texts([*names, *defaults, *defaults.values()])
    ):
        raise ConfigError(f"field {path!r}: names must be a list of texts, defaults a table of texts", place=place)
    if names and not (path.endswith("[*]") and given.get("type") == "array"):
        raise ConfigError(f"field {path!r}: names are for a list, `path[*]` of the type array", place=place)
    if (short := given.get("short")) and not path.startswith((f"{short}.", f"{short}[")):
        raise ConfigError(f"field {path!r}: short must be the beginning of its path", place=place)
    if not names and (defaults or "value" in given or "short" in given):
        raise ConfigError(f"field {path!r}: value, short and defaults go with names", place=place)
    return {"names": tuple(names), "defaults": tuple(defaults.items())}


def _texts(values: Sequence[Any]) -> bool:
    return all(isinstance(value, str) and value for value in values)
