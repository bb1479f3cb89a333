"""Readers of what hangs on orders: the vendor lists refunds, returns and fulfilments only by order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from topstitch.sdk import Query, Read, Record, Setting
from topstitch.systems.shopify.paging import MAX_PAGE, Listing, by_ids_of, inner, pages_of
from topstitch.systems.shopify.search import moment
from topstitch.systems.shopify.selections import ORDER_HEAD

Select = Callable[[Mapping[str, Any]], str]


def of_orders(
    kind: str,
    name: str,
    select: Select,
    stamp: str,
    *,
    first: int = 0,
    always: Select = lambda options: "",
    options: Sequence[Setting] = (),
) -> Read:
    """Orders changed since, and of each its refunds (returns, ...) as records that carry the head of their order.

    `stamp`: the part's own time of change, by which those that did not change are left out; "" when it has none.
    `first`: the part is a connection, read so many at a time; 0: a plain list, which is always complete.
    `always`: search text for the orders, by the `options`.
    """

    def with_orders(options: Mapping[str, Any]) -> str:
        fields = select(options)
        return f"{ORDER_HEAD} {inner('Order', name, fields, first) if first else f'{name} {{ {fields} }}'}"

    def alone(options: Mapping[str, Any]) -> str:
        return f"{select(options)} order {{ {ORDER_HEAD} }}"

    def unfold(order: Record, asked: Query) -> Sequence[Record]:
        head = {field: value for field, value in order.items() if field != name}
        since = asked.since if stamp else None
        return [{**part, "order": head} for part in order[name] if not since or moment(part[stamp]) >= since]

    listing = Listing(
        "orders", "Order", with_orders, ", sortKey: UPDATED_AT", "updated_at", always=always, unfold=unfold
    )
    return Read(
        pages=pages_of(listing),
        by_ids=by_ids_of(kind, alone),
        since=True,
        until=True,
        page_size=25,
        max_page_size=MAX_PAGE,
        options=options,
    )
