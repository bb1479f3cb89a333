"""How the practice server answers queries: one resolver for each field that is not simply in its document."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from topstitch.systems.shopify.practice_shop.after import fulfilments_of, parts_of
from topstitch.systems.shopify.practice_shop.builders import Doc, number_of, paid_bag
from topstitch.systems.shopify.practice_shop.execute import Args, Context, Denied, Resolver
from topstitch.systems.shopify.practice_shop.fields import SEARCH
from topstitch.systems.shopify.practice_shop.search import search

RESOLVERS: dict[tuple[str, str], Resolver] = {}


def resolver(kind: str, *names: str) -> Callable[[Resolver], Resolver]:
    """Register the function below for these fields of a type."""

    def register(function: Resolver) -> Resolver:
        for name in names:
            RESOLVERS[kind, name] = function
        return function

    return register


_SORTS = {
    "CREATED_AT": "createdAt", "UPDATED_AT": "updatedAt", "PROCESSED_AT": "processedAt", "TITLE": "title",
    "NAME": "name", "SKU": "sku", "ORDER_NUMBER": "number", "VENDOR": "vendor",
}  # fmt: skip
SCOPES = {
    "Order": ("read_orders", "write_orders"),
    "Product": ("read_products", "write_products"),
    "ProductVariant": ("read_products", "write_products"),
    "Customer": ("read_customers", "write_customers"),
    "InventoryItem": ("read_inventory", "write_inventory"),
    "InventoryLevel": ("read_inventory", "write_inventory"),
    "Location": ("read_locations",),
    "FulfillmentOrder": ("read_merchant_managed_fulfillment_orders", "write_merchant_managed_fulfillment_orders"),
    "Fulfillment": ("read_fulfillments", "write_fulfillments", "read_orders"),
    "Refund": ("read_orders", "write_orders"),
    "Return": ("read_returns", "write_returns"),
    "PriceList": ("read_products", "write_products"),
}


def searched(context: Context, kind: str, docs: list[Doc], args: Args) -> list[Doc]:
    """Filter and sort documents as the arguments say."""
    found = search(docs, args.get("query"), SEARCH.get(kind, {}), context.faults_of_search)
    key = _SORTS.get(args.get("sortKey") or "ID")
    return sorted(found, key=lambda doc: ((str(doc.get(key) or ""),) if key else ()) + (_number(doc),))


def _number(doc: Doc) -> int:
    return int(number_of(doc["id"]))


def _indexed(context: Context, kind: str) -> list[Doc]:
    """What a search sees: all but what was written in the last moments, when the practice shop is told to lag."""
    docs = context.store.all(kind)
    lag = (context.store.get("_shop", "index") or {}).get("hidden", [])
    return [doc for doc in docs if doc["id"] not in lag]


def _rows(kind: str) -> Resolver:
    def rows(context: Context, parent: Doc, args: Args) -> Any:
        context.need(*SCOPES[kind])
        docs = _indexed(context, kind) if args.get("query") else context.store.all(kind)
        if kind in ("Product", "ProductVariant"):
            docs = _with_search_fields(context, kind, docs)
        if kind == "Location" and not args.get("includeInactive"):
            docs = [doc for doc in docs if doc["isActive"]]
        if kind == "FulfillmentOrder" and not args.get("includeClosed"):
            docs = [doc for doc in docs if doc["status"] not in ("CLOSED", "CANCELLED")]
        return searched(context, kind, docs, args)

    return rows


def _with_search_fields(context: Context, kind: str, docs: list[Doc]) -> list[Doc]:
    """What is searched for and stands elsewhere: the stock of variants, the variants of products."""
    if kind == "ProductVariant":
        stock: Counter[str] = Counter()
        for level in context.store.all("InventoryLevel"):
            stock[level["_item"]] += level["_quantities"]["available"]
        return [{**doc, "_available": stock[doc["_item"]]} for doc in docs]
    variants: defaultdict[str, list[Doc]] = defaultdict(list)
    for variant in context.store.all("ProductVariant"):
        variants[variant["_product"]].append(variant)
    names = {"_skus": "sku", "_barcodes": "barcode"}
    return [{**doc, **{name: [v[own] for v in variants[doc["id"]]] for name, own in names.items()}} for doc in docs]


def _one(kind: str) -> Resolver:
    def one(context: Context, parent: Doc, args: Args) -> Any:
        context.need(*SCOPES[kind])
        return context.store.get(kind, args["id"])

    return one


for _root, _kind in (
    ("orders", "Order"), ("products", "Product"), ("productVariants", "ProductVariant"), ("customers", "Customer"),
    ("inventoryItems", "InventoryItem"), ("locations", "Location"), ("fulfillmentOrders", "FulfillmentOrder"),
    ("priceLists", "PriceList"),
):  # fmt: skip
    RESOLVERS["QueryRoot", _root] = _rows(_kind)
for _root, _kind in (
    ("order", "Order"), ("product", "Product"), ("productVariant", "ProductVariant"), ("customer", "Customer"),
    ("inventoryItem", "InventoryItem"), ("inventoryLevel", "InventoryLevel"), ("location", "Location"),
    ("fulfillment", "Fulfillment"), ("fulfillmentOrder", "FulfillmentOrder"), ("refund", "Refund"),
    ("return", "Return"), ("priceList", "PriceList"),
):  # fmt: skip
    RESOLVERS["QueryRoot", _root] = _one(_kind)


@resolver("QueryRoot", "node")
def _node(context: Context, parent: Doc, args: Args) -> Any:
    kind = str(args["id"]).removeprefix("gid://shopify/").partition("/")[0]
    context.need(*SCOPES.get(kind, ("read_products",)))
    return context.store.get(kind, args["id"])


@resolver("QueryRoot", "nodes")
def _nodes(context: Context, parent: Doc, args: Args) -> Any:
    if len(args["ids"]) > 250:
        raise Denied("The input array size of 250 is exceeded", "MAX_INPUT_SIZE_EXCEEDED")
    return [_node(context, parent, {"id": each}) for each in args["ids"]]


@resolver("QueryRoot", "shop")
def _shop(context: Context, parent: Doc, args: Args) -> Any:
    return context.store.get("_shop", "shop")


@resolver("QueryRoot", "currentAppInstallation")
def _installation(context: Context, parent: Doc, args: Args) -> Any:
    scopes = [{"handle": scope, "description": scope.replace("_", " ")} for scope in sorted(context.scopes)]
    return {"id": "gid://shopify/AppInstallation/1", "accessScopes": scopes}


@resolver("QueryRoot", "productByIdentifier", "customerByIdentifier")
def _by_identifier(context: Context, parent: Doc, args: Args) -> Any:
    ((name, value),) = args["identifier"].items()
    return find_by(context, "Product" if name == "handle" else "", name, value)


@resolver("QueryRoot", "metafieldDefinitions")
def _definitions(context: Context, parent: Doc, args: Args) -> Any:
    wanted = {k: args[k] for k in ("ownerType", "namespace", "key") if args.get(k) is not None}
    return context.store.all("MetafieldDefinition", lambda doc: all(doc[k] == v for k, v in wanted.items()))


def find_by(context: Context, kind: str, name: str, value: Any) -> Doc | None:
    """A product or customer by what identifies it."""
    if name == "id":
        return context.store.get(kind or str(value).split("/")[3], value)
    if name == "customId":
        full = (value.get("namespace") or "app", value["key"], value["value"])
        found = context.store.first("Metafield", lambda m: (m["namespace"], m["key"], m["value"]) == full)
        return context.store.get(found["_owner"].split("/")[3], found["_owner"]) if found else None
    field = {"emailAddress": "email", "phoneNumber": "phone"}.get(name, name)
    kind = "Product" if field == "handle" else "Customer"
    return context.store.first(kind, lambda doc: str(doc.get(field) or "").lower() == str(value).lower())


def variants_of(context: Context, product: str) -> list[Doc]:
    """The variants of a product, in their order."""
    found = context.store.all("ProductVariant", lambda doc: doc["_product"] == product)
    return sorted(found, key=lambda doc: (doc["position"], _number(doc)))


def levels_of(context: Context, item: str) -> list[Doc]:
    """Where an inventory item is stocked."""
    return context.store.all("InventoryLevel", lambda doc: doc["_item"] == item)


def inventory_quantity(context: Context, variant: Doc) -> int:
    """What is available of a variant at all locations."""
    return sum(level["_quantities"]["available"] for level in levels_of(context, variant["_item"]))


def line_of(context: Context, order: str, line: str) -> Doc:
    """A line of an order."""
    found = context.store.get("Order", order) or {}
    return next(each for each in found["_lines"] if each["id"] == line)


def _reference(kind: str, key: str) -> Resolver:
    return lambda context, parent, args: context.store.get(kind, parent[key]) if parent.get(key) else None


def _inner(key: str) -> Resolver:
    return lambda context, parent, args: parent[key]


for _type, _field, _target, _key in (
    ("Order", "customer", "Customer", "_customer"), ("LineItem", "variant", "ProductVariant", "_variant"),
    ("LineItem", "product", "Product", "_product"), ("ProductVariant", "product", "Product", "_product"),
    ("ProductVariant", "inventoryItem", "InventoryItem", "_item"), ("InventoryItem", "variant", "ProductVariant", "_variant"),
    ("InventoryLevel", "item", "InventoryItem", "_item"), ("InventoryLevel", "location", "Location", "_location"),
    ("Refund", "order", "Order", "_order"), ("Return", "order", "Order", "_order"),
    ("Fulfillment", "order", "Order", "_order"), ("Fulfillment", "location", "Location", "_location"),
    ("FulfillmentOrder", "order", "Order", "_order"), ("PriceListPrice", "variant", "ProductVariant", "_variant"),
):  # fmt: skip
    RESOLVERS[_type, _field] = _reference(_target, _key)
for _type, _field, _key in (
    ("Order", "lineItems", "_lines"), ("Order", "shippingLines", "_shipping"), ("Refund", "refundLineItems", "_lines"),
    ("Refund", "refundShippingLines", "_shipping"), ("Refund", "transactions", "_transactions"),
    ("Return", "returnLineItems", "_lines"), ("Fulfillment", "fulfillmentLineItems", "_lines"),
    ("Customer", "addressesV2", "addresses"), ("Product", "media", "_media"),
):  # fmt: skip
    RESOLVERS[_type, _field] = _inner(_key)


@resolver("Order", "fulfillments")
def _fulfilments(context: Context, order: Doc, args: Args) -> Any:
    return fulfilments_of(context.store, order["id"])[: args.get("first")]


@resolver("Order", "fulfillmentOrders")
def _fulfilment_orders(context: Context, order: Doc, args: Args) -> Any:
    context.need(*SCOPES["FulfillmentOrder"])
    return searched(context, "FulfillmentOrder", parts_of(context.store, order["id"]), args)


@resolver("Order", "refunds")
def _refunds(context: Context, order: Doc, args: Args) -> Any:
    return context.store.all("Refund", lambda doc: doc["_order"] == order["id"])[: args.get("first")]


@resolver("Order", "returns")
def _returns(context: Context, order: Doc, args: Args) -> Any:
    context.need(*SCOPES["Return"])
    return context.store.all("Return", lambda doc: doc["_order"] == order["id"])


@resolver("Order", "suggestedRefund")
def _suggested_refund(context: Context, order: Doc, args: Args) -> Doc:
    """What the lines and the shipping come to, within what is left."""
    prices = {
        line["id"]: Decimal(line["originalUnitPriceSet"]["presentmentMoney"]["amount"]) for line in order["_lines"]
    }
    lines = args.get("refundLineItems") or []
    total = sum((prices[line["lineItemId"]] * line["quantity"] for line in lines), Decimal(0))
    shipping = (
        Decimal(order["totalShippingPriceSet"]["presentmentMoney"]["amount"])
        if args.get("refundShipping")
        else Decimal(0)
    )
    total += Decimal(str(args.get("shippingAmount") or shipping))
    paid, gone = (Decimal(order[k]["presentmentMoney"]["amount"]) for k in ("totalPriceSet", "totalRefundedSet"))
    most = paid - gone
    sums = {"amountSet": min(total, most), "subtotalSet": total, "maximumRefundableSet": most}
    return {name: paid_bag(order, amount) for name, amount in sums.items()}


@resolver("Order", "canMarkAsPaid")
def _can_be_paid(context: Context, order: Doc, args: Args) -> bool:
    return order["displayFinancialStatus"] in ("PENDING", "AUTHORIZED", "PARTIALLY_PAID") and not order["cancelledAt"]


@resolver("RefundLineItem", "lineItem")
@resolver("FulfillmentLineItem", "lineItem")
def _line_item(context: Context, doc: Doc, args: Args) -> Doc:
    return line_of(context, doc["_order"], doc["_line"])


@resolver("OrderTransaction", "parentTransaction")
def _parent(context: Context, doc: Doc, args: Args) -> Any:
    if not doc.get("_parent"):
        return None
    return next(
        (t for order in context.store.all("Order") for t in order["transactions"] if t["id"] == doc["_parent"]), None
    )


@resolver("FulfillmentOrder", "assignedLocation")
def _assigned(context: Context, part: Doc, args: Args) -> Doc:
    location = context.store.get("Location", part["_location"]) or {}
    return {"name": location["name"], "location": location, "countryCode": "GB", "city": location["address"]["city"]}


@resolver("FulfillmentOrder", "destination")
def _destination(context: Context, part: Doc, args: Args) -> Any:
    where = (context.store.get("Order", part["_order"]) or {}).get("shippingAddress")
    return (
        {**where, "id": "gid://shopify/FulfillmentOrderDestination/1", "countryCode": where["countryCodeV2"]}
        if where
        else None
    )


@resolver("FulfillmentOrder", "supportedActions")
def _actions(context: Context, part: Doc, args: Args) -> list[Doc]:
    return [{"action": "CREATE_FULFILLMENT"}] if part["status"] in ("OPEN", "IN_PROGRESS") else []


@resolver("FulfillmentOrder", "lineItems")
def _part_lines(context: Context, part: Doc, args: Args) -> list[Doc]:
    return [{**line, "_order": part["_order"]} for line in part["_lines"]]


def _of_line(name: str) -> Resolver:
    def of_line(context: Context, doc: Doc, args: Args) -> Any:
        line = line_of(context, doc["_order"], doc["_line"])
        if name == "variant":
            return context.store.get("ProductVariant", line["_variant"]) if line["_variant"] else None
        return line if name == "lineItem" else line[{"productTitle": "title"}.get(name, name)]

    return of_line


for _field in ("lineItem", "sku", "productTitle", "variantTitle", "requiresShipping", "variant", "vendor"):
    RESOLVERS["FulfillmentOrderLineItem", _field] = _of_line(_field)


@resolver("Product", "variants")
def _variants(context: Context, product: Doc, args: Args) -> Any:
    return variants_of(context, product["id"])


@resolver("Product", "totalInventory")
def _total(context: Context, product: Doc, args: Args) -> int:
    return sum(inventory_quantity(context, v) for v in variants_of(context, product["id"]))


@resolver("Product", "variantsCount")
def _variants_count(context: Context, product: Doc, args: Args) -> Doc:
    return {"count": len(variants_of(context, product["id"])), "precision": "EXACT"}


@resolver("ProductVariant", "inventoryQuantity")
def _quantity(context: Context, variant: Doc, args: Args) -> int:
    return inventory_quantity(context, variant)


@resolver("InventoryItem", "inventoryLevels")
def _levels(context: Context, item: Doc, args: Args) -> Any:
    return searched(context, "InventoryLevel", levels_of(context, item["id"]), args)


@resolver("InventoryItem", "inventoryLevel")
def _level(context: Context, item: Doc, args: Args) -> Any:
    return next((v for v in levels_of(context, item["id"]) if v["_location"] == args["locationId"]), None)


@resolver("Location", "inventoryLevels")
def _stock(context: Context, location: Doc, args: Args) -> Any:
    context.need(*SCOPES["InventoryLevel"])
    docs = context.store.all("InventoryLevel", lambda doc: doc["_location"] == location["id"])
    return search(docs, args.get("query"), SEARCH["InventoryLevel"], context.faults_of_search)


@resolver("InventoryLevel", "quantities")
def _quantities(context: Context, level: Doc, args: Args) -> Any:
    have = level["_quantities"]
    have = {**have, "on_hand": have["available"] + have["committed"] + have["reserved"]}
    return [{"id": f"{level['id']}&name={name}", "name": name, "quantity": have.get(name, 0)} for name in args["names"]]


@resolver("PriceList", "prices")
def _list_prices(context: Context, prices: Doc, args: Args) -> Any:
    kept = [p for p in prices["_prices"] if args.get("originType") in (None, p["originType"])]
    rows = [{**p, "id": p["_variant"], "_product": _product_of(context, p["_variant"])} for p in kept]
    return search(rows, args.get("query"), SEARCH["PriceListPrice"], context.faults_of_search)


def _product_of(context: Context, variant: str) -> str:
    return str((context.store.get("ProductVariant", variant) or {}).get("_product"))


@resolver("PriceList", "fixedPricesCount")
def _fixed(context: Context, prices: Doc, args: Args) -> int:
    return sum(1 for p in prices["_prices"] if p["originType"] == "FIXED")


def _metafields(context: Context, owner: Doc, args: Args) -> Any:
    found = context.store.all("Metafield", lambda doc: doc["_owner"] == owner["id"])
    if args.get("keys"):
        found = [doc for doc in found if f"{doc['namespace']}.{doc['key']}" in args["keys"]]
    return [doc for doc in found if args.get("namespace") in (None, doc["namespace"])]


def _metafield(context: Context, owner: Doc, args: Args) -> Any:
    found = _metafields(context, owner, {"namespace": args.get("namespace")})
    return next((doc for doc in found if doc["key"] == args["key"]), None)


for _type in ("Order", "Product", "ProductVariant", "Customer"):
    RESOLVERS[_type, "metafields"], RESOLVERS[_type, "metafield"] = _metafields, _metafield
