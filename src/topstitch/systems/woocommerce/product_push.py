"""Writing products and variations: found by SKU, created or updated in batches, variations below their parents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from topstitch.sdk import Connection, MissingReference, Outgoing, Record, RemoteRejected, Verdict
from topstitch.systems.woocommerce.api import get_many
from topstitch.systems.woocommerce.attributes import dropped
from topstitch.systems.woocommerce.batches import Job, plan, send
from topstitch.systems.woocommerce.casts import compare, refuse
from topstitch.systems.woocommerce.lookups import BASIC, Item, Shelf, fold, item_by_id, shelf
from topstitch.systems.woocommerce.product_body import product_body, variation_body

Options = Mapping[str, Any]
#: What shops where every product has a variant call the only one of a product without options.
_NO_CHOICE = ("", "default title")
_ITEM_FIELDS = f"{BASIC},regular_price,attributes,categories,tags"


def push_products(conn: Connection, batch: Sequence[Outgoing], options: Options) -> list[Verdict]:
    """Create or update products by SKU, then the variations that came inside them."""
    batch = [replace(out, record=without_sole_variation(out.record)) for out in batch]
    known = shelf(conn, [sku for out in batch for sku in _skus(out.record)], _ITEM_FIELDS)
    attributes: dict[int, Sequence[Record]] = {}

    def prepare(slot: int, out: Outgoing) -> Job:
        record = out.record
        item = _product(conn, known, out)
        body = product_body(conn, record, item.record if item else None, options)
        attributes[slot] = body.get("attributes", ())
        if item is None and not body.get("name"):
            refuse("a new product needs a name", "name")
        if _holds(record, "sku", body.get("sku")):
            del body["sku"]
        if _holds(record, "global_unique_id", body.get("global_unique_id")):
            body["global_unique_id"] = ""
        if record.get("variations_data"):
            # A variable product has the prices of its variations and none of its own.
            body = {name: value for name, value in body.items() if name not in ("regular_price", "sale_price")}
            if not (item and item.type.startswith("variable")):  # a plug-in may have a variable type of its own
                body.setdefault("type", "variable")
        return Job(slot, 0, {"id": item.id, **body} if item else body, _compare)

    jobs, verdicts = plan(batch, prepare)
    verdicts |= send(conn, jobs)
    for slot, out in enumerate(batch):
        if not verdicts[slot].error and out.record.get("variations_data"):
            parent = Item(int(verdicts[slot].remote_id), 0, "variable", {"attributes": attributes[slot]})
            verdicts[slot] = _push_inside(conn, known, out, parent, verdicts[slot], options)
    return [verdicts[slot] for slot in range(len(batch))]


def without_sole_variation(record: Record) -> Record:
    """A product whose one variation chooses nothing is a simple one: elsewhere every product has a variant."""
    inside = record.get("variations_data") or []
    if len(inside) != 1 or any(
        fold(item.get("option") or "") not in _NO_CHOICE for item in inside[0].get("attributes") or ()
    ):
        return record
    kept = {name: value for name, value in record.items() if name not in ("variations_data", "attributes")}
    sole = {name: value for name, value in inside[0].items() if name not in ("attributes", "name", "image")}
    return kept | {name: value for name, value in sole.items() if kept.get(name) in (None, "")}


def _skus(record: Record) -> list[object]:
    return [record.get("sku"), *(one.get("sku") for one in record.get("variations_data") or ())]


def _holds(record: Record, name: str, code: object) -> bool:
    """Whether one of the variations inside has the product's SKU or barcode: the shop gives one to one record only."""
    return bool(code) and any(fold(one.get(name) or "") == fold(code) for one in record.get("variations_data") or ())


def _product(conn: Connection, known: Shelf, out: Outgoing) -> Item | None:
    """The product a record is about: by its SKU, by our memory of it, or by the SKUs of the variations inside it."""
    skus = [sku for sku in _skus(out.record) if sku]
    found = [item for sku in skus if (item := known.get(sku))]
    for item in found:
        if not item.is_variation:
            return item
    inside = out.record.get("variations_data")
    if found and not inside:
        parent = found[0].parent_id
        refuse(f"{out.record['sku']!r} is a variation of product {parent}: send it as a variant", "sku")
    id = found[0].parent_id if found else out.remote_id
    if id:
        return item_by_id(conn, id, _ITEM_FIELDS)
    if not skus:
        refuse("is missing: without it the product could not be found again", "sku")
    return (
        _by_slug(conn, out.record)
        if _holds(out.record, "sku", out.record.get("sku")) or not out.record.get("sku")
        else None
    )


