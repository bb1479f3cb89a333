"""Writing orders: every SKU is resolved first, since the shop takes an order with an unknown one and leaves its line empty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from topstitch.sdk import Connection, MissingReference, Outgoing, Record, Verdict, one_by_one
from topstitch.systems.woocommerce.api import get_many, get_one, write
from topstitch.systems.woocommerce.casts import ADDRESS, filled, flag, number, refuse, text, whole
from topstitch.systems.woocommerce.lookups import Item, Shelf, fold, item_by_id, shelf
from topstitch.systems.woocommerce.orders import OUR_KEY

Options = Mapping[str, Any]
_TEXTS = (
    "currency",
    "customer_note",
    "payment_method",
    "payment_method_title",
    "transaction_id",
    "customer_ip_address",
)


def push_orders(conn: Connection, batch: Sequence[Outgoing], options: Options) -> list[Verdict]:
    """Create orders, or change those we wrote before."""
    known = shelf(conn, [line.get("sku") for out in batch for line in _lines(out.record)])
    return one_by_one(batch, lambda out: _push(conn, out, known, options))


def _push(conn: Connection, out: Outgoing, known: Shelf, options: Options) -> Verdict:
    if out.remote_id:
        return _update(conn, out)
    body = _head(out) | {
        "line_items": [
            _line(conn, known, line, f"line_items[{n}]", options) for n, line in enumerate(_lines(out.record))
        ],
        "shipping_lines": [
            # The shop refuses a new shipping line without a method.
            {"method_id": "flat_rate"} | _amounts(line, f"shipping_lines[{n}]", options)
            for n, line in _named(out.record, "shipping_lines")
        ],
        "fee_lines": [_amounts(line, f"fee_lines[{n}]", options) for n, line in _named(out.record, "fee_lines")],
    }
    if not body["line_items"]:
        refuse("is empty: an order needs at least one line", "line_items")
    if options["paid"]:
        body["set_paid"] = True
    if options["link_customer"]:
        body |= _customer(conn, body.get("billing", {}).get("email"))
    order = write(conn, "POST", "orders", {k: v for k, v in body.items() if v != []}, idempotent=False)
    _look_again(conn, out, order)
    return Verdict.created(order["id"])


def _update(conn: Connection, out: Outgoing) -> Verdict:
    """Change everything but the lines: the shop would add a second line where one is not named by its id there."""
    order = get_one(conn, "orders/{id}", id=out.remote_id)
    if order is None:
        raise MissingReference(f"order {out.remote_id}, written before, is no longer in the shop", field="id")
    if _lines(out.record) and _counts(out.record) != _counts(order):
        refuse("the lines of an order cannot be changed once it is in the shop: change it there", "line_items")
    body = {name: value for name, value in _head(out).items() if _differs(name, value, order)}
    if not body:
        return Verdict.unchanged(order["id"])
    answer = write(conn, "PUT", "orders/{id}", body, idempotent=True, id=order["id"])
    return Verdict.updated(answer["id"])


def _head(out: Outgoing) -> Record:
    """All of an order but its lines."""
    record = out.record
    body: Record = {name: text(record[name], name) for name in _TEXTS if record.get(name) not in (None, "")}
    if record.get("status"):
        body["status"] = str(record["status"]).strip().removeprefix("wc-")
    if record.get("set_paid") is not None:
        body["set_paid"] = flag(record["set_paid"], "set_paid")
    billing = {
        **_address(record.get("billing")),
        "email": str((record.get("billing") or {}).get("email") or "").strip(),
    }
    body |= filled({"billing": billing, "shipping": _address(record.get("shipping"))})
    own = [{"key": m["key"], "value": m.get("value")} for m in record.get("meta_data") or () if m and m.get("key")]
    return body | {"meta_data": [*(m for m in own if m["key"] != OUR_KEY), {"key": OUR_KEY, "value": out.mark}]}


def _address(given: Mapping[str, Any] | None) -> Record:
    address = given or {}
    return {name: text(address[name], name).strip() for name in ADDRESS if address.get(name) is not None}


def _lines(record: Mapping[str, Any]) -> list[Record]:
    return [line for line in record.get("line_items") or () if line]


def _named(record: Mapping[str, Any], name: str) -> list[tuple[int, Record]]:
    return [(n, line) for n, line in enumerate(record.get(name) or ()) if line and filled(line)]


def _line(conn: Connection, known: Shelf, line: Record, place: str, options: Options) -> Record:
    item = _item(conn, known, line, place)
    quantity = whole(line.get("quantity", 1), f"{place}.quantity")
    if quantity < 1:
        refuse(f"{quantity} is no quantity to order", f"{place}.quantity")
    ids = {"product_id": item.parent_id, "variation_id": item.id} if item.is_variation else {"product_id": item.id}
    return {**ids, "quantity": quantity, **_named_line(line), **_prices(line, quantity, place, options)}


def _item(conn: Connection, known: Shelf, line: Record, place: str) -> Item:
    """What a line sells, sure to be there. The ids of a source mean nothing here, so the SKU counts where there is one."""
    if line.get("sku"):
        item: Item | None = known.need(line["sku"], f"{place}.sku")
    else:
        id = line.get("variation_id") or line.get("product_id")
        if not id:
            refuse("is missing, so the product of this line is not known", f"{place}.sku")
        item = item_by_id(conn, id)
    if item is None:
        raise MissingReference(f"the shop has no product with the id {id}", field=f"{place}.product_id")
    if item.type.startswith("variable"):
        refuse(f"{line.get('sku') or item.id!r} is a variable product: name one of its variations", f"{place}.sku")
    return item


def _named_line(line: Record) -> Record:
    meta = [{"key": m["key"], "value": m.get("value")} for m in line.get("meta_data") or () if m and m.get("key")]
    return ({"name": text(line["name"], "name")} if line.get("name") else {}) | ({"meta_data": meta} if meta else {})


def _prices(line: Record, quantity: int, place: str, options: Options) -> Record:
    """`subtotal` before and `total` after discount, both without tax, which the shop computes itself."""
    price, total, subtotal = (_number(line, name, place) for name in ("price", "total", "subtotal"))
    if options["tax_inclusive"]:
        rate = _tax_share(line, total, place)
        price, total, subtotal = (amount and amount / rate for amount in (price, total, subtotal))
    if subtotal is None:
        subtotal = price * quantity if price is not None else total
    if subtotal is None:
        return {}
    return {"subtotal": _text(subtotal), "total": _text(subtotal if total is None else total)}


def _tax_share(line: Record, total: Decimal | None, place: str) -> Decimal:
    """How many times its net amount a line's amount with tax is."""
    tax = _number(line, "total_tax", place)
    if not tax:
        return Decimal(1)
    if not total or total <= tax:
        refuse("is needed to take the tax out of this line", f"{place}.total")
    return total / (total - tax)


