"""Both ends of a service as a process of its own, which survives the kills and can be killed itself.

Everything is in one SQLite file that the test opens as well: `orders` to be read, `sales` taken, `arrivals` (how often
each reference came), `control` (`token`: what callers must show, `delay`: seconds before an answer) and `moments`.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from tests.fakes.far_end import SLUG, system

from topstitch.sdk.practice import Practice, PracticeServer, Reply, Request, Store, json_reply

TOKEN = "right"


def practice() -> Practice:
    """The routes of `tests.fakes.far_end`, with memory, sign-in, latency and a bulk path."""
    end = Practice(SLUG, {})
    taking = threading.Lock()

    @end.gate
    def sign_in(request: Request) -> Reply | None:
        token = control(request.store).get("token", TOKEN)
        if request.headers.get("authorization") != f"Bearer {token}":
            return json_reply({"message": "who are you?"}, 401)
        return None

    @end.route("GET", "/ping")
    def ping(request: Request) -> Reply:
        return json_reply({"ok": True})

    @end.route("GET", "/orders")
    def orders(request: Request) -> Reply:
        start, size = int(request.params.get("cursor") or 0), int(request.params.get("limit") or 50)
        if start == 0:
            request.store.put("asked", request.store.next_id("asked"), request.params)
        listed = [o for o in request.store.all("orders") if o["updated_at"] >= request.params.get("since", "")]
        more = start + size < len(listed)
        page = listed[start : start + size]
        return json_reply({"orders": page, "next_cursor": str(start + size) if more else None})

    @end.route("GET", "/orders/{id}")
    def one(request: Request) -> Reply:
        found = request.store.get("orders", request.args["id"])
        return json_reply(found) if found else json_reply({"message": "no such order"}, 404)

    @end.route("GET", "/many")
    def many(request: Request) -> Reply:
        """As many small records as `control` says, made as they are asked for."""
        start, size, total = int(request.params.get("cursor") or 0), int(request.params["limit"]), 0
        total = control(request.store)["many"]
        stop = min(start + size, total)
        page = [{"id": n, "name": f"N{n}", "text": "x" * 200} for n in range(start, stop)]
        return json_reply({"orders": page, "next_cursor": str(stop) if stop < total else None})

    @end.route("POST", "/many")
    def swallow(request: Request) -> Reply:
        records = request.json()
        with taking:
            before = (request.store.get("swallowed", "count") or {"n": 0})["n"]
            request.store.put("swallowed", "count", {"n": before + len(records)})
        return json_reply([{"id": f"S{record['reference']}"} for record in records])

    @end.route("POST", "/sales")
    def take(request: Request) -> Reply:
        record = request.json()
        if "bad" in str(record.get("email")):
            return json_reply({"message": "email is not valid", "field": "email"}, 422)
        reference = str(record["reference"])
        if control(request.store).get("stamp"):
            request.store.put("moments", request.store.next_id("moment"), {"at": time.time()})
        with taking, request.store.transaction():
            before = request.store.get("arrivals", reference) or {"n": 0}
            request.store.put("arrivals", reference, {"n": before["n"] + 1})
            request.store.put("sales", reference, record)
        time.sleep(control(request.store).get("delay", 0))
        return json_reply({"id": f"S{reference}"}, 200 if before["n"] else 201)

    @end.route("GET", "/sales")
    def find(request: Request) -> Reply:
        found = request.store.get("sales", request.params["reference"])
        return json_reply([{"id": f"S{request.params['reference']}"}] if found else [])

    return end


def control(store: Store) -> dict:
    return store.get("control", "control") or {}


def definition(slug: str, idempotency: str, *, concurrency: int = 4) -> dict:
    """The far end as a user-made system that signs in."""
    made = system(slug, idempotency=idempotency, concurrency=concurrency)
    many = {"reference": "name", "read": {"path": "/many", "records": "orders", "paging": {"cursor": {}}}}
    bulk = {"write": {"path": "/many", "idempotency": "natural_key", "batch": 500, "concurrency": 4}}
    return {
        **made,
        "settings": {"token": {"label": "Token", "secret": True, "required": True}},
        "auth": {"bearer": "token"},
        "entities": {**made["entities"], "many": many, "bulk": {"key": "reference", **bulk}},
    }


if __name__ == "__main__":
    server = PracticeServer([practice()], port=int(sys.argv[1]), folder=Path(sys.argv[2]))
    print("ready", flush=True)
    server.serve()
