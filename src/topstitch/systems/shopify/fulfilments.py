"""Writing fulfilments: lines matched to open fulfilment orders, partly or all; tracking; nothing despatched twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
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
    one_by_one,
)
from topstitch.systems.shopify.api import Json, mutate, query, raise_user_errors
from topstitch.systems.shopify.convert import TARGET, first, flag, given, rows, text, whole, words
from topstitch.systems.shopify.lookups import LOCATION, location_id, order_ids, order_of, sku_of
from topstitch.systems.shopify.names import gid
from topstitch.systems.shopify.paging import complete, inner

_PART_LINE = "id remainingQuantity sku lineItem { id }"
_SENT_LINE = "quantity lineItem { id sku }"
_ORDER = (
    "query Open($id: ID!) { order(id: $id) { id name "
    "fulfillments { id status trackingInfo { company number url } "
    f"{inner('Fulfillment', 'fulfillmentLineItems', _SENT_LINE, 20)} }} "
    + inner(
        "Order",
        "fulfillmentOrders",
        f"id status assignedLocation {{ location {{ id }} }} {inner('FulfillmentOrder', 'lineItems', _PART_LINE, 20)}",
        10,
    )
    + " } }"
)
_CREATE = (
    "mutation Fulfil($fulfillment: FulfillmentInput!, $message: String) { "
    "fulfillmentCreate(fulfillment: $fulfillment, message: $message) { fulfillment { id } userErrors { field message } } }"
)
_TRACK = (
    "mutation Track($fulfillmentId: ID!, $trackingInfoInput: FulfillmentTrackingInput!, $notifyCustomer: Boolean) { "
    "fulfillmentTrackingInfoUpdate(fulfillmentId: $fulfillmentId, trackingInfoInput: $trackingInfoInput, "
    "notifyCustomer: $notifyCustomer) { fulfillment { id } userErrors { field message } } }"
)
_OPEN = ("OPEN", "IN_PROGRESS")
_VOID = ("CANCELLED", "ERROR", "FAILURE")

OPTIONS = (
    Setting(
        name="notify",
        label="Tell the customer",
        kind="boolean",
        default=False,
        help="Shopify sends its despatch e-mail. A mapped notifyCustomer decides for its record.",
    ),
)


@dataclass(slots=True)
class _Despatch:
    """One record, understood: what to send of which order, with what tracking."""

    record: Json
    order: Json
    #: Line id -> quantity; None: all that is still open.
    wanted: Counter[str] | None
    tracking: Json
    location: str | None
    #: Fulfilments that are there already with the same tracking number.
    before: list[Json] = field(default_factory=list)

    def missing(self) -> Counter[str] | None:
        """What is not yet in fulfilments with this tracking number; None: all that is still open."""
        if self.wanted is None:
            return None
        sent = Counter[str]()
        for each in self.before:
            for line in each["fulfillmentLineItems"]:
                sent[line["lineItem"]["id"]] += line["quantity"]
        return self.wanted - sent

    def parts(self) -> list[Json]:
        """The fulfilment orders that can be sent, of the location asked for where one is."""
        return [
            part
            for part in self.order["fulfillmentOrders"]
            if part["status"] in _OPEN and self.location in (None, _place(part))
        ]


def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """`Write.push` of fulfilments."""
    names = order_ids(conn, [each.record for each in batch], "order.name", "orderName")

    def act(outgoing: Outgoing) -> Verdict:
        known = first(outgoing.record, *TARGET) or outgoing.remote_id
        notify = _notify(outgoing.record, options)
        if known:
            return _retrack(conn, gid("Fulfillment", known), _tracking(outgoing.record), notify)
        despatch = _understood(conn, outgoing.record, names)
        need = despatch.missing()
        if _is_there(despatch, need):
            return _settled(conn, despatch, notify)
        made = [_create(conn, despatch, group, notify) for group in _groups(despatch, need)]
        return Verdict.created(made[0])

    return one_by_one(batch, act)


def find(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[str | None]:
    """`Write.find`: a fulfilment with the record's tracking number and lines; without a number, one with just its lines."""
    names = order_ids(conn, [each.record for each in batch], "order.name", "orderName")
    found: list[str | None] = []
    for each in batch:
        try:
            despatch = _understood(conn, each.record, names)
        except RemoteRejected:
            found.append(None)
            continue
        numbered = bool(despatch.tracking.get("numbers")) or despatch.wanted is None
        there = _is_there(despatch, despatch.missing()) if numbered else bool(despatch.before)
        found.append(despatch.before[0]["id"] if there else None)
    return found


