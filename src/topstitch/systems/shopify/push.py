"""What writers share: groups of which one bad record is taken out, metafields of what was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from topstitch.sdk import (
    Connection,
    RemoteRejected,
    TopstitchError,
    Verdict,
)
from topstitch.systems.shopify.api import Json, UserError, first_error, user_errors
from topstitch.systems.shopify.convert import metafields
from topstitch.systems.shopify.paging import PAGE_INFO, fetch


class Together:
    """Rows that go in one mutation which does all or nothing: those it complains of are taken out, the rest sent again.

    `send` gives the payload for the rows; `prefix` is the path before the index of a row in `userErrors[].field`.
    Fills `verdicts`, one for each row, by `done(row, payload, place)`.
    """

    def __init__(
        self,
        send: Callable[[list[Any]], Json],
        prefix: tuple[str, ...],
        done: Callable[[Any, Json, int], Verdict],
        refused: Callable[[Any, UserError], Verdict | None] = lambda row, error: None,
    ) -> None:
        self._send, self._prefix, self._done, self._refused = send, prefix, done, refused

    def run(self, rows: Sequence[Any]) -> list[Verdict]:
        """One verdict a row, in order."""
        verdicts: dict[int, Verdict] = {}
        self._try(list(enumerate(rows)), verdicts)
        return [verdicts[place] for place in range(len(rows))]

    def _try(self, rows: list[tuple[int, Any]], verdicts: dict[int, Verdict]) -> None:
        while rows:
            try:
                payload = self._send([row for _, row in rows])
            except TopstitchError as failure:
                self._failed(rows, failure, verdicts)
                return
            errors = user_errors(payload)
            if not errors:
                verdicts |= {place: self._done(row, payload, i) for i, (place, row) in enumerate(rows)}
                return
            bad = {i: error for error in errors if (i := error.place(*self._prefix)) is not None and i < len(rows)}
            if not bad:
                self._failed(rows, first_error(errors, drop=1), verdicts)
                return
            for i, error in bad.items():
                place, row = rows[i]
                own = self._refused(row, error)
                verdicts[place] = own or Verdict.of(error.error(drop=len(self._prefix) + 1))
            rows = [each for i, each in enumerate(rows) if i not in bad]

    def _failed(self, rows: list[tuple[int, Any]], error: TopstitchError, verdicts: dict[int, Verdict]) -> None:
        """One error for all of them: if it may be one row's fault, find out whose by halves."""
        if len(rows) == 1 or not isinstance(error, RemoteRejected):
            verdicts |= {place: Verdict.of(error) for place, _ in rows}
            return
        middle = len(rows) // 2
        self._try(rows[:middle], verdicts)
        self._try(rows[middle:], verdicts)


_TYPES = (
    "query Types($owner: MetafieldOwnerType!, $first: Int!, $after: String) { metafieldDefinitions(ownerType: $owner, "
    f"first: $first, after: $after) {{ nodes {{ namespace key type {{ name }} }} {PAGE_INFO} }} }}"
)
#: Kinds of records that the vendor's list of owners calls otherwise than by their words with `_` between them.
_OWNERS = {
    "ProductVariant": "PRODUCTVARIANT",
    "DraftOrder": "DRAFTORDER",
    "CartTransform": "CARTTRANSFORM",
    "DiscountNode": "DISCOUNT",
    "DiscountAutomaticNode": "DISCOUNT",
    "DiscountCodeNode": "DISCOUNT",
}
_OWNER_TYPES = (
    "API_PERMISSION ARTICLE BLOG CARTTRANSFORM COLLECTION COMPANY COMPANY_LOCATION CUSTOMER DELIVERY_CUSTOMIZATION DISCOUNT "
    "DRAFTORDER FULFILLMENT_CONSTRAINT_RULE GIFT_CARD_TRANSACTION LOCATION MARKET MEDIA_IMAGE ORDER "
    "ORDER_ROUTING_LOCATION_RULE PAGE PAYMENT_CUSTOMIZATION PRODUCT PRODUCTVARIANT SELLING_PLAN SHOP VALIDATION"
)


def owner_type(kind: str) -> str:
    """What the vendor calls `kind` as an owner of metafields: COMPANY_LOCATION for CompanyLocation."""
    found = _OWNERS.get(kind) or re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).upper()
    if found not in _OWNER_TYPES.split():
        raise RemoteRejected(f"Shopify has no metafields on records of the kind {kind!r}", field="ownerId")
    return found


#: The usual type of a metafield.
LINE = "single_line_text_field"


def typed(conn: Connection, kind: str, fields: list[Json]) -> list[Json]:
    """Metafields with a type each: the one given, else that of the shop's definition, else a line or lines of text.

    A line of text, what a mapping says where nobody chose, gives way: the shop refuses any type but the defined one.
    """
    if all(field.get("type", LINE) != LINE for field in fields):
        return fields
    types = definitions(conn, kind)
    made = []
    for field in fields:
        default = "multi_line_text_field" if "\n" in field["value"] else LINE
        chosen = field.get("type", LINE)
        known = types.get((field["namespace"], field["key"]), default)
        made.append({**field, "type": known if chosen == LINE else chosen})
    return made


def definitions(conn: Connection, kind: str) -> dict[tuple[str, str], str]:
    """Type of each metafield that the shop defines for a kind of record, by namespace and key; asked for once."""
    found: dict[tuple[str, str], str] = conn.remember(f"metafield types {kind}", lambda: _types(conn, kind))
    return found


def _types(conn: Connection, kind: str) -> dict[tuple[str, str], str]:
    owner, after = owner_type(kind), None
    found: dict[tuple[str, str], str] = {}
    while True:
        page = fetch(conn, _TYPES, {"owner": owner, "after": after}, 250, "metafield types")
        found |= {(row["namespace"], row["key"]): row["type"]["name"] for row in page["nodes"]}
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


def metafields_for(conn: Connection, kind: str, record: Json) -> list[Json]:
    """The metafields of a record, ready for a `MetafieldInput`."""
    return typed(conn, kind, metafields(record))


SET_METAFIELDS = (
    "mutation Metafields($metafields: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $metafields) "
    "{ metafields { id } userErrors { field message code } } }"
)
#: The vendor takes so many metafields in one call.
METAFIELDS_AT_ONCE = 25
