"""One GraphQL call to the Admin API: cost budget, API version that really ran, user errors as errors of ours."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from topstitch.sdk import (
    AnswerLost,
    AuthError,
    Connection,
    CostBudget,
    DuplicateRecord,
    GraphqlClient,
    GraphqlError,
    LimitExceeded,
    MissingReference,
    RateLimited,
    RemoteRejected,
    TemporaryError,
    TopstitchError,
)

Json = dict[str, Any]
CODES: Mapping[str, type[TopstitchError]] = {
    "THROTTLED": RateLimited,
    "ACCESS_DENIED": AuthError,
    "SHOP_INACTIVE": AuthError,
    "MAX_COST_EXCEEDED": LimitExceeded,
    "INTERNAL_SERVER_ERROR": AnswerLost,
    "TIMEOUT": AnswerLost,
    "IDEMPOTENCY_CONCURRENT_REQUEST": TemporaryError,
}
#: The lists of complaints that a mutation's answer may have.
_COMPLAINTS = ("userErrors", "orderCancelUserErrors")
#: User error codes that mean something other than "this record is wrong".
_USER_CODES: Mapping[str, type[RemoteRejected]] = {
    "TAKEN": DuplicateRecord,
    "HANDLE_NOT_UNIQUE": DuplicateRecord,
    "VARIANT_ALREADY_EXISTS": DuplicateRecord,
    "NOT_FOUND": MissingReference,
    "PRODUCT_DOES_NOT_EXIST": MissingReference,
    "PRODUCT_VARIANT_DOES_NOT_EXIST": MissingReference,
    "INVALID_INVENTORY_ITEM": MissingReference,
    "INVALID_LOCATION": MissingReference,
    "VARIANT_NOT_FOUND": MissingReference,
    "PRICE_LIST_NOT_FOUND": MissingReference,
}


#: The first API version that takes @idempotent; from 2026-04 stock and refunds must have it.
KEYS_FROM = "2026-01"
_BUSY, _USED_UP = "IDEMPOTENCY_CONCURRENT_REQUEST", "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"
_OTHER_CONTENTS = "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"
#: Words by which these are known where user errors have no code: in refundCreate and inventoryActivate.
_TOLD_BY = {
    "this request is currently in progress": _BUSY,
    "a previous request with this idempotency key failed": _USED_UP,
    "the same idempotency key cannot be used": _OTHER_CONTENTS,
}


@dataclass(slots=True)
class _Costs:
    """The connection's bucket, and what each query cost when it was last asked."""

    budget: CostBudget = field(default_factory=lambda: CostBudget(2000, 100))
    prices: dict[str, float] = field(default_factory=dict)


_LOCK = threading.Lock()


def _costs(conn: Connection) -> _Costs:
    with _LOCK:
        found: _Costs = conn.cache.setdefault("costs", _Costs())
    return found


def query(conn: Connection, text: str, variables: Mapping[str, object] | None = None) -> Json:
    """Ask, and give `data`. Raises LimitExceeded for a query above the vendor's cost limit."""
    return _ask(conn, text, variables, mutation=False, repeatable=True)


def mutate(conn: Connection, text: str, variables: Mapping[str, object], *, repeatable: bool = False) -> Json:
    """Run a mutation of one field and give its payload. `repeatable`: running it twice does no harm."""
    data = _ask(conn, text, variables, mutation=True, repeatable=repeatable)
    payload = next(iter(data.values()), None)
    if not isinstance(payload, dict):
        raise AnswerLost("Shopify answered a mutation with nothing, so it may or may not have been done.")
    return payload


def mutate_keyed(
    conn: Connection, field: str, types: str, values: Json, key: str, select: str, *, repeatable: bool = False
) -> Json:
    """A mutation that recognises its repetition by a key, where the API version takes one (from 2026-01).

    `field` is the call with its variables (`refundCreate(input: $input)`), `types` declares them. A key whose attempt
    failed is used up, so the next one is derived from it: the same keys are tried in the same order by every retry.
    `repeatable`: running it twice does no harm, even without a key.
    """
    if shop(conn).version < KEYS_FROM:
        return mutate(conn, f"mutation Once({types}) {{ {field} {{ {select} }} }}", values, repeatable=repeatable)
    text = f"mutation Once({types}, $key: String!) {{ {field} @idempotent(key: $key) {{ {select} }} }}"
    for attempt in range(1, 6):
        own = key if attempt == 1 else f"{key} {attempt}"
        try:
            payload = mutate(conn, text, {**values, "key": own}, repeatable=True)
        except GraphqlError as error:
            if _USED_UP in error.codes:
                continue
            raise
        if not any(each.code == _USED_UP for each in user_errors(payload)):
            return payload
    raise RemoteRejected("Shopify says that five attempts at this have failed already; change the record to try again.")