def _by_slug(conn: Connection, record: Record) -> Item | None:
    """A product that has no SKU of its own, perhaps written by a try whose answer was lost before its variations were."""
    slug = record.get("slug")
    found = get_many(conn, "products", {"slug": slug, "_fields": f"{_ITEM_FIELDS},slug"}) if slug else []
    same = [product for product in found if product.get("slug") == slug]
    return Item.of(same[0]) if same else None


def _push_inside(
    conn: Connection, known: Shelf, out: Outgoing, parent: Item, verdict: Verdict, options: Options
) -> Verdict:
    """The variations of a product; the first that fails is the product's verdict, and says so."""
    inside = [Outgoing(key=out.key, record=one) for one in out.record["variations_data"]]
    jobs, verdicts = plan(inside, lambda slot, one: _variation_job(conn, slot, one, known, parent, options))
    verdicts |= send(conn, jobs)
    for slot in range(len(inside)):
        error = verdicts[slot].error
        if isinstance(error, RemoteRejected):
            place = f"variations_data[{slot}]"
            told = f"the product is written, but not its variation {inside[slot].record.get('sku')!r}: {error.message}"
            return Verdict.of(type(error)(told, field=f"{place}.{error.field}" if error.field else place))
        if error:
            return verdicts[slot]
    return verdict


def push_variants(conn: Connection, batch: Sequence[Outgoing], options: Options) -> list[Verdict]:
    """Create or update variations by SKU, below the parent that has them or that the record names."""
    named = [out.record.get(name) for out in batch for name in ("sku", "parent_sku")]
    known = shelf(conn, named, _ITEM_FIELDS)
    asked: dict[object, Item | None] = {}

    def by_id(id: object) -> Item | None:
        if id not in asked:
            asked[id] = item_by_id(conn, id, _ITEM_FIELDS)
        return asked[id]

    def prepare(slot: int, out: Outgoing) -> Job:
        item = known.get(out.record["sku"]) if out.record.get("sku") else by_id(out.remote_id or out.record.get("id"))
        if item and not item.is_variation:
            refuse(f"{item.record.get('sku')!r} is a product of its own, no variation: send it as a product", "sku")
        return _variation_job(
            conn, slot, out, known, by_id(item.parent_id) if item else _parent(known, out, by_id), options
        )

    jobs, verdicts = plan(batch, prepare)
    verdicts |= send(conn, jobs)
    return [verdicts[slot] for slot in range(len(batch))]


def _parent(known: Shelf, out: Outgoing, by_id: Any) -> Item:
    """The parent that a new variation names."""
    record: Record = out.record
    if record.get("parent_sku"):
        return known.need(record["parent_sku"], "parent_sku")
    if not record.get("parent_id"):
        refuse("is missing, and so is parent_id: a new variation needs its product", "parent_sku")
    parent: Item | None = by_id(record["parent_id"])
    if parent is None:
        raise MissingReference(f"the shop has no product with the id {record['parent_id']}", field="parent_id")
    return parent


def _variation_job(
    conn: Connection, slot: int, out: Outgoing, known: Shelf, parent: Item | None, options: Options
) -> Job:
    if parent is None:
        raise MissingReference("the product of this variation is not in the shop", field="parent_id")
    if not parent.type.startswith("variable"):
        raise RemoteRejected(
            f"product {parent.id} is {parent.type}, not variable, so it has no variations", field="parent_sku"
        )
    sku = out.record.get("sku")
    item = known.get(sku) if sku else item_by_id(conn, out.remote_id or out.record.get("id"), _ITEM_FIELDS)
    if item and item.parent_id != parent.id:
        refuse(f"the SKU {sku!r} belongs to record {item.id} and not to product {parent.id}", "sku")
    body = variation_body(conn, out.record, item.record if item else None, parent, images=options["images"])
    if item is None:
        _check_new(body)
    return Job(slot, parent.id, {"id": item.id, **body} if item else body, _compare_variation)


def _check_new(body: Record) -> None:
    """The shop takes variations without a SKU and without a choice."""
    if not body.get("sku"):
        refuse("is missing: without it the variation could not be found again", "sku")
    if not body.get("attributes"):
        refuse("are missing: a variation chooses one option of each", "attributes")


def _compare_variation(sent: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    if answer.get("manage_stock") == "parent" and sent.get("manage_stock") is False:
        # It has no stock of its own, as was asked; what is shown is its product's.
        sent = {name: value for name, value in sent.items() if name not in ("manage_stock", "backorders")}
    _compare(sent, answer)


def _compare(sent: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    compare(sent, answer)
    if lost := dropped(sent, answer):
        refuse(f"the shop answered success but did not keep {lost!r}", "attributes")
