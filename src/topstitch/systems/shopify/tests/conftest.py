"""A shop on loopback, as new for each test, and what tests say about it in few words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

import pytest

from topstitch.sdk import CATALOGUE, Connection, Outgoing, Query, Verdict
from topstitch.sdk.practice import PracticeServer, Store
from topstitch.systems.shopify.practice import PRACTICE, TOKEN


class Shop:
    """The practice shop, and a connection to it."""

    def __init__(self, server: PracticeServer, **settings: Any) -> None:
        self.server = server
        self.store: Store = server.stores["shopify"]
        self.faults = PRACTICE.faults
        self.log: list[str] = []
        self.conn = self.connect(**settings)

    def connect(self, **settings: Any) -> Connection:
        """A fresh connection with these settings."""
        conn = Connection(
            entry=CATALOGUE.get("shopify"),
            settings={**PRACTICE.settings, **settings},
            environment="practice",
            origin=f"{self.server.url}/shopify",
            log=lambda level, message: self.log.append(message),
        )
        return conn

    def read(self, entity: str, **asked: Any) -> list[dict[str, Any]]:
        """All records of an entity."""
        return [record for page in self.pages(entity, **asked) for record in page.records]

    def pages(self, entity: str, cursor: Any = None, **asked: Any) -> list[Any]:
        """All pages of an entity, each asked for anew from the cursor of the one before, as after a restart."""
        read = self.conn.entry.entity(entity).read
        pages = []
        while True:
            page = next(iter(read.pages(self.connect(), Query(**{"page_size": 25, **asked}), cursor)))
            pages.append(page)
            if page.next is None:
                return pages
            cursor = json.loads(json.dumps(page.next))

    def push(
        self, entity: str, *records: dict[str, Any], remote_id: str = "", key: str = "", **options: Any
    ) -> list[Verdict]:
        """Push records in one batch; keys are numbers from 1."""
        write = self.conn.entry.entity(entity).write
        return list(write.push(self.conn, outgoing(records, remote_id, key), self.options(entity, options)))

    def find(self, entity: str, *records: dict[str, Any], key: str = "", **options: Any) -> list[str | None]:
        """Look records up as after a lost answer."""
        write = self.conn.entry.entity(entity).write
        return list(write.find(self.conn, outgoing(records, "", key), self.options(entity, options)))

    def options(self, entity: str, given: dict[str, Any]) -> dict[str, Any]:
        """The options of an entity, defaults filled in."""
        return {**{s.name: s.default for s in self.conn.entry.entity(entity).write.options}, **given}

    def ask(self, text: str, variables: Any = None, *, version: str = "2026-07", token: str = TOKEN) -> dict[str, Any]:
        """A raw GraphQL call, past the connector."""
        body = json.dumps({"query": text, "variables": variables or {}}).encode()
        headers = {"X-Shopify-Access-Token": token, "Content-Type": "application/json"}
        url = f"{self.server.url}/shopify/admin/api/{version}/graphql.json"
        with urlopen(HttpRequest(url, body, headers)) as answer:
            return dict(json.loads(answer.read()))

    def first_order(self, *, number: int) -> dict[str, Any]:
        """A seeded order by its number."""
        return self.store.first("Order", lambda doc: doc["name"] == f"#{number}") or {}


def outgoing(records: Sequence[dict[str, Any]], remote_id: str = "", key: str = "") -> list[Outgoing]:
    """Records on their way."""
    return [
        Outgoing(key=key or str(place), record=record, idempotency_key=f"idem-{key or place}", remote_id=remote_id)
        for place, record in enumerate(records, 1)
    ]


@pytest.fixture(scope="session")
def running() -> Iterator[PracticeServer]:
    with PracticeServer([PRACTICE]) as server:
        yield server


@pytest.fixture
def server(running: PracticeServer) -> PracticeServer:
    """Freshly seeded, without faults."""
    running.rewind("shopify")
    return running


@pytest.fixture
def shop(server: PracticeServer) -> Shop:
    return Shop(server)


def product(shop, identifier):
    return shop.conn.entry.entity("products").read.by_ids(shop.conn, [identifier], {})[0]


def files_of(record):
    return [media["image"]["url"].rpartition("/")[2].partition("?")[0] for media in record["media"]]


def jumper(**changes):
    return {
        "title": "Tide jumper",
        "handle": "tide-jumper",
        "descriptionHtml": "<p>Warm</p>",
        "vendor": "North Quay",
        "status": "draft",
        "tags": ["wool", "new"],
        "variants": [
            {
                "sku": f"TJ-{size}",
                "price": "75",
                "optionValues": [{"optionName": "Size", "name": size}],
                "inventoryItem": {"cost": 30, "measurement": {"weight": {"value": "0.6"}}},
                "quantity": 3,
                "metafields": [{"key": "fit", "value": "loose"}],
            }
            for size in ("S", "M")
        ],
        "images": [{"url": "https://img.example.com/tide.jpg", "alt": "Tide"}],
        "metafields": [{"namespace": "custom", "key": "colour", "value": "teal"}, {"key": "weight_g", "value": 600}],
        **changes,
    }
