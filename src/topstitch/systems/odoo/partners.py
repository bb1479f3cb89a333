"""Contacts: finding one by reference or e-mail, making one, and the delivery and invoice addresses below it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from topstitch.sdk import Connection, MissingReference, Outgoing, Record, RemoteRejected, Setting, Verdict, one_by_one
from topstitch.systems.odoo.client import connect
from topstitch.systems.odoo.lookups import country_id, escaped, found_by, state_id
from topstitch.systems.odoo.pushing import own_id
from topstitch.systems.odoo.shapes import flag, given, id_of, text

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo, Row

PLACE = ("street", "street2", "city", "zip")
_TEXTS = (*PLACE, "name", "email", "phone", "mobile", "vat", "ref", "company_name", "lang", "comment")
_FLAGS = ("is_company", "active")
FOUND = ("name", "email", "ref", "parent_id", "type", "country_id", *PLACE, "phone", "active")
KEYS = Setting(
    name="key",
    label="Contacts are found by",
    kind="choice",
    choices=["ref, then email", "ref", "email"],
    default="ref, then email",
    help="ref is the field Reference of a contact. E-mail is compared without regard to case.",
    fixed=True,
)


def values_of(odoo: Odoo, record: Mapping[str, Any], place: str = "") -> Row:
    """A contact or address as Odoo takes it. Raises MissingReference for an unknown country.

    A region Odoo does not list goes to the end of the second address line, lest it be lost; so does, in the notes, a second
    telephone number where Odoo has one only.
    """
    prefix = f"{place}." if place else ""
    values: Row = {n: text(record[n], prefix + n) for n in _TEXTS if given(record, n) is not None}
    if "lang" in values:
        values |= _language(odoo, values.pop("lang"))
    values |= {n: flag(record[n], prefix + n) for n in _FLAGS if given(record, n) is not None}
    country = given(record, "country_id")
    if country and (not isinstance(country, Mapping) or country.get("code") or country.get("name")):
        values["country_id"] = country_id(odoo, country, f"{prefix}country_id.code")
    region = given(record, "state_id")
    name = str(
        (region.get("code") or region.get("name") or "") if isinstance(region, Mapping) else region or ""
    ).strip()
    if name and values.get("country_id"):
        state = state_id(odoo, region, values["country_id"])
        if state:
            values["state_id"] = state
        else:
            values["street2"] = ", ".join(part for part in (values.get("street2"), name) if part)
    if "mobile" in values and not odoo.has("res.partner", "mobile"):
        values |= _one_number(values.pop("mobile"), values)
    return {field: value for field, value in values.items() if odoo.has("res.partner", field)}


def _one_number(mobile: str, values: Row) -> Row:
    """From 19 on a contact has one telephone number."""
    if not values.get("phone"):
        return {"phone": mobile}
    if values["phone"] == mobile:
        return {}
    return {"comment": f"{values.get('comment', '')}<p>Mobile: {escape(mobile)}</p>"}


def _language(odoo: Odoo, value: str) -> Row:
    """The installed language that is meant (`en-GB`, `en`), nothing when it is not installed: Odoo would refuse the contact."""
    installed = odoo.choices("res.partner", "lang")
    wanted = value.replace("-", "_").lower()
    same = [code for code in installed if code.lower() == wanted]
    alike = [code for code in installed if code.lower().split("_")[0] == wanted.split("_")[0]]
    return {"lang": [*same, *alike][0]} if same or alike else {}


def has_place(record: Mapping[str, Any] | None) -> bool:
    """Whether an address says where."""
    return bool(record) and any(given(record or {}, name) for name in PLACE)


class Partners:
    """The contacts that a batch names, looked up in one call; makes those that are missing."""

    def __init__(self, odoo: Odoo, records: Iterable[Mapping[str, Any]], key: str = "ref, then email") -> None:
        self._odoo, self._key = odoo, key
        self._by_ref: dict[str, Row] = {}
        self._by_email: dict[str, Row] = {}
        listed = list(records)
        refs = found_by(record.get("ref") for record in listed) if "ref" in key else []
        emails = found_by(record.get("email") for record in listed) if "email" in key else []
        for row in self._asked(refs, emails):
            self.remember(row)

    def _asked(self, refs: list[str], emails: list[str]) -> list[Row]:
        leaves: list[Any] = [["ref", "in", refs]] if refs else []
        leaves += [["email", "=ilike", escaped(email)] for email in emails]
        if not leaves:
            return []
        alternatives = [*["|"] * (len(leaves) - 1), *leaves]
        # Addresses below a company may share its e-mail; only contacts are customers.
        return self._odoo.search_read("res.partner", [["type", "=", "contact"], *alternatives], FOUND)

    def remember(self, row: Row) -> None:
        """The oldest wins, and one without a parent before one with."""
        for known, value in ((self._by_ref, row.get("ref")), (self._by_email, str(row.get("email") or "").lower())):
            if value and (value not in known or (known[value].get("parent_id") and not row.get("parent_id"))):
                known[value] = row

    def find(self, record: Mapping[str, Any]) -> Row | None:
        """The contact of this reference or e-mail."""
        ref, email = given(record, "ref"), given(record, "email")
        if ref and "ref" in self._key and (found := self._by_ref.get(str(ref).strip())):
            return found
        return self._by_email.get(str(email).strip().lower()) if email and "email" in self._key else None

    def make(self, values: Row) -> Row:
        """A new contact."""
        row: Row = dict(values) | {"id": self._odoo.create("res.partner", values)}
        self.remember(row)
        return row


def lock_of(conn: Connection) -> threading.Lock:
    """Two threads with the same new customer must not make him twice."""
    lock: threading.Lock = conn.cache.setdefault("odoo partner lock", threading.Lock())
    return lock


def without_email(odoo: Odoo, values: Row) -> Row | None:
    """Marketplaces hide the e-mail: then the same name at the same postcode is the same person."""
    if not values.get("name") or not values.get("zip"):
        return None
    same = [
        ["type", "=", "contact"],
        ["name", "=ilike", escaped(values["name"])],
        ["zip", "=ilike", escaped(values["zip"])],
    ]
    rows = odoo.search_read("res.partner", same, FOUND, limit=1)
    return rows[0] if rows else None


def address_of(odoo: Odoo, partner: Row, address: Mapping[str, Any] | None, kind: str) -> int:
    """The partner itself where the address is his, else a child address of this kind (delivery, invoice), made if new."""
    if not address or not has_place(address):
        return int(partner["id"])
    values = values_of(odoo, address, "shipping" if kind == "delivery" else "billing")
    if company := values.pop("company_name", ""):
        values["name"] = ", ".join(dict.fromkeys(part for part in (company, values.get("name")) if part))
    values = {
        name: value for name, value in values.items() if name not in ("ref", "vat", "is_company", "active", "lang")
    }
    values.setdefault("name", partner.get("name") or "")
    if _print(values) == _print(partner):
        return int(partner["id"])
    values |= {"parent_id": partner["id"], "type": kind}
    return _child(odoo, values) or odoo.create("res.partner", values)


def _child(odoo: Odoo, values: Row) -> int:
    """The address of this parent and kind with the same reference, or without one at the same place; 0 when there is none."""
    alike = [["parent_id", "=", values["parent_id"]], ["type", "=", values["type"]]]
    for row in odoo.search_read("res.partner", alike, FOUND):
        if row["ref"] == values["ref"] if values.get("ref") else _print(row) == _print(values):
            return int(row["id"])
    return 0


def _print(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What makes two addresses the same: name and place, without regard to case and spaces."""
    words = tuple(" ".join(str(row.get(name) or "").lower().split()) for name in ("name", *PLACE))
    country = row.get("country_id")
    return (*words, country if isinstance(country, int) and country else id_of(country or None))


