"""Attributes of the practice shop: global ones under their id, a product's own under a key made of their name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from html import unescape
from typing import Any

from topstitch.sdk.practice import Store
from topstitch.systems.woocommerce.practice_wp import Doc


def key_of(name: object) -> str:
    """A name as WordPress makes a key of it."""
    plain = unicodedata.normalize("NFKD", unescape(str(name))).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-")


def offered(store: Store, body: Mapping[str, Any]) -> list[Doc]:
    """What a product is to have, in place of what it had. A flag that is not given is off."""
    made = {key_of(one["slug"]): one for item in body["attributes"] if (one := _offer(store, item))}
    return sorted(made.values(), key=lambda one: int(one["position"]))


def _offer(store: Store, item: Mapping[str, Any]) -> Doc | None:
    """A global one needs an option, one of the product's own a name and a list, be it empty."""
    options = item.get("options")
    many = options if isinstance(options, list) else str(options or "").split("|")
    shared = store.get("attributes", item["id"]) if item.get("id") else None
    if item.get("id"):
        many = [option for option in many if str(option).strip()]
    if (item.get("id") and not (shared and many)) or not (item.get("id") or (item.get("name") and options is not None)):
        return None
    known = shared or {"id": 0, "name": item["name"], "slug": item["name"]}
    flags = {name: bool(item.get(name)) for name in ("visible", "variation")}
    names = {name: known[name] for name in ("id", "name", "slug")}
    return names | {"position": int(item.get("position") or 0), **flags, "options": [str(one) for one in many]}


def chosen(store: Store, parent: Mapping[str, Any], body: Mapping[str, Any]) -> list[Doc]:
    """What a variation is to choose, in place of what it chose. What its product does not vary in is dropped.

    A global attribute is looked for by its id, one of the product's own by its name; nothing chosen is not told.
    """
    varied = {key_of(one["slug"]): one for one in parent["attributes"] if one["variation"]}
    made: dict[str, Doc] = {}
    for item in body["attributes"]:
        shared = store.get("attributes", item["id"]) if item.get("id") else None
        key = key_of(shared["slug"] if shared else "" if item.get("id") else item.get("name", ""))
        if key in varied:
            option = str(item.get("option") or "").strip()
            shown = _term(store, varied[key]["id"], option) if varied[key]["id"] else option
            made[key] = {"id": varied[key]["id"], "name": varied[key]["name"], "slug": key, "option": shown}
    return [one for one in made.values() if one["option"]]


def _term(store: Store, attribute: int, option: str) -> str:
    """The term of a global attribute; one that no product has becomes a bare key."""
    rows = (one for doc in store.all("products") for one in doc["attributes"] if one["id"] == attribute)
    terms: dict[str, str] = {term.casefold(): term for one in rows for term in one.get("options", ())}
    return terms.get(option.casefold(), key_of(option))
