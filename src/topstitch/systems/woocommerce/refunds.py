"""Refunds: read from their own list or order by order, written below their order, found again by our key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from topstitch.sdk import Connection, Cursor, Outgoing, Page, Query, Record, Verdict, one_by_one
from topstitch.systems.woocommerce.api import by_include, has_route, write
from topstitch.systems.woocommerce.casts import money, refuse, text
from topstitch.systems.woocommerce.fulfilments import order_of
from topstitch.systems.woocommerce.lists import Listing, falls_in, read, read_all
from topstitch.systems.woocommerce.orders import our_key, own_meta
from topstitch.systems.woocommerce.refund_lines import refund_lines, total_of

Options = Mapping[str, Any]
_ORDER_FIELDS = "id,number,currency,billing"
_OWN = Listing(route="refunds", dated="", stamps=("date_created_gmt",))


def refund_key(record: Record, options: Options) -> str:
    """A refund is addressed through its order: `727/726`."""
    return f"{record['parent_id']}/{record['id']}"


def refund_pages(conn: Connection, query: Query, cursor: Cursor | None) -> Iterator[Page]:
    """Refunds made since, from the shop's list of them where it has one (10.6, not 7.9), else through the orders changed since."""
    if has_route(conn, "refunds"):
        for page in read(conn, _OWN, query, cursor):
            yield replace(page, records=_with_orders(conn, page.records))
        return
    for page in read(conn, Listing(route="orders"), query, cursor):
        yield replace(
            page, records=[r for order in page.records for r in _of_order(conn, order) if falls_in(r, _OWN, query)]
        )


def refunds_by_ids(conn: Connection, ids: Sequence[str], options: Options) -> list[Record]:
    """Refunds by `order id/refund id`."""
    by_order: dict[str, list[str]] = {}
    for order_id, _, refund_id in (str(id).partition("/") for id in ids):
        by_order.setdefault(order_id, []).append(refund_id)
    found = []
    for order in by_include(conn, "orders", list(by_order), {"_fields": _ORDER_FIELDS}):
        refunds = by_include(conn, "orders/{order}/refunds", by_order[str(order["id"])], order=order["id"])
        found += [_whole(refund, order) for refund in refunds]
    return found


def _of_order(conn: Connection, order: Record) -> list[Record]:
    if not order.get("refunds"):
        return []
    listing = Listing(route="orders/{id}/refunds", values={"id": order["id"]}, dated=None)
    return [_whole(record, order) for record in read_all(conn, listing)]


def _with_orders(conn: Connection, refunds: Sequence[Record]) -> list[Record]:
    ids = [str(refund["parent_id"]) for refund in refunds]
    orders = {order["id"]: order for order in by_include(conn, "orders", ids, {"_fields": _ORDER_FIELDS})}
    return [_whole(refund, orders.get(refund["parent_id"], {"id": refund["parent_id"]})) for refund in refunds]


def _whole(refund: Record, order: Mapping[str, Any]) -> Record:
    """A refund with its order's number, and its lines with positive figures: the shop's own are negative."""
    lines = [line | _positive(line) for line in refund.get("line_items") or ()]
    more = {"order_number": order.get("number", ""), "currency": order.get("currency", "")}
    more["email"] = (order.get("billing") or {}).get("email", "")
    return {"parent_id": order["id"]} | refund | more | {"line_items": lines}


def _positive(line: Mapping[str, Any]) -> Record:
    total, tax = (format(abs(Decimal(str(line.get(name) or 0))), "f") for name in ("total", "total_tax"))
    return {"refund_quantity": abs(int(line.get("quantity") or 0)), "refund_total": total, "refund_tax_total": tax}


# -- writing --------------------------------------------------------------------------------------------------------


def push_refunds(conn: Connection, batch: Sequence[Outgoing], options: Options) -> list[Verdict]:
    """Create refunds. What was written stays as it is: a refund cannot be changed."""
    return one_by_one(batch, lambda out: _push(conn, out, options))


def _push(conn: Connection, out: Outgoing, options: Options) -> Verdict:
    if out.remote_id:
        return Verdict.unchanged(out.remote_id)
    order = order_of(conn, out.record, options)
    lines = refund_lines(order, out.record.get("line_items") or ())
    amount = money(out.record.get("amount"), "amount") or format(total_of(lines), "f")
    if not amount or not Decimal(amount):
        refuse("is missing: a refund needs an amount or lines with one", "amount")
    body = {
        "amount": amount,
        "reason": text(out.record.get("reason") or "", "reason"),
        "api_refund": options["api_refund"],
        "api_restock": options["restock"],
        "line_items": lines,
        "meta_data": own_meta(out),
    }
    refund = write(conn, "POST", "orders/{order}/refunds", body, idempotent=False, order=order["id"])
    return Verdict.created(refund["id"])


def find_refunds(conn: Connection, batch: Sequence[Outgoing], options: Options) -> list[str | None]:
    """The refunds that hold our keys, looked for below their orders."""
    return [_find(conn, out, options) for out in batch]


def _find(conn: Connection, out: Outgoing, options: Options) -> str | None:
    order = order_of(conn, out.record, options)
    listing = Listing(route="orders/{id}/refunds", values={"id": order["id"]}, dated=None)
    return next((str(refund["id"]) for refund in read_all(conn, listing) if our_key(refund) == out.mark), None)