def _understood(conn: Connection, record: Json, names: Mapping[str, str | RemoteRejected]) -> _Despatch:
    order_id = order_of(record, names)
    order = complete(conn, query(conn, _ORDER, {"id": order_id}).get("order"))
    if not order:
        raise MissingReference(f"Shopify has no order {order_id}", field="order.id")
    place = first(record, *LOCATION)
    location = location_id(conn, record, None) if place is not None else None
    made = _Despatch(record, order, _wanted(record, order), _tracking(record), location)
    made.before = [each for each in order["fulfillments"] if each["status"] not in _VOID and _same(each, made)]
    return made


def _wanted(record: Json, order: Json) -> Counter[str] | None:
    """Quantities by the id of the order line; lines are named by that id or by SKU."""
    lines = rows(record, "fulfillmentLineItems") or rows(record, "lines")
    if not lines:
        return None
    have: dict[str, list[str]] = {}
    for part in order["fulfillmentOrders"]:
        for line in part["lineItems"]:
            ids = have.setdefault(str(line["sku"]), [])
            if line["lineItem"]["id"] not in ids:
                ids.append(line["lineItem"]["id"])
    wanted = Counter[str]()
    for place, line in enumerate(lines):
        where = f"fulfillmentLineItems[{place}]"
        quantity = whole(line["quantity"], f"{where}.quantity") if line.get("quantity") is not None else 0
        if quantity < 0:
            raise RemoteRejected(f"{where} has a quantity below zero", field=f"{where}.quantity")
        if quantity:
            _share(wanted, quantity, _candidates(line, have, order, where), order)
    return wanted


def _candidates(line: Json, have: Mapping[str, list[str]], order: Json, where: str) -> list[str]:
    identifier = first(line, "lineItem.id", "lineItemId")
    if identifier is not None:
        return [gid("LineItem", identifier)]
    sku = sku_of(line, "lineItem.sku", "sku")
    if sku is None:
        raise RemoteRejected(f"{where} has neither a SKU nor a line id", field=f"{where}.lineItem.sku")
    if sku not in have:
        raise MissingReference(f"order {order['name']} has no line with SKU {sku!r}", field=f"{where}.lineItem.sku")
    return have[sku]


def _share(wanted: Counter[str], quantity: int, lines: Sequence[str], order: Json) -> None:
    """Spread a quantity over the order's lines of one SKU, as much to each as it has; the rest to the last."""
    for line in lines[:-1]:
        room = max(0, _ordered(order, line) - wanted[line])
        wanted[line] += min(room, quantity)
        quantity -= min(room, quantity)
    wanted[lines[-1]] += quantity


def _ordered(order: Json, line: str) -> int:
    """How many of a line are still open or were sent."""
    open_ = sum(
        x["remainingQuantity"]
        for part in order["fulfillmentOrders"]
        for x in part["lineItems"]
        if x["lineItem"]["id"] == line
    )
    sent = sum(
        x["quantity"]
        for f in order["fulfillments"]
        if f["status"] not in _VOID
        for x in f["fulfillmentLineItems"]
        if x["lineItem"]["id"] == line
    )
    return int(open_ + sent)


def _same(fulfilment: Json, despatch: _Despatch) -> bool:
    """Whether a fulfilment may be this record's: by its tracking number, or without any by exactly its lines."""
    numbers = {str(each["number"]) for each in fulfilment["trackingInfo"] if each["number"]}
    mine = set(despatch.tracking.get("numbers", []))
    if mine:
        return bool(numbers & mine)
    lines = Counter[str]()
    for line in fulfilment["fulfillmentLineItems"]:
        lines[line["lineItem"]["id"]] += line["quantity"]
    return not numbers and despatch.wanted in (None, lines)


def _is_there(despatch: _Despatch, need: Counter[str] | None) -> bool:
    """Whether nothing of this record is left to do: there is such a fulfilment, and it holds all that is wanted."""
    if not despatch.before:
        return False
    if need is None:
        return not any(line["remainingQuantity"] for part in despatch.parts() for line in part["lineItems"])
    if despatch.tracking.get("numbers"):
        return not need
    # Without a number, lines that are still open tell that this is another despatch of the same lines.
    return not need and not _open(despatch, despatch.wanted or Counter())


def _open(despatch: _Despatch, wanted: Counter[str]) -> bool:
    left = Counter[str]()
    for part in despatch.parts():
        for line in part["lineItems"]:
            left[line["lineItem"]["id"]] += line["remainingQuantity"]
    return all(left[line] >= quantity for line, quantity in wanted.items())