def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """Create or update contacts."""
    odoo = connect(conn)
    with lock_of(conn):
        records = [
            each for out in batch for each in (out.record, out.record.get("parent_id")) if isinstance(each, Mapping)
        ]
        known = Partners(odoo, records, str(options.get("key") or "ref, then email"))
        return one_by_one(batch, lambda out: _one(odoo, known, out))


def _one(odoo: Odoo, known: Partners, out: Outgoing) -> Verdict:
    values = values_of(odoo, _with_name(out.record)) | _place_of(odoo, known, out.record)
    is_address = values.get("type", "contact") != "contact"
    found = own_id(out) or (_child(odoo, _below(values)) if is_address else (known.find(out.record) or {}).get("id"))
    if found:
        odoo.write("res.partner", [found], _with_notes(odoo, found, out.record, values))
        return Verdict.updated(found)
    if is_address:
        return Verdict.created(odoo.create("res.partner", values))
    if not given(out.record, "ref") and not given(out.record, "email"):
        raise RemoteRejected("the contact has neither ref nor email, so it could not be found again", field="email")
    if odoo.has("res.partner", "customer_rank"):
        values.setdefault("customer_rank", 1)
    return Verdict.created(known.make(values)["id"])


def _place_of(odoo: Odoo, known: Partners, record: Record) -> Row:
    """What kind of contact or address it is, and whom it belongs to. Raises MissingReference."""
    values: Row = {"type": text(record["type"], "type")} if given(record, "type") is not None else {}
    named = given(record, "parent_id")
    parent: Mapping[str, Any] = named if isinstance(named, Mapping) else {"id": named}
    told = [f"{name} {parent[name]}" for name in ("ref", "email", "id") if given(parent, name) is not None]
    if not told:
        return values
    id, found = str(given(parent, "id") or ""), known.find(parent)
    rows = [found] if found else odoo.by_ids("res.partner", [int(id)], ["id"]) if id.isdecimal() else []
    if not rows:
        raise MissingReference(f"Odoo has no contact with {', '.join(told)} to put this one below", field="parent_id")
    return values | {"parent_id": rows[0]["id"]}


def _below(values: Row) -> Row:
    """An address that can be found again: below a contact."""
    if not values.get("parent_id"):
        raise RemoteRejected(
            f"an address of the type {values['type']} belongs to a contact, and none is named", field="parent_id"
        )
    return values


def _with_notes(odoo: Odoo, id: int, record: Record, values: Row) -> Row:
    """Notes that the record does not speak of stay, before a number that has to go there."""
    if "comment" not in values or given(record, "comment") is not None:
        return values
    held = str(odoo.by_ids("res.partner", [id], ("comment",))[0]["comment"] or "")
    return values | {"comment": held if values["comment"] in held else held + values["comment"]}


def _with_name(record: Record) -> Record:
    """A contact needs a name; the e-mail stands in, as it does in Odoo's own forms."""
    if given(record, "name") is None and given(record, "email"):
        return {**record, "name": record["email"]}
    return record
