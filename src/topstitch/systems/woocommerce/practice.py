"""The practice shop: WooCommerce's REST API wc/v3 as its documents and real shops show it.

The document `_shop/site` of its store sets it up: `version` ("7.9.0" lacks the newer lists), `offset_hours` of the site's
zone, `ignores_modified` as shops before 5.8 do, `searches_numbers` where a plug-in lets it search for its order numbers.
"""

from __future__ import annotations

from collections.abc import Callable

from topstitch.sdk.practice import Fault, Practice, Reply, Request, html_reply, json_reply
from topstitch.systems.woocommerce import practice_catalogue as catalogue
from topstitch.systems.woocommerce import practice_sales as sales
from topstitch.systems.woocommerce.practice_auth import gate
from topstitch.systems.woocommerce.practice_examples import BAD_RECORDS, GOOD_RECORDS
from topstitch.systems.woocommerce.practice_seed import fill
from topstitch.systems.woocommerce.practice_wp import Refusal, Rules, batch, body_of, guarded, is_old, listed, narrowed

__all__ = ["BAD_RECORDS", "GOOD_RECORDS", "PRACTICE"]

PRACTICE = Practice(
    "woocommerce",
    settings={"url": "https://shop.example.com", "consumer_key": "ck_practice", "consumer_secret": "cs_practice"},
)
PRACTICE.gate(gate)
PRACTICE.seed(fill)
Handler = Callable[[Request], Reply]
_API = "/wp-json/wc/v3"
_NEW = ("/refunds", "/variations", "/orders/statuses")
_ROUTES = (
    "",
    "/orders",
    "/orders/(?P<id>[\\d]+)",
    "/products",
    "/products/(?P<id>[\\d]+)",
    "/products/batch",
    "/customers",
    *_NEW,
)
_TERMS = Rules(
    orderby=("id", "include", "name", "slug", "term_group", "description", "count"),
    dated=False,
    default_order=("name", "asc"),
)


def route(methods: str, path: str) -> Callable[[Handler], Handler]:
    """Register a handler for several methods below wc/v3."""

    def register(handler: Handler) -> Handler:
        for method in methods.split():
            PRACTICE.route(method, _API + path)(guarded(handler))
        return handler

    return register


@PRACTICE.on_missing
def missing(request: Request) -> Reply:
    """No such route."""
    return Refusal("rest_no_route", "No route was found matching the URL and request method.", 404).reply


@PRACTICE.on_expired
def expired(request: Request) -> Reply:
    """A key that was revoked."""
    return Refusal("woocommerce_rest_authentication_error", "Consumer key is invalid.", 401).reply


@PRACTICE.on_fault
def fault(what: Fault) -> Reply:
    """WordPress words its own failures, the host in front of it the rest."""
    if what.kind == "500":
        message = "There has been a critical error on this website."
        return Refusal("internal_server_error", message, 500).reply
    return html_reply("<html><head><title>Too busy</title></head><body>Please try again.</body></html>", int(what.kind))


@route("GET", "")
def index(request: Request) -> Reply:
    """Every route of this version."""
    routes = [name for name in _ROUTES if not (is_old(request.store) and name in _NEW)]
    return json_reply({"namespace": "wc/v3", "routes": {f"/wc/v3{name}": {"namespace": "wc/v3"} for name in routes}})


@route("GET", "/data/currencies/current")
def currency(request: Request) -> Reply:
    """The shop's currency."""
    return json_reply({"code": "GBP", "name": "Pound sterling", "symbol": "&pound;"})


@route("GET", "/products/categories")
def categories(request: Request) -> Reply:
    """Categories."""
    return listed(request, request.store.all("categories"), _TERMS)


@route("GET", "/products/tags")
def tags(request: Request) -> Reply:
    """Tags."""
    return listed(request, request.store.all("tags"), _TERMS)


# -- products -------------------------------------------------------------------------------------------------------


@route("GET HEAD", "/products")
def products(request: Request) -> Reply:
    """Products."""
    return catalogue.query_products(request)


@route("POST", "/products")
def new_product(request: Request) -> Reply:
    """Create a product."""
    return json_reply(catalogue.create_product(request.store, body_of(request), strict=True), 201)


@route("POST", "/products/batch")
def products_batch(request: Request) -> Reply:
    """Many products."""
    store = request.store
    return batch(
        request,
        lambda item: catalogue.create_product(store, item, strict=False),
        lambda item: catalogue.update_product(store, item.get("id"), item, strict=False),
    )


@route("GET", "/products/{id}")
def product(request: Request) -> Reply:
    """A product; a variation too."""
    return json_reply(narrowed(catalogue.need_product(request.store, request.args["id"], 404), request.params))


@route("PUT PATCH POST", "/products/{id}")
def changed_product(request: Request) -> Reply:
    """Change a product."""
    return json_reply(catalogue.update_product(request.store, request.args["id"], body_of(request), strict=True))


@route("DELETE", "/products/{id}")
def gone_product(request: Request) -> Reply:
    """Trash or remove; the answer is the record as it was."""
    return _gone(request, "products", catalogue.need_product(request.store, request.args["id"], 404))


@route("GET", "/variations")
def all_variations(request: Request) -> Reply:
    """Variations of all products, in newer shops."""
    return missing(request) if is_old(request.store) else catalogue.query_variations(request)


