"""Which fields each kind of record can be searched by, as the vendor's reference lists them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from topstitch.systems.shopify.practice_shop.builders import Doc
from topstitch.systems.shopify.practice_shop.search import Fields


def _get(path: str) -> Callable[[Doc], Any]:
    def get(doc: Doc) -> Any:
        value: Any = doc
        for step in path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        return value

    return get


def _order_state(doc: Doc) -> set[str]:
    closed, cancelled = doc["closedAt"] is not None, doc["cancelledAt"] is not None
    state = "cancelled" if cancelled else "closed" if closed else "open"
    return {state, "any"} | (set() if closed else {"not_closed"})


_TIMES: Fields = {"updated_at": ("time", _get("updatedAt")), "created_at": ("time", _get("createdAt"))}
_SKUS: Fields = {"sku": ("text", _get("sku")), "id": ("id", _get("id"))}
SEARCH: dict[str, Fields] = {
    "Order": {
        **_TIMES,
        "id": ("id", _get("id")),
        "processed_at": ("time", _get("processedAt")),
        "status": ("word", _order_state),
        "financial_status": ("word", _get("displayFinancialStatus")),
        "fulfillment_status": ("word", lambda doc: {doc["displayFulfillmentStatus"], *(
            ["partial"] if doc["displayFulfillmentStatus"] == "PARTIALLY_FULFILLED" else [])}),
        "return_status": ("word", _get("returnStatus")),
        "name": ("text", _get("name")),
        "tag": ("word", _get("tags")),
        "tag_not": ("lacks", _get("tags")),
        "email": ("text", _get("email")),
        "source_name": ("word", _get("sourceName")),
        "source_identifier": ("text", _get("sourceIdentifier")),
        "location_id": ("id", _get("_location")),
        "customer_id": ("id", _get("_customer")),
        "po_number": ("text", _get("poNumber")),
        "sku": ("text", lambda doc: [line["sku"] for line in doc["_lines"]]),
        "test": ("flag", _get("test")),
    },
    "Product": {
        **_TIMES,
        "id": ("id", _get("id")),
        "status": ("word", _get("status")),
        "handle": ("word", _get("handle")),
        "vendor": ("text", _get("vendor")),
        "title": ("text", _get("title")),
        "product_type": ("text", _get("productType")),
        "tag": ("word", _get("tags")),
        "published_status": ("word", lambda doc: {"published", "any"} if doc["publishedAt"] else {"unpublished", "any"}),
        "sku": ("text", _get("_skus")),
        "barcode": ("text", _get("_barcodes")),
    },
    "ProductVariant": {
        **_SKUS,
        "updated_at": _TIMES["updated_at"],
        "barcode": ("text", _get("barcode")),
        "product_id": ("id", _get("_product")),
        "title": ("text", _get("title")),
        "inventory_quantity": ("number", _get("_available")),
    },
    "Customer": {
        "updated_at": _TIMES["updated_at"],
        "customer_date": _TIMES["created_at"],
        "id": ("id", _get("id")),
        "email": ("text", _get("email")),
        "phone": ("text", _get("phone")),
        "tag": ("word", _get("tags")),
        "state": ("word", _get("state")),
    },
    "InventoryItem": {**_TIMES, **_SKUS},
    "InventoryLevel": {**_TIMES, "inventory_item_id": ("id", _get("_item"))},
    "Location": {"id": ("id", _get("id")), "name": ("text", _get("name")), "created_at": _TIMES["created_at"]},
    "FulfillmentOrder": {
        "id": ("id", _get("id")),
        "status": ("word", _get("status")),
        "assigned_location_id": ("id", _get("_location")),
        "updated_at": _TIMES["updated_at"],
    },
    "PriceListPrice": {"variant_id": ("id", _get("_variant")), "product_id": ("id", _get("_product"))},
}  # fmt: skip
