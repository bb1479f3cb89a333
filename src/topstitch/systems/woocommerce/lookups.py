"""Finding what a record points to: products and variations by SKU, parents by id, categories and tags by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from topstitch.sdk import Connection, MissingReference, Record, RemoteRejected
from topstitch.systems.woocommerce.api import by_include, get_many, get_one
from topstitch.systems.woocommerce.casts import single_spaced
from topstitch.systems.woocommerce.lists import Listing, read_all

#: What is asked of a product that is only looked up.
BASIC = "id,parent_id,type,sku,name,status"
_LONGEST_LIST = 1500


@dataclass(frozen=True, slots=True)
class Item:
    """A product or a variation that is in the shop."""

    id: int
    parent_id: int
    type: str
    record: Mapping[str, Any]

    @property
    def is_variation(self) -> bool:
        """Whether it belongs to a variable product; its address then needs the parent."""
        return self.parent_id > 0

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Item:
        """From a product as the shop gives it; `parent_id` is also that of a grouped product's children, so the type counts."""
        kind = str(record.get("type") or "")
        parent = int(record.get("parent_id") or 0) if kind == "variation" else 0
        return cls(int(record["id"]), parent, kind, record)


class Shelf:
    """What the shop has under the SKUs that were asked for. Case does not matter to the shop, nor here."""

    def __init__(self, records: Iterable[Mapping[str, Any]]) -> None:
        self._items: dict[str, list[Item]] = {}
        for record in records:
            if record.get("sku"):
                self._items.setdefault(fold(record["sku"]), []).append(Item.of(record))

    def get(self, sku: object, field: str = "sku") -> Item | None:
        """The one item of this SKU, None when there is none; raises RemoteRejected when there are several."""
        found = self._items.get(fold(sku), [])
        if len(found) > 1:
            ids = ", ".join(str(item.id) for item in found)
            raise RemoteRejected(f"the shop has the SKU {sku!r} several times (records {ids})", field=field)
        return found[0] if found else None

    def need(self, sku: object, field: str = "sku") -> Item:
        """The item of this SKU; raises MissingReference naming it."""
        item = self.get(sku, field)
        if item is None:
            raise MissingReference(f"the shop has no product with the SKU {str(sku)!r}", field=field)
        return item


def fold(sku: object) -> str:
    """A SKU in the form in which two of them are compared."""
    return single_spaced(str(sku)).casefold()


def shelf(conn: Connection, skus: Iterable[object], fields: str = BASIC) -> Shelf:
    """Look SKUs up, as many a call as an address can hold."""
    wanted = {fold(sku): single_spaced(str(sku)) for sku in skus if sku is not None and str(sku).strip()}
    found: dict[int, Record] = {}
    for chunk in chunks(wanted.values()):
        params = {"sku": ",".join(chunk), "per_page": 100, "_fields": fields}
        found |= {record["id"]: record for record in get_many(conn, "products", params)}
    return Shelf(record for record in found.values() if fold(record.get("sku") or "") in wanted)


def chunks(skus: Iterable[str]) -> Iterator[list[str]]:
    """As many SKUs as a comma list can hold, 50 at most; one that holds a comma itself is asked for alone."""
    chunk: list[str] = []
    for sku in skus:
        if "," in sku:
            yield [sku]
            continue
        if len(chunk) == 50 or sum(map(len, chunk)) + len(sku) > _LONGEST_LIST:
            yield chunk
            chunk = []
        chunk.append(sku)
    if chunk:
        yield chunk


def item_by_id(conn: Connection, id: object, fields: str = BASIC) -> Item | None:
    """A product or variation by its id; reading a variation among the products works, unlike changing it."""
    if not str(id).isdecimal() or int(str(id)) == 0:
        return None
    record = get_one(conn, "products/{id}", {"_fields": fields}, id=id)
    return Item.of(record) if record else None


def parents(conn: Connection, ids: Iterable[int], fields: str = BASIC) -> dict[int, Record]:
    """Products by id, those that exist."""
    found = by_include(conn, "products", [str(id) for id in ids], {"_fields": fields})
    return {record["id"]: record for record in found}


def terms(conn: Connection, kind: str, given: object, *, lenient: bool = False) -> list[Record]:
    """Categories or tags as the shop takes them, `[{"id": 9}]`: it drops those named otherwise without a word.

    `given` is a list of ids in objects, names, slugs or plain names. For one that is not there MissingReference is raised,
    or when `lenient` it is left out and named in the log, once a run.
    """
    found = []
    for item in given if isinstance(given, list) else [given]:
        try:
            if item and (not isinstance(item, dict) or any(item.values())):
                found.append(_term(conn, kind, item if isinstance(item, dict) else {"name": item}))
        except MissingReference as error:
            if not lenient:
                raise
            told: set[str] = conn.remember("terms left out", set)
            if error.message not in told:
                told.add(error.message)
                conn.log("warning", f"{error.message}: left out")
    return found


def _term(conn: Connection, kind: str, item: Mapping[str, Any]) -> Record:
    if item.get("id") and not (item.get("name") or item.get("slug")):
        return {"id": int(item["id"])}
    known: Sequence[Record] = conn.remember(kind, lambda: read_all(conn, Listing(route=f"products/{kind}", dated=None)))
    by = "slug" if item.get("slug") else "name"
    wanted = unescape(str(item.get(by) or "")).strip().casefold()
    found = [term for term in known if unescape(str(term.get(by))).strip().casefold() == wanted]
    if not found and by == "slug" and item.get("name"):
        return _term(conn, kind, {"name": item["name"]})
    if not found:
        raise MissingReference(f"the shop has no {kind} called {item.get(by)!r}", field=f"{kind}[].{by}")
    if len(found) > 1:
        raise RemoteRejected(
            f"the shop has several {kind} called {item.get(by)!r}: map the slug", field=f"{kind}[].{by}"
        )
    return {"id": found[0]["id"]}