def _ask(
    conn: Connection, text: str, variables: Mapping[str, object] | None, *, mutation: bool, repeatable: bool
) -> Json:
    costs = _costs(conn)
    price = costs.prices.get(text, 0.0)

    held = [price]

    def heard(extensions: Json) -> None:
        _learn(costs, text, extensions, held.pop() if held else 0)
        for each in extensions.get("search") or []:
            conn.log("warning", f"Shopify ignored part of a search: {each.get('warnings')}")

    client = GraphqlClient(conn.http, "graphql.json", codes=CODES, wait=_wait, on_extensions=heard)
    costs.budget.spend(price, conn.stop)
    try:
        return client.query(text, variables, mutation=mutation, idempotent=repeatable)
    finally:
        costs.budget.settle(sum(held))


def _learn(costs: _Costs, text: str, extensions: Json, held: float) -> None:
    """Remember what a query costs and what the answer says about the bucket, and give back the place `held` in it."""
    cost = extensions.get("cost") or {}
    status = cost.get("throttleStatus") or {}
    costs.prices[text] = float(cost.get("requestedQueryCost") or 0)
    costs.budget.settle(
        held,
        available=status.get("currentlyAvailable"),
        maximum=status.get("maximumAvailable"),
        restore_rate=status.get("restoreRate") or None,
    )


def _wait(body: Json) -> float | None:
    """Seconds until the bucket holds what the refused query asked for."""
    cost = (body.get("extensions") or {}).get("cost") or {}
    status = cost.get("throttleStatus") or {}
    rate = float(status.get("restoreRate") or 0)
    if not rate:
        return None
    return max(0.0, float(cost.get("requestedQueryCost") or 0) - float(status.get("currentlyAvailable") or 0)) / rate


@dataclass(frozen=True, slots=True)
class Shop:
    """What is asked of the shop once. `version` is the API version that ran: an expired one falls forward unasked."""

    name: str
    domain: str
    currency: str
    plan: str
    version: str


_SHOP = "query Shop { shop { name myshopifyDomain currencyCode ianaTimezone plan { publicDisplayName } } }"


def shop(conn: Connection) -> Shop:
    """The shop of this connection, asked once."""
    found: Shop = conn.remember("shop", lambda: _ask_shop(conn))
    return found


def _ask_shop(conn: Connection) -> Shop:
    with conn.http.record() as exchanges:
        found = query(conn, _SHOP)["shop"]
    version = exchanges[-1].response_headers.get("x-shopify-api-version") or conn["api_version"]
    plan = (found.get("plan") or {}).get("publicDisplayName") or ""
    return Shop(found["name"], found["myshopifyDomain"], found["currencyCode"], plan, version)


@dataclass(frozen=True, slots=True)
class UserError:
    """One of `userErrors`. `path` as the vendor gives it: ("input", "quantities", "3", "quantity")."""

    path: tuple[str, ...]
    message: str
    code: str

    def place(self, *prefix: str) -> int | None:
        """The index that follows `prefix` in the path, None when the error is not about one element."""
        rest = self.path[len(prefix) : len(prefix) + 1]
        return int(rest[0]) if self.path[: len(prefix)] == prefix and rest and rest[0].isdigit() else None

    def error(self, *, drop: int = 0) -> TopstitchError:
        """As an error of ours; `drop` leaves out that many leading steps of the path."""
        if self.code == _BUSY:
            return TemporaryError(self.message, key="concurrent")
        if self.code == _OTHER_CONTENTS:
            return RemoteRejected(
                "Shopify was sent this record before with other contents, and keeps to that for 24 hours",
                key="other_contents",
                detail=self.message,
                hint="Look in Shopify what became of it; only if it is not there, send the record again by hand.",
            )
        kind = _USER_CODES.get(self.code, RemoteRejected)
        return kind(self.message, field=".".join(self.path[drop:]), detail=f"{self.code} at {'.'.join(self.path)}")


def user_errors(payload: Json) -> list[UserError]:
    """What a mutation's payload complains of; HTTP 200 with any of these means that nothing was done."""
    return [
        UserError(tuple(str(step) for step in each.get("field") or ()), str(each["message"]), _code(each))
        for name in _COMPLAINTS
        for each in payload.get(name) or []
    ]


def _code(error: Json) -> str:
    message = str(error["message"]).lower()
    return str(error.get("code") or next((code for words, code in _TOLD_BY.items() if words in message), ""))


def raise_user_errors(payload: Json, *, drop: int = 0) -> Json:
    """The payload, unless it complains: then the first complaint, with the others in its message."""
    errors = user_errors(payload)
    if errors:
        raise first_error(errors, drop=drop)
    return payload


def first_error(errors: Sequence[UserError], *, drop: int = 0) -> TopstitchError:
    """One error of ours out of several user errors."""
    error = errors[0].error(drop=drop)
    if len(errors) > 1:
        error.message = "; ".join(dict.fromkeys(each.message for each in errors))
    return error
