"""Orders, notes, refunds and customers of the practice shop."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from topstitch.sdk.practice import Reply, Request, Store
from topstitch.systems.woocommerce.practice_wp import (
    Doc,
    Refusal,
    Rules,
    invalid,
    listed,
    merge_meta,
    site,
    stamps,
    words,
)

STATUSES = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PLAIN = ("currency", "customer_note", "payment_method", "payment_method_title", "transaction_id")
_ADDRESS = (
    *("first_name", "last_name", "company", "address_1", "address_2"),
    *("city", "state", "postcode", "country", "phone", "email"),
)
_TAX = Decimal("0.20")
#: What a charge takes of what is sent, beside its total; the shop puts tax on shipping whatever is said of it.
_TAKEN: Mapping[str, Mapping[str, Any]] = {
    "shipping_lines": {"method_id": "", "method_title": "", "instance_id": "0", "meta_data": ()},
    "fee_lines": {"name": "", "tax_class": "", "tax_status": "taxable", "meta_data": ()},
}


def query_orders(request: Request) -> Reply:
    """GET /orders."""
    params, docs = request.params, request.store.all("orders")
    wanted = words(params.get("status", "any"))
    for word in wanted:
        if word not in (*STATUSES, "any", "trash"):
            raise invalid(
                "status[0]", f"status[0] is not one of any, trash, {', '.join(STATUSES)}.", "rest_not_in_enum"
            )
    docs = [doc for doc in docs if (doc["status"] != "trash" if "any" in wanted else doc["status"] in wanted)]
    if params.get("customer"):
        docs = [doc for doc in docs if str(doc["customer_id"]) == params["customer"]]
    if params.get("product"):
        docs = [doc for doc in docs if any(str(line["product_id"]) == params["product"] for line in doc["line_items"])]
    if params.get("search"):
        numbers = bool(site(request.store)["searches_numbers"])
        docs = [doc for doc in docs if _mentions(doc, params["search"].casefold(), numbers)]
    return listed(request, docs)


def _mentions(doc: Doc, text: str, numbers: bool) -> bool:
    """The search looks at billing and shipping, not at meta data, unless a plug-in adds that of its numbers."""
    if numbers and text in doc["number"].casefold():
        return True
    return any(text in str(value).casefold() for block in ("billing", "shipping") for value in doc[block].values())


def need_order(store: Store, id: object, status: int) -> Doc:
    """An order; an unknown id is 404 to who reads and 400 to who writes."""
    doc = store.get("orders", id)
    if doc is None:
        raise Refusal("woocommerce_rest_shop_order_invalid_id", "Invalid ID.", status)
    return doc


def create_order(store: Store, body: Doc, *, strict: bool) -> Doc:
    """A new order."""
    id = store.next_id("post", 2000)
    doc: Doc = {
        "id": id, "parent_id": 0, "number": str(id), "order_key": f"wc_order_{id}", "created_via": "rest-api",
        "version": "10.6.2", "status": "pending", "currency": "GBP", "currency_symbol": "£", "discount_total": "0.00",
        "discount_tax": "0.00", "prices_include_tax": False, "customer_id": 0, "customer_ip_address": "",
        "customer_note": "", "billing": dict.fromkeys(_ADDRESS, ""), "payment_method": "", "payment_method_title": "",
        "shipping": {name: "" for name in _ADDRESS if name != "email"}, "transaction_id": "", "date_paid": None,
        "date_paid_gmt": None, "date_completed": None, "date_completed_gmt": None, "cart_hash": "", "meta_data": [],
        "line_items": [], "tax_lines": [], "shipping_lines": [], "fee_lines": [], "coupon_lines": [], "refunds": [],
        "is_editable": True, "payment_url": "", "needs_payment": False, "needs_processing": True,
    }  # fmt: skip
    stamps(store, doc, "date_created")
    return change_order(store, doc, body, strict=strict)


def change_order(store: Store, doc: Doc, body: Doc, *, strict: bool) -> Doc:
    """Take a body over, compute taxes and totals, take stock when it is paid."""
    _check(store, body, strict)
    doc |= {name: body[name] for name in _PLAIN if body.get(name) is not None}
    doc["customer_id"] = body.get("customer_id") or doc["customer_id"]
    for block in ("billing", "shipping"):
        doc[block] |= {name: value for name, value in (body.get(block) or {}).items() if name in doc[block]}
    for line in body.get("line_items") or []:
        _line(store, doc, line)
    for name in ("shipping_lines", "fee_lines"):
        for line in body.get(name) or []:
            _extra(store, doc, name, line)
    merge_meta(store, doc, body.get("meta_data") or [])
    if body.get("status"):
        doc["status"] = body["status"] if body["status"] in STATUSES else "pending"
    if body.get("set_paid") is True:
        doc["status"] = "processing"
        stamps(store, doc, "date_paid")
    if doc["status"] in ("processing", "completed"):
        _take_stock(store, doc)
    if doc["status"] == "completed" and not doc["date_completed"]:
        stamps(store, doc, "date_completed")
    _add_up(doc)
    return store.put("orders", doc["id"], stamps(store, doc, "date_modified"))


def _check(store: Store, body: Mapping[str, Any], strict: bool) -> None:
    if strict and body.get("status") is not None and body["status"] not in STATUSES:
        raise invalid("status", f"status is not one of {', '.join(STATUSES)}.", "rest_not_in_enum")
    email = (body.get("billing") or {}).get("email")
    if email is not None and not _EMAIL.fullmatch(str(email)):
        raise invalid("billing", "Invalid email address.", "rest_invalid_email")
    if body.get("customer_id") and store.get("customers", body["customer_id"]) is None:
        raise Refusal("woocommerce_rest_invalid_customer_id", "Customer ID is invalid.")


def _line(store: Store, doc: Doc, given: Mapping[str, Any]) -> None:
    """A line with its id keeps its total whatever its new quantity; one without is added, known product or not."""
    same = (
        next((line for line in doc["line_items"] if line["id"] == given.get("id")), None) if given.get("id") else None
    )
    if given.get("quantity") == 0 and same:
        doc["line_items"].remove(same)
        return
    line = same or _new_line(store, doc, given)
    line["quantity"] = given.get("quantity", line["quantity"])
    for name in ("subtotal", "total"):
        if given.get(name) is not None:
            line[name] = f"{Decimal(str(given[name])):.2f}"
    for name in ("subtotal", "total"):
        line[f"{name}_tax"] = f"{Decimal(line[name]) * _TAX:.2f}"
    line["taxes"] = [{"id": 75, "total": line["total_tax"], "subtotal": line["subtotal_tax"]}]
    line["price"] = float(Decimal(line["total"]) / max(1, int(line["quantity"])))
    line["meta_data"] += [{"id": store.next_id("meta", 13_000), **item} for item in given.get("meta_data") or []]


def _new_line(store: Store, doc: Doc, given: Mapping[str, Any]) -> Doc:
    if not any(given.get(name) for name in ("product_id", "variation_id", "sku")):
        message = "Product ID or SKU is required."
        raise Refusal("woocommerce_rest_required_product_reference", message)
    product = _sold(store, given) or {}
    varied = product.get("type") == "variation"
    each = Decimal(product.get("price") or 0) * int(given.get("quantity", 1))
    line = {
        "id": store.next_id("item", 300),
        "name": given.get("name") or product.get("name", ""),
        "product_id": product.get("parent_id") if varied else product.get("id", 0),
        "variation_id": product["id"] if varied else 0,
        "quantity": given.get("quantity", 1),
        "tax_class": "",
        "subtotal": f"{each:.2f}",
        "total": f"{each:.2f}",
        "meta_data": [
            {"id": store.next_id("meta", 13_000), "key": a["slug"], "value": a["option"]}
            for a in product.get("attributes", [])
        ]
        if varied
        else [],
        "sku": product.get("sku", ""),
        "global_unique_id": product.get("global_unique_id", ""),
        "parent_name": product.get("name") if varied else None,
    }
    doc["line_items"].append(line)
    return line


def _sold(store: Store, given: Mapping[str, Any]) -> Doc | None:
    if given.get("sku"):
        return store.first("products", lambda one: one["sku"] == given["sku"])
    return store.get("products", given.get("variation_id") or given.get("product_id"))


def _extra(store: Store, doc: Doc, name: str, given: Mapping[str, Any]) -> None:
    if name == "shipping_lines" and not given.get("id") and not given.get("method_id"):
        raise Refusal("woocommerce_rest_invalid_shipping_item", "Shipping method ID is required.")
    if name == "fee_lines" and not given.get("id") and not given.get("name"):
        raise Refusal("woocommerce_rest_invalid_fee_item", "Fee name is required.")
    line = {"id": store.next_id("item", 300)} | {
        part: given.get(part, otherwise) for part, otherwise in _TAKEN[name].items()
    }
    total = Decimal(str(given.get("total") or 0))
    tax = Decimal(0) if line.get("tax_status") == "none" else total * _TAX
    taxes = [{"id": 75, "total": f"{tax:.2f}", "subtotal": ""}] if tax else []
    doc[name].append(line | {"total": f"{total:.2f}", "total_tax": f"{tax:.2f}", "taxes": taxes})


def _take_stock(store: Store, doc: Doc) -> None:
    """At once, below zero if need be; what is taken is noted on the line."""
    for line in doc["line_items"]:
        product = store.get("products", line["variation_id"] or line["product_id"])
        if (
            product
            and product["manage_stock"] is True
            and not any(m["key"] == "_reduced_stock" for m in line["meta_data"])
        ):
            product["stock_quantity"] = (product["stock_quantity"] or 0) - line["quantity"]
            store.put("products", product["id"], stamps(store, product, "date_modified"))
            line["meta_data"].append(
                {"id": store.next_id("meta", 13_000), "key": "_reduced_stock", "value": str(line["quantity"])}
            )


def _add_up(doc: Doc) -> None:
    def total(name: str, field: str) -> Decimal:
        return sum((Decimal(line[field]) for line in doc[name]), Decimal(0))

    tax, fees = total("line_items", "total_tax") + total("fee_lines", "total_tax"), total("fee_lines", "total")
    shipping, shipping_tax = total("shipping_lines", "total"), total("shipping_lines", "total_tax")
    doc |= {
        "cart_tax": f"{tax:.2f}",
        "total_tax": f"{tax + shipping_tax:.2f}",
        "shipping_total": f"{shipping:.2f}",
        "shipping_tax": f"{shipping_tax:.2f}",
    }
    doc["total"] = f"{total('line_items', 'total') + fees + shipping + tax + shipping_tax:.2f}"
    rate = {"id": 75, "rate_code": "GB-VAT", "rate_id": 75, "label": "VAT", "compound": False}
    sums = {"tax_total": doc["cart_tax"], "shipping_tax_total": doc["shipping_tax"]}
    doc["tax_lines"] = [rate | sums] if tax or shipping_tax else []


# -- notes and refunds ----------------------------------------------------------------------------------------------


def add_note(store: Store, order: str, body: Doc) -> Doc:
    """POST /orders/{id}/notes."""
    need_order(store, order, 404)
    if not isinstance(body.get("note"), str) or not body["note"]:
        raise Refusal("rest_missing_callback_param", "Missing parameter(s): note", 400, {"params": ["note"]})
    note = {"id": store.next_id("note", 500), "author": "WooCommerce", "note": body["note"], "order": int(order)}
    note["customer_note"] = body.get("customer_note") is True
    return as_note(store.put("notes", note["id"], stamps(store, note, "date_created")))


def as_note(doc: Doc) -> Doc:
    """A note as it is told, its order being in the path."""
    return {name: value for name, value in doc.items() if name != "order"}


def query_refunds(request: Request) -> Reply:
    """GET /refunds, or those of an order."""
    order = request.args.get("oid")
    if order:
        need_order(request.store, order, 404)
    docs = request.store.all("refunds", lambda doc: not order or doc["parent_id"] == int(order))
    if order:
        docs = [{name: value for name, value in doc.items() if name != "parent_id"} for doc in docs]
    return listed(request, docs)


def add_refund(store: Store, order_id: str, body: Doc) -> Doc:
    """POST /orders/{id}/refunds. No gateway here is live, so asking it is the server error that is none."""
    order = store.get("orders", order_id)
    if order is None:
        raise Refusal("woocommerce_rest_invalid_order_id", "Invalid order ID.", 404)
    if not isinstance(body.get("amount", ""), str):
        raise invalid("amount", "amount is not of type string.")
    amount = Decimal(body.get("amount") or 0)
    left = Decimal(order["total"]) + sum((Decimal(one["total"]) for one in order["refunds"]), Decimal(0))
    if amount <= 0 or amount > left:
        raise _cannot_refund("Invalid refund amount.")
    if body.get("api_refund", True) is not False:
        raise _cannot_refund("The payment gateway for this order does not exist.")
    refund: Doc = {
        "id": store.next_id("post", 2000),
        "parent_id": order["id"],
        "amount": f"{amount:.2f}",
        "reason": body.get("reason", ""),
    }
    refund |= {"refunded_by": 1, "refunded_payment": False, "meta_data": []}
    refund |= {"line_items": [], "shipping_lines": [], "fee_lines": []}
    merge_meta(store, refund, body.get("meta_data") or [])
    # Only lines of the order are looked at, and of two for one line the last counts.
    given = {line.get("id"): line for line in body.get("line_items") or []}
    for name in ("line_items", "shipping_lines", "fee_lines"):
        for line in (one for one in order[name] if one["id"] in given):
            refund[name].append(_given_back(store, line, given[line["id"]], restock=body.get("api_restock", True)))
    store.put("refunds", refund["id"], stamps(store, refund, "date_created"))
    order["refunds"].append({"id": refund["id"], "reason": refund["reason"], "total": f"-{amount:.2f}"})
    order["status"] = "refunded" if amount == left else order["status"]
    store.put("orders", order["id"], stamps(store, order, "date_modified"))
    return {name: value for name, value in refund.items() if name != "parent_id"}


def _cannot_refund(message: str) -> Refusal:
    refusal = Refusal("woocommerce_rest_cannot_create_order_refund", message, 500)
    refusal.body["data"] = 500
    return refusal


def _given_back(store: Store, line: Doc, given: Mapping[str, Any], *, restock: bool) -> Doc:
    """A line of a refund: that of the order with negative figures."""
    quantity, total = int(given.get("quantity") or 0), Decimal(str(given.get("refund_total") or 0))
    tax = sum((Decimal(str(one["refund_total"])) for one in given.get("refund_tax") or []), Decimal(0))
    sums: Doc = {"total": f"{-total:.2f}", "total_tax": f"{-tax:.2f}"}
    sums |= {"taxes": [{"id": 75, "total": f"{-tax:.2f}", "subtotal": ""}], "meta_data": []}
    copy = {name: value for name, value in line.items() if name not in ("id", "quantity", "subtotal", "subtotal_tax")}
    back = {"id": store.next_id("item", 300), **copy, **sums}
    if "quantity" not in line:
        return back
    product = store.get("products", line["variation_id"] or line["product_id"])
    if restock and quantity and product and product["manage_stock"] is True:
        product["stock_quantity"] += quantity
        store.put("products", product["id"], stamps(store, product, "date_modified"))
    return back | {"quantity": -quantity, "subtotal": f"{-total:.2f}", "subtotal_tax": f"{-tax:.2f}"}


# -- customers ------------------------------------------------------------------------------------------------------


def query_customers(request: Request) -> Reply:
    """GET /customers; dates are ignored without a word."""
    params = request.params
    role = params.get("role", "customer")
    docs = [doc for doc in request.store.all("customers") if role in ("all", doc["role"])]
    if params.get("email"):
        docs = [doc for doc in docs if doc["email"].casefold() == params["email"].casefold()]
    rules = Rules(orderby=("id", "include", "name", "registered_date"), dated=False, default_order=("name", "asc"))
    return listed(request, docs, rules)


def need_customer(store: Store, id: object, status: int) -> Doc:
    """A customer."""
    doc = store.get("customers", id)
    if doc is None:
        raise Refusal("woocommerce_rest_invalid_id", "Invalid resource ID.", status)
    return doc


def change_customer(store: Store, id: str | None, body: Doc) -> Doc:
    """A new customer, or a change of one."""
    email = body.get("email")
    if id is None and email is None:
        raise Refusal("rest_missing_callback_param", "Missing parameter(s): email", 400, {"params": ["email"]})
    if email is not None and not _EMAIL.fullmatch(str(email)):
        raise Refusal("customer_invalid_email", "Invalid email address")
    if id is None:
        _free(store, str(email))
        doc: Doc = {"id": store.next_id("user", 100), "role": "customer", "is_paying_customer": False, "meta_data": []}
        doc |= {
            "email": email,
            "first_name": "",
            "last_name": "",
            "username": body.get("username") or str(email).split("@")[0],
        }
        doc |= {"billing": dict.fromkeys(_ADDRESS, ""), "shipping": {n: "" for n in _ADDRESS if n != "email"}}
        stamps(store, doc, "date_created")
    else:
        doc = need_customer(store, id, 400)
    doc |= {name: body[name] for name in ("email", "first_name", "last_name") if body.get(name) is not None}
    for block in ("billing", "shipping"):
        doc[block] |= {name: value for name, value in (body.get(block) or {}).items() if name in doc[block]}
    merge_meta(store, doc, body.get("meta_data") or [])
    return store.put("customers", doc["id"], stamps(store, doc, "date_modified"))


def _free(store: Store, email: str) -> None:
    if store.first("customers", lambda one: one["email"].casefold() == email.casefold()):
        message = f'An account is already registered with {email}. <a href="#" class="showlogin">Please log in.</a>'
        raise Refusal("registration-error-email-exists", message)
