"""Which functions turn a field of one system into the field of another that means the same."""

from __future__ import annotations

from collections.abc import Callable

from topstitch.engine.spec import Step
from topstitch.sdk.fields import Field

Steps = list[Step]
_NUMBERS = ("integer", "decimal", "money")


def conversion(source: Field, destination: Field) -> Steps | None:
    """The steps, none when the value fits as it is; None when there is no honest way."""
    if "[*]" in source.path and "[*]" not in destination.path:
        # Many values for one field: which one, only a person can say.
        return None
    if "enum" in (source.type, destination.type):
        return [] if source.choices and source.choices == destination.choices else None
    if source.type == "array" or destination.type == "array":
        return _lists(source, destination)
    make = _BY_TYPE.get(destination.type)
    return make(source, destination) if make else []


def _lists(source: Field, destination: Field) -> Steps | None:
    if source.type == destination.type:
        return []
    if destination.type == "array":
        return [Step(function="array.split", args={"delimiter": ","})]
    return [Step(function="array.join", args={"delimiter": ", "})]


def _date(source: Field, destination: Field) -> Steps:
    if source.format == destination.format:
        return []
    args: dict[str, object] = {"to_zone": "UTC"}
    if source.format:
        args["input_format"] = source.format
    if destination.format:
        args |= {"format": "custom", "custom": destination.format}
    else:
        args["format"] = "iso8601_utc"
    return [Step(function="date.format", args=args)]


def _money(source: Field, destination: Field) -> Steps:
    """Money as text, number or minor units. Minor units of currencies with two decimals, which a person may change."""
    if source.format == "minor" and destination.format != "minor":
        return [Step(function="number.from_minor_units", args={"currency": "GBP"})]
    if destination.format == "minor" and source.format != "minor":
        return [Step(function="number.to_minor_units", args={"currency": "GBP"})]
    if destination.format == "number" and source.format != "number":
        return [Step(function="other.to_decimal")]
    return []


def _country(source: Field, destination: Field) -> Steps:
    wanted = destination.format or "iso2"
    return [] if (source.format or "iso2") == wanted else [Step(function="other.country", args={"to": wanted})]


Make = Callable[[Field, Field], Steps]


def _measure(function: str) -> Make:
    def convert(source: Field, destination: Field) -> Steps:
        if not source.format or not destination.format or source.format == destination.format:
            return []
        args = {"from_unit": source.format, "to_unit": destination.format}
        return [Step(function=function, args=args)]

    return convert


def _boolean(source: Field, destination: Field) -> Steps:
    if source.type == "boolean" and source.format == destination.format:
        return []
    steps = [Step(function="other.to_boolean")]
    if destination.format and "/" in destination.format:
        yes, _, no = destination.format.partition("/")
        steps.append(Step(function="other.if_true", args={"yes": yes, "no": no}))
    return steps


def _number(source: Field, destination: Field) -> Steps:
    if source.type in _NUMBERS and source.format in ("", "number"):
        return []
    kind = "other.to_integer" if destination.type == "integer" else "other.to_decimal"
    return [Step(function=kind, args={"fraction": "half_up"} if kind == "other.to_integer" else {})]


_BY_TYPE: dict[str, Make] = {
    "datetime": _date,
    "date": _date,
    "money": _money,
    "country": _country,
    "weight": _measure("number.convert_weight"),
    "length": _measure("number.convert_length"),
    "boolean": _boolean,
    "integer": _number,
    "decimal": _number,
}
