"""Telling the shop that an order went out: tracking in its meta data, a note, its status. Core has no shipments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from topstitch.sdk import Connection, MissingReference, Outgoing, Record, RemoteRejected, Verdict, one_by_one
from topstitch.systems.woocommerce.answers import judge
from topstitch.systems.woocommerce.api import get_many, get_one, write
from topstitch.systems.woocommerce.casts import refuse, text

Options = Mapping[str, Any]
_NUMBER_HINT = (
    "A number that a plug-in gives is found only where the plug-in lets the shop search for it. If it does not, send the "
    "order's id and set 'Orders are named by' to id."
)
#: An order in one of these is not sent any more.
_CLOSED = ("cancelled", "refunded", "failed", "trash")


def order_of(conn: Connection, record: Record, options: Options) -> Record:
    """The order that `order_id` names: by number, which is the id unless a plug-in counts its own, or by id.

    Raises MissingReference naming it, and RemoteRejected where several have the number.
    """
    wanted = str(record.get("order_id") or "").strip().lstrip("#")
    if not wanted:
        refuse("is missing, so the order is not known", "order_id")
    order = get_one(conn, "orders/{id}", id=wanted) if wanted.isdecimal() else None
    by_number = options["order_by"] == "number"
    if order and (not by_number or str(order.get("number", wanted)) == wanted):
        return order
    found = _by_number(conn, wanted) if by_number else []
    if len(found) > 1:
        refuse(f"the shop has several orders with the number {wanted!r}", "order_id")
    if not found:
        hint = _NUMBER_HINT if by_number else ""
        raise MissingReference(f"the shop has no order {wanted!r}", field="order_id", hint=hint)
    return found[0]


def _by_number(conn: Connection, number: str) -> list[Record]:
    """Orders with this number of a plug-in's own: the shop's search takes it loosely, and for names and addresses too."""
    found = get_many(conn, "orders", {"search": number, "status": "any", "per_page": 100})
    return [order for order in found if str(order.get("number")) == number]


def push_fulfilments(conn: Connection, batch: Sequence[Outgoing], options: Options) -> list[Verdict]:
    """Mark orders as sent."""
    return one_by_one(batch, lambda out: _push(conn, out, options))


def _push(conn: Connection, out: Outgoing, options: Options) -> Verdict:
    order = order_of(conn, out.record, options)
    id, status = order["id"], str(order.get("status"))
    if status in _CLOSED:
        raise RemoteRejected(f"order {id} is {status}, so it cannot be sent", field="order_id")
    body = _changes(out.record, order, options)
    changed = _extension(conn, id, out.record) if options["extension"] else False
    # The note comes first: with the status the shop writes to the customer, and may show the note.
    changed = _note(conn, id, out.record, options) or changed
    if body:
        answer = write(conn, "PUT", "orders/{id}", body, idempotent=True, id=id)
        if "status" in body and answer.get("status") != body["status"]:
            refuse(f"the shop answered success but the order is {answer.get('status')!r}", "status")
    return Verdict.updated(id) if body or changed else Verdict.unchanged(id)


def _changes(record: Record, order: Record, options: Options) -> Record:
    held = {meta.get("key"): meta.get("value") for meta in order.get("meta_data") or ()}
    keys = {"tracking_number": "number_key", "tracking_carrier": "carrier_key", "tracking_url": "url_key"}
    meta = []
    for field, option in keys.items():
        key, value = options[option], text(record.get(field) or "", field).strip()
        if key and value and value not in (known := _listed(held.get(key))):
            meta.append({"key": key, "value": ", ".join([*known, value])})
    status = str(record.get("status") or options["status"] or "").removeprefix("wc-")
    status = "" if status == "none" else status
    body: Record = {"meta_data": meta} if meta else {}
    return body | ({"status": status} if status and status != order.get("status") else {})


def _listed(value: object) -> list[str]:
    """The parcels noted before: an order may go out in several."""
    return [part.strip() for part in str(value or "").split(",") if part.strip()]


def _note(conn: Connection, order: int, record: Record, options: Options) -> bool:
    """Add the note unless it is there: it may be mailed to the customer, so a repeated try must not repeat it."""
    words = text(record.get("note") or "", "note").strip() or _sentence(record)
    if options["note"] == "none" or not words:
        return False
    if any(str(note.get("note")).strip() == words for note in get_many(conn, "orders/{id}/notes", id=order)):
        return False
    body = {"note": words, "customer_note": options["note"] == "customer"}
    write(conn, "POST", "orders/{id}/notes", body, idempotent=False, id=order)
    return True


def _sentence(record: Record) -> str:
    names = ("tracking_carrier", "tracking_number", "tracking_url")
    carrier, number, url = (str(record.get(name) or "").strip() for name in names)
    if not number:
        return ""
    return f"Sent{f' with {carrier}' if carrier else ''}, tracking number {number}.{f' {url}' if url else ''}"


def _extension(conn: Connection, order: int, record: Record) -> bool:
    """Tell the Shipment Tracking extension, as its documents say (not tried): a namespace and a list of its own."""
    number = text(record.get("tracking_number") or "", "tracking_number").strip()
    if not number:
        return False
    path = f"wc-shipment-tracking/v3/orders/{order}/shipment-trackings"
    there = conn.http.get(path, judge=judge).json()
    if isinstance(there, list) and any(str(one.get("tracking_number")) == number for one in there):
        return False
    carrier, url = (text(record.get(name) or "", name).strip() for name in ("tracking_carrier", "tracking_url"))
    # With an address of its own any carrier will do, else it must be one that the extension knows.
    custom = {"custom_tracking_provider": carrier, "custom_tracking_link": url}
    body = {"tracking_number": number, **(custom if url else {"tracking_provider": carrier})}
    conn.http.post(path, json=body, judge=judge)
    return True
