"""Customers: read to the end each time, since the shop cannot filter them by date, and written by e-mail address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from topstitch.sdk import Connection, Cursor, DuplicateRecord, Outgoing, Page, Query, Record, Verdict, one_by_one
from topstitch.systems.woocommerce.api import by_include, get_many, get_one, write
from topstitch.systems.woocommerce.casts import ADDRESS, filled, metas, metas_differ, refuse, text
from topstitch.systems.woocommerce.lists import Listing, read

Options = Mapping[str, Any]
FILTERS = {"email": ("equals",)}
_TEXTS = ("first_name", "last_name", "username", "password")


def customer_pages(conn: Connection, query: Query, cursor: Cursor | None) -> Iterator[Page]:
    """All customers in the role of the option, those changed since kept here."""
    params = {"role": query.options.get("role") or "all"}
    params |= {condition.field: condition.value for condition in query.conditions}
    return read(conn, Listing(route="customers", params=params, dated=None), query, cursor)


def customers_by_ids(conn: Connection, ids: Sequence[str], options: Options) -> list[Record]:
    """Customers by id, whatever their role."""
    return by_include(conn, "customers", ids, {"role": "all"})


def push_customers(conn: Connection, batch: Sequence[Outgoing], options: Options) -> list[Verdict]:
    """Create or update customers by e-mail address."""
    return one_by_one(batch, lambda out: _push(conn, out))


def _push(conn: Connection, out: Outgoing) -> Verdict:
    body = _body(out.record)
    found = _there(conn, body["email"], out.remote_id)
    if found:
        return _update(conn, found, body)
    try:
        answer = write(conn, "POST", "customers", body, idempotent=False)
    except DuplicateRecord as error:
        # Somebody was faster, or an earlier try of ours whose answer was lost.
        found = _there(conn, body["email"], "")
        if error.field != "email" or not found:
            raise
        return _update(conn, found, body)
    return Verdict.created(answer["id"])


def _there(conn: Connection, email: str, remote_id: str) -> Record | None:
    """The account with this address; the one written before when the address has changed since."""
    found = get_many(conn, "customers", {"email": email, "role": "all"})
    same = [one for one in found if str(one.get("email")).casefold() == email.casefold()]
    return same[0] if same else get_one(conn, "customers/{id}", id=remote_id) if remote_id else None


def _update(conn: Connection, found: Record, body: Record) -> Verdict:
    # A user name cannot be changed, and a password is the customer's own once the account is there.
    changes = {name: value for name, value in body.items() if name not in ("username", "password")}
    changes = {name: value for name, value in changes.items() if _differs(name, value, found)}
    if not changes:
        return Verdict.unchanged(found["id"])
    answer = write(conn, "PUT", "customers/{id}", changes, idempotent=True, id=found["id"])
    return Verdict.updated(answer["id"])


def _body(record: Record) -> Record:
    email = text(record.get("email") or "", "email").strip()
    if "@" not in email:
        refuse(f"{email!r} is no e-mail address" if email else "is missing", "email")
    body: Record = {"email": email} | {name: text(record[name], name) for name in _TEXTS if record.get(name)}
    for block in ("billing", "shipping"):
        given = record.get(block) or {}
        names = [*ADDRESS, "email"] if block == "billing" else ADDRESS
        body[block] = {
            name: text(given[name], f"{block}.{name}").strip() for name in names if given.get(name) is not None
        }
    meta = metas(record)
    return filled(body) | ({"meta_data": meta} if meta else {})


def _differs(name: str, value: Any, found: Mapping[str, Any]) -> bool:
    current = found.get(name)
    if name == "meta_data":
        return metas_differ(value, current)
    if isinstance(value, dict):
        return any((current or {}).get(part) != inner for part, inner in value.items())
    if name == "email":
        return str(current).casefold() != str(value).casefold()
    return bool(current != value)
