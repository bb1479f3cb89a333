"""Products, variations, categories and tags of the practice shop, with the shop's way of cleaning what it is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from topstitch.sdk.practice import Reply, Request, Store
from topstitch.systems.woocommerce.practice_attributes import chosen, offered
from topstitch.systems.woocommerce.practice_wp import (
    Doc,
    Refusal,
    Rules,
    cleaned,
    invalid,
    is_old,
    listed,
    merge_meta,
    stamps,
    words,
)

STATUSES = ("draft", "pending", "private", "publish", "future")
TYPES = ("simple", "grouped", "external", "variable")
_PRICES = ("regular_price", "sale_price")
_PLAIN = (
    *("name", "slug", "description", "short_description", "featured", "catalog_visibility", "virtual", "downloadable"),
    *("tax_class", "sold_individually", "reviews_allowed", "backorders", "weight", "dimensions"),
    *("menu_order", "external_url", "button_text", "shipping_class", "low_stock_amount"),
)
_NOT_OF_VARIATIONS = (
    *("images", "categories", "tags", "variations", "short_description", "slug", "featured", "catalog_visibility"),
    *("reviews_allowed", "sold_individually"),
)
_NOT_IN_OLD = ("type", "parent_id", "name", "global_unique_id")
_SCHEMA: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "sku": str,
    "regular_price": str,
    "sale_price": str,
    "weight": str,
    "featured": bool,
    "virtual": bool,
    "categories": list,
    "images": list,
    "attributes": list,
    "meta_data": list,
}


def query_products(request: Request) -> Reply:
    """GET /products. Variations are shown only to who asks by SKU."""
    params, docs = request.params, request.store.all("products")
    if params.get("type") == "variation":
        raise invalid("type", "type is not one of simple, grouped, external, variable.", "rest_not_in_enum")
    if params.get("sku"):
        skus = {sku.casefold() for sku in [*params["sku"].split(","), params["sku"]]}
        docs = [doc for doc in docs if doc["sku"].casefold() in skus]
    else:
        docs = [doc for doc in docs if doc["type"] != "variation"]
    for name in ("type", "status", "stock_status", "slug"):
        if params.get(name) not in (None, "any"):
            docs = [doc for doc in docs if doc[name] == params[name]]
    for name, kind in (("category", "categories"), ("tag", "tags")):
        if params.get(name):
            docs = [doc for doc in docs if any(str(term["id"]) in words(params[name]) for term in doc[kind])]
    return listed(
        request, [doc for doc in docs if doc["status"] != "trash"], Rules(orderby=(*Rules().orderby, "price"))
    )


def query_variations(request: Request) -> Reply:
    """GET /products/{id}/variations, or of all products."""
    parent = request.args.get("pid")
    skus = {sku.casefold() for sku in words(request.params.get("sku", ""))}
    # Asked for a SKU, the list of all variations shows products too.
    docs = request.store.all("products", lambda doc: doc["type"] == "variation" or bool(skus))
    if parent:
        need_product(request.store, parent, 404)
        docs = [doc for doc in docs if doc["parent_id"] == int(parent)]
    for name in ("status", "stock_status"):
        if request.params.get(name):
            docs = [doc for doc in docs if doc[name] == request.params[name]]
    if skus:
        docs = [doc for doc in docs if doc["sku"].casefold() in skus]
    return listed(request, [as_variation(request.store, doc) for doc in docs])


def as_variation(store: Store, doc: Doc) -> Doc:
    """A variation below its product; the old shop leaves the parent to the path."""
    hidden = _NOT_OF_VARIATIONS + (_NOT_IN_OLD if is_old(store) else ())
    shown = {name: value for name, value in doc.items() if name not in hidden}
    if is_old(store):
        shown["attributes"] = [{name: one[name] for name in ("id", "name", "option")} for one in doc["attributes"]]
    return shown | {"image": (doc.get("images") or [None])[0]}


def need_product(store: Store, id: object, status: int) -> Doc:
    """A product; an unknown id is 404 to who reads and 400 to who writes."""
    doc = store.get("products", id)
    if doc is None or doc["status"] == "trash":
        raise Refusal("woocommerce_rest_product_invalid_id", "Invalid ID.", status)
    return doc


def create_product(store: Store, body: Doc, *, strict: bool) -> Doc:
    """A new product."""
    if body.get("id"):
        raise Refusal("woocommerce_rest_product_exists", "Cannot create existing product.")
    doc = blank(store.next_id("post", 2000), "simple")
    stamps(store, doc, "date_created")
    return change_product(store, doc, body, strict=strict)


def update_product(store: Store, id: object, body: Doc, *, strict: bool) -> Doc:
    """A change of a product; variations are changed below theirs."""
    doc = need_product(store, id, 400)
    if doc["type"] == "variation":
        message = "To manipulate product variations you should use the /products/<product_id>/variations/<id> endpoint."
        raise Refusal("woocommerce_rest_invalid_product_id", message, 404)
    return change_product(store, doc, body, strict=strict)


def create_variation(store: Store, parent: str, body: Doc, *, strict: bool) -> Doc:
    """A new variation."""
    above = need_product(store, parent, 404)
    doc = blank(store.next_id("post", 2000), "variation") | {
        "parent_id": int(parent),
        "name": above["name"],
        "attributes": [],
    }
    stamps(store, doc, "date_created")
    return as_variation(store, change_product(store, doc, body, strict=strict))


def update_variation(store: Store, parent: str, id: object, body: Doc, *, strict: bool) -> Doc:
    """A change of a variation. In batches the old shop does not look whose it is, the new one does."""
    doc = store.get("products", id)
    foreign = doc is not None and doc["parent_id"] != int(parent)
    if doc is None or (foreign and (strict or not is_old(store))):
        raise Refusal("woocommerce_rest_product_variation_invalid_id", "Invalid ID.", 404 if foreign else 400)
    return as_variation(store, change_product(store, doc, body, strict=strict))


def change_product(store: Store, doc: Doc, body: Doc, *, strict: bool) -> Doc:
    """Take a body over. A request of its own is checked against the schema, an item of a batch is cleaned in silence."""
    if strict:
        _check(body)
    if body.get("sku") not in (None, ""):
        doc["sku"] = cleaned(body["sku"])
        _unique_sku(store, doc, doc["sku"])
    if body.get("global_unique_id") is not None and not is_old(store):
        doc["global_unique_id"] = re.sub(r"[^0-9-]", "", str(body["global_unique_id"]))
        _unique_barcode(store, doc)
    if body.get("tax_status") and doc["type"] != "variation":
        doc["tax_status"] = body["tax_status"]
    doc |= {name: body[name] for name in _PLAIN if body.get(name) is not None}
    if body.get("status"):
        doc["status"] = body["status"] if body["status"] in STATUSES else "draft"
    if body.get("type") in TYPES and doc["type"] != "variation":
        doc["type"] = body["type"]
    if body.get("virtual") is True:
        doc |= {"weight": "", "dimensions": {"length": "", "width": "", "height": ""}}
    _prices(doc, body)
    _stock(store, doc, body)
    _relations(store, doc, body)
    merge_meta(store, doc, body.get("meta_data") or [])
    stamps(store, doc, "date_modified")
    store.put("products", doc["id"], doc)
    if doc["type"] == "variation":
        _tell_parent(store, doc)
    return doc


def _check(body: Mapping[str, Any]) -> None:
    for name, kinds in _SCHEMA.items():
        if body.get(name) is not None and not isinstance(body[name], kinds):
            raise invalid(
                name, f"{name} is not of type {'string' if kinds is str else getattr(kinds, '__name__', 'value')}."
            )
    if body.get("status") is not None and body["status"] not in STATUSES:
        raise invalid("status", f"status is not one of {', '.join(STATUSES)}.", "rest_not_in_enum")
    quantity = body.get("stock_quantity")
    if quantity is not None and not (
        isinstance(quantity, int) or (isinstance(quantity, float) and quantity.is_integer())
    ):
        raise invalid("stock_quantity", "stock_quantity is not of type integer.")


def _unique_sku(store: Store, doc: Doc, sku: str) -> None:
    owner = store.first("products", lambda one: one["sku"].casefold() == sku.casefold() and one["id"] != doc["id"])
    if owner and owner["status"] != "trash":
        data = {"resource_id": owner["id"], "unique_sku": f"{sku}-1"}
        raise Refusal("product_invalid_sku", "Invalid or duplicated SKU.", 400, data)


def _unique_barcode(store: Store, doc: Doc) -> None:
    code = doc["global_unique_id"]
    owner = store.first("products", lambda one: one["global_unique_id"] == code and one["id"] != doc["id"])
    if code and owner and owner["status"] != "trash":
        message = "Invalid or duplicated GTIN, UPC, EAN or ISBN."
        raise Refusal("product_invalid_global_unique_id", message, 400, {"resource_id": owner["id"]})


def _prices(doc: Doc, body: Mapping[str, Any]) -> None:
    for name in _PRICES:
        if body.get(name) is not None:
            cleaned = re.sub(r"[^0-9.\-]", "", str(body[name]))
            doc[name] = cleaned if re.fullmatch(r"-?\d*\.?\d+", cleaned) else ""
    if doc["type"] == "variable":
        doc["regular_price"] = doc["sale_price"] = ""
        return
    if doc["sale_price"] and (not doc["regular_price"] or Decimal(doc["sale_price"]) >= Decimal(doc["regular_price"])):
        doc["sale_price"] = ""
    doc["price"], doc["on_sale"] = doc["sale_price"] or doc["regular_price"], bool(doc["sale_price"])


def _stock(store: Store, doc: Doc, body: Mapping[str, Any]) -> None:
    if body.get("manage_stock") is not None:
        doc["manage_stock"] = bool(body["manage_stock"])
    if doc["manage_stock"] is True:
        if body.get("stock_quantity") is not None:
            text = str(body["stock_quantity"])
            doc["stock_quantity"] = int(float(text)) if re.fullmatch(r"-?\d+(\.\d+)?", text) else 0
        quantity = doc["stock_quantity"] = doc["stock_quantity"] or 0
        doc["stock_status"] = (
            "instock" if quantity > 0 else "outofstock" if doc["backorders"] == "no" else "onbackorder"
        )
    else:
        doc["stock_quantity"] = None
        doc["stock_status"] = body.get("stock_status") or doc["stock_status"]
        doc |= _of_parent(store, doc) if doc["type"] == "variation" else {}
    doc |= {"backorders_allowed": doc["backorders"] != "no", "backordered": doc["stock_status"] == "onbackorder"}


def _of_parent(store: Store, variation: Doc) -> Doc:
    """A variation whose stock is not counted shows that of its product, where that is, and takes no back-orders itself."""
    parent = store.get("products", variation["parent_id"])
    if not parent or parent["manage_stock"] is not True:
        return {"manage_stock": False, "backorders": "no"}
    return {
        "manage_stock": "parent",
        **{name: parent[name] for name in ("stock_quantity", "stock_status", "backorders")},
    }


def _relations(store: Store, doc: Doc, body: Mapping[str, Any]) -> None:
    for kind in ("categories", "tags"):
        if body.get(kind) is not None:
            found = [store.get(kind, item.get("id")) for item in body[kind]]
            doc[kind] = [{name: term[name] for name in ("id", "name", "slug")} for term in found if term]
    if body.get("images") is not None:
        doc["images"] = [
            {
                "id": item.get("id") or store.next_id("post", 2000),
                "src": item.get("src", ""),
                "name": item.get("name", ""),
                "alt": item.get("alt", ""),
            }
            for item in body["images"]
        ]
    if body.get("attributes") is not None:
        parent = store.get("products", doc["parent_id"]) if doc["type"] == "variation" else None
        doc["attributes"] = chosen(store, parent, body) if parent else offered(store, body)


def _tell_parent(store: Store, doc: Doc) -> None:
    """The product's own date moves with its variations, and its price is the lowest of theirs."""
    parent = store.get("products", doc["parent_id"])
    if parent:
        children = store.all("products", lambda one: one["parent_id"] == parent["id"] and one["type"] == "variation")
        parent["variations"] = [one["id"] for one in children]
        prices = sorted((Decimal(one["price"]), one["price"]) for one in children if one["price"])
        parent["price"] = prices[0][1] if prices else ""
        store.put("products", parent["id"], stamps(store, parent, "date_modified"))


def blank(id: int, kind: str) -> Doc:
    """A product with nothing in it."""
    return {
        "id": id, "name": "", "slug": "", "permalink": f"https://shop.example.com/?p={id}", "type": kind, "status": "publish",
        "featured": False, "catalog_visibility": "visible", "description": "", "short_description": "", "sku": "",
        "global_unique_id": "", "price": "", "regular_price": "", "sale_price": "", "date_on_sale_from_gmt": None,
        "date_on_sale_to_gmt": None, "on_sale": False, "virtual": False, "downloadable": False, "tax_status": "taxable",
        "tax_class": "", "manage_stock": False, "stock_quantity": None, "stock_status": "instock", "backorders": "no",
        "backorders_allowed": False, "backordered": False, "low_stock_amount": None,
        "sold_individually": False, "weight": "", "shipping_class": "", "shipping_class_id": 0,
        "dimensions": {"length": "", "width": "", "height": ""}, "reviews_allowed": True, "parent_id": 0, "categories": [],
        "tags": [], "images": [], "attributes": [], "variations": [], "menu_order": 0, "meta_data": [],
    }  # fmt: skip
