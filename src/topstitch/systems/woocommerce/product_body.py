"""A mapped product or variation as the shop takes it: every value cast and checked, since batches are not checked there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from topstitch.sdk import Connection, Record
from topstitch.systems.woocommerce.attributes import chosen, offered
from topstitch.systems.woocommerce.casts import barcode, flag, measure, money, one_of, refuse, sku, text, whole
from topstitch.systems.woocommerce.levels import sale_below
from topstitch.systems.woocommerce.lookups import Item, terms

Cast = Callable[[object, str], object]

_CASTS: dict[str, Cast] = {
    "regular_price": money,
    "sale_price": money,
    "weight": measure,
    "sku": sku,
    "global_unique_id": barcode,
    "stock_quantity": whole,
    "low_stock_amount": whole,
    "menu_order": whole,
    **dict.fromkeys(
        [
            "name",
            "slug",
            "description",
            "short_description",
            "tax_class",
            "shipping_class",
            "external_url",
            "button_text",
        ],
        text,
    ),
    **dict.fromkeys(["virtual", "downloadable", "featured", "sold_individually", "reviews_allowed"], flag),
    "status": partial(one_of, choices=("draft", "pending", "private", "publish", "future")),
    "catalog_visibility": partial(one_of, choices=("visible", "catalog", "search", "hidden")),
    "tax_status": partial(one_of, choices=("taxable", "shipping", "none")),
    "backorders": partial(one_of, choices=("no", "notify", "yes")),
    "stock_status": partial(one_of, choices=("instock", "outofstock", "onbackorder")),
}
#: What becomes of categories and tags that the shop lacks; of them and of attributes that a product has already.
LEAVE_OUT, REJECT = "leave out", "reject the product"
ADD, REPLACE = "keep and add", "replace"
#: Empty means "clear it" here; elsewhere an empty value is not sent.
_CLEARED = ("sale_price", "low_stock_amount")
#: Ours, or never to be sent.
_OURS = ("id", "parent_id", "parent_sku", "parent_name", "variations", "variations_data", "images", "image")


def product_body(
    conn: Connection, record: Mapping[str, Any], current: Mapping[str, Any] | None, options: Mapping[str, Any]
) -> Record:
    """The body of a product; `current` is what the shop has, None for a new one."""
    body = _common(conn, "products", record, current)
    for kind in ("categories", "tags"):
        if record.get(kind):
            body |= _terms(conn, kind, record[kind], (current or {}).get(kind) or (), options)
    held = (current or {}).get("attributes") or ()
    if attributes := offered(record, held, replace=options["held_terms"] == REPLACE):
        body["attributes"] = attributes
    if record.get("images") and (options["images"] or current is None):
        body["images"] = [_image(item) for item in record["images"] if item]
    return body


def _terms(conn: Connection, kind: str, given: object, held: Sequence[Record], options: Mapping[str, Any]) -> Record:
    """Nothing where none is to be changed: an empty list would take the product out of all of them."""
    found = terms(conn, kind, given, lenient=options["missing_terms"] != REJECT)
    if options["held_terms"] == ADD:
        known = {term["id"] for term in found}
        found += [{"id": term["id"]} for term in held if term["id"] not in known]
    return {kind: found} if found else {}


def variation_body(
    conn: Connection, record: Mapping[str, Any], current: Mapping[str, Any] | None, parent: Item, *, images: bool
) -> Record:
    """The body of a variation, below its parent."""
    body = _common(conn, "variants", record, current)
    if choices := [item for item in record.get("attributes") or () if item]:
        body["attributes"] = chosen(choices, parent, (current or {}).get("attributes") or ())
    if record.get("image") and (images or current is None):
        body["image"] = _image(record["image"])
    return body


def _common(conn: Connection, entity: str, record: Mapping[str, Any], current: Mapping[str, Any] | None) -> Record:
    locked = {field.path for field in conn.entry.fields(entity) if not field.writable}
    body: Record = {}
    for name, value in record.items():
        if name in _OURS or name in locked or name in ("categories", "tags", "attributes", "manage_stock"):
            continue
        blank = value is None or (isinstance(value, str) and not value.strip())
        if blank and name in _CLEARED:
            body[name] = "" if name == "sale_price" else None
        elif value is not None and not (blank and name in _CASTS):
            body[name] = _CASTS[name](value, name) if name in _CASTS else value
    body |= _stock(record, body)
    if isinstance(record.get("dimensions"), dict):
        sizes = record["dimensions"].items()
        body["dimensions"] = {side: measure(size, f"dimensions.{side}") for side, size in sizes if size is not None}
    if isinstance(record.get("meta_data"), list):
        body["meta_data"] = [{"key": m["key"], "value": m.get("value")} for m in record["meta_data"] if m.get("key")]
    if body.get("virtual"):
        # The shop empties them: what is virtual is not sent by post.
        body = {name: value for name, value in body.items() if name not in ("weight", "dimensions")}
    return body | sale_below(body, current or {})


def _stock(record: Mapping[str, Any], body: Mapping[str, Any]) -> Record:
    """A quantity is dropped in silence unless the product is told to count it."""
    managed = record.get("manage_stock")
    if managed == "parent":
        return {}
    if managed in (None, ""):
        return {"manage_stock": True} if "stock_quantity" in body else {}
    counts = flag(managed, "manage_stock")
    if not counts and "stock_quantity" in body:
        refuse("a quantity is given for a product whose stock is not counted (manage_stock is false)", "stock_quantity")
    return {"manage_stock": counts}


def _image(item: Mapping[str, Any] | str) -> Record:
    """An image of another system by its address; its id there means nothing here."""
    if isinstance(item, str):
        return {"src": item}
    names = ("src", "name", "alt") if item.get("src") else ("id", "name", "alt")
    return {name: item[name] for name in names if item.get(name)}
