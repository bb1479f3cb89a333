"""Filters that the shop applies itself: their conditions as its parameters, and tested again where it takes them loosely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from topstitch.sdk import Condition, ConfigError, Query
from topstitch.systems.woocommerce.casts import single_spaced
from topstitch.systems.woocommerce.lookups import chunks, fold

CREATED, SOLD, SKU = "date_created_gmt", "line_items[*].product_id", "sku"
ORDER_FILTERS = {
    "status": ("equals", "in"),
    "customer_id": ("equals",),
    SOLD: ("contains",),
    CREATED: ("after", "greater_or_equal", "before", "less_or_equal"),
}
PRODUCT_FILTERS = {
    **dict.fromkeys(["status", "type", "stock_status"], ("equals",)),
    SKU: ("equals", "in"),
    **dict.fromkeys(["categories[*].id", "tags[*].id"], ("contains",)),
}
VARIATION_FILTERS = dict.fromkeys(["status", "stock_status", "sku"], ("equals",))
_LISTS = {"categories[*].id": "category", "tags[*].id": "tag"}
_SECOND = timedelta(seconds=1)
ANY = "any"


def product_params(query: Query) -> dict[str, Any]:
    """Conditions on products or variations as parameters; one of each name, and a category brings those below it."""
    named = ((_LISTS.get(condition.field, condition.field), condition) for condition in query.conditions)
    return {name: ",".join(many(each)) if each.op == "in" else each.value for name, each in named}


def by_skus(query: Query) -> list[Query]:
    """The questions that a question for many products comes to: of as many SKUs each as the shop takes in one."""
    first = next((condition for condition in query.conditions if condition.op == "in"), None)
    if first is None:
        return [query]
    rest = [condition for condition in query.conditions if condition is not first]
    wanted = {fold(sku): single_spaced(sku) for sku in many(first)}
    if "" in wanted:
        # The shop cannot be asked for products without a SKU: all are read, and those are picked out here.
        return [replace(query, conditions=rest)]
    return [replace(query, conditions=[*rest, replace(first, value=some)]) for some in chunks(wanted.values())]


def many(condition: Condition) -> list[str]:
    """The values of a condition on one of several, which may be one text with commas."""
    value = condition.value
    return [str(each) for each in (value if isinstance(value, list | tuple) else str(value).split(","))]


def fits(record: Mapping[str, Any], *queries: Query) -> bool:
    """Whether a product or variation meets every condition."""
    return all(_holds(record, condition) for query in queries for condition in query.conditions)


def _holds(record: Mapping[str, Any], condition: Condition) -> bool:
    if "[*]" in condition.field:
        return _contains(record, condition)
    value = fold(record.get(condition.field) or "")
    if condition.op == "in":
        return value in {fold(each) for each in many(condition)}
    return fold(condition.value) in (ANY, value)


def _contains(record: Mapping[str, Any], condition: Condition) -> bool:
    name, _, part = condition.field.partition("[*].")
    return any(str(item.get(part)) == str(condition.value) for item in record.get(name) or ())


# -- orders ---------------------------------------------------------------------------------------------------------


def order_params(query: Query) -> dict[str, Any] | None:
    """Conditions on orders and the option `statuses` as parameters, None when nothing can meet them all."""
    option = words(query.options.get("statuses"))
    asked = [option] if option else []
    asked += [words(condition.value) for condition in query.conditions_on("status")]
    # `any` is every status but the trash; to the shop it takes in those named beside it.
    narrow = [some for some in asked if ANY not in some]
    statuses = set(narrow[0]).intersection(*narrow[1:]) if narrow else set()
    customers = {str(condition.value) for condition in query.conditions_on("customer_id")}
    if (narrow and not statuses) or len(customers) > 1:
        return None
    params: dict[str, Any] = _created(query)
    sold = [condition.value for condition in query.conditions_on(SOLD)]
    found = {"product": sold[:1], "customer": [*customers], "status": [",".join(sorted(statuses))] if statuses else []}
    return params | {name: values[0] for name, values in found.items() if values}


def sells(order: Mapping[str, Any], query: Query) -> bool:
    """Whether an order has every product asked for: the shop looks for one."""
    return all(_contains(order, condition) for condition in query.conditions_on(SOLD))


def words(value: object) -> list[str]:
    """Statuses from a comma list or a list, without the prefix they have inside the shop."""
    parts = value if isinstance(value, list | tuple) else str(value or "").split(",")
    return [str(part).strip().removeprefix("wc-") for part in parts if str(part).strip()]


def _created(query: Query) -> dict[str, str]:
    """Bounds of the time of creation: exclusive at the shop, which keeps whole seconds."""
    after, before = [], []
    for condition in query.conditions_on(CREATED):
        when = _moment(condition.value)
        whole = when.replace(microsecond=0)
        next_whole = whole + _SECOND if when > whole else whole
        if condition.op == "after":
            after.append(whole)
        elif condition.op == "greater_or_equal":
            after.append(next_whole - _SECOND)
        else:
            before.append(next_whole if condition.op == "before" else whole + _SECOND)
    params = {"after": max(after).isoformat()} if after else {}
    params |= {"before": min(before).isoformat()} if before else {}
    return params | ({"dates_are_gmt": "true"} if params else {})


def _moment(value: object) -> datetime:
    """In UTC, without saying so: the shop would move a time that names its zone."""
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ConfigError(f"the filter on {CREATED} needs a date, not {value!r}", key="filter") from error
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