def _amounts(line: Record, place: str, options: Options) -> Record:
    """A shipping or fee line, its total without tax."""
    names = ("method_id", "method_title", "name", "tax_class", "tax_status")
    kept = {name: text(line[name], f"{place}.{name}") for name in names if line.get(name)}
    total, tax = _number(line, "total", place), _number(line, "total_tax", place)
    if total is not None and tax and options["tax_inclusive"]:
        total -= tax
    return kept | ({"total": _text(total)} if total is not None else {})


def _number(line: Record, name: str, place: str) -> Decimal | None:
    value = line.get(name)
    return None if value is None or value == "" else number(value, f"{place}.{name}")


def _text(amount: Decimal) -> str:
    """An amount with as many places as it needs, six at most."""
    rounded = amount.quantize(Decimal("0.000001")).normalize()
    return format(rounded if rounded else Decimal(0), "f")


def _customer(conn: Connection, email: str | None) -> Record:
    """The account with this address, where there is one."""
    found = get_many(conn, "customers", {"email": email, "role": "all"}) if email else []
    return {"customer_id": found[0]["id"]} if found else {}


def _counts(record: Mapping[str, Any]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for line in _lines(record):
        name = fold(line.get("sku") or "") or str(line.get("variation_id") or line.get("product_id"))
        counts[name] += int(number(line.get("quantity", 1), "line_items[].quantity"))
    return counts


def _differs(name: str, value: Any, order: Mapping[str, Any]) -> bool:
    current = order.get(name)
    if isinstance(value, dict) and isinstance(current, dict):
        return any(_differs(part, inner, current) for part, inner in value.items())
    if name == "meta_data":
        held = {m.get("key"): m.get("value") for m in current or ()}
        return any(held.get(m["key"]) != m["value"] for m in value)
    return name != "set_paid" and current != value


def _look_again(conn: Connection, out: Outgoing, order: Mapping[str, Any]) -> None:
    """What nobody can undo any more is at least told: the order is in the shop, but not quite as it was sent."""
    for line in order.get("line_items") or ():
        if not line.get("product_id"):
            conn.log(
                "warning", f"order {order['id']} (source {out.key}) has a line without a product: {line.get('sku')!r}"
            )
    wanted = out.record.get("total")
    if wanted not in (None, "") and number(wanted, "total") != number(order.get("total", "0"), "total"):
        conn.log("warning", f"order {order['id']} (source {out.key}) totals {order['total']}, the source says {wanted}")
