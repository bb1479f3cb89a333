"""Writing customers: made or updated by id, custom id, e-mail or telephone; the vendor allows each only once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from topstitch.sdk import Connection, Idempotency, Outgoing, RemoteRejected, Setting, Verdict, Write, one_by_one
from topstitch.systems.shopify.addresses import UNKNOWN_REGION, address
from topstitch.systems.shopify.api import Json, mutate, query, raise_user_errors
from topstitch.systems.shopify.convert import TARGET, custom_id, first, flag, given, rows, text, words
from topstitch.systems.shopify.live import written_fields
from topstitch.systems.shopify.metafields import set_on
from topstitch.systems.shopify.names import gid

_SET = (
    "mutation Customer($identifier: CustomerSetIdentifiers, $input: CustomerSetInput!) { "
    "customerSet(identifier: $identifier, input: $input) { customer { id } userErrors { field message code } } }"
)
_FIND = (
    "query Known($identifier: CustomerIdentifierInput!) { customerByIdentifier(identifier: $identifier) "
    "{ id defaultAddress { id } } }"
)
#: How the mutation calls an identifier, and how the query does.
_NAMES = {"id": "id", "customId": "customId", "email": "emailAddress", "phone": "phoneNumber"}

OPTIONS = (
    Setting(
        name="addresses",
        label="Addresses of known customers",
        kind="choice",
        choices=("keep", "replace"),
        default="keep",
        help="Shopify deletes every address that is not sent. Keep: addresses are only written for new customers, and "
        "for known ones that have none.",
    ),
    Setting(
        name="custom_id",
        label="Metafield that identifies customers",
        fixed=True,
        help="Namespace and key with a dot between, as in custom.erp_id, whose definition has unique values. A customer that "
        "no such metafield identifies yet is found by e-mail or telephone. Empty: always by these.",
    ),
    UNKNOWN_REGION,
)


def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """`Write.push` of customers."""

    def act(outgoing: Outgoing) -> Verdict:
        record = outgoing.record
        identifier, known = _identified(conn, record, outgoing.remote_id, options)
        wanted = _input(record)
        if (places := _addresses(conn, record, options)) and (
            not known or not known["defaultAddress"] or options.get("addresses") == "replace"
        ):
            wanted["addresses"] = places
        payload = mutate(conn, _SET, {"identifier": identifier, "input": wanted}, repeatable=True)
        made = str(raise_user_errors(payload, drop=1)["customer"]["id"])
        set_on(conn, made, record)
        return Verdict.updated(made) if known else Verdict.created(made)

    return one_by_one(batch, act)


def _identified(conn: Connection, record: Json, remote_id: str, options: Mapping[str, Any]) -> tuple[Json, Json | None]:
    """What identifies a customer, and the customer if the shop has it: the first of several that it knows, else the last."""
    identifier: Json = {}
    for identifier in _identifiers(record, remote_id, options):
        ((name, value),) = identifier.items()
        known = query(conn, _FIND, {"identifier": {_NAMES[name]: value}})["customerByIdentifier"]
        if known:
            return {"id": known["id"]}, known
    return identifier, None


def _identifiers(record: Json, remote_id: str, options: Mapping[str, Any]) -> list[Json]:
    known = first(record, *TARGET) or remote_id
    if known:
        return [{"id": gid("Customer", known)}]
    own = [{"customId": custom_id(record, options["custom_id"])}] if options.get("custom_id") else []
    contact = _contact(record)
    for name in ("email", "phone"):
        if contact.get(name):
            return [*own, {name: contact[name]}]
    if own:
        return own
    raise RemoteRejected("the customer has neither an e-mail nor a telephone number to be known by", field="email")


def _contact(record: Json) -> Json:
    email = first(record, "email", "defaultEmailAddress.emailAddress")
    phone = first(record, "phone", "defaultPhoneNumber.phoneNumber")
    return given(email=text(email, "email"), phone=text(phone, "phone"))


def _input(record: Json) -> Json:
    return given(
        **_contact(record),
        firstName=text(record.get("firstName"), "firstName"),
        lastName=text(record.get("lastName"), "lastName"),
        note=text(record.get("note"), "note"),
        locale=text(first(record, "locale"), "locale"),
        tags=words(record["tags"], "tags") if record.get("tags") is not None else None,
        taxExempt=flag(record["taxExempt"], "taxExempt") if record.get("taxExempt") is not None else None,
    )


def _addresses(conn: Connection, record: Json, options: Mapping[str, Any]) -> list[Json]:
    """The list of addresses, the default one first; or the default one alone."""
    many = rows(record, "addresses") or rows(record, "addressesV2")
    made = [address(conn, each, f"addresses[{place}]", options) for place, each in enumerate(many)]
    if not made:
        made = [address(conn, record.get("defaultAddress"), "defaultAddress", options)]
    return [each for each in made if each]


customers = Write(
    push=push,
    idempotency=Idempotency.NATURAL_KEY,
    batch=10,
    concurrency=4,
    options=OPTIONS,
    live_fields=written_fields("customers"),
)
