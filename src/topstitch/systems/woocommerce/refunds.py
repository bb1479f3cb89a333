"""Refunds: read from their own list or order by order, written below their order, found again by our key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from topstitch.sdk import Connection, Cursor, MissingReference, Outgoing, Page, Query, Record, Verdict, one_by_one
from topstitch.systems.woocommerce.api import by_include, has_route, write
from topstitch.systems.woocommerce.casts import money, number, refuse, text, whole
from topstitch.systems.woocommerce.fulfilments import order_of
from topstitch.systems.woocommerce.lists import Listing, falls_in, read, read_all
from topstitch.systems.woocommerce.lookups import fold
from topstitch.systems.woocommerce.orders import OUR_KEY, our_key

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
    lines = [
        _line(order, line, f"line_items[{n}]") for n, line in enumerate(out.record.get("line_items") or ()) if line
    ]
    amount = money(out.record.get("amount"), "amount") or _sum(lines)
    if not amount or not Decimal(amount):
        refuse("is missing: a refund needs an amount or lines with one", "amount")
    body = {
        "amount": amount,
        "reason": text(out.record.get("reason") or "", "reason"),
        "api_refund": options["api_refund"],
        "api_restock": options["restock"],
        "line_items": lines,
        "meta_data": [{"key": OUR_KEY, "value": out.mark}],
    }
    refund = write(conn, "POST", "orders/{order}/refunds", body, idempotent=False, order=order["id"])
    return Verdict.created(refund["id"])


def _line(order: Record, line: Record, place: str) -> Record:
    """A line of the refund, tied to the order's line by SKU, else by that line's own id."""
    mine = _order_line(order, line, place)
    given = line.get("refund_quantity", line.get("quantity"))
    quantity = abs(whole(given, f"{place}.refund_quantity")) if given not in (None, "") else 0
    if quantity > int(mine.get("quantity") or 0):
        refuse(f"{quantity} is more than the {mine.get('quantity')} ordered", f"{place}.refund_quantity")
    body: Record = {"id": mine["id"], "quantity": quantity}
    if line.get("refund_total") not in (None, ""):
        body["refund_total"] = _amount(money(line["refund_total"], f"{place}.refund_total"))
    taxes = line.get("refund_tax") or _tax(mine, line.get("refund_tax_total"), place)
    return body | ({"refund_tax": taxes} if taxes else {})


def _order_line(order: Record, line: Record, place: str) -> Record:
    lines: list[Record] = order.get("line_items") or []
    if line.get("sku"):
        found = [one for one in lines if fold(one.get("sku") or "") == fold(line["sku"])]
    else:
        found = [one for one in lines if str(one["id"]) == str(line.get("id"))]
    if not found:
        wanted = line.get("sku") or line.get("id")
        raise MissingReference(f"order {order['id']} has no line {wanted!r}", field=f"{place}.sku")
    return found[0]


def _tax(mine: Record, total: object, place: str) -> list[Record]:
    """A tax amount laid on the rates of the order's line, in their proportions there; the last takes what is left over."""
    if total is None or total == "" or not number(total, f"{place}.refund_tax_total"):
        return []
    left = number(total, f"{place}.refund_tax_total")
    rates = [(rate["id"], abs(Decimal(str(rate.get("total") or 0)))) for rate in mine.get("taxes") or ()]
    whole_tax = sum((amount for _, amount in rates), Decimal(0))
    if not whole_tax:
        refuse("is given for a line that was not taxed", f"{place}.refund_tax_total")
    shares = [(id, round(left * amount / whole_tax, 2)) for id, amount in rates[:-1]]
    shares.append((rates[-1][0], left - sum((share for _, share in shares), Decimal(0))))
    return [{"id": id, "refund_total": _amount(format(share, "f"))} for id, share in shares]


def _sum(lines: Sequence[Record]) -> str:
    total = Decimal(0)
    for line in lines:
        total += Decimal(str(line.get("refund_total") or 0))
        total += sum((Decimal(str(tax["refund_total"])) for tax in line.get("refund_tax") or ()), Decimal(0))
    return format(total, "f")


def _amount(amount: str) -> Decimal:
    """Amounts of lines are numbers to the shop, that of the refund is text."""
    return Decimal(amount)


def find_refunds(conn: Connection, batch: Sequence[Outgoing], options: Options) -> list[str | None]:
    """The refunds that hold our keys, looked for below their orders."""
    return [_find(conn, out, options) for out in batch]


def _find(conn: Connection, out: Outgoing, options: Options) -> str | None:
    order = order_of(conn, out.record, options)
    listing = Listing(route="orders/{id}/refunds", values={"id": order["id"]}, dated=None)
    return next((str(refund["id"]) for refund in read_all(conn, listing) if our_key(refund) == out.mark), None)
