"""Records that the practice shop takes, for trying out what is written to it."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]

_ADDRESS = {
    "firstName": "Zoë",
    "lastName": "Marsh",
    "address1": "3 Mill Lane",
    "city": "Bath",
    "zip": "BA1 1AA",
    "countryCode": "GB",
    "phone": "+447700900321",
}

GOOD_RECORDS: dict[str, list[Record]] = {
    "orders": [
        {
            "name": "TT-9001",
            "sourceIdentifier": "5769001",
            "email": "zoe.marsh@example.com",
            "currencyCode": "GBP",
            "taxesIncluded": True,
            "processedAt": "2026-02-01T09:30:00Z",
            "customer": {"firstName": "Zoë", "lastName": "Marsh"},
            "shippingAddress": _ADDRESS,
            "billingAddress": _ADDRESS,
            "lineItems": [
                {"sku": "FF-0001", "title": "Fern mug", "quantity": 2, "price": "12.50", "tax": "4.17", "taxRate": 0.2},
                {"sku": "FF-0007", "title": "Linen apron", "quantity": 1, "price": "34.00", "discount": "4.00"},
            ],
            "shippingLines": [{"title": "Express", "code": "EXP", "price": "6.95"}],
            "discountCode": "SPRING",
            "financialStatus": "PAID",
            "tags": ["marketplace"],
            "customAttributes": [{"key": "gift", "value": "yes"}],
            "metafields": [{"namespace": "custom", "key": "channel_ref", "value": "TT-9001"}],
        },
        {
            "sourceIdentifier": "5769002",
            "email": "niall@example.com",
            "currencyCode": "GBP",
            "lineItems": [{"sku": "FF-0010", "quantity": 1, "price": 15}],
            "transactions": [{"kind": "SALE", "amount": "15.00", "gateway": "marketplace"}],
            "note": "Bell is broken – please knock",
        },
        {"sourceIdentifier": "5769003", "lineItems": [{"sku": "FF-0012", "quantity": "3"}], "poNumber": "PO-77"},
    ],
    "refunds": [
        {
            "order": {"name": "#1002"},
            "note": "Too small",
            "amount": "34.00",
            "refundLineItems": [
                {"lineItem": {"sku": "FF-0007"}, "quantity": 1, "restock": True, "location": {"name": "Leeds shop"}}
            ],
        },
        {"order": {"name": "#1004"}, "note": "Late delivery", "amount": 5},
        {
            "order": {"name": "1014"},
            "note": "Broken",
            "refundLineItems": [{"lineItem": {"sku": "FF-0043"}, "quantity": 1, "restockType": "NO_RESTOCK"}],
        },
    ],
    "fulfilments": [
        {
            "order": {"name": "#1002"},
            "trackingInfo": [{"company": "Royal Mail", "number": "RM1", "url": "https://track.example.com/RM1"}],
            "fulfillmentLineItems": [{"lineItem": {"sku": "FF-0007"}, "quantity": 2}],
            "notifyCustomer": False,
        },
        {"order": {"name": "#1004"}, "trackingInfo": [{"company": "DPD", "number": "DPD2"}]},
        {"order": {"name": "#1030"}, "trackingInfo": [{"company": "DPD", "number": "DPD3"}]},
    ],
    "products": [
        {
            "title": "Tide jumper",
            "handle": "tide-jumper",
            "descriptionHtml": "<p>Warm wool.</p>",
            "vendor": "North Quay",
            "productType": "Knitwear",
            "status": "ACTIVE",
            "tags": ["wool"],
            "images": [{"url": "https://img.example.com/tide.jpg", "alt": "The jumper on a chair"}],
            "variants": [
                {
                    "sku": f"TJ-{size}",
                    "price": "75.00",
                    "optionValues": [{"optionName": "Size", "name": size}],
                    "inventoryItem": {"cost": "31.50", "measurement": {"weight": {"value": 0.6}}},
                }
                for size in "SML"
            ],
            "metafields": [{"namespace": "custom", "key": "colour", "value": "teal"}],
        },
        {"title": "Tin cup", "sku": "TC-1", "price": "9", "barcode": "5012345678900", "weight": 0.2, "active": False},
        {"title": "Fern mug", "sku": "FF-0002", "price": "13.00"},
    ],
    "variants": [
        {"sku": "FF-0001", "price": "14.00", "compareAtPrice": "18", "barcode": "5099999999999"},
        {
            "sku": "FF-XXL",
            "price": "95",
            "product": {"handle": "harbour-jumper"},
            "selectedOptions": [{"name": "Style", "value": "XXL"}],
        },
        {"sku": "FF-0010", "inventoryItem": {"cost": 7}, "metafields": [{"key": "bin", "value": "A-12"}]},
    ],
    "stock": [
        {"sku": "FF-0001", "available": 41, "location": {"name": "Leeds shop"}},
        {"sku": "FF-0002", "on_hand": 12, "location": {"name": "London warehouse"}},
        {"sku": "FF-0005", "available": 9, "location": {"name": "Leeds shop"}},
    ],
    "prices": [
        {
            "variant": {"sku": "FF-0001"},
            "price": {"amount": "15.50", "currencyCode": "EUR"},
            "priceList": {"name": "Europe"},
        },
        {"variant": {"sku": "FF-0002"}, "price": {"amount": 13}, "compareAtPrice": {"amount": "20.00"}},
        {"variant": {"sku": "FF-0003"}, "price": {"amount": "52"}, "priceList": {"name": "Wholesale"}},
    ],
    "customers": [
        {
            "email": "maya.byrne@example.com",
            "firstName": "Maya",
            "lastName": "Byrne",
            "phone": "+353861234567",
            "note": "Trade account",
            "tags": ["trade"],
            "defaultAddress": {"address1": "1 Quay Street", "city": "Cork", "zip": "T12 X1Y2", "countryCode": "IE"},
            "metafields": [{"key": "account", "value": "A-42"}],
        },
        {"phone": "+447700900555", "lastName": "Nemo", "taxExempt": True},
        {"email": "ada.8@example.com", "firstName": "Ada", "note": "Moved"},
    ],
    "metafields": [
        {"product": {"handle": "fern-mug"}, "namespace": "custom", "key": "colour", "value": "red"},
        {"variant": {"sku": "FF-0001"}, "namespace": "erp", "key": "bin", "value": "A-12-3"},
        {"order": {"name": "#1006"}, "key": "parcels", "value": 2, "type": "number_integer"},
    ],
}
BAD_RECORDS: dict[str, list[Record]] = {
    "orders": [{"sourceIdentifier": "x", "lineItems": [{"sku": "NOT-THERE", "quantity": 1}]}],
    "refunds": [{"order": {"name": "#1004"}, "amount": "9999.00"}],
    "fulfilments": [{"order": {"name": "#1004"}, "fulfillmentLineItems": [{"lineItem": {"sku": "NOT-THERE"}, "quantity": 1}]}],
    "products": [{"title": "", "handle": "nameless"}],
    "variants": [{"sku": "FF-0003", "price": "-1"}],
    "stock": [{"sku": "NOT-THERE", "available": 1, "location": {"name": "Leeds shop"}}],
    "prices": [{"variant": {"sku": "FF-0001"}, "price": {"amount": 1, "currencyCode": "USD"}, "priceList": {"name": "Europe"}}],
    "customers": [{"email": "no address"}],
    "metafields": [{"product": {"handle": "fern-mug"}, "namespace": "custom", "key": "weight_g", "value": "heavy"}],
}  # fmt: skip
