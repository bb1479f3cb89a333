"""Both ends over HTTP on loopback, in one process: `python -m bench.mock [--port N] [--max N] [--seed N]`.

GET  /source/orders?limit=250&cursor=C  {"orders": [...], "next_cursor", "next", "has_more"}
POST /dest/orders                       one object, 201 {"id"}
POST /dest/orders/bulk                  a list, 200 {"accepted"}
GET  /control?n=&latency_ms=&src_latency_ms=&f500=&f429=&attempts=&retry_after=&after_write=&seed=   begins anew
GET  /stats                             what was counted since then
GET  /ids                               external id -> times it arrived

Written on a bare protocol to cost as little of the measured machine as can be: keep-alive and Content-Length, one
request at a time on a connection.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import time
from contextlib import suppress
from typing import Any, cast
from urllib.parse import parse_qsl

import orjson

from bench.ends import Erp, Plan, Shop

LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
REASONS = {
    200: "OK",
    201: "Created",
    400: "Bad Request",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
}


def answer(status: int, body: bytes, *headers: str) -> bytes:
    """A whole response."""
    lines = [f"HTTP/1.1 {status} {REASONS[status]}", "content-type: application/json", f"content-length: {len(body)}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


class Mock:
    """What the connections share: the two ends, and the counting of requests."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.address = shop, ""
        self.begin({})

    def begin(self, query: dict[str, str]) -> None:
        """Forget everything and behave as asked."""
        self.plan = Plan.of(query, self.shop.size)
        self.erp = Erp(self.shop, self.plan)
        self.source_requests = self.in_flight = self.most_in_flight = self.connections = 0
        self.first_source: float | None = None
        self.last_source: float | None = None
        self._cpu = time.process_time()

    def respond(self, method: bytes, target: str, body: bytes) -> tuple[bytes, float]:
        """The answer, and the seconds to hold it back."""
        path, _, query = target.partition("?")
        if path == "/dest/orders" and method == b"POST":
            return self._post(body, bulk=False), self.plan.latency
        if path == "/source/orders":
            return self._page(dict(parse_qsl(query))), self.plan.source_latency
        if path == "/dest/orders/bulk" and method == b"POST":
            return self._post(body, bulk=True), self.plan.latency
        if path == "/stats":
            return answer(200, orjson.dumps(self.stats())), 0.0
        if path == "/ids":
            return answer(200, orjson.dumps(self.erp.arrived)), 0.0
        if path == "/control":
            return self._control(dict(parse_qsl(query))), 0.0
        return answer(404, b'{"error":"there is nothing here"}'), 0.0

    def _page(self, query: dict[str, str]) -> bytes:
        self.last_source = time.time()
        self.first_source = self.first_source or self.last_source
        self.source_requests += 1
        try:
            size, start = int(query.get("limit", 250)), int(query.get("cursor") or 0)
        except ValueError:
            return answer(400, b'{"error":"limit and cursor are numbers"}')
        stop, address = min(start + size, self.plan.n), f"{self.address}/source/orders?limit={size}&cursor="
        return answer(200, self.shop.page(start, stop, self.plan.n, address))

    def _post(self, body: bytes, *, bulk: bool) -> bytes:
        try:
            records = orjson.loads(body) if bulk else [orjson.loads(body)]
            status = self.erp.post(records, 200 if bulk else 201)
        except (orjson.JSONDecodeError, KeyError, TypeError, IndexError):
            return answer(400, b'{"error":"this is no record with an external_id"}')
        if status == 429:
            return answer(429, b'{"error":"too many requests"}', f"retry-after: {self.plan.retry_after}")
        if status == 500:
            return answer(500, b'{"error":"it broke"}')
        told = {"accepted": len(records)} if bulk else {"id": records[0]["external_id"]}
        return answer(status, orjson.dumps(told))

    def _control(self, query: dict[str, str]) -> bytes:
        try:
            self.begin(query)
        except ValueError:
            return answer(400, b'{"error":"these are numbers"}')
        return answer(200, b'{"ok":true}')

    def stats(self) -> dict[str, Any]:
        """All that is counted."""
        return {
            **self.erp.stats(),
            "source_requests": self.source_requests,
            "max_inflight": self.most_in_flight,
            "connections": self.connections,
            "t_first_src": self.first_source,
            "t_last_src": self.last_source,
            "mock_cpu_s": round(time.process_time() - self._cpu, 3),
        }


class Wire(asyncio.Protocol):
    """One connection."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connects."""
        self._transport = cast(asyncio.Transport, transport)
        self._mock.connections += 1

    def data_received(self, data: bytes) -> None:
        """Answer as soon as a request is complete."""
        self._buffer = self._buffer + data if self._buffer else data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = LENGTH.search(head)
        if length and len(rest) < int(length[1]):
            return
        self._buffer = b""
        method, target, _ = head.split(b"\r\n", 1)[0].split(b" ", 2)
        self._answer(method, target.decode(), rest)

    def _answer(self, method: bytes, target: str, body: bytes) -> None:
        mock = self._mock
        response, delay = mock.respond(method, target, body)
        if not delay:
            self._transport.write(response)
            return
        mock.in_flight += 1
        mock.most_in_flight = max(mock.most_in_flight, mock.in_flight)
        asyncio.get_running_loop().call_later(delay, self._late, response)

    def _late(self, response: bytes) -> None:
        self._mock.in_flight -= 1
        if not self._transport.is_closing():
            self._transport.write(response)


async def serve(mock: Mock, port: int) -> asyncio.Server:
    """Listen on loopback; port 0 takes any that is free."""
    server = await asyncio.get_running_loop().create_server(lambda: Wire(mock), "127.0.0.1", port, backlog=1024)
    mock.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    return server


async def run(arguments: argparse.Namespace) -> None:
    """Serve for ever; the first line on standard output is the address."""
    mock = Mock(Shop(arguments.max, arguments.seed))
    server = await serve(mock, arguments.port)
    print(mock.address, os.getpid(), flush=True)
    await server.serve_forever()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m bench.mock", description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--max", type=int, default=10_000, help="orders that the shop has")
    parser.add_argument("--seed", type=int, default=1)
    factory = None
    with suppress(ImportError):
        import uvloop

        factory = uvloop.new_event_loop
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=factory) as runner:
        runner.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
