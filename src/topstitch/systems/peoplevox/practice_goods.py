"""The goods that all practice systems share, as this warehouse keeps them, and what it does with orders sent to it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from topstitch.sdk.practice import GOODS, SUPPLIER, Good, Store
from topstitch.systems.peoplevox.practice_templates import TEMPLATES

AVAILABILITY, PLACES, SUMMARY, DESPATCHES = (
    "Item availability latest reconciliation",
    "Item inventory by location",
    "Item inventory summary",
    "Despatch summary",
)
#: Item and site are those of public clients; how the report calls the rest is this tenant's.
SUMMARY_COLUMNS = ("Item code", "Site reference", "Available", "On hand", "Allocated")
#: How long an imported order takes to be picked, in seconds.
PICKED_AFTER = 90.0
_WHEN = "%Y-%m-%d %H:%M:%S"
_COUNTED = datetime(2026, 9, 10, 6, 30)  # noqa: DTZ001 - wall time of the tenant
#: What the shop's buyers chose, and who then carries it.
_CARRIERS = {"Free delivery": "Royal Courier"}


def fill(store: Store) -> None:
    """Add the goods, their stock, their supplier and what is ordered from it."""
    for number, good in enumerate(GOODS):
        _put(store, "Item types", _item(good))
        store.put(AVAILABILITY, good.sku, _stock(good, number))
        store.put(PLACES, good.sku, _place(good, number))
    _put(store, "Suppliers", {"Reference": "SUP-TS", "Name": SUPPLIER})
    for number in range(2):
        _purchase_order(store, number)


def _put(store: Store, template: str, row: Mapping[str, str]) -> None:
    rules = TEMPLATES[template]
    store.put(template, rules.identity(row), {**dict.fromkeys(rules.columns, ""), **row})


def _item(good: Good) -> dict[str, str]:
    return {
        "ItemCode": good.sku,
        "Name": good.name,
        "Barcode": good.barcode,
        "ItemGroup": "Household",
        "RetailPrice": good.price,
        "BuyPrice": good.cost,
        "Weight": good.weight,
        "WeightMeasure": "kg",
        "Description": f"{good.name}.",
    }


def _stock(good: Good, number: int) -> dict[str, str]:
    """Some are promised to orders already; what the report calls on hand is what is free, the stock everyone else knows."""
    return {
        "Item code": good.sku,
        "Barcode": good.barcode,
        "On hand": str(good.stock),
        "Allocated": str(number % 3),
        "On order": "0",
        "Date time": (_COUNTED + timedelta(minutes=number)).strftime(_WHEN),
    }


def _place(good: Good, number: int) -> dict[str, str]:
    return {
        "Item Code": good.sku,
        "Name": good.name,
        "Stock Count": str(good.stock + number % 3),
        "Container Barcode": "",
        "Location barcode": f"T-{number}",
        "Site reference": "PrimarySite",
        "Location type": "Pick",
    }


def _purchase_order(store: Store, number: int) -> None:
    name, submitted = f"PO-TS-{number + 1}", datetime(2026, 9, 7 + number, 9)  # noqa: DTZ001 - wall time of the tenant
    dates = {"SubmittedDate": submitted, "ExpectedDeliveryDate": submitted + timedelta(days=14)}
    header = {"PurchaseOrderNumber": name, "Supplier": SUPPLIER, "Status": "Pending", "Reference": f"HK {880 + number}"}
    _put(store, "Purchase orders", header | {column: date.strftime(_WHEN) for column, date in dates.items()})
    for line, good in enumerate(GOODS[3 * number : 3 * number + 3], 1):
        item = {"PurchaseOrderNumber": name, "ItemCode": good.sku, "Quantity": str(12 * line), "Line": str(line)}
        _put(store, "Purchase order items", item | {"CostPrice": good.cost, "Status": "Pending"})


def by_site(store: Store) -> list[dict[str, str]]:
    """The summary by site: what is available lies in the first site, and some more of every third item in the second."""
    rows = []
    for number, row in enumerate(store.all(AVAILABILITY)):
        free, promised = int(row["On hand"]), int(row["Allocated"])
        rows.append((row["Item code"], "PrimarySite", str(free), str(free + promised), str(promised)))
        if number % 3 == 0:
            rows.append((row["Item code"], "OutletSite", "4", "4", "0"))
    return [dict(zip(SUMMARY_COLUMNS, row, strict=True)) for row in rows]


def work(store: Store) -> None:
    """Pick and despatch what was imported a while ago and may go out: the floor does not wait to be asked, a reader does."""
    ready = [order for order in store.all("Sales orders") if _is_ready(order)]
    for order in ready:
        lines = [row for row in store.all("Sales order items") if row["SalesOrderNumber"] == order["SalesOrderNumber"]]
        if lines:
            with store.transaction():
                _despatch(store, order, lines)


def _is_ready(order: Mapping[str, object]) -> bool:
    imported = order.get("_imported")
    held = any(str(order.get(name, "")).lower() == "true" for name in ("OnHold", "StopShip"))
    waiting = order.get("_allocated") == "yes" and order["Status"] != "Despatched" and not held
    return bool(waiting and isinstance(imported, float) and time.time() - imported >= PICKED_AFTER)


def _despatch(store: Store, order: Mapping[str, str], lines: list[dict[str, str]]) -> None:
    number = store.next_id("despatch", 5001)
    service = order["ServiceType"]
    shared = {
        "Salesorder number": order["SalesOrderNumber"],
        "Requested delivery date": order["RequestedDeliveryDate"],
        "Despatch number": str(number),
        "Carrier": _CARRIERS.get(service, "Parcel North"),
        "Service": service,
        "Despatch date": datetime.now(UTC).strftime(_WHEN),
        "Tracking number": f"PN{70_000_000 + number}GB",
        "Destination country": order["ShippingAddressCountry"],
        "Site reference": "PrimarySite",
        "Customer order reference": order["CustomerPurchaseOrderReferenceNumber"],
        "Shipping cost": order["ShippingCost"],
        "Email": order["Email"],
        "Total sale": order["TotalSale"],
        "Tax paid": order["TaxPaid"],
        "Channel name": order["ChannelName"],
        "Carrier reference": "",
        "Service type code": "",
    }
    for line in lines:
        item = store.get("Item types", line["ItemCode"]) or {}
        goods = {"Item code": line["ItemCode"], "Item name": item.get("Name", "")}
        row = {**shared, **goods, "No of items": line["QuantityOrdered"]}
        store.put(DESPATCHES, f"{number}/{line['ItemCode']}/{line['Line']}", row)
        _take(store, line)
    store.put("Sales orders", order["SalesOrderNumber"], {**order, "Status": "Despatched"})


def _take(store: Store, line: Mapping[str, str]) -> None:
    if row := store.get(AVAILABILITY, line["ItemCode"]):
        left = int(row["On hand"]) - int(line["QuantityOrdered"])
        stamp = datetime.now(UTC).strftime(_WHEN)
        store.put(AVAILABILITY, line["ItemCode"], {**row, "On hand": str(left), "Date time": stamp})
