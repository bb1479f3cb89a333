"""What happens to orders after they are placed: despatch, refund, return; used by the mutations and by the seed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from topstitch.sdk.practice import Store
from topstitch.systems.shopify.practice_shop.builders import (
    Doc,
    bag,
    gid,
    number_of,
    paid_abroad,
    paid_bag,
    put,
    sum_of,
    transaction,
)


def fill(store: Store) -> None:
    """Despatch some of the seeded orders, refund and return a few."""
    orders = store.all("Order")
    for order in orders[:20:2]:
        for part in parts_of(store, order["id"]):
            if part["status"] == "OPEN":
                tracking = {"company": "Royal Mail", "number": f"RM{number_of(order['id'])}GB", "url": None}
                despatch(store, [(part, None)], [tracking], order["updatedAt"])
    for order in orders[4:12:2]:
        give_back(store, order["id"], [(order["_lines"][0], 1, "RETURN")], "4.00", "Did not fit", order["updatedAt"])
    for number, order in enumerate(orders[4:10:2], 1):
        sent = fulfilments_of(store, order["id"])
        if sent:
            _take_back(store, order, sent[0], number)


def parts_of(store: Store, order: str) -> list[Doc]:
    """The fulfilment orders of an order."""
    return store.all("FulfillmentOrder", lambda doc: doc["_order"] == order)


def fulfilments_of(store: Store, order: str) -> list[Doc]:
    """The fulfilments of an order."""
    return store.all("Fulfillment", lambda doc: doc["_order"] == order)


def despatch(store: Store, parts: list[tuple[Doc, dict[str, int] | None]], tracking: list[Doc], stamp: str) -> Doc:
    """Fulfil lines of fulfilment orders: quantities by line id, None for all that remains."""
    order = store.get("Order", parts[0][0]["_order"]) or {}
    number = store.next_id("fulfillment", 25001)
    sent: list[Doc] = []
    for part, wanted in parts:
        for line in part["_lines"]:
            quantity = line["remainingQuantity"] if wanted is None else wanted.get(line["id"], 0)
            if quantity:
                line["remainingQuantity"] -= quantity
                identifier = gid("FulfillmentLineItem", number * 100 + len(sent))
                sent.append({"id": identifier, "quantity": quantity, "_line": line["_line"], "_order": order["id"]})
        done = not any(line["remainingQuantity"] for line in part["_lines"])
        put(store, "FulfillmentOrder", {**part, "status": "CLOSED" if done else "IN_PROGRESS", "updatedAt": stamp})
    count = len(fulfilments_of(store, order["id"])) + 1
    made = put(store, "Fulfillment", {
        "id": gid("Fulfillment", number), "name": f"{order['name']}-F{count}", "status": "SUCCESS",
        "displayStatus": "FULFILLED", "createdAt": stamp, "updatedAt": stamp, "deliveredAt": None, "inTransitAt": None,
        "estimatedDeliveryAt": None, "requiresShipping": True, "totalQuantity": sum(s["quantity"] for s in sent),
        "trackingInfo": tracking, "_lines": sent, "_order": order["id"], "_location": parts[0][0]["_location"],
    })  # fmt: skip
    _settle_lines(store, order, {s["_line"]: s["quantity"] for s in sent}, stamp)
    return made


def _settle_lines(store: Store, order: Doc, sent: dict[str, int], stamp: str) -> None:
    for line in order["_lines"]:
        line["unfulfilledQuantity"] -= sent.get(line["id"], 0)
    left = sum(line["unfulfilledQuantity"] for line in order["_lines"])
    status = "PARTIALLY_FULFILLED" if left else "FULFILLED"
    put(store, "Order", {**order, "displayFulfillmentStatus": status, "updatedAt": stamp})


def give_back(
    store: Store,
    order_id: str,
    lines: list[tuple[Doc, int, str]],
    amount: object,
    note: str | None,
    stamp: str,
    *,
    shipping: object = 0,
    parent: str | None = None,
) -> Doc:
    """Refund lines (line, quantity, restock type) and an amount of money, as the buyer paid it."""
    order = store.get("Order", order_id) or {}
    refund_id = gid("Refund", store.next_id("refund", 8101))
    paid = next((t for t in order["transactions"] if t["kind"] in ("SALE", "CAPTURE")), None)
    money: list[Any] = []
    if Decimal(str(amount)):
        gateway = paid["gateway"] if paid else "manual"
        made = transaction(store, "REFUND", amount, gateway, stamp, parent=parent or (paid and paid["id"]))
        money = [{**made, "amountSet": paid_bag(order, amount)}]
    ids = {line["id"]: quantity for line, quantity, _ in lines}
    for line in order["_lines"]:
        line["refundableQuantity"] -= ids.get(line["id"], 0)
        line["currentQuantity"] -= ids.get(line["id"], 0)
    refunded = sum_of(order["totalRefundedSet"], paid_bag(order, amount))
    gone, total = (Decimal(each["presentmentMoney"]["amount"]) for each in (refunded, order["totalPriceSet"]))
    put(store, "Order", {
        **order, "transactions": [*order["transactions"], *money], "totalRefundedSet": refunded, "updatedAt": stamp,
        "displayFinancialStatus": "REFUNDED" if gone >= total else "PARTIALLY_REFUNDED",
    })  # fmt: skip
    back = [_refund_line(refund_id, i, order_id, *each) for i, each in enumerate(lines)]
    return put(store, "Refund", {
        "id": refund_id, "createdAt": stamp, "processedAt": stamp, "updatedAt": stamp, "note": note,
        "totalRefundedSet": paid_bag(order, amount), "_order": order_id, "_transactions": money,
        "_shipping": [{"id": gid("RefundShippingLine", number_of(refund_id)), "shippingLine": order["_shipping"][0],
                       "subtotalAmountSet": paid_bag(order, shipping), "taxAmountSet": paid_bag(order, 0)}]
        if Decimal(str(shipping)) else [],
        "_lines": paid_abroad(back, order["presentmentCurrencyCode"], order.get("_rate", "1")),
    })  # fmt: skip


def _refund_line(refund: str, place: int, order: str, line: Doc, quantity: int, restock: str) -> Doc:
    price = line["originalUnitPriceSet"]["shopMoney"]["amount"]
    total = Decimal(price) * quantity
    return {
        "id": gid("RefundLineItem", f"{number_of(refund)}{place}"), "quantity": quantity, "restockType": restock,
        "restocked": restock != "NO_RESTOCK", "priceSet": bag(price), "subtotalSet": bag(total),
        "totalTaxSet": bag(total / 6), "location": None, "_line": line["id"], "_order": order,
    }  # fmt: skip


def _take_back(store: Store, order: Doc, sent: Doc, number: int) -> None:
    line = {
        "__typename": "ReturnLineItem", "id": gid("ReturnLineItem", 3100 + number), "quantity": 1,
        "processedQuantity": 0, "processableQuantity": 1, "unprocessedQuantity": 1, "refundableQuantity": 1,
        "refundedQuantity": 0, "returnReason": "SIZE_TOO_SMALL", "returnReasonNote": "Zu klein – größer bitte",
        "customerNote": None, "fulfillmentLineItem": sent["_lines"][0],
    }  # fmt: skip
    put(store, "Return", {
        "id": gid("Return", 3000 + number), "name": f"{order['name']}-R{number}", "status": "OPEN", "totalQuantity": 1,
        "createdAt": order["updatedAt"], "closedAt": None, "requestApprovedAt": None, "_order": order["id"],
        "_lines": [line],
    })  # fmt: skip
    store.put("Order", order["id"], {**(store.get("Order", order["id"]) or {}), "returnStatus": "IN_PROGRESS"})
