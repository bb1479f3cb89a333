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
#: Tags whose neutral value is a list of texts, however a system keeps it.
_PLAIN_LISTS = frozenset(["tags"])


def conversion(source: Field, destination: Field) -> Steps | None:
    """The steps, none when the value fits as it is; None when there is no honest way."""
    if is_list(source) or is_list(destination):
        return _lists(source, destination)
    if "[*]" in source.path and "[*]" not in destination.path:
        # Many values for one field: which one, only a person can say.
        return None
    if "enum" in (source.type, destination.type):
        return _choices(source, destination)
    make = _BY_TYPE.get(destination.type)
    return make(source, destination) if make else []


def is_list(field: Field) -> bool:
    """Whether one meaning has many plain values here: `tags`, or `tags[*].name` where each stands in an object."""
    return field.type == "array" or (field.tag in _PLAIN_LISTS and "[*]" in field.path)


def _lists(source: Field, destination: Field) -> Steps | None:
    if is_list(source):
        return [] if is_list(destination) else [Step(function="array.join", args={"delimiter": ", "})]
    return [Step(function="array.split", args={"delimiter": ","})] if destination.type == "array" else None


def _choices(source: Field, destination: Field) -> Steps | None:
    """Words of the one system in those of the other, where both say what their words mean; in a text, as they are."""
    if source.type == "enum" and destination.type == "text":
        return []
    if source.choices and source.choices == destination.choices:
        return []
    meanings = dict(source.means) if source.type == "enum" else _TRUTHS if source.type == "boolean" else {}
    if destination.type == "boolean" and set(meanings.values()) & _TRUTHS.keys():
        return [_translation(meanings, _TRUTHS, destination), *_boolean(_WORDS, destination)]
    wanted: dict[str, str] = {}
    for choice, meaning in destination.means:
        wanted.setdefault(meaning, choice)
    if not set(meanings.values()) & wanted.keys():
        return None
    read = _boolean(source, _TRUE_FALSE) if source.type == "boolean" else []
    return [*read, _translation(meanings, wanted, destination)]


def _translation(meanings: dict[str, str], wanted: dict[str, str], destination: Field) -> Step:
    """What the destination has no word for is left empty, or fails the record where there must be one."""
    rows = [
        {"match": "exact", "text": choice, "output": wanted[meaning]}
        for choice, meaning in meanings.items()
        if meaning in wanted
    ]
    no_match = "fail" if destination.required else "null"
    return Step(function="other.conditional", args={"rows": rows, "no_match": no_match})


_TRUTHS = {"true": "true", "false": "false"}
_WORDS = Field("", "text")
_TRUE_FALSE = Field("", "boolean", format="true/false")


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


def counts_minor_units(source: Field, destination: Field) -> bool:
    """Whether one of the two counts pence and the other pounds: then only the currency says how many to one."""
    money = source.type == "money" and destination.type == "money"
    return money and (source.format == "minor") != (destination.format == "minor")


def minor_units(source: Field) -> Steps:
    """The steps from an amount and its currency to the amount in the units of the destination."""
    return [Step(function="number.minor_units", args={"direction": "from" if source.format == "minor" else "to"})]


def _money(source: Field, destination: Field) -> Steps | None:
    if counts_minor_units(source, destination):
        return None
    if destination.format == "number" and source.format != "number":
        return [Step(function="other.to_decimal")]
    return []


def _country(source: Field, destination: Field) -> Steps:
    wanted = destination.format or "iso2"
    return [] if (source.format or "iso2") == wanted else [Step(function="other.country", args={"to": wanted})]


Make = Callable[[Field, Field], Steps | None]


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


def _language(source: Field, destination: Field) -> Steps:
    """`en-GB` as the web has it, or `en_GB` as computers do (format posix)."""
    if source.type != "language" or source.format == destination.format:
        return []
    ours, theirs = ("_", "-") if source.format == "posix" else ("-", "_")
    return [Step(function="string.replace", args={"find": ours, "replace_with": theirs})]


_BY_TYPE: dict[str, Make] = {
    "language": _language,
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
