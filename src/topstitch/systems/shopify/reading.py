"""The readers that are one connection each: orders and what hangs on them, products, variants, customers, locations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from topstitch.sdk import Read, Record, Setting
from topstitch.systems.shopify import selections
from topstitch.systems.shopify.live import Live, read_fields
from topstitch.systems.shopify.names import gid, number_of
from topstitch.systems.shopify.order_lines import with_costs
from topstitch.systems.shopify.order_parts import of_orders
from topstitch.systems.shopify.paging import MAX_PAGE, Listing, by_ids_of, pages_of
from topstitch.systems.shopify.search import Filter, allowed, quoted

METAFIELDS = Setting(
    name="metafields",
    label="Read metafields",
    kind="boolean",
    default=True,
    help="Each record then has its metafields as a list; without them reading is cheaper and faster.",
)
_TIMES = {"updatedAt": Filter("updated_at", "time"), "createdAt": Filter("created_at", "time")}
_SHIPPED_WORDS = {
    "FULFILLED": "fulfilled",
    "UNFULFILLED": "unfulfilled",
    "PARTIALLY_FULFILLED": "partial",
    "ON_HOLD": "on_hold",
    "SCHEDULED": "scheduled",
    "REQUEST_DECLINED": "request_declined",
}
ORDER_FILTERS = {
    **_TIMES,
    "id": Filter("id", "id", "Order"),
    "processedAt": Filter("processed_at", "time"),
    "displayFinancialStatus": Filter("financial_status", "enum"),
    "displayFulfillmentStatus": Filter("fulfillment_status", "enum", words=_SHIPPED_WORDS),
    "name": Filter("name", "text"),
    "email": Filter("email", "text"),
    "sourceName": Filter("source_name", "text"),
    "sourceIdentifier": Filter("source_identifier", "text"),
    "poNumber": Filter("po_number", "text"),
    "customer.id": Filter("customer_id", "id", "Customer"),
    "tags": Filter("tag", "tags"),
    "test": Filter("test", "flag"),
}
PRODUCT_FILTERS = {
    **_TIMES,
    "id": Filter("id", "id", "Product"),
    "status": Filter("status", "enum"),
    "handle": Filter("handle", "text"),
    "vendor": Filter("vendor", "text"),
    "productType": Filter("product_type", "text"),
    "tags": Filter("tag", "tags"),
    "variants[*].sku": Filter("sku", "tags"),
    "variants[*].barcode": Filter("barcode", "tags"),
}
VARIANT_FILTERS = {
    "id": Filter("id", "id", "ProductVariant"),
    "updatedAt": Filter("updated_at", "time"),
    "sku": Filter("sku", "text"),
    "barcode": Filter("barcode", "text"),
    "product.id": Filter("product_id", "id", "Product"),
    "inventoryQuantity": Filter("inventory_quantity", "number"),
}
CUSTOMER_FILTERS = {
    "id": Filter("id", "id", "Customer"),
    "updatedAt": Filter("updated_at", "time"),
    "createdAt": Filter("customer_date", "time"),
    "defaultEmailAddress.emailAddress": Filter("email", "text"),
    "defaultPhoneNumber.phoneNumber": Filter("phone", "text"),
    "state": Filter("state", "enum"),
    "tags": Filter("tag", "tags"),
}
FULFILMENT_ORDER_FILTERS = {
    "id": Filter("id", "id", "FulfillmentOrder"),
    "updatedAt": Filter("updated_at", "time"),
    "status": Filter("status", "enum"),
    "assignedLocation.location.id": Filter("assigned_location_id", "id", "Location"),
}
_BY_UPDATE = ", sortKey: UPDATED_AT"


def _read(
    listing: Listing, *, size: int = 50, options: Sequence[Setting] = (), live_fields: Live | None = None
) -> Read:
    return Read(
        pages=pages_of(listing),
        by_ids=by_ids_of(listing.kind, listing.select, tidy=listing.tidy),
        since=True,
        until=True,
        ordered=listing.by == "updated_at",
        page_size=size,
        max_page_size=MAX_PAGE,
        filters=allowed(listing.filters),
        options=options,
        live_fields=live_fields,
    )


ORDER_STATUS = Setting(
    name="status",
    label="Orders",
    kind="choice",
    choices=("any", "open", "closed", "cancelled", "not_closed"),
    default="any",
    help="Which orders are read by their state in the admin.",
)
TAG_NOT = Setting(name="tag_not", label="Not with the tag", help="Orders that have this tag are not read.")
LOCATION = Setting(
    name="location", label="Location", help="Number of the location whose orders are read. Empty: of all."
)
RETURN_STATUS = Setting(
    name="return_status",
    label="State of the returns of the order",
    kind="choice",
    choices=("any", "return_requested", "in_progress", "inspection_complete", "returned", "return_failed"),
    default="any",
    help="Only returns of orders whose returns, all together, stand so.",
)
PUBLISHED = Setting(
    name="published",
    label="Published in the online shop",
    kind="choice",
    choices=("any", "published", "unpublished"),
    default="any",
)


#: How many kilograms each of the vendor's units of weight has.
KILOGRAMS = {"KILOGRAMS": 1.0, "GRAMS": 0.001, "POUNDS": 0.45359237, "OUNCES": 0.028349523125}


def in_kilograms(record: Record) -> Record:
    """The record with its weight, and those of its variants, in kilograms: each variant may have a unit of its own."""
    for variant in [record, *record.get("variants", [])]:
        weight = ((variant.get("inventoryItem") or {}).get("measurement") or {}).get("weight")
        if weight:
            weight["value"] = round(weight["value"] * KILOGRAMS[weight["unit"]], 6)
            weight["unit"] = "KILOGRAMS"
    return record


def variant_record(record: Record) -> Record:
    """A variant with the name that other systems know it by: the vendor adds "Default Title" where there is only one."""
    name = str(record.get("displayName") or "").removesuffix(" - Default Title")
    return in_kilograms({**record, "fullName": name})


def _choice(name: str, term: str) -> Callable[[Mapping[str, Any]], str]:
    """Search text for what is chosen in an option, none for `any`."""
    return lambda options: "" if options.get(name, "any") == "any" else f"{term}:{options[name]}"


_of_status = _choice("status", "status")


def _of_orders(options: Mapping[str, Any]) -> str:
    terms = [_of_status(options)]
    if options.get("tag_not"):
        terms.append(f"tag_not:{quoted(str(options['tag_not']))}")
    if options.get("location"):
        terms.append(f"location_id:{number_of(gid('Location', options['location']))}")
    return " ".join(term for term in terms if term)


orders = _read(
    Listing(
        "orders",
        "Order",
        selections.order,
        _BY_UPDATE,
        "updated_at",
        ORDER_FILTERS,
        always=_of_orders,
        tidy=with_costs,
    ),
    size=25,
    options=(ORDER_STATUS, TAG_NOT, LOCATION, METAFIELDS),
    live_fields=read_fields("orders"),
)
products = _read(
    Listing(
        "products",
        "Product",
        selections.product,
        _BY_UPDATE,
        "updated_at",
        PRODUCT_FILTERS,
        always=_choice("published", "published_status"),
        tidy=in_kilograms,
    ),
    size=25,
    options=(PUBLISHED, METAFIELDS),
    live_fields=read_fields("products"),
)
variants = _read(
    Listing(
        "productVariants",
        "ProductVariant",
        selections.variant,
        ", sortKey: ID",
        "id",
        VARIANT_FILTERS,
        tidy=variant_record,
    ),
    options=(METAFIELDS,),
    live_fields=read_fields("variants"),
)
customers = _read(
    Listing("customers", "Customer", selections.customer, _BY_UPDATE, "updated_at", CUSTOMER_FILTERS),
    options=(METAFIELDS,),
    live_fields=read_fields("customers"),
)
fulfilment_orders = _read(
    Listing(
        "fulfillmentOrders",
        "FulfillmentOrder",
        selections.fulfilment_order,
        f"{_BY_UPDATE}, includeClosed: true",
        "updated_at",
        FULFILMENT_ORDER_FILTERS,
    )
)
_LOCATIONS = Listing("locations", "Location", selections.location, ", sortKey: ID, includeInactive: true")
locations = Read(
    pages=pages_of(_LOCATIONS),
    by_ids=by_ids_of("Location", selections.location),
    page_size=50,
    max_page_size=MAX_PAGE,
)
refunds = of_orders("Refund", "refunds", selections.refund, "updatedAt")
returns = of_orders(
    "Return",
    "returns",
    selections.a_return,
    "",
    first=10,
    always=_choice("return_status", "return_status"),
    options=(RETURN_STATUS,),
)
fulfilments = of_orders("Fulfillment", "fulfillments", selections.fulfilment, "updatedAt")
