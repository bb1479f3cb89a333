"""Formats from settings data: `{"kind": "csv", "delimiter": ";"}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, cast

from topstitch.errors import ConfigError
from topstitch.formats import checks
from topstitch.formats.base import Format
from topstitch.formats.csv import CsvFormat
from topstitch.formats.fixed import FixedFormat
from topstitch.formats.grouping import Grouped
from topstitch.formats.json import JsonFormat
from topstitch.formats.xml import XmlFormat

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

KINDS: dict[str, Callable[..., Format]] = {
    "csv": CsvFormat,
    "json": JsonFormat,
    "xml": XmlFormat,
    "fixed": FixedFormat,
}


def open_format(spec: Mapping[str, object]) -> Format:
    """Build a format from `kind` and the settings of that kind.

    `group` (csv and fixed: `{"key": ["order_number"], "lines": ["sku", "quantity"], "into": "lines"}`) joins the rows
    of one order to one record. Raises `ConfigError` naming the key and what it may hold.
    """
    kind = spec.get("kind")
    checks.one_of("kind", kind, KINDS)
    settings = {key: value for key, value in spec.items() if key not in ("kind", "group")}
    made: Format = _build(KINDS[str(kind)], settings, "")
    if (group := spec.get("group")) is None:
        return made
    if kind not in ("csv", "fixed"):
        raise ConfigError(f"group is for csv and fixed files, and this is {kind}", place="format setting 'group'")
    if not isinstance(group, Mapping):
        checks.refuse("group", group, "a table with key, lines and, if need be, into")
    return _build(Grouped, {**group, "inner": made}, "group.")


def _build(cls: Callable[..., Format], settings: Mapping[str, object], prefix: str) -> Format:
    slots = {slot.name: slot for slot in fields(cast("type[DataclassInstance]", cls))}
    valid = ", ".join(name for name in slots if name != "inner")
    for key in settings:
        if key not in slots:
            raise ConfigError(f"there is no such setting; there are {valid}", place=f"format setting '{prefix}{key}'")
    for name, slot in slots.items():
        if name not in settings and slot.default is MISSING and slot.default_factory is MISSING:
            raise ConfigError("this setting is needed", place=f"format setting '{prefix}{name}'")
    return cls(**settings)
