"""The bound: what one asyncio loop can do when somebody writes only this task by hand and gives up everything else.

No memory of what was sent, no report, no retries, no restart. `python -m bench.hand --base URL` prints its figures as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson
from pyreqwest.client import Client, ClientBuilder

from bench.reference import BERLIN, COUNTRIES, PAYMENT_TERMS

IN_FLIGHT, PAGE = 32, 250
JSON = {"content-type": "application/json"}
TAX_CODES = {0.19: "S", 0.07: "R"}
DIGITS_ONLY = {code: None for code in range(128) if not 48 <= code <= 57}

Record = dict[str, Any]


def cents(money: str) -> int:
    """An amount with two decimals as whole cents."""
    return int(money[:-3] + money[-2:])


def map_order(order: Record) -> Record:
    """The twenty fields, as fast as plain Python goes: whole cents, one pass over the lines."""
    customer, ship, gateways = order["customer"], order["shipping_address"], order["payment_gateway_names"]
    created = datetime.fromisoformat(order["created_at"])
    second, goods = (ship["address2"] or "").strip(), cents(order["total_line_items_price"])
    lines, pieces, grams = [], 0, 0
    for number, item in enumerate(order["line_items"], 1):
        quantity, price, variant, taxes = (
            item["quantity"],
            cents(item["price"]),
            item["variant_title"],
            item["tax_lines"],
        )
        pieces += quantity
        grams += quantity * item["grams"]
        lines.append(
            {
                "line_no": number,
                "sku": item["sku"].strip().upper(),
                "description": item["title"] if variant is None else f"{item['title']} - {variant}",
                "qty": quantity,
                "unit_price": price / 100,
                "line_total": (price * quantity - cents(item["total_discount"])) / 100,
                "tax_code": TAX_CODES.get(taxes[0]["rate"], "Z") if taxes else "Z",
            }
        )
    return {
        "external_id": f"SHP-{order['id']}",
        "order_number": order["name"].lstrip("#"),
        "source_system": "shopify",
        "order_date": created.astimezone(BERLIN).date().isoformat(),
        "order_ts_utc": created.astimezone(UTC).isoformat()[:19] + "Z",
        "customer_code": f"C{customer['id']:012}",
        "customer_name": f"{customer['first_name'].strip()} {customer['last_name'].strip()}".upper(),
        "customer_email": customer["email"].strip().lower(),
        "phone": (ship["phone"] or "").translate(DIGITS_ONLY),
        "ship_street": f"{ship['address1']}, {second}" if second else ship["address1"],
        "ship_city": ship["city"].strip().upper(),
        "ship_postal": ship["zip"].replace(" ", "").upper(),
        "ship_country": COUNTRIES.get(ship["country_code"], "ZZZ"),
        "currency": order["currency"],
        "payment_terms": PAYMENT_TERMS.get(gateways[0], "OTHER") if gateways else "OTHER",
        "net_amount": (cents(order["total_price"]) - cents(order["total_tax"]) - cents(order["total_shipping"])) / 100,
        # Half up in whole numbers: tenths of a per cent, doubled, plus one half.
        "discount_pct": (2000 * cents(order["total_discounts"]) + goods) // (2 * goods) / 10 if goods else 0,
        "total_quantity": pieces,
        "total_weight_kg": grams / 1000,
        "lines": lines,
    }


class Feed:
    """Mapped orders one by one, for many senders at once; the next page is fetched while this one is sent."""

    def __init__(self, client: Client, base: str) -> None:
        self._client, self._url = client, f"{base}/source/orders?limit={PAGE}"
        self._orders: Iterator[Record] = iter(())
        self._ahead: asyncio.Task[bytes] | None = asyncio.create_task(self._fetch(None))
        self._turning = asyncio.Lock()

    async def next(self) -> bytes | None:
        """The next body to post, None at the end."""
        while True:
            seen = self._orders
            for order in seen:
                if order["financial_status"] == "paid":
                    return orjson.dumps(map_order(order))
            async with self._turning:
                if self._orders is seen and not await self._turn():
                    return None

    async def _turn(self) -> bool:
        if self._ahead is None:
            return False
        page = orjson.loads(await self._ahead)
        cursor = page["next_cursor"]
        self._ahead = asyncio.create_task(self._fetch(cursor)) if cursor else None
        self._orders = iter(page["orders"])
        return True

    async def _fetch(self, cursor: str | None) -> bytes:
        answer = await self._client.get(self._url + (f"&cursor={cursor}" if cursor else "")).build().send()
        return (await answer.bytes()).to_bytes()


async def send_all(base: str) -> int:
    """Do the task; gives the number of orders sent. Raises RuntimeError at the first answer that is not a success."""
    url, sent = f"{base}/dest/orders", 0
    async with ClientBuilder().http1_only().error_for_status(False).build() as client:
        feed = Feed(client, base)

        async def sender() -> None:
            nonlocal sent
            while (body := await feed.next()) is not None:
                answer = await client.post(url).headers(JSON).body_bytes(body).build().send()
                await answer.bytes()
                if answer.status != 201:
                    raise RuntimeError(f"the destination answered {answer.status}")
                sent += 1

        async with asyncio.TaskGroup() as senders:
            for _ in range(IN_FLIGHT):
                senders.create_task(sender())
    return sent


def main() -> None:
    """Run once and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", required=True)
    base = parser.parse_args().base
    factory = None
    with suppress(ImportError):
        import uvloop

        factory = uvloop.new_event_loop
    began = time.process_time()
    with asyncio.Runner(loop_factory=factory) as runner:
        sent = runner.run(send_all(base))
    print(json.dumps({"sent": sent, "cpu": time.process_time() - began, "uvloop": factory is not None}))


if __name__ == "__main__":
    main()
