"""Which functions turn a field of one system into the field of another that means the same."""

from __future__ import annotations

from collections.abc import Callable

from topstitch.engine.spec import Step
from topstitch.sdk.fields import Field
from topstitch.values.truth import TRUE_WORDS

Steps = list[Step]
_NUMBERS = ("integer", "decimal", "money")
#: Half a piece can be in stock, but not be sold: of these tags only whole pieces count. Elsewhere a fraction is a fault.
_STOCK = frozenset(["available", "on_hand", "quantity", "stock.quantity", "variants[*].quantity"])


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
        # Systems that write dates in a format of their own without an offset mean UTC, unless their reader says otherwise.
        args |= {"input_format": source.format, "from_zone": "UTC"}
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
    read, write = source.format.partition("/"), destination.format.partition("/")
    known = source.type == "boolean" and read[1] and read[0].lower() not in TRUE_WORDS
    steps = [Step(function="other.to_boolean", args={"true_words": read[0], "false_words": read[2]} if known else {})]
    if write[1]:
        steps.append(Step(function="other.to_text"))
        words = (("true", write[0]), ("false", write[2]))
        steps += [Step(function="string.replace", args={"find": a, "replace_with": b}) for a, b in words if a != b]
    return steps


def _number(source: Field, destination: Field) -> Steps:
    if destination.type == "integer" and source.type != "integer":
        return [Step(function="other.to_integer", args={"fraction": "down" if destination.tag in _STOCK else "fail"})]
    if source.type in _NUMBERS and source.format in ("", "number"):
        return []
    return [Step(function="other.to_decimal")]


def _text(source: Field, destination: Field) -> Steps:
    """Markup of a shop's page is read by people elsewhere."""
    marked_up = source.type == "text" and source.format == "html" and destination.format != "html"
    return [Step(function="string.strip_html")] if marked_up else []


_BY_TYPE: dict[str, Make] = {
    "text": _text,
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
