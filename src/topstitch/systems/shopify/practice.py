"""The practice server: the vendor's GraphQL Admin API, written from its documents and published schema, on loopback.

The bucket, the scopes and the tokens are documents of the store (`_shop/limits`, `_shop/access`), so that they can be
changed while it runs. Every version of `VERSIONS` is served; an older one falls forward to the oldest, as the vendor does.
"""

from __future__ import annotations

import time
from base64 import b64decode
from typing import Any

from topstitch.sdk.practice import Fault, Practice, Reply, Request, Store, json_reply
from topstitch.systems.shopify.practice_shop import after, goods, orders, products, stock
from topstitch.systems.shopify.practice_shop.check import Schema
from topstitch.systems.shopify.practice_shop.data import fill
from topstitch.systems.shopify.practice_shop.examples import BAD_RECORDS, GOOD_RECORDS
from topstitch.systems.shopify.practice_shop.execute import MAX_COST, Context, Denied, Execution, prepare
from topstitch.systems.shopify.practice_shop.reads import RESOLVERS

__all__ = ["BAD_RECORDS", "GOOD_RECORDS", "PRACTICE"]
VERSIONS = ("2025-10", "2026-01", "2026-04", "2026-07", "2026-10")
TOKEN = "shpat_practice00000000000000000000"  # noqa: S105 - an invented token
MUTATIONS = (orders, products, stock)
_SCOPES = (
    "orders products inventory customers fulfillments returns merchant_managed_fulfillment_orders "
    "assigned_fulfillment_orders third_party_fulfillment_orders"
)
_REFUSED = "[API] Invalid API key or access token (unrecognized login or wrong password)"

PRACTICE = Practice(
    "shopify",
    settings={"store": "fern-and-fable", "auth_method": "token", "access_token": TOKEN, "api_version": "2026-07"},
)


@PRACTICE.seed
def _seed(store: Store) -> None:
    fill(store)
    after.fill(store)
    goods.fill(store)
    scopes = [f"{verb}_{name}" for name in _SCOPES.split() for verb in ("read", "write")]
    store.put("_shop", "access", {
        "tokens": [TOKEN], "client_id": "practice-client", "client_secret": "practice-secret", "api_key": "practice-key",
        "scopes": [*scopes, "read_locations", "read_all_orders", "read_markets"], "expires_in": 86399, "state": 200,
    })  # fmt: skip


@PRACTICE.route("POST", "/admin/oauth/access_token")
def _token(request: Request) -> Reply:
    """The client credentials grant, as a form or as JSON."""
    given = request.json() if "json" in request.headers.get("content-type", "") else request.form()
    access = _access(request.store)
    if given.get("grant_type") != "client_credentials":
        return json_reply({"error": "unsupported_grant_type"}, 400)
    if (given.get("client_id"), given.get("client_secret")) != (access["client_id"], access["client_secret"]):
        return json_reply({"error": "invalid_client", "error_description": "client_id or client_secret is wrong"}, 400)
    token = f"shpca_{request.store.next_id('token'):026}"
    request.store.put("_shop", "access", {**access, "tokens": [*access["tokens"], token]})
    return json_reply({"access_token": token, "scope": ",".join(access["scopes"]), "expires_in": access["expires_in"]})


@PRACTICE.route("POST", "/admin/api/{version}/graphql.json")
def _graphql(request: Request) -> Reply:
    access = _access(request.store)
    if not _signed_in(request, access):
        return json_reply({"errors": _REFUSED}, 401)
    if access["state"] != 200:
        return json_reply({"errors": _STATES.get(access["state"], "Unavailable")}, access["state"])
    version = max(VERSIONS[0], request.args["version"])
    if version not in VERSIONS:
        return json_reply({"errors": "Not Found"}, 404)
    try:
        body = request.json()
        text, variables = body["query"], body.get("variables") or {}
    except (ValueError, KeyError, TypeError):
        return json_reply({"errors": {"query": "Required parameter missing or invalid"}}, 400)
    answer = _run(request.store, version, text, variables, body.get("operationName"))
    return json_reply(answer, headers={"X-Shopify-API-Version": version})


