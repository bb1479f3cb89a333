"""Writing orders: every SKU is resolved first, since the shop takes an order with an unknown one and leaves its line empty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from topstitch.sdk import Connection, MissingReference, Outgoing, Record, Verdict, one_by_one
from topstitch.systems.woocommerce.api import get_many, get_one, write
from topstitch.systems.woocommerce.casts import ADDRESS, filled, flag, metas, metas_differ, number, refuse, text, whole
from topstitch.systems.woocommerce.lookups import Item, Shelf, fold, item_by_id, shelf
from topstitch.systems.woocommerce.order_amounts import Shares, charges_of, lines_of, shares
from topstitch.systems.woocommerce.orders import own_meta

Options = Mapping[str, Any]
_TEXTS = ("currency", "customer_note", "payment_method", "payment_method_title", "transaction_id")
#: What the shop takes of a charge beside its total; of anything else it takes no notice.
_CHARGED = {
    "shipping_lines": ("method_id", "method_title", "instance_id"),
    "fee_lines": ("name", "tax_class", "tax_status"),
}
#: What it insists on.
_NEEDED = {"shipping_lines": {"method_id": "flat_rate"}, "fee_lines": {"name": "Fee"}}


def push_orders(conn: Connection, batch: Sequence[Outgoing], options: Options) -> list[Verdict]:
    """Create orders, or change those we wrote before."""
    known = shelf(conn, [line.get("sku") for out in batch for line in lines_of(out.record)])
    return one_by_one(batch, lambda out: _push(conn, out, known, options))


def _push(conn: Connection, out: Outgoing, known: Shelf, options: Options) -> Verdict:
    if out.remote_id:
        return _update(conn, out)
    net = shares(out.record, options)
    body = _head(out) | {
        "line_items": [_line(conn, known, n, line, net) for n, line in enumerate(lines_of(out.record))],
        "shipping_lines": _charged(out.record, "shipping_lines", net),
        "fee_lines": _charged(out.record, "fee_lines", net),
    }
    if not body["line_items"]:
        refuse("is empty: an order needs at least one line", "line_items")
    if options["paid"]:
        body["set_paid"] = True
    if options["link_customer"]:
        body |= _customer(conn, body.get("billing", {}).get("email"))
    order = write(conn, "POST", "orders", {k: v for k, v in body.items() if v != []}, idempotent=False)
    _look_again(conn, out, order)
    if net.unknown:
        conn.log(
            "warning",
            f"order {order['id']} (source {out.key}) is said to include tax, but neither it nor its lines tell a tax or a rate: "
            "its amounts were sent as they are, and the shop put its tax on top",
        )
    return Verdict.created(order["id"])


def _update(conn: Connection, out: Outgoing) -> Verdict:
    """Change everything but the lines: the shop would add a second line where one is not named by its id there."""
    order = get_one(conn, "orders/{id}", id=out.remote_id)
    if order is None:
        raise MissingReference(f"order {out.remote_id}, written before, is no longer in the shop", field="id")
    if lines_of(out.record) and _counts(out.record) != _counts(order):
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
    return body | {"meta_data": own_meta(out)}


def _address(given: Mapping[str, Any] | None) -> Record:
    address = given or {}
    return {name: text(address[name], name).strip() for name in ADDRESS if address.get(name) is not None}


def _line(conn: Connection, known: Shelf, n: int, line: Record, net: Shares) -> Record:
    place = f"line_items[{n}]"
    item = _item(conn, known, line, place)
    quantity = whole(line.get("quantity", 1), f"{place}.quantity")
    if quantity < 1:
        refuse(f"{quantity} is no quantity to order", f"{place}.quantity")
    ids = {"product_id": item.parent_id, "variation_id": item.id} if item.is_variation else {"product_id": item.id}
    return {**ids, "quantity": quantity, **_named_line(line), **net.line(n, line, quantity)}


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
    meta = metas(line)
    return ({"name": text(line["name"], "name")} if line.get("name") else {}) | ({"meta_data": meta} if meta else {})


def _charged(record: Record, name: str, net: Shares) -> list[Record]:
    """The shipping or fee lines."""
    return [
        _named_charge(line, name, n) | net.charge(line, name, f"{name}[{n}]") for n, line in charges_of(record, name)
    ]


def _named_charge(line: Record, name: str, n: int) -> Record:
    """A shipping or fee line without its total."""
    told = {part: text(line[part], f"{name}[{n}].{part}") for part in _CHARGED[name] if line.get(part)}
    return _NEEDED[name] | told


def _customer(conn: Connection, email: str | None) -> Record:
    """The account with this address, where there is one."""
    found = get_many(conn, "customers", {"email": email, "role": "all"}) if email else []
    return {"customer_id": found[0]["id"]} if found else {}


def _counts(record: Mapping[str, Any]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for line in lines_of(record):
        name = fold(line.get("sku") or "") or str(line.get("variation_id") or line.get("product_id"))
        counts[name] += int(number(line.get("quantity", 1), "line_items[].quantity"))
    return counts


def _differs(name: str, value: Any, order: Mapping[str, Any]) -> bool:
    current = order.get(name)
    if isinstance(value, dict) and isinstance(current, dict):
        return any(_differs(part, inner, current) for part, inner in value.items())
    if name == "meta_data":
        return metas_differ(value, current)
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
