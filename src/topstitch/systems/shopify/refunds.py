"""Writing refunds: lines, shipping and money, given back through the payment they came by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from topstitch.sdk import (
    Connection,
    Idempotency,
    MissingReference,
    Outgoing,
    RemoteRejected,
    Setting,
    Verdict,
    Write,
    minor_digits,
    one_by_one,
)
from topstitch.systems.shopify.api import Json, mutate_keyed, query, raise_user_errors
from topstitch.systems.shopify.convert import choice, first, flag, given, money, rows, text, whole
from topstitch.systems.shopify.lookups import location_id, order_ids, order_of, sku_of
from topstitch.systems.shopify.names import gid
from topstitch.systems.shopify.paging import complete, inner

_MONEY = "{ shopMoney { amount } presentmentMoney { amount } }"
_ORDER = (
    f"query Refundable($id: ID!) {{ order(id: $id) {{ id name currencyCode presentmentCurrencyCode totalPriceSet {_MONEY} "
    f"{inner('Order', 'lineItems', 'id sku refundableQuantity', 20)} "
    f"transactions {{ id kind status gateway amountSet {_MONEY} parentTransaction {{ id }} }} "
    f"refunds {{ id note totalRefundedSet {_MONEY} "
    f"{inner('Refund', 'refundLineItems', 'quantity lineItem { id }', 20)} }} }} }}"
)
_SUGGEST = (
    "query Suggest($id: ID!, $lines: [RefundLineItemInput!], $shipping: Money, $whole: Boolean) { order(id: $id) { "
    f"suggestedRefund(refundLineItems: $lines, shippingAmount: $shipping, refundShipping: $whole) {{ amountSet {_MONEY} }} }} }}"
)
#: The side of an amount that is in the currency the buyer paid in; `shopMoney` is the other.
_PAID = "presentmentMoney"
_KINDS = ("RETURN", "CANCEL", "NO_RESTOCK")

OPTIONS = (
    Setting(
        name="restock",
        label="Goods",
        kind="choice",
        choices=("RETURN", "NO_RESTOCK", "CANCEL"),
        words={"RETURN": "Back into stock", "NO_RESTOCK": "Not back into stock", "CANCEL": "Never sent"},
        default="NO_RESTOCK",
        help="What becomes of the goods where the record does not say.",
    ),
    Setting(name="default_location", label="Location for goods that come back", help="Name or number of a location."),
    Setting(name="notify", label="Tell the customer", kind="boolean", default=False),
)


def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """`Write.push` of refunds."""
    names = order_ids(conn, [each.record for each in batch], "order.name", "orderName")

    def act(outgoing: Outgoing) -> Verdict:
        if outgoing.remote_id:
            return Verdict.unchanged(outgoing.remote_id)
        order = _order(conn, order_of(outgoing.record, names))
        wanted = _input(conn, order, outgoing.record, options)
        there = None if _possible(order, wanted) else _twin(order, wanted)
        if there:
            return Verdict.unchanged(there)
        return Verdict.created(_create(conn, order, wanted, outgoing))

    return one_by_one(batch, act)


def find(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[str | None]:
    """`Write.find`: a refund of the same order with the same lines, amount and note."""
    names = order_ids(conn, [each.record for each in batch], "order.name", "orderName")
    found: list[str | None] = []
    for each in batch:
        try:
            order = _order(conn, order_of(each.record, names))
            found.append(_twin(order, _input(conn, order, each.record, options)))
        except RemoteRejected:
            found.append(None)
    return found


def _order(conn: Connection, identifier: str) -> Json:
    found = complete(conn, query(conn, _ORDER, {"id": identifier}).get("order"))
    if not found:
        raise MissingReference(f"Shopify has no order {identifier}", field="order.id")
    return dict(found)


def _input(conn: Connection, order: Json, record: Json, options: Mapping[str, Any]) -> Json:
    """A `RefundInput` without its transactions, which `_payments` adds; `amount` is what is to be given back, if said."""
    amount = first(record, "amount", "totalRefundedSet.shopMoney.amount")
    shipping = first(
        record, "shipping.amount", "shippingAmount", "refundShippingLines.subtotalAmountSet.shopMoney.amount"
    )
    currency = first(record, "currency", "totalRefundedSet.shopMoney.currencyCode")
    full = first(record, "shipping.fullRefund")
    notify = record.get("notify")
    return given(
        orderId=order["id"],
        currency=order["presentmentCurrencyCode"],
        note=text(first(record, "note"), "note"),
        notify=bool(options.get("notify")) if notify in (None, "") else flag(notify, "notify"),
        refundLineItems=[
            _line(conn, order, line, place, options) for place, line in enumerate(rows(record, "refundLineItems"))
        ],
        shipping=given(
            amount=None if shipping is None else format(_as_paid(order, shipping, currency, "shipping.amount"), "f"),
            fullRefund=None if full is None else flag(full, "shipping.fullRefund"),
        )
        or None,
        amount=None if amount is None else _as_paid(order, amount, currency, "amount"),
    )


def _as_paid(order: Json, value: Any, currency: Any, field: str) -> Decimal:
    """An amount in the currency the buyer paid in, the only one that Shopify refunds in: at the rate of the order."""
    amount, given = Decimal(money(value, field)), str(currency or "").strip().upper()
    kept, paid = order["currencyCode"], order["presentmentCurrencyCode"]
    if given == paid or (not given and kept == paid):
        return amount
    if given != kept:
        either = paid if kept == paid else f"{paid}, which the buyer paid in, or {kept}"
        message = f"order {order['name']} takes refunds in {either}, and the record says {given or 'no currency'}"
        raise RemoteRejected(message, field="currency", hint="Map the currency of the amounts to currency.")
    if amount == sum(_left(order, "shopMoney").values()):
        return sum(_left(order).values(), Decimal(0))
    before, after = (_amount(order["totalPriceSet"], side) for side in ("shopMoney", _PAID))
    return (amount * after / before).quantize(Decimal(1).scaleb(-minor_digits(paid))) if before else amount


def _amount(bag: Json, side: str) -> Decimal:
    return Decimal(bag[side]["amount"])


def _line(conn: Connection, order: Json, line: Json, place: int, options: Mapping[str, Any]) -> Json:
    where = f"refundLineItems[{place}]"
    identifier = first(line, "lineItem.id", "lineItemId")
    sku = sku_of(line, "lineItem.sku", "sku")
    if identifier is not None:
        identifier = gid("LineItem", identifier)
    else:
        same = [own for own in order["lineItems"] if own["sku"] == sku]
        if not same:
            raise MissingReference(f"order {order['name']} has no line with SKU {sku!r}", field=f"{where}.lineItem.sku")
        identifier = max(same, key=lambda own: own["refundableQuantity"])["id"]
    kind = _restock(line, where, options)
    back = kind in ("RETURN", "CANCEL")
    return given(
        lineItemId=identifier,
        quantity=whole(line.get("quantity", 1), f"{where}.quantity"),
        restockType=kind,
        locationId=location_id(conn, line, options.get("default_location") or None) if back else None,
    )


def _restock(line: Json, where: str, options: Mapping[str, Any]) -> str:
    if line.get("restockType"):
        return choice(line["restockType"], _KINDS, f"{where}.restockType")
    if line.get("restock") is not None:
        return "RETURN" if flag(line["restock"], f"{where}.restock") else "NO_RESTOCK"
    return str(options.get("restock") or "NO_RESTOCK")


def _possible(order: Json, wanted: Json) -> bool:
    """Whether the order has as much left to refund as is wanted: of each line, and of money."""
    left = {line["id"]: line["refundableQuantity"] for line in order["lineItems"]}
    if any(left.get(line["lineItemId"], 0) < line["quantity"] for line in wanted["refundLineItems"]):
        return False
    return wanted.get("amount") is None or sum(_left(order).values()) >= wanted["amount"]


def _twin(order: Json, wanted: Json) -> str | None:
    """A refund that is there with the same lines, note and, where it is said, amount."""
    mine = sorted((line["lineItemId"], line["quantity"]) for line in wanted["refundLineItems"])
    for refund in order["refunds"]:
        lines = sorted((line["lineItem"]["id"], line["quantity"]) for line in refund["refundLineItems"])
        amount = _amount(refund["totalRefundedSet"], _PAID)
        same_note = (refund["note"] or None) == (wanted.get("note") or None)
        if lines == mine and same_note and wanted.get("amount") in (None, amount):
            return str(refund["id"])
    return None


def _left(order: Json, side: str = _PAID) -> dict[str, Decimal]:
    """What each successful payment still has to give back."""
    left: dict[str, Decimal] = {}
    for each in order["transactions"]:
        if each["status"] == "SUCCESS" and each["kind"] in ("SALE", "CAPTURE"):
            left[each["id"]] = _amount(each["amountSet"], side)
    for each in order["transactions"]:
        parent = (each["parentTransaction"] or {}).get("id")
        if each["status"] == "SUCCESS" and each["kind"] == "REFUND" and parent in left:
            left[parent] -= _amount(each["amountSet"], side)
    return left


def _payments(conn: Connection, order: Json, wanted: Json) -> list[Json]:
    """Spread the amount over the payments it can go back through."""
    amount = wanted["amount"] if "amount" in wanted else _suggested(conn, order, wanted)
    left = _left(order)
    if amount > sum(left.values()):
        raise RemoteRejected(
            f"order {order['name']} has {sum(left.values(), Decimal(0))} {wanted['currency']} left to refund, not {amount}",
            field="amount",
            key="too_much",
        )
    gateways = {each["id"]: each["gateway"] for each in order["transactions"]}
    made = []
    for parent, most in left.items():
        part = min(most, amount)
        if part > 0:
            amount -= part
            made.append(
                {
                    "orderId": order["id"],
                    "parentId": parent,
                    "gateway": gateways[parent] or "",
                    "kind": "REFUND",
                    "amount": format(part, "f"),
                }
            )
    return made


def _suggested(conn: Connection, order: Json, wanted: Json) -> Decimal:
    """What Shopify works out for these lines and this shipping."""
    shipping = wanted.get("shipping") or {}
    values = {
        "id": order["id"],
        "lines": wanted["refundLineItems"],
        "shipping": shipping.get("amount"),
        "whole": shipping.get("fullRefund"),
    }
    found = query(conn, _SUGGEST, values)["order"]["suggestedRefund"]
    return _amount(found["amountSet"], _PAID) if found else Decimal(0)


def _create(conn: Connection, order: Json, wanted: Json, outgoing: Outgoing) -> str:
    full = {name: value for name, value in wanted.items() if name != "amount"}
    full["transactions"] = _payments(conn, order, wanted)
    if not full["transactions"] and not full["refundLineItems"]:
        raise RemoteRejected("the refund has neither lines nor an amount", field="amount")
    key = outgoing.idempotency_key or f"refund {outgoing.key}"
    field, select = "refundCreate(input: $input)", "refund { id } userErrors { field message }"
    payload = mutate_keyed(conn, field, "$input: RefundInput!", {"input": full}, key, select)
    return str(raise_user_errors(payload)["refund"]["id"])


refunds = Write(push=push, find=find, idempotency=Idempotency.LOOKUP, batch=10, concurrency=2, options=OPTIONS)
