"""Writing orders: create, update, mark as paid, cancel; found again by the identifier they had at their source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from topstitch.sdk import Connection, Idempotency, MissingReference, Outgoing, Setting, Verdict, Write, one_by_one
from topstitch.systems.shopify.addresses import UNKNOWN_REGION, address
from topstitch.systems.shopify.api import Json, mutate, query, raise_user_errors, shop
from topstitch.systems.shopify.convert import TARGET, at, choice, first, flag, given, text, words
from topstitch.systems.shopify.live import written_fields
from topstitch.systems.shopify.lookups import orders_by_source, recent_orders_by_source, variants_by_sku
from topstitch.systems.shopify.names import gid
from topstitch.systems.shopify.order_input import EMAIL, OrderInput, attributes, skus_of, source_of
from topstitch.systems.shopify.push import metafields_for

_CREATE = (
    "mutation Create($order: OrderCreateOrderInput!, $options: OrderCreateOptionsInput) { "
    "orderCreate(order: $order, options: $options) { order { id name } userErrors { field message code } } }"
)
_UPDATE = (
    "mutation Update($input: OrderInput!) { orderUpdate(input: $input) { order { id } userErrors { field message } } }"
)
_TAGS = "mutation Tags($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { node { id } userErrors { field message } } }"
_PAY = (
    "mutation Pay($input: OrderMarkAsPaidInput!) { orderMarkAsPaid(input: $input) { order { id } "
    "userErrors { field message } } }"
)
_CANCEL = (
    "mutation Cancel($orderId: ID!, $reason: OrderCancelReason!, $restock: Boolean!, "
    "$refundMethod: OrderCancelRefundMethodInput, $notifyCustomer: Boolean, $staffNote: String) { "
    "orderCancel(orderId: $orderId, reason: $reason, restock: $restock, refundMethod: $refundMethod, "
    "notifyCustomer: $notifyCustomer, staffNote: $staffNote) { job { id } "
    "orderCancelUserErrors { field message code } userErrors { field message } } }"
)
_STATE = "query State($id: ID!) { order(id: $id) { id cancelledAt displayFinancialStatus canMarkAsPaid } }"
_REASONS = ("CUSTOMER", "DECLINED", "FRAUD", "INVENTORY", "OTHER", "STAFF")

OPTIONS = (
    Setting(
        name="unknown_sku",
        label="SKU that the shop does not have",
        kind="choice",
        choices=("reject", "custom_line"),
        default="reject",
        help="Reject the order and try again once the variant exists, or write the line as a custom item by its title.",
    ),
    Setting(
        name="order_name",
        label="Order name",
        kind="choice",
        choices=("shopify", "source"),
        default="shopify",
        help="Let Shopify number the order, or give it the name that is mapped.",
    ),
    Setting(
        name="financial_status",
        label="Payment status of new orders",
        kind="choice",
        choices=("", "PAID", "PENDING", "AUTHORIZED"),
        words={"": "As the mapped payments say", "PAID": "Paid", "PENDING": "Pending", "AUTHORIZED": "Authorised"},
        default="",
        help="For orders that map none.",
    ),
    Setting(
        name="tags",
        label="Tags of known orders",
        kind="choice",
        choices=("replace", "add"),
        default="replace",
        help="Whether the tags of the record take the place of those that the order has, or are added to them.",
    ),
    Setting(
        name="inventory_behaviour",
        label="Stock of new orders",
        kind="choice",
        choices=("BYPASS", "DECREMENT_IGNORING_POLICY", "DECREMENT_OBEYING_POLICY"),
        words={
            "BYPASS": "Leave stock alone",
            "DECREMENT_IGNORING_POLICY": "Take it, whatever there is",
            "DECREMENT_OBEYING_POLICY": "Take it, and refuse the order when there is too little",
        },
        default="DECREMENT_IGNORING_POLICY",
        help="What a new order does to the stock of its lines.",
    ),
    UNKNOWN_REGION,
    Setting(name="send_receipt", label="Send the order confirmation", kind="boolean", default=False),
    Setting(
        name="source_name",
        label="Sales channel",
        advanced=True,
        help="Handle of an order attribution of your app. Shopify refuses its own names, such as web or pos.",
    ),
)


def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """`Write.push` of orders."""
    fresh = [each for each in batch if not _target(each)]
    known = orders_by_source(conn, [source_of(each.record, each.key) for each in fresh]) if fresh else {}
    variants = variants_by_sku(conn, [sku for each in fresh for sku in skus_of(each.record)])

    def act(outgoing: Outgoing) -> Verdict:
        record = outgoing.record
        target = _target(outgoing)
        if target:
            return _change(conn, gid("Order", target), record, options)
        found = _same(known.get(source_of(record, outgoing.key), []), record)
        if found:
            return Verdict.updated(found) if _settle(conn, found, record) else Verdict.unchanged(found)
        made = _create(
            conn, OrderInput(conn, record, variants, options).build(source_of(record, outgoing.key)), options
        )
        _settle(conn, made, record)
        return Verdict.created(made)

    return one_by_one(batch, act)


def find(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[str | None]:
    """`Write.find`: orders made with these source identifiers, in the search or, since that lags, among the latest."""
    sources = [source_of(each.record, each.key) for each in batch]
    searched, recent = orders_by_source(conn, sources), recent_orders_by_source(conn)
    return [
        _same([*searched.get(source, []), *recent.get(source, [])], each.record)
        for each, source in zip(batch, sources, strict=True)
    ]


def _same(rows: Sequence[Json], record: Json) -> str | None:
    """Of orders with the same source identifier the one with the same e-mail: two sources may number alike."""
    mine = str(first(record, *EMAIL) or "").lower()
    return next((str(row["id"]) for row in rows if str(row["email"] or "").lower() == mine), None)


def _target(outgoing: Outgoing) -> str:
    return str(first(outgoing.record, *TARGET) or outgoing.remote_id)


def _create(conn: Connection, order: Json, options: Mapping[str, Any]) -> str:
    wanted = {
        "inventoryBehaviour": options.get("inventory_behaviour") or "DECREMENT_IGNORING_POLICY",
        "sendReceipt": bool(options.get("send_receipt")),
    }
    payload = raise_user_errors(mutate(conn, _CREATE, {"order": order, "options": wanted}), drop=1)
    return str(payload["order"]["id"])


def _change(conn: Connection, order: str, record: Json, options: Mapping[str, Any]) -> Verdict:
    """Write what of an existing order can be written; the rest (lines, prices) the vendor keeps as it is."""
    tags = words(record["tags"], "tags") if record.get("tags") is not None else None
    more = tags if options.get("tags") == "add" else None
    changes = given(
        tags=None if options.get("tags") == "add" else tags,
        note=text(record.get("note"), "note"),
        email=text(at(record, "email"), "email"),
        phone=text(at(record, "phone"), "phone") if shop(conn).version >= "2026-01" else None,
        poNumber=text(at(record, "poNumber"), "poNumber"),
        customAttributes=attributes(record),
        shippingAddress=address(conn, record.get("shippingAddress"), "shippingAddress", options),
        metafields=metafields_for(conn, "Order", record) or None,
    )
    if changes:
        raise_user_errors(mutate(conn, _UPDATE, {"input": {"id": order, **changes}}, repeatable=True))
    if more:
        raise_user_errors(mutate(conn, _TAGS, {"id": order, "tags": more}, repeatable=True))
    acted = _settle(conn, order, record)
    return Verdict.updated(order) if changes or more or acted else Verdict.unchanged(order)


def _settle(conn: Connection, order: str, record: Json) -> bool:
    """Mark as paid and cancel, where the record asks for it and the order is not so already. Whether anything was done."""
    pay = flag(record.get("markAsPaid") or False, "markAsPaid")
    cancel = flag(record.get("cancel") or False, "cancel")
    if not pay and not cancel:
        return False
    state = query(conn, _STATE, {"id": order}).get("order")
    if not state:
        raise MissingReference(f"Shopify has no order {order}", field="id")
    pay = pay and state["canMarkAsPaid"]
    cancel = cancel and not state["cancelledAt"]
    if pay:
        raise_user_errors(mutate(conn, _PAY, {"input": {"id": order}}))
    if cancel:
        raise_user_errors(mutate(conn, _CANCEL, _cancellation(order, record)))
    return bool(pay or cancel)


def _cancellation(order: str, record: Json) -> Json:
    refund = flag(record.get("refund") or False, "refund")
    return given(
        orderId=order,
        reason=choice(record.get("cancelReason") or "OTHER", _REASONS, "cancelReason"),
        restock=flag(record["restock"] if record.get("restock") is not None else True, "restock"),
        refundMethod={"originalPaymentMethodsRefund": refund},
        notifyCustomer=flag(record.get("notifyCustomer") or False, "notifyCustomer"),
        staffNote=text(at(record, "staffNote"), "staffNote"),
    )


orders = Write(
    push=push,
    find=find,
    idempotency=Idempotency.LOOKUP,
    batch=10,
    concurrency=4,
    options=OPTIONS,
    live_fields=written_fields("orders"),
)
