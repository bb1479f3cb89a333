"""Writing stock and prices: SKUs are resolved together, what is right already is left alone, the rest goes in batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from topstitch.sdk import Connection, MissingReference, Outgoing, Record, RemoteRejected, Verdict
from topstitch.systems.woocommerce.batches import Job, plan, send
from topstitch.systems.woocommerce.casts import money, refuse, whole
from topstitch.systems.woocommerce.lookups import Item, Shelf, item_by_id, shelf
from topstitch.systems.woocommerce.products import PRICE_FIELDS, STOCK_FIELDS

Options = Mapping[str, Any]
BodyOf = Callable[[Record, Item], Record]


def push_stock(conn: Connection, batch: Sequence[Outgoing], options: Options) -> list[Verdict]:
    """Set quantities by SKU."""
    return _push(conn, batch, STOCK_FIELDS, _stock_body)


def push_prices(conn: Connection, batch: Sequence[Outgoing], options: Options) -> list[Verdict]:
    """Set prices by SKU."""
    return _push(conn, batch, PRICE_FIELDS, _price_body)


def _push(conn: Connection, batch: Sequence[Outgoing], fields: str, body_of: BodyOf) -> list[Verdict]:
    known = shelf(conn, [out.record.get("sku") for out in batch], fields)

    def prepare(slot: int, out: Outgoing) -> Job | Verdict:
        item = locate(conn, known, out, fields)
        body = body_of(out.record, item)
        if all(_is(item.record.get(name), value) for name, value in body.items()):
            return Verdict.unchanged(item.id)
        return Job(slot, item.parent_id, {"id": item.id, **body})

    jobs, verdicts = plan(batch, prepare)
    verdicts |= send(conn, jobs)
    return [verdicts[slot] for slot in range(len(batch))]


def locate(conn: Connection, known: Shelf, out: Outgoing, fields: str) -> Item:
    """The item a record is about: by its SKU, else by our memory of it, else by the id it names."""
    sku = out.record.get("sku")
    if sku is not None and str(sku).strip():
        return known.need(sku)
    id = out.remote_id or out.record.get("id")
    if not id:
        raise RemoteRejected("neither sku nor id is given, so there is nothing to change", field="sku")
    item = item_by_id(conn, id, fields)
    if item is None:
        raise MissingReference(f"the shop has no product or variation with the id {id}", field="id")
    return item


def _stock_body(record: Record, item: Item) -> Record:
    """Both fields always: without `manage_stock` the shop drops the quantity of a product that it does not count."""
    quantity = record.get("stock_quantity")
    if quantity is None or quantity == "":
        refuse("is missing", "stock_quantity")
    body: Record = {"manage_stock": True, "stock_quantity": whole(quantity, "stock_quantity")}
    return body


def _price_body(record: Record, item: Item) -> Record:
    if item.type.startswith("variable"):
        refuse(f"{record.get('sku')!r} is a variable product: its prices are those of its variations", "sku")
    body: Record = {}
    if record.get("regular_price") not in (None, ""):
        body["regular_price"] = money(record["regular_price"], "regular_price")
    if "sale_price" in record:
        body["sale_price"] = money(record["sale_price"], "sale_price")
    if not body:
        refuse("neither a regular price nor a sale price is given", "regular_price")
    return body | sale_below(body, item.record)


def sale_below(body: Mapping[str, Any], current: Mapping[str, Any]) -> Record:
    """The sale price as the shop will keep it: it empties one that is not below the regular price, without a word.

    An equal one is no reduction, so it is cleared; a higher one is refused.
    """
    sale, regular = body.get("sale_price"), body.get("regular_price") or current.get("regular_price")
    if not sale or not regular:
        return {}
    if Decimal(sale) > Decimal(str(regular)):
        refuse(f"{sale} is above the regular price of {regular}", "sale_price")
    return {"sale_price": ""} if Decimal(sale) == Decimal(str(regular)) else {}


def _is(current: object, wanted: object) -> bool:
    if isinstance(wanted, bool) or current in (None, "") or wanted == "":
        return current is wanted or (current in (None, "") and wanted == "")
    return Decimal(str(current)) == Decimal(str(wanted))