_STATES = {402: "Payment Required", 403: "Forbidden", 404: "Not Found", 423: "Locked"}


def _run(store: Store, version: str, text: str, variables: dict[str, Any], name: str | None) -> dict[str, Any]:
    checked = prepare(version, text, variables, name)
    if isinstance(checked, list):
        return {"errors": checked}
    if checked.cost > MAX_COST:
        message = f"Query cost is {checked.cost}, which exceeds the single query max cost limit ({MAX_COST})."
        return {"errors": [{"message": message, "extensions": {"code": "MAX_COST_EXCEEDED", "cost": checked.cost}}]}
    bucket = _take(store, checked.cost)
    if not bucket["taken"]:
        errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
        return {"errors": errors, "extensions": {"cost": _cost(checked.cost, None, bucket)}}
    context = Context(store, Schema(version), frozenset(_access(store)["scopes"]))
    answer: dict[str, Any] = {}
    try:
        answer["data"] = Execution(checked, context, RESOLVERS).run()
    except Denied as denied:
        context.faults.append({"message": denied.message, "extensions": {"code": denied.code}})
    actual = context.objects + (9 if checked.operation.kind == "mutation" else 0)
    bucket = _take(store, min(actual, checked.cost) - checked.cost)
    answer["extensions"] = {"cost": _cost(checked.cost, actual, bucket)}
    if context.faults_of_search:
        answer["extensions"]["search"] = [{"path": [], "query": "", "warnings": context.faults_of_search}]
    if context.faults:
        answer["errors"] = context.faults
    return answer


def _cost(requested: int, actual: int | None, bucket: dict[str, Any]) -> dict[str, Any]:
    limits = {name: bucket[name] for name in ("maximumAvailable", "restoreRate")}
    status = {**limits, "currentlyAvailable": int(bucket["available"])}
    return {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}


def _take(store: Store, points: int) -> dict[str, Any]:
    """Take points from the bucket (or give some back); `taken` is False when there are too few."""
    with store.transaction():
        limits = store.get("_shop", "limits") or {}
        most, now = limits["maximumAvailable"], time.time()
        bucket = store.get("_shop", "bucket") or {"available": most, "as_of": now}
        available = min(most, bucket["available"] + (now - bucket["as_of"]) * limits["restoreRate"])
        taken = available >= points
        left = min(most, available - (points if taken else 0))
        store.put("_shop", "bucket", {"available": left, "as_of": now})
    return {**limits, "available": left, "taken": taken}


def _access(store: Store) -> dict[str, Any]:
    return store.get("_shop", "access") or {}


def _signed_in(request: Request, access: dict[str, Any]) -> bool:
    token = request.headers.get("x-shopify-access-token")
    if token:
        return token in access["tokens"]
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "basic" and b64decode(given).decode() == f"{access['api_key']}:{TOKEN}"


@PRACTICE.on_expired
def _expired(request: Request) -> Reply:
    return json_reply({"errors": _REFUSED}, 401)


@PRACTICE.on_fault
def _fault(fault: Fault) -> Reply:
    if fault.kind == "429" and fault.retry_after is not None:
        return json_reply({"errors": "Exceeded 2 calls per second for api client."}, 429)
    if fault.kind == "429":
        cost = {"requestedQueryCost": 100, "actualQueryCost": None}
        status = {"maximumAvailable": 2000, "currentlyAvailable": 90, "restoreRate": 100}
        errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
        return json_reply({"errors": errors, "extensions": {"cost": {**cost, "throttleStatus": status}}})
    return json_reply({"errors": "Internal Server Error"}, int(fault.kind))


@PRACTICE.on_missing
def _missing(request: Request) -> Reply:
    return json_reply({"errors": "Not Found"}, 404)
