"""Weights and sizes: Peoplevox keeps the unit in a column of its own, records here are in kilograms and centimetres."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation

from topstitch.sdk import ConfigError, unit_factor

#: The column of the unit -> our unit, and the columns that are measured in it.
MEASURES = {"WeightMeasure": ("kg", ("Weight",)), "DimensionMeasure": ("cm", ("Height", "Width", "Depth"))}


def in_our_units(row: Mapping[str, str]) -> dict[str, str]:
    """A row read, with what is measured in other units converted. Without a unit, or with one nobody knows, it stays."""
    found = dict(row)
    for column, (ours, measured) in MEASURES.items():
        unit = found.get(column, "").strip()
        try:
            above, below = unit_factor(unit, ours)
            changed = {name: _text(Decimal(found[name]) * above / below) for name in measured if found.get(name)}
        except (ConfigError, InvalidOperation):
            continue
        if changed:
            found |= changed | {column: ours}
    return found


def with_units(record: Mapping[str, object], words: Mapping[str, str], columns: Collection[str]) -> dict[str, object]:
    """A record to be written, with the unit beside what is measured, where it names none and the template has a place.

    A number without its unit would be read in that of the item, whichever it is. `words`: column -> what it is called;
    `columns` in lower case.
    """
    units = {
        column: words[column]
        for column, (_, measured) in MEASURES.items()
        if column.lower() in columns
        and not record.get(column)
        and any(record.get(name) not in (None, "") for name in measured)
    }
    return {**record, **units}


def _text(number: Decimal) -> str:
    return format(number.quantize(Decimal("0.000001")).normalize(), "f")
