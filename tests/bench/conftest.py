"""Fixtures: a mock served from a thread, and a caller that talks to it."""

from __future__ import annotations

import asyncio
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from bench.ends import Shop
from bench.mock import Mock, serve


class Caller:
    """Talks to a served mock; `shop` knows what it should be sent."""

    def __init__(self, address: str, shop: Shop) -> None:
        self.address, self.shop = address, shop

    def ask(self, path: str, body: object = None) -> tuple[int, dict, object]:
        """Status, headers and body of a GET, or of a POST of JSON."""
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(self.address + path, data), timeout=10) as answer:
                return answer.status, dict(answer.headers), json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), json.load(error)

    def begin(self, query: str = "") -> None:
        assert self.ask(f"/control?reset=1&{query}")[0] == 200

    def post(self, record: object) -> int:
        return self.ask("/dest/orders", record)[0]

    def stats(self) -> dict:
        return self.ask("/stats")[2]

    def wanted(self, n: int | None = None) -> list[dict]:
        """What must arrive of the first `n` orders."""
        records = [self.shop.expected(index) for index in range(self.shop.size if n is None else n)]
        return [dict(record) for record in records if record is not None]


@pytest.fixture
def mock() -> Iterator[Caller]:
    """A mock with 40 orders."""
    shop, loop, ready = Shop(40), asyncio.new_event_loop(), threading.Event()
    made = Mock(shop)

    async def run() -> None:
        async with await serve(made, 0) as server:
            ready.set()
            with pytest.raises(asyncio.CancelledError):
                await server.serve_forever()

    task = loop.create_task(run())
    thread = threading.Thread(target=lambda: loop.run_until_complete(task))
    thread.start()
    assert ready.wait(10)
    yield Caller(made.address, shop)
    loop.call_soon_threadsafe(task.cancel)
    thread.join(10)
    loop.close()