@route("GET", "/products/{pid}/variations")
def variations(request: Request) -> Reply:
    """Variations of a product."""
    return catalogue.query_variations(request)


@route("POST", "/products/{pid}/variations")
def new_variation(request: Request) -> Reply:
    """Create a variation."""
    return json_reply(
        catalogue.create_variation(request.store, request.args["pid"], body_of(request), strict=True), 201
    )


@route("POST", "/products/{pid}/variations/batch")
def variations_batch(request: Request) -> Reply:
    """Many variations of a product."""
    store, parent = request.store, request.args["pid"]
    return batch(
        request,
        lambda item: catalogue.create_variation(store, parent, item, strict=False),
        lambda item: catalogue.update_variation(store, parent, item.get("id"), item, strict=False),
    )


@route("GET", "/products/{pid}/variations/{id}")
def variation(request: Request) -> Reply:
    """A variation below its product."""
    doc = request.store.get("products", request.args["id"])
    if doc is None or doc["parent_id"] != int(request.args["pid"]):
        raise Refusal("woocommerce_rest_product_variation_invalid_id", "Invalid ID.", 404)
    return json_reply(catalogue.as_variation(request.store, doc))


@route("PUT PATCH POST", "/products/{pid}/variations/{id}")
def changed_variation(request: Request) -> Reply:
    """Change a variation."""
    args = request.args
    return json_reply(catalogue.update_variation(request.store, args["pid"], args["id"], body_of(request), strict=True))


# -- orders ---------------------------------------------------------------------------------------------------------


@route("GET HEAD", "/orders")
def orders(request: Request) -> Reply:
    """Orders."""
    return sales.query_orders(request)


@route("POST", "/orders")
def new_order(request: Request) -> Reply:
    """Create an order."""
    return json_reply(sales.create_order(request.store, body_of(request), strict=True), 201)


@route("POST", "/orders/batch")
def orders_batch(request: Request) -> Reply:
    """Many orders."""
    store = request.store
    return batch(
        request,
        lambda item: sales.create_order(store, item, strict=False),
        lambda item: sales.change_order(store, sales.need_order(store, item.get("id"), 400), item, strict=False),
    )


@route("GET", "/orders/statuses")
def order_statuses(request: Request) -> Reply:
    """The statuses of this shop, in newer ones."""
    return missing(request) if is_old(request.store) else json_reply([{"slug": s, "name": s} for s in sales.STATUSES])


@route("GET", "/orders/{id}")
def order(request: Request) -> Reply:
    """An order."""
    return json_reply(narrowed(sales.need_order(request.store, request.args["id"], 404), request.params))


@route("PUT PATCH POST", "/orders/{id}")
def changed_order(request: Request) -> Reply:
    """Change an order."""
    doc = sales.need_order(request.store, request.args["id"], 400)
    return json_reply(sales.change_order(request.store, doc, body_of(request), strict=True))


@route("DELETE", "/orders/{id}")
def gone_order(request: Request) -> Reply:
    """Trash or remove; the answer is the record as it was."""
    return _gone(request, "orders", sales.need_order(request.store, request.args["id"], 404))


def _gone(request: Request, collection: str, doc: dict[str, object]) -> Reply:
    if request.params.get("force") == "true":
        request.store.delete(collection, doc["id"])
    else:
        request.store.put(collection, doc["id"], {**doc, "status": "trash"})
    return json_reply(doc)


@route("GET", "/orders/{oid}/notes")
def notes(request: Request) -> Reply:
    """Notes of an order; this list has no pages."""
    sales.need_order(request.store, request.args["oid"], 404)
    kind, order_id = request.params.get("type", "any"), int(request.args["oid"])
    docs = request.store.all("notes", lambda doc: doc["order"] == order_id)
    docs = [doc for doc in docs if kind == "any" or doc["customer_note"] == (kind == "customer")]
    return json_reply([sales.as_note(doc) for doc in docs])


@route("POST", "/orders/{oid}/notes")
def new_note(request: Request) -> Reply:
    """Add a note."""
    return json_reply(sales.add_note(request.store, request.args["oid"], body_of(request)), 201)


@route("GET", "/refunds")
def all_refunds(request: Request) -> Reply:
    """Refunds of all orders, in newer shops."""
    return missing(request) if is_old(request.store) else sales.query_refunds(request)


@route("GET", "/orders/{oid}/refunds")
def refunds(request: Request) -> Reply:
    """Refunds of an order."""
    return sales.query_refunds(request)


@route("POST", "/orders/{oid}/refunds")
def new_refund(request: Request) -> Reply:
    """Refund."""
    return json_reply(sales.add_refund(request.store, request.args["oid"], body_of(request)), 201)


# -- customers ------------------------------------------------------------------------------------------------------


@route("GET HEAD", "/customers")
def customers(request: Request) -> Reply:
    """Customers."""
    return sales.query_customers(request)


@route("POST", "/customers")
def new_customer(request: Request) -> Reply:
    """Create a customer."""
    return json_reply(sales.change_customer(request.store, None, body_of(request)), 201)


@route("GET", "/customers/{id}")
def customer(request: Request) -> Reply:
    """A customer."""
    return json_reply(sales.need_customer(request.store, request.args["id"], 404))


@route("PUT PATCH POST", "/customers/{id}")
def changed_customer(request: Request) -> Reply:
    """Change a customer."""
    return json_reply(sales.change_customer(request.store, request.args["id"], body_of(request)))
