"""Attributes: those of a product, which the shop replaces as a whole, and the choices of its variations.

The shop knows a global attribute by its id alone: sent by name it becomes one of the product's own, and a variation's
choice of it is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import unescape
from typing import Any

from topstitch.sdk import MissingReference, Record
from topstitch.systems.woocommerce.casts import flag, whole
from topstitch.systems.woocommerce.lookups import Item, fold

Attribute = Mapping[str, Any]


def find(item: Attribute, among: Iterable[Attribute]) -> Attribute | None:
    """The attribute that an item means: by their ids where both have one, else by name, or by the shop's `slug` of it."""
    return next((one for one in among if _is_same(one, item)), None)


def _is_same(one: Attribute, other: Attribute) -> bool:
    if one.get("id") and other.get("id"):
        return str(one["id"]) == str(other["id"])
    return bool(_names(one) & _names(other))


def _names(item: Attribute) -> set[str]:
    return {fold(unescape(str(item[name]))) for name in ("name", "slug") if item.get(name)}


def offered(record: Attribute, held: Sequence[Attribute], *, replace: bool = False) -> list[Record]:
    """All attributes that a product is to have, as the shop takes them; none where the record tells of none.

    Those `held` stay unless `replace`, the others come behind them.
    """
    known = [(item, find(item, held)) for item in _wanted(record, held)]
    if not known:
        return []
    pairs: list[tuple[Attribute, Attribute]] = [(item, mine or {}) for item, mine in known if mine is None or replace]
    if not replace:
        pairs = [*((next((item for item, mine in known if mine is one), one), one) for one in held), *pairs]
    made = [_sent(item, mine, n, replace=replace) for n, (item, mine) in enumerate(pairs)]
    return [one for one in made if one["options"]]


def _wanted(record: Attribute, held: Sequence[Attribute]) -> list[Record]:
    """What the record tells, each attribute offering every option that the variations inside choose."""
    inside = record.get("variations_data") or ()
    choices = [item for one in inside for item in one.get("attributes") or ()]
    found: list[Record] = []
    for given in (item for item in [*(record.get("attributes") or ()), *choices] if item):
        known = find(given, held) or {}
        item = {**given, **{name: known[name] for name in ("id", "name", "slug") if known.get(name)}}
        mine = next((one for one in found if _is_same(one, item)), None)
        if mine is None:
            mine = item | {"options": _options(item.get("options"))}
            found.append(mine)
        if "option" in given:
            mine |= {"variation": True, "options": _joined(mine["options"], _options(given["option"]))}
    return found


def _sent(item: Attribute, held: Attribute, place: int, *, replace: bool) -> Record:
    """One attribute with every flag: what the record does not tell is as it was. The shop takes silence for no."""

    def told(name: str, otherwise: object) -> object:
        return next((one[name] for one in (item, held) if one.get(name) not in (None, "")), otherwise)

    options, before = _options(item.get("options")), _options(held.get("options"))
    varied = flag(told("variation", False), "attributes[].variation")
    if varied and not replace:
        # Variations that are not in the record need the options that they chose.
        options = _joined(before, options)
    return {
        **({"id": whole(item["id"], "attributes[].id")} if item.get("id") else {}),
        **({"name": str(item["name"])} if item.get("name") else {}),
        "position": whole(told("position", place), "attributes[].position"),
        "visible": flag(told("visible", True), "attributes[].visible"),
        "variation": varied,
        "options": options or before,
    }


def _options(given: object) -> list[str]:
    many = given if isinstance(given, list | tuple) else [given]
    return [str(option) for option in many if option is not None and option != ""]


def _joined(options: Sequence[str], more: Sequence[str]) -> list[str]:
    known = {fold(unescape(option)) for option in options}
    return [*options, *(option for option in more if fold(unescape(option)) not in known)]


def chosen(given: Iterable[Attribute], parent: Item, held: Iterable[Attribute]) -> list[Record]:
    """The choices of a variation, each under what its product knows the attribute by; those `held` stay.

    Raises MissingReference for an attribute in which the product does not vary: the shop drops such a choice.
    """
    varied = [item for item in parent.record.get("attributes") or () if item.get("variation")]
    made = []
    for item in given:
        mine = find(item, varied)
        if mine is None:
            name = item.get("name") or item.get("id")
            raise MissingReference(f"product {parent.id} does not vary in {name!r}", field="attributes")
        made.append(_choice(mine, item))
    kept = [(find(one, varied), one) for one in held if not find(one, made)]
    return [*(_choice(mine, one) for mine, one in kept if mine), *made]


def _choice(mine: Attribute, item: Attribute) -> Record:
    known = {"id": mine["id"]} if mine.get("id") else {"name": mine.get("name")}
    return {**known, "option": str(item.get("option") or "")}


def dropped(sent: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """The name of an attribute that was sent and is not in the shop's answer, "" when all are."""
    kept = answer.get("attributes") or ()
    lost = [item for item in sent.get("attributes") or () if item.get("option") != "" and not find(item, kept)]
    return str(lost[0].get("name") or lost[0]["id"]) if lost else ""
