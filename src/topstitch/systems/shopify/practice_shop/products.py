"""Mutations on products, variants, customers and metafields."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from topstitch.systems.shopify.practice_shop.builders import (
    Doc,
    add_metafield,
    gid,
    now,
    number_of,
    owner_type,
    put,
    save_customer,
    save_level,
    save_product,
    save_variant,
    text,
)
from topstitch.systems.shopify.practice_shop.execute import Args, Context, Denied
from topstitch.systems.shopify.practice_shop.orders import mailing_address
from topstitch.systems.shopify.practice_shop.payload import Refused, mutation
from topstitch.systems.shopify.practice_shop.reads import find_by, variants_of

_PLAIN = "title handle descriptionHtml vendor productType status tags templateSuffix"
_PRODUCTS = ("write_products",)


@mutation("productSet", *_PRODUCTS)
def _set(context: Context, args: Args) -> Doc:
    given, identifier = args["input"], args.get("identifier") or {}
    product = None
    for name, value in identifier.items():
        product = find_by(context, "Product", name, value)
        if name == "id" and not product:
            raise Refused("Product does not exist", "identifier", "id", code="PRODUCT_DOES_NOT_EXIST")
        if name == "handle" and given.get("handle", value) != value:
            raise Refused("The handle in the input does not match", "input", "handle", code="INPUT_MISMATCH")
    if bool(given.get("variants")) != bool(given.get("productOptions")):
        missing = "productOptions" if given.get("variants") else "variants"
        raise Refused(
            f"{missing} must be given too",
            "input",
            missing,
            code=f"{'PRODUCT_OPTIONS' if given.get('variants') else 'VARIANTS'}_INPUT_MISSING",
        )
    product = _save(context, product, {**({"handle": identifier["handle"]} if "handle" in identifier else {}), **given})
    if given.get("variants"):
        _replace_variants(context, product, given)
    for field in given.get("metafields") or []:
        _metafield(context, product["id"], field, "input")
    return {"product": context.store.get("Product", product["id"])}


def _save(context: Context, product: Doc | None, given: Doc) -> Doc:
    if not product and not (given.get("title") or "").strip():
        raise Refused("Title can't be blank", "input", "title", code="MISSING_FIELD_REQUIRED")
    plain = {name: given[name] for name in _PLAIN.split() if given.get(name) is not None}
    if "descriptionHtml" in plain:
        plain["description"] = re.sub(r"<[^>]+>", "", plain["descriptionHtml"])
    handle = plain.get("handle") or (None if product else _slug(given["title"]))
    taken = context.store.first("Product", lambda doc: doc["handle"] == handle)
    if taken and (not product or taken["id"] != product["id"]):
        if given.get("handle"):
            raise Refused(f"Handle '{handle}' already in use.", "input", "handle", code="HANDLE_NOT_UNIQUE")
        handle = f"{handle}-1"
    if handle:
        plain["handle"] = handle
    options = [
        {"name": option["name"], "values": [v["name"] for v in option.get("values") or []]}
        for option in given.get("productOptions") or []
    ]
    if given.get("files") is not None:
        plain["_media"] = [_file(context, product or {}, each) for each in given["files"]]
    elif given.get("_media"):
        plain["_media"] = (product or {}).get("_media", []) + [
            _image(context, product or {}, each) for each in given["_media"]
        ]
    base = product or {
        "id": gid("Product", context.store.next_id("product", 2001)), "createdAt": now(), "vendor": "Fern & Fable",
        "productType": "", "status": "ACTIVE", "tags": [], "description": "", "descriptionHtml": "",
        "options": [{"name": "Title", "values": ["Default Title"]}],
    }  # fmt: skip
    saved = {**base, **plain, **({"options": options} if options else {}), "updatedAt": now()}
    return save_product(context.store, saved)


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _file(context: Context, product: Doc, given: Doc) -> Doc:
    """A file of `files`: one that the product has, by its id, or a new one."""
    if not given.get("id"):
        return _image(context, product, given)
    known = next((each for each in product.get("_media", []) if each["id"] == given["id"]), None)
    if not known:
        raise Refused("File does not exist", "input", "files", code="INVALID_INPUT")
    return {**known, **({"alt": given["alt"]} if "alt" in given else {})}


def _image(context: Context, product: Doc, given: Doc) -> Doc:
    """A new image. The shop keeps a copy under the name of its file, or one like it when another product has that name."""
    number = context.store.next_id("media", 601)
    name = PurePosixPath(urlsplit(given["originalSource"]).path)
    others = context.store.all("Product", lambda doc: doc["id"] != product.get("id"))
    files = [each["image"]["url"] for other in others for each in other["_media"] if each.get("image")]
    taken = any(PurePosixPath(urlsplit(each).path).name == name.name for each in files)
    kept = f"{name.stem}_{uuid4()}{name.suffix}" if taken else name.name
    url = f"https://cdn.shopify.com/s/files/1/0001/0001/files/{kept}?v=1767600000"
    image = {"id": gid("ImageSource", number), "url": url, "altText": given.get("alt"), "width": 10, "height": 10}
    kind = {
        "__typename": "MediaImage",
        "id": gid("MediaImage", number),
        "mediaContentType": "IMAGE",
        "status": "READY",
    }
    return {**kind, "alt": given.get("alt"), "image": image}


def _replace_variants(context: Context, product: Doc, given: Doc) -> None:
    old = variants_of(context, product["id"])
    kept = set()
    for place, each in enumerate(given["variants"]):
        options = _options(product, each, ("input", "variants", place))
        match = next((v for v in old if v["id"] == each.get("id") or (not each.get("id") and _same(v, options))), None)
        if each.get("id") and not match:
            raise Refused(
                "Product variant does not exist",
                "input",
                "variants",
                place,
                "id",
                code="PRODUCT_VARIANT_DOES_NOT_EXIST",
            )
        variant = _save_variant(context, product, match, each, options, place + 1, ("input", "variants", place))
        kept.add(variant["id"])
    for variant in old:
        if variant["id"] not in kept:
            _drop(context, variant)


def _drop(context: Context, variant: Doc) -> None:
    for level in context.store.all("InventoryLevel", lambda doc: doc["_item"] == variant["_item"]):
        context.store.delete("InventoryLevel", level["id"])
    context.store.delete("InventoryItem", variant["_item"])
    context.store.delete("ProductVariant", variant["id"])


def _same(variant: Doc, options: list[tuple[str, str]]) -> bool:
    return [(o["name"], o["value"]) for o in variant["selectedOptions"]] == options


def _options(product: Doc, each: Doc, where: tuple[Any, ...]) -> list[tuple[str, str]]:
    given = {v.get("optionName"): v.get("name") for v in each.get("optionValues") or []}
    names = [option["name"] for option in product["options"]]
    for name in given:
        if name not in names:
            raise Refused(f"Option does not exist: {name}", *where, "optionValues", code="OPTION_DOES_NOT_EXIST")
    if set(given) != set(names):
        raise Refused("You need to add option values", *where, "optionValues", code="NEED_TO_ADD_OPTION_VALUES")
    return [(name, str(given[name])) for name in names]


def _save_variant(
    context: Context,
    product: Doc,
    old: Doc | None,
    each: Doc,
    options: list[tuple[str, str]],
    place: int,
    where: tuple[Any, ...],
) -> Doc:
    for name in ("price", "compareAtPrice"):
        if each.get(name) is not None and float(each[name]) < 0:
            raise Refused("Price must be greater than or equal to 0", *where, name, code="GREATER_THAN_OR_EQUAL_TO")
    item = each.get("inventoryItem") or {}
    sku = each.get("sku", item.get("sku", old and old["sku"]))
    if old is None:
        number = context.store.next_id("variant", 6001)
        old = save_variant(context.store, product, number, sku, each.get("price") or "0", options, place)
        for level in context.store.all("InventoryLevel", lambda doc: doc["_item"] == old["_item"]):
            context.store.delete("InventoryLevel", level["id"])
        save_level(context.store, old["_item"], gid("Location", 1), 0, now())
        old |= {"barcode": None, "compareAtPrice": None}
    for level in each.get("inventoryQuantities") or []:
        amount = level.get("quantity", level.get("availableQuantity"))
        save_level(context.store, old["_item"], level["locationId"], amount, now())
    stock = context.store.get("InventoryItem", old["_item"]) or {}
    cost = {"unitCost": {"amount": text(item["cost"]), "currencyCode": "GBP"}} if item.get("cost") is not None else {}
    weight = {"measurement": {**stock["measurement"], **item["measurement"]}} if item.get("measurement") else {}
    tracked = {"tracked": item["tracked"]} if "tracked" in item else {}
    put(context.store, "InventoryItem", {**stock, **cost, **weight, **tracked, "sku": sku, "updatedAt": now()})
    plain = {n: each[n] for n in ("barcode", "taxable", "inventoryPolicy") if each.get(n) is not None}
    money: Doc = {n: each[n] and text(each[n]) for n in ("price", "compareAtPrice") if n in each}
    title = " / ".join(value for _, value in options)
    selected = {"selectedOptions": [{"name": n, "value": v} for n, v in options], "title": title, "position": place}
    saved = put(context.store, "ProductVariant", {**old, **plain, **money, **selected, "sku": sku, "updatedAt": now()})
    for field in each.get("metafields") or []:
        _metafield(context, saved["id"], field, *where)
    return saved


@mutation("productCreate", *_PRODUCTS)
def _create(context: Context, args: Args) -> Doc:
    given = args.get("product") or {}
    product = _save(context, None, {**given, "_media": args.get("media")})
    options = [(option["name"], option["values"][0]) for option in product["options"]]
    _save_variant(context, product, None, {}, options, 1, ("product",))
    for field in given.get("metafields") or []:
        _metafield(context, product["id"], field, "product")
    return {"product": context.store.get("Product", product["id"])}


@mutation("productUpdate", *_PRODUCTS)
def _update(context: Context, args: Args) -> Doc:
    given = args.get("product") or {}
    product = context.store.get("Product", given.get("id"))
    if not product:
        raise Refused("Product does not exist", "id")
    return {"product": _save(context, product, {**given, "_media": args.get("media")})}


@mutation("productVariantsBulkCreate", *_PRODUCTS)
def _bulk_create(context: Context, args: Args) -> Doc:
    product = _product(context, args)
    old = variants_of(context, product["id"])
    rows = []
    for place, each in enumerate(args["variants"]):
        where = ("variants", place)
        options = _options(product, each, where)
        standalone = args.get("strategy") == "REMOVE_STANDALONE_VARIANT" and len(old) == 1
        if not standalone and any(_same(v, options) for v in old):
            raise Refused(f"The variant '{options[0][1]}' already exists.", *where, code="VARIANT_ALREADY_EXISTS")
        rows.append((each, options))
    if args.get("strategy") == "REMOVE_STANDALONE_VARIANT" and len(old) == 1:
        _drop(context, old.pop())
    made = [
        _save_variant(context, product, None, each, options, len(old) + i, ("variants", i - 1))
        for i, (each, options) in enumerate(rows, 1)
    ]
    return {"product": context.store.get("Product", product["id"]), "productVariants": made}


@mutation("productVariantsBulkUpdate", *_PRODUCTS)
def _bulk_update(context: Context, args: Args) -> Doc:
    product = _product(context, args)
    old = {v["id"]: v for v in variants_of(context, product["id"])}
    made, errors = [], []
    for place, each in enumerate(args["variants"]):
        where = ("variants", place)
        try:
            variant = old.get(each.get("id"))
            if not variant:
                raise Refused("Product variant does not exist", *where, "id", code="PRODUCT_VARIANT_DOES_NOT_EXIST")
            if each.get("inventoryQuantities"):
                raise Refused("Inventory quantities can only be provided during create.", *where, "inventoryQuantities")
            options = [(o["name"], o["value"]) for o in variant["selectedOptions"]]
            if each.get("optionValues"):
                options = _options(product, each, where)
            made.append(_save_variant(context, product, variant, each, options, variant["position"], where))
        except Refused as refused:
            if not args.get("allowPartialUpdates"):
                raise
            errors.append(refused.error)
    return {"product": product, "productVariants": made, "userErrors": errors}


def _product(context: Context, args: Args) -> Doc:
    product = context.store.get("Product", args["productId"])
    if not product:
        raise Refused("Product does not exist", "productId", code="PRODUCT_DOES_NOT_EXIST")
    if len(args["variants"]) > 250:
        raise Denied(
            "The input array size of variants is greater than the maximum allowed of 250.", "MAX_INPUT_SIZE_EXCEEDED"
        )
    return product


@mutation("customerSet", "write_customers")
def _customer(context: Context, args: Args) -> Doc:
    given, customer = args["input"], None
    for name, value in (args.get("identifier") or {}).items():
        customer = find_by(context, "Customer", name, value)
        if name == "id" and not customer:
            raise Refused("Customer does not exist", "identifier", "id", code="NOT_FOUND")
        if name in ("email", "phone") and given.get(name, value) != value:
            raise Refused(f"The {name} in the input does not match", "input", name, code="INPUT_MISMATCH")
    if given.get("email") and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", given["email"]):
        raise Refused("Email is invalid", "input", "email")
    if given.get("phone") and not re.fullmatch(r"\+?[\d\s().-]{7,}", given["phone"]):
        raise Refused("Phone is invalid", "input", "phone")
    for name in ("email", "phone"):
        taken = given.get(name) and find_by(context, "Customer", name, given[name])
        if taken and (not customer or taken["id"] != customer["id"]):
            raise Refused(f"{name.title()} has already been taken", "input", name, code="TAKEN")
    base = customer or {
        "id": gid("Customer", context.store.next_id("customer", 900)), "createdAt": now(), "firstName": None,
        "lastName": None, "email": None, "phone": None, "note": None, "tags": [], "locale": "en", "taxExempt": False,
        "addresses": [],
    }  # fmt: skip
    names = [
        n for n in ("firstName", "lastName", "email", "phone", "note", "tags", "locale", "taxExempt") if n in given
    ]
    saved = {**base, **{name: given[name] for name in names}, "updatedAt": now()}
    if "addresses" in given:
        saved["addresses"] = [
            {**mailing_address(each), "id": gid("MailingAddress", context.store.next_id("address", 9500))}
            for each in given["addresses"]
        ]
    return {"customer": save_customer(context.store, saved)}


@mutation("metafieldsSet", "write_products", "write_orders", "write_customers")
def _metafields(context: Context, args: Args) -> Doc:
    if len(args["metafields"]) > 25:
        message = "Exceeded the maximum metafields input limit of 25."
        raise Refused(message, "metafields", code="LESS_THAN_OR_EQUAL_TO")
    made = []
    for place, each in enumerate(args["metafields"]):
        made.append(_metafield(context, each["ownerId"], each, "metafields", place))
    return {"metafields": made}


def _metafield(context: Context, owner: str, field: Doc, *where: object) -> Doc:
    kind = owner.split("/")[3] if owner.count("/") > 3 else ""
    if not context.store.get(kind, owner):
        raise Refused(f"Owner does not exist: {number_of(owner)}", *where, "ownerId", code="INVALID")
    namespace = field.get("namespace") or "app"
    definition = context.store.first(
        "MetafieldDefinition",
        lambda doc: (doc["ownerType"], doc["namespace"], doc["key"]) == (owner_type(kind), namespace, field["key"]),
    )
    declared = definition and definition["type"]["name"]
    chosen = field.get("type") or declared
    if not chosen:
        raise Refused("Type can't be blank", *where, "type", code="BLANK")
    if declared and chosen != declared:
        raise Refused(f"Type must be '{declared}'", *where, "type", code="INVALID_TYPE")
    if not str(field.get("value") or ""):
        raise Refused("Value can't be blank", *where, "value", code="BLANK")
    if chosen == "number_integer" and not re.fullmatch(r"-?\d+", field["value"]):
        raise Refused("Value must be an integer.", *where, "value", code="INVALID_VALUE")
    if chosen == "single_line_text_field" and "\n" in field["value"]:
        raise Refused("Value must be a single line.", *where, "value", code="INVALID_VALUE")
    return add_metafield(context.store, owner, namespace, field["key"], field["value"], chosen)
