"""What a page of records refers to, read in one batched call per model and put where it belongs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topstitch.sdk import Record
from topstitch.systems.odoo.shapes import id_of, tidy

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo, Row

PARTNER = (
    "name", "email", "phone", "street", "street2", "city", "zip", "state_id", "country_id", "is_company", "company_name", "ref",
    "vat",
)  # fmt: skip
#: What is said of an address, less than of a customer.
ADDRESS = ("id", "name", "email", "phone", "street", "street2", "city", "zip", "state_id", "country_id", "company_name")
PRODUCT = ("default_code", "barcode", "name")


def tidied(odoo: Odoo, model: str, rows: Iterable[Row]) -> list[Record]:
    """Rows in tidy shape."""
    fields = odoo.fields(model)
    return [tidy(row, fields) for row in rows]


def by_id(odoo: Odoo, model: str, ids: Iterable[Any], fields: Sequence[str]) -> dict[int, Record]:
    """Tidy records by id. `ids` may be raw or tidy many2ones, or numbers."""
    wanted = {each if isinstance(each, int) and not isinstance(each, bool) else id_of(each) for each in ids} - {0}
    if not wanted:
        return {}
    return {row["id"]: row for row in tidied(odoo, model, odoo.by_ids(model, wanted, fields))}


def countries(odoo: Odoo) -> dict[int, str]:
    """ISO codes of all countries by id; asked once per run."""
    found: dict[int, str] = odoo.conn.remember("odoo countries", lambda: _countries(odoo))
    return found


def _countries(odoo: Odoo) -> dict[int, str]:
    rows = odoo.search_read("res.country", [["code", "!=", False]], ["code"])
    return {row["id"]: str(row["code"]).upper() for row in rows}


def with_places(odoo: Odoo, partners: Iterable[Record]) -> list[Record]:
    """Partners whose country has its ISO code and whose state its own name and code ("California (US)" is no name)."""
    listed = list(partners)
    states = by_id(odoo, "res.country.state", (p.get("state_id") for p in listed), ["name", "code"])
    for partner in listed:
        if country := partner.get("country_id"):
            country["code"] = countries(odoo).get(country["id"])
        if (state := partner.get("state_id")) and state["id"] in states:
            state |= {"name": states[state["id"]]["name"], "code": states[state["id"]]["code"]}
    return listed


def partners(odoo: Odoo, ids: Iterable[Any]) -> dict[int, Record]:
    """Contacts and addresses by id, with places."""
    found = by_id(odoo, "res.partner", ids, PARTNER)
    with_places(odoo, found.values())
    return found


def products(odoo: Odoo, ids: Iterable[Any]) -> dict[int, Record]:
    """SKU, barcode and name of variants by id."""
    return by_id(odoo, "product.product", ids, PRODUCT)


def with_products(odoo: Odoo, records: Sequence[Record]) -> Sequence[Record]:
    """Add `default_code` and `barcode` of the `product_id` of each record."""
    known = products(odoo, (record.get("product_id") for record in records))
    for record in records:
        product = known.get(id_of(record.get("product_id")), {})
        record |= {"default_code": product.get("default_code"), "barcode": product.get("barcode")}
    return records


def grouped(records: Iterable[Record], by: str) -> dict[int, list[Record]]:
    """Records by the id in one of their many2ones, in order."""
    found: dict[int, list[Record]] = {}
    for record in records:
        found.setdefault(id_of(record.get(by)), []).append(record)
    return found


def copy_of(record: Mapping[str, Any] | None, names: Sequence[str] = ()) -> Record | None:
    """A copy of all or some of the fields, for the same address may stand in several places."""
    if not record:
        return None
    return {name: record[name] for name in names if name in record} if names else dict(record)
