"""A plain REST far end for tests of the SDK's own parts: it pages in every way, and notes what it was asked."""

from __future__ import annotations

import json

from topstitch.sdk.practice import Practice, Reply, Request, json_reply

TOKEN = "practice-token-1"


def shop() -> Practice:
    """GET /{way} pages 11 things in one of five ways; POST, PUT and a bulk POST write orders."""
    practice = Practice("shop", {"url": "https://shop.example.com", "token": TOKEN})
    practice.asked = []  # type: ignore[attr-defined]  # for tests to read

    @practice.seed
    def fill(store):
        for n in range(1, 12):
            stamp = f"2026-01-{n:02d}T00:00:00Z"
            store.put("things", n, {"id": n, "name": f"Thing {n}", "kind": "odd" if n % 2 else "even", "at": stamp})

    @practice.gate
    def check(request: Request) -> Reply | None:
        practice.asked.append(request)
        if request.headers.get("authorization") == f"Bearer {TOKEN}":
            return None
        return json_reply({"error": {"message": "who are you?"}}, 401)

    def found(request: Request) -> list:
        asked = request.params
        kept = [t for t in request.store.all("things") if asked.get("since", "") <= t["at"] <= asked.get("until", "9")]
        return [t for t in kept if t["kind"] in asked.get("kind", t["kind"]).split(",")]

    @practice.route("GET", "/me")
    def me(request: Request) -> Reply:
        return json_reply({"ok": True})

    @practice.route("GET", "/all")
    def everything(request: Request) -> Reply:
        return json_reply(found(request))

    @practice.route("GET", "/numbered")
    def numbered(request: Request) -> Reply:
        number, size, things = int(request.params["page"]), int(request.params["per_page"]), found(request)
        part = things[(number - 1) * size : number * size]
        pages = -(-len(things) // size)
        return _with({"items": part, "meta": {"pages": pages}}, {"X-Pages": str(pages)})

    @practice.route("GET", "/offset")
    def offset(request: Request) -> Reply:
        start, size, things = int(request.params["offset"]), int(request.params["limit"]), found(request)
        return json_reply({"items": things[start : start + size], "total": len(things)})

    @practice.route("GET", "/cursor")
    def cursor(request: Request) -> Reply:
        start, size, things = int(request.params.get("cursor", 0)), int(request.params["limit"]), found(request)
        more = str(start + size) if start + size < len(things) else None
        return json_reply({"items": things[start : start + size], "next_cursor": more})

    @practice.route("GET", "/linked")
    def linked(request: Request) -> Reply:
        start, size, things = int(request.params.get("after", 0)), int(request.params.get("size", 2)), found(request)
        link = f"{request.url.partition('?')[0]}?after={start + size}&size={size}&flag="
        more = start + size < len(things)
        headers = {"Link": f'<https://x.example/first>; rel="first", <{link}>; rel="next"'} if more else {}
        return _with({"items": things[start : start + size], "links": {"next": link if more else None}}, headers)

    @practice.route("GET", "/things/{id}")
    def one(request: Request) -> Reply:
        thing = request.store.get("things", request.args["id"])
        return json_reply({"thing": thing}) if thing else json_reply({"message": "no such thing"}, 404)

    @practice.route("GET", "/orders")
    def orders(request: Request) -> Reply:
        wanted = request.params.get("number")
        return json_reply({"orders": request.store.all("orders", lambda o: wanted in (None, o["number"]))})

    @practice.route("POST", "/orders")
    def new_order(request: Request) -> Reply:
        return _store(request, request.json())

    @practice.route("POST", "/wrapped")
    def wrapped(request: Request) -> Reply:
        return _store(request, request.json()["order"])

    @practice.route("PUT", "/orders/{id}")
    def change(request: Request) -> Reply:
        request.store.put("orders", request.args["id"], {**request.json(), "id": request.args["id"]})
        return json_reply({"id": request.args["id"]})

    @practice.route("POST", "/bulk")
    def bulk(request: Request) -> Reply:
        answers = [json.loads(_store(request, order).body) for order in request.json()["orders"]]
        return json_reply({"results": answers})

    return practice


def _store(request: Request, order: dict) -> Reply:
    if not order.get("number"):
        return json_reply({"message": "a number is needed", "field": "number", "id": None}, 422)
    key = request.headers.get("idempotency-key")
    known = request.store.get("keys", key) if key else None
    id = known["id"] if known else request.store.next_id("orders", 500)
    request.store.put("orders", id, {**order, "id": id})
    if key:
        request.store.put("keys", key, {"id": id})
    return json_reply({"id": id}, 201)


def _with(data: object, headers: dict[str, str]) -> Reply:
    reply = json_reply(data)
    return Reply(reply.status, reply.body, {**reply.headers, **headers})