def _groups(despatch: _Despatch, need: Counter[str] | None) -> list[list[Json]]:
    """What to send, grouped by location, since one fulfilment is from one location. Rejects what is not open."""
    groups: dict[str, list[Json]] = {}
    left = None if need is None else Counter(need)
    for part in despatch.parts():
        lines = []
        for line in part["lineItems"]:
            have = line["remainingQuantity"]
            take = have if left is None else min(have, left[line["lineItem"]["id"]])
            if take:
                lines.append({"id": line["id"], "quantity": take})
                if left is not None:
                    left[line["lineItem"]["id"]] -= take
        if lines:
            each = {"fulfillmentOrderId": part["id"], "fulfillmentOrderLineItems": lines}
            groups.setdefault(_place(part) or "", []).append(each)
    short = +left if left is not None else Counter[str]()
    if short or not groups:
        raise _not_open(despatch, short)
    return list(groups.values())


def _not_open(despatch: _Despatch, short: Counter[str]) -> RemoteRejected:
    name = despatch.order["name"]
    held = [part for part in despatch.order["fulfillmentOrders"] if part["status"] in ("ON_HOLD", "SCHEDULED")]
    why = f" ({held[0]['status'].replace('_', ' ').lower()})" if held else ""
    skus = {
        line["lineItem"]["id"]: line["sku"]
        for part in despatch.order["fulfillmentOrders"]
        for line in part["lineItems"]
    }
    what = ", ".join(f"{quantity} × {skus.get(line) or line}" for line, quantity in short.items())
    message = (
        f"order {name} has not so much left to fulfil{why}: {what} too many"
        if what
        else f"order {name} has nothing left to fulfil{why}"
    )
    return RemoteRejected(message, field="fulfillmentLineItems", key="not_open")


def _place(part: Json) -> str | None:
    place = part["assignedLocation"]["location"]
    return str(place["id"]) if place else None


def _create(conn: Connection, despatch: _Despatch, lines: list[Json], notify: bool) -> str:
    wanted = given(lineItemsByFulfillmentOrder=lines, notifyCustomer=notify, trackingInfo=despatch.tracking or None)
    message = text(first(despatch.record, "message"), "message")
    payload = mutate(conn, _CREATE, {"fulfillment": wanted, "message": message})
    return str(raise_user_errors(payload, drop=1)["fulfillment"]["id"])


def _settled(conn: Connection, despatch: _Despatch, notify: bool) -> Verdict:
    """It is there: unchanged, or its tracking corrected."""
    there, wanted = despatch.before[0], despatch.tracking
    have = there["trackingInfo"][0] if there["trackingInfo"] else {}
    company, urls = wanted.get("company"), wanted.get("urls")
    if (company and company != have.get("company")) or (urls and urls[0] != have.get("url")):
        return _retrack(conn, there["id"], wanted, notify)
    return Verdict.unchanged(there["id"])


def _retrack(conn: Connection, fulfilment: str, tracking: Json, notify: bool) -> Verdict:
    if not tracking:
        return Verdict.unchanged(fulfilment)
    values = {"fulfillmentId": fulfilment, "trackingInfoInput": tracking, "notifyCustomer": notify}
    raise_user_errors(mutate(conn, _TRACK, values, repeatable=True))
    return Verdict.updated(fulfilment)


def _tracking(record: Json) -> Json:
    """Tracking as a list of company, number and url, or as flat fields. Each url stands in the place of its number."""
    infos = rows(record, "trackingInfo")
    numbers = [text(each.get("number"), "trackingInfo.number") for each in infos]
    urls = [text(each.get("url"), "trackingInfo.url") for each in infos]
    if not any(numbers):
        numbers, urls = [*words(record.get("trackingNumber") or "", "trackingNumber")], [url for url in urls if url]
    if not any(urls) and record.get("trackingUrl"):
        urls = [text(record["trackingUrl"], "trackingUrl")]
    pairs = list(zip_longest(numbers, urls))
    if any(url and not number for number, url in pairs):
        raise RemoteRejected(
            "the tracking has an address but no number, and Shopify shows the customer no address without one",
            field="trackingInfo.number",
            hint="Map the tracking number too, or leave the tracking address out.",
        )
    pairs = sorted((pair for pair in pairs if pair[0]), key=lambda pair: not pair[1])
    company = next((each["company"] for each in infos if each.get("company")), record.get("trackingCompany"))
    return given(
        company=text(company, "trackingInfo.company") or None,
        numbers=[number for number, _ in pairs] or None,
        urls=[url for _, url in pairs if url] or None,
    )


def _notify(record: Json, options: Mapping[str, Any]) -> bool:
    own = record.get("notifyCustomer")
    return bool(options.get("notify")) if own in (None, "") else flag(own, "notifyCustomer")


fulfilments = Write(push=push, find=find, idempotency=Idempotency.LOOKUP, batch=10, concurrency=4, options=OPTIONS)
