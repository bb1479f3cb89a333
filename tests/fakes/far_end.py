"""A source and a destination on loopback that count: nothing of the product is trusted."""

from __future__ import annotations

from collections import Counter

from topstitch.sdk.practice import Practice, Reply, Request, json_reply

SLUG = "far-end"


def order(number: int, **changes: object) -> dict:
    """An invented order."""
    return {
        "id": number,
        "name": f"#{1000 + number}",
        "updated_at": f"2026-01-{1 + number % 28:02d}T10:00:00Z",
        "email": f" Person{number}@Example.com ",
        "total": f"{number % 90 + 10}.50",
        "lines": [{"sku": f" sku-{number}-{n} ", "qty": n + 1, "price": "2.50"} for n in range(number % 3 + 1)],
        **changes,
    }


def far_end() -> Practice:
    """GET /orders?limit&cursor pages what the store holds; POST /orders takes one, and counts how often it took it."""
    practice = Practice(SLUG, {})
    practice.arrivals = Counter()  # type: ignore[attr-defined]  # for the tests to read

    @practice.route("GET", "/ping")
    def ping(request: Request) -> Reply:
        return json_reply({"ok": True})

    @practice.route("GET", "/orders")
    def orders(request: Request) -> Reply:
        start, size = int(request.params.get("cursor") or 0), int(request.params.get("limit") or 50)
        since = request.params.get("since", "")
        all_orders = [o for o in request.store.all("orders") if o["updated_at"] >= since]
        page = all_orders[start : start + size]
        more = start + size < len(all_orders)
        return json_reply({"orders": page, "next_cursor": str(start + size) if more else None})

    @practice.route("GET", "/orders/{id}")
    def one(request: Request) -> Reply:
        found = request.store.get("orders", request.args["id"])
        return json_reply(found) if found else json_reply({"message": "no such order"}, 404)

    @practice.route("POST", "/sales")
    def take(request: Request) -> Reply:
        record = request.json()
        if "bad" in str(record.get("email")):
            return json_reply({"message": "email is not valid", "field": "email"}, 422)
        reference = str(record["reference"])
        practice.arrivals[reference] += 1  # type: ignore[attr-defined]
        existing = request.store.get("sales", reference)
        request.store.put("sales", reference, record)
        return json_reply({"id": f"S{reference}"}, 200 if existing else 201)

    @practice.route("GET", "/sales")
    def find(request: Request) -> Reply:
        found = request.store.get("sales", request.params["reference"])
        return json_reply([{"id": f"S{request.params['reference']}"}] if found else [])

    return practice


def system(slug: str = SLUG, *, idempotency: str = "natural_key", concurrency: int = 4, **write: object) -> dict:
    """The far end as a user-made system."""
    return {
        "slug": slug,
        "name": "Far end",
        "base": "http://far.example",
        "test": "/ping",
        "entities": {
            "orders": {
                "reference": "name",
                "modified": "updated_at",
                "kind": "orders",
                "read": {
                    "path": "/orders",
                    "records": "orders",
                    "paging": {"cursor": {}},
                    "page_size": 20,
                    "since": "since",
                    "one": "/orders/{id}",
                },
            },
            "sales": {
                "key": "reference",
                "write": {
                    "path": "/sales",
                    "idempotency": idempotency,
                    "concurrency": concurrency,
                    **(
                        {"find": {"path": "/sales", "by": {"reference": "reference"}}}
                        if idempotency == "lookup"
                        else {}
                    ),
                    **write,
                },
            },
        },
    }


MAPPING = [
    {"to": "reference", "from": "id", "do": ["other.to_text"]},
    {"to": "number", "from": "name", "do": [{"string.replace": {"find": "#", "replace_with": ""}}]},
    {"to": "email", "from": "email", "do": ["string.trim", "string.lower"]},
    {"to": "total", "from": "total", "do": [{"number.round": {"places": 2}}]},
    {"to": "lines[*].sku", "from": "lines[*].sku", "do": ["string.trim", "string.upper"]},
    {"to": "lines[*].quantity", "from": "lines[*].qty"},
    {"to": "lines[*].order", "from": "id"},
]
