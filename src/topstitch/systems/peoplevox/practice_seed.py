"""Invented data of the practice warehouse: items, orders, despatches, purchase orders, stock and movements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from topstitch.sdk.practice import Store
from topstitch.systems.peoplevox.practice_templates import TEMPLATES

_START = datetime(2026, 3, 2, 8, 15)  # noqa: DTZ001 - wall time of the tenant
_WHEN = "%Y-%m-%d %H:%M:%S"
_NOUNS = ("Tea towel", "Enamel mug", "Wool blanket", 'Oak tray, 12"', "Crème pot", "Linen apron", "Jam spoon", "Candle")
_COLOURS = ("Sage", "Indigo", "Rust", "Chalk", "Plum")
_PEOPLE = (
    ("Ada Marlowe", "1 Mill Lane", "Leeds", "LS1 1AA", "United Kingdom"),
    ("Björn Åkesson", "Storgatan 4", "Malmö", "211 34", "Sweden"),
    ("Siobhán O'Dea", "7 Quay Street\nRear entrance", "Galway", "H91 X2Y3", "Ireland"),
    ("Chiara Bellini", "Via Roma, 12", "Torino", "10121", "Italy"),
    ("Łukasz Nowak", "ul. Długa 9", "Kraków", "31-147", "Poland"),
    ("Mei Tanaka", "3-2 Kita", "Sapporo", "060-0001", "Japan"),
    ('Dee "Dot" Farrow', "Unit 4, Dock Road", "Cardiff", "CF10 4AB", "United Kingdom"),
)
_CARRIERS = (("Parcel North", "Next day"), ("Royal Courier", "Tracked 48"), ("Overseas Post", "Air"))
ITEMS, ORDERS, DESPATCHES = 40, 45, 30

#: Reports: name -> columns. Those with a date: shown day first in single quotes.
REPORTS: Mapping[str, Sequence[str]] = {
    "Despatch summary": (
        "Salesorder number",
        "Requested delivery date",
        "Despatch number",
        "Carrier",
        "Service",
        "Despatch date",
        "Tracking number",
        "Item name",
        "No of items",
        "Destination country",
        "Site reference",
        "Item code",
        "Carrier reference",
        "Service type code",
        "Customer order reference",
        "Shipping cost",
        "Email",
        "Total sale",
        "Tax paid",
        "Channel name",
    ),
    "Item availability latest reconciliation": (
        "Item code",
        "Barcode",
        "On hand",
        "Allocated",
        "On order",
        "Date time",
    ),
    "Item inventory by location": (
        "Item Code",
        "Name",
        "Stock Count",
        "Container Barcode",
        "Location barcode",
        "Site reference",
        "Location type",
    ),
    # What the sheet leaves to the tenant: this tenant's own report names.
    "Goods in summary": (
        "Goods in reference number",
        "Delivery date",
        "Carrier name",
        "Item code",
        "Item name",
        "Quantity",
        "Purchase order number",
        "Site reference",
    ),
    "Returns by reason": ("Return number", "Return date", "Salesorder number", "Item code", "Quantity", "Reason"),
    "Item movement history": (
        "History Id",
        "Item code",
        "Date timestamp",
        "User",
        "From",
        "To",
        "Quantity",
        "Comments",
        "Sales order number",
    ),
}


def fill(store: Store) -> None:
    """Put everything into an empty store."""
    for number in range(ITEMS):
        _put(store, "Item types", _item(number))
        store.put("Item availability latest reconciliation", sku(number), _stock(number))
        store.put("Item inventory by location", sku(number), _place(number))
    for number, person in enumerate(_PEOPLE):
        _put(store, "Customers", {"Reference": f"CUS-{number + 1:03}", "Name": person[0], "Email": _email(number)})
    for number in range(4):
        supplier = {"Reference": f"SUP-{number + 1}", "Name": f"Weavers & Sons {number + 1} Ltd"}
        _put(store, "Suppliers", supplier)
    for number in range(ORDERS):
        _put(store, "Sales orders", _order(number))
        for line in _lines(number):
            _put(store, "Sales order items", line)
    for number in range(8):
        _purchase_order(store, number)
    _fill_reports(store)


def _put(store: Store, template: str, row: Mapping[str, str]) -> None:
    rules = TEMPLATES[template]
    store.put(template, rules.identity(row), {**dict.fromkeys(rules.columns, ""), **row})


def sku(number: int) -> str:
    """The code of an invented item."""
    return f"SKU-{number % ITEMS + 1:03}"


def _item_name(number: int) -> str:
    return f"{_NOUNS[number % len(_NOUNS)]} {_COLOURS[number // len(_NOUNS) % len(_COLOURS)]}"


def _email(number: int) -> str:
    return f"buyer{number % len(_PEOPLE) + 1}@example.com"


def _item(number: int) -> dict[str, str]:
    return {
        "ItemCode": sku(number),
        "Name": _item_name(number),
        "Barcode": f"50000000{number + 1:05}",
        "ItemGroup": _NOUNS[number % len(_NOUNS)],
        "RetailPrice": f"{4 + number % 9}.99",
        "BuyPrice": f"{2 + number % 5}.10",
        "Weight": "0.35" if number % 3 else "",
        "WeightMeasure": "kg" if number % 3 else "",
        "Description": "Washable.\nMade in small numbers, each a little different." if number % 4 == 0 else "",
    }


def _stock(number: int) -> dict[str, str]:
    return {
        "Item code": sku(number),
        "Barcode": f"50000000{number + 1:05}",
        "On hand": str(number * 7 % 60),
        "Allocated": str(number % 4),
        "On order": "100" if number % 10 == 0 else "0",
        "Date time": (_START + timedelta(hours=number)).strftime(_WHEN),
    }


def _place(number: int) -> dict[str, str]:
    row = (
        sku(number),
        _item_name(number),
        str(number * 7 % 60),
        "",
        f"A-{number % 6}-{number % 4}",
        "PrimarySite",
        "Pick",
    )
    return dict(zip(REPORTS["Item inventory by location"], row, strict=True))


def _order(number: int) -> dict[str, str]:
    name, line1, city, postcode, country = _PEOPLE[number % len(_PEOPLE)]
    created = _START + timedelta(hours=5 * number)
    return {
        "SalesOrderNumber": order_number(number),
        "Customer": name,
        "ContactName": name,
        "CustomerPurchaseOrderReferenceNumber": f"WEB-{7000 + number}" if number % 2 else "",
        "ShippingAddressLine1": line1,
        "ShippingAddressCity": city,
        "ShippingAddressPostcode": postcode,
        "ShippingAddressCountry": country,
        "InvoiceAddressLine1": line1,
        "InvoiceAddressCity": city,
        "InvoiceAddressPostcode": postcode,
        "InvoiceAddressCountry": country,
        "Status": ("Open", "Allocated", "Despatched")[number % 3],
        "CreatedDate": created.strftime(_WHEN),
        "RequestedDeliveryDate": (created + timedelta(days=2)).strftime(_WHEN),
        "Email": _email(number),
        "ShippingCost": "3.95",
        "Discount": "2.00" if number % 5 == 0 else "",
        "TotalSale": f"{20 + number}.90",
        "TaxPaid": f"{3 + number % 6}.15",
        "IsPartialShipment": "False",
        "ServiceType": _CARRIERS[number % 3][1],
        "ChannelName": "Web" if number % 2 else "Market",
        "OnHold": "False",
    }


def order_number(number: int) -> str:
    """The number of an invented order."""
    return f"SO-{1001 + number}"


def _lines(number: int) -> list[dict[str, str]]:
    return [
        {
            "SalesOrderNumber": order_number(number),
            "ItemCode": sku(number + 3 * line),
            "QuantityOrdered": str(1 + (number + line) % 4),
            "Line": str(line + 1),
            "Sequence": str(line + 1),
            "SalePrice": f"{4 + (number + line) % 9}.99",
        }
        for line in range(1 + number % 4)
    ]


def _purchase_order(store: Store, number: int) -> None:
    name, submitted = f"PO-{501 + number}", _START + timedelta(days=number)
    header = {
        "PurchaseOrderNumber": name,
        "Supplier": f"Weavers & Sons {number % 4 + 1} Ltd",
        "Status": "Pending",
        "Reference": f"REF {number}",
        "SubmittedDate": submitted.strftime(_WHEN),
        "ExpectedDeliveryDate": (submitted + timedelta(days=10)).strftime(_WHEN),
    }
    _put(store, "Purchase orders", header)
    for line in range(1 + number % 3):
        item = {"PurchaseOrderNumber": name, "ItemCode": sku(number * 2 + line), "Quantity": str(10 + line)}
        _put(store, "Purchase order items", {**item, "Line": str(line + 1), "CostPrice": "2.10", "Status": "Pending"})


def _fill_reports(store: Store) -> None:
    for number in range(DESPATCHES):
        for line in _lines(number):
            store.put("Despatch summary", f"{number}/{line['Line']}", _despatch(number, line))
    for number in range(12):
        when = (_START + timedelta(days=number)).strftime(_WHEN)
        goods = (
            str(4600 + number // 2),
            when,
            "Own van",
            sku(number),
            _item_name(number),
            "30",
            f"PO-{501 + number % 8}",
            "Main",
        )
        _report(store, "Goods in summary", goods)
        _report(store, "Returns by reason", (f"R{number}", when, order_number(number), sku(number), "1", "Too small"))
        moved = (
            str(9000 + number),
            sku(number),
            when,
            "ada",
            "A-1-1",
            "Despatch",
            "2",
            "Despatched",
            order_number(number),
        )
        _report(store, "Item movement history", moved)


def _report(store: Store, name: str, values: Sequence[str]) -> None:
    store.put(name, store.count(name), dict(zip(REPORTS[name], values, strict=True)))


def _despatch(number: int, line: Mapping[str, str]) -> dict[str, str]:
    order, (carrier, service) = _order(number), _CARRIERS[number % 3]
    filled = {
        "Salesorder number": order["SalesOrderNumber"],
        "Requested delivery date": order["RequestedDeliveryDate"],
        "Despatch number": str(95 + number),
        "Carrier": carrier,
        "Service": service,
        "Despatch date": (_START + timedelta(hours=6 * number + 30)).strftime(_WHEN),
        "Tracking number": f"TRK{700000 + number}",
        "Item name": _item_name(int(line["ItemCode"][4:]) - 1),
        "No of items": line["QuantityOrdered"],
        "Destination country": order["ShippingAddressCountry"],
        "Site reference": "PrimarySite",
        "Item code": line["ItemCode"],
        "Email": order["Email"],
        "Total sale": order["TotalSale"],
        "Channel name": order["ChannelName"],
    }
    return {**dict.fromkeys(REPORTS["Despatch summary"], ""), **filled}
