"""Weights and lengths: exact factors (international yard and pound, 1959) and the names that systems use for units."""

from __future__ import annotations

from decimal import Decimal
from difflib import get_close_matches

from topstitch.errors import ConfigError
from topstitch.values.text import show

#: Unit -> grams.
WEIGHTS = {
    "mg": Decimal("0.001"),
    "g": Decimal(1),
    "kg": Decimal(1000),
    "t": Decimal(1000000),
    "oz": Decimal("28.349523125"),
    "lb": Decimal("453.59237"),
    "st": Decimal("6350.29318"),
}
#: Unit -> millimetres.
LENGTHS = {
    "mm": Decimal(1),
    "cm": Decimal(10),
    "m": Decimal(1000),
    "km": Decimal(1000000),
    "in": Decimal("25.4"),
    "ft": Decimal("304.8"),
    "yd": Decimal("914.4"),
    "mi": Decimal(1609344),
}
_NAMES = {
    "mg": "milligram milligrams milligramme",
    "g": "gram grams gramme grammes gr",
    "kg": "kilogram kilograms kilogramme kilogrammes kgs kilo kilos",
    "t": "tonne tonnes",
    "oz": "ounce ounces ozs",
    "lb": "pound pounds lbs",
    "st": "stone stones",
    "mm": "millimetre millimetres millimeter millimeters",
    "cm": "centimetre centimetres centimeter centimeters cms",
    "m": "metre metres meter meters",
    "km": "kilometre kilometres kilometer kilometers",
    "in": 'inch inches "',
    "ft": "foot feet",
    "yd": "yard yards",
    "mi": "mile miles",
}
_UNITS = {name: unit for unit, names in _NAMES.items() for name in (unit, *names.split())}


def unit_name(text: str) -> str:
    """The short name of a unit: `KILOGRAMS` -> `kg`. Raises ConfigError for one that is not known."""
    word = text.strip().lower().rstrip(".")
    if word in _UNITS:
        return _UNITS[word]
    close = get_close_matches(word, _UNITS, n=1)
    meant = f"; did you mean {close[0]!r}?" if close else "."
    raise ConfigError(f"{show(text)} is not a unit{meant} Known are: {', '.join(_NAMES)}")


def factor(from_unit: str, to_unit: str) -> tuple[Decimal, Decimal]:
    """(numerator, denominator) by which a measure is multiplied and divided; apart, so that nothing is rounded early.

    Raises ConfigError for unknown units and for a weight against a length.
    """
    source, target = unit_name(from_unit), unit_name(to_unit)
    for table in (WEIGHTS, LENGTHS):
        if source in table and target in table:
            return table[source], table[target]
    raise ConfigError(f"{source!r} and {target!r} do not measure the same thing")
