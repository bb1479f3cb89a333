"""The two ends without HTTP: the shop that gives pages of orders, and the ERP that checks and counts what it is sent."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zlib import crc32

import orjson

from bench.orders import FIRST_ID, ID_STEP, index_of, is_paid, order
from bench.reference import reference

#: Orders kept ready. What is beyond is made when asked for, so that a long run needs no more memory than a short one.
READY = 12_000
#: A retry may come this much sooner than Retry-After says, for clocks that round. Seconds.
TOLERANCE = 0.05


@dataclass(frozen=True, slots=True)
class Plan:
    """How the ends behave until the next reset. Latencies in seconds, rates from 0 to 1."""

    n: int
    latency: float = 0.0
    source_latency: float = 0.0
    f500: float = 0.0
    f429: float = 0.0
    #: The first so many tries of a picked record fail.
    attempts: int = 1
    retry_after: str = "1"
    #: A 500 is answered although the record was stored.
    after_write: bool = False
    seed: str = "7"

    @classmethod
    def of(cls, query: Mapping[str, str], size: int) -> Plan:
        """From the query of /control. Raises ValueError for what is no number."""
        get = query.get
        return cls(
            n=min(int(get("n", size)), size),
            latency=float(get("latency_ms", 0)) / 1000,
            source_latency=float(get("src_latency_ms", 0)) / 1000,
            f500=float(get("f500", 0)),
            f429=float(get("f429", 0)),
            attempts=int(get("attempts", 1)),
            retry_after=get("retry_after", "1"),
            after_write=get("after_write") == "1",
            seed=get("seed", "7"),
        )

    def fault(self, external_id: str) -> int:
        """The status that this record's first tries are answered with, 0 for none; the same for everybody."""
        draw = crc32(f"{self.seed}:{external_id}".encode()) / 2**32
        return 500 if draw < self.f500 else 429 if draw < self.f500 + self.f429 else 0


class Shop:
    """`size` orders, as bytes and as what must become of them."""

    def __init__(self, size: int, seed: int = 1) -> None:
        self.size, self.seed = size, seed
        self._made = lru_cache(READY)(self._make)
        for index in range(min(size, READY)):
            self._made(index)

    def _make(self, index: int) -> tuple[bytes, dict[str, Any] | None]:
        made = order(index, self.seed)
        # Through JSON and back, as what arrives has been.
        return orjson.dumps(made), orjson.loads(orjson.dumps(reference(made)))

    def page(self, start: int, stop: int, total: int, address: str) -> bytes:
        """The answer with the orders from `start` to before `stop`."""
        more = stop < total
        head = {
            "next_cursor": str(stop) if more else None,
            "next": f"{address}{stop}" if more else None,
            "has_more": more,
        }
        orders = b",".join(self._made(index)[0] for index in range(start, stop))
        return b'{"orders":[%b],%b' % (orders, orjson.dumps(head)[1:])

    def expected(self, index: int) -> dict[str, Any] | None:
        """What must arrive of this order, None if it must not arrive."""
        return self._made(index)[1]

    def paid(self, n: int) -> int:
        """How many of the first `n` must arrive."""
        return sum(is_paid(index, self.seed) for index in range(n))


class Erp:
    """Takes records, answers with a status, and knows better than the sender what is missing, doubled or wrong."""

    def __init__(self, shop: Shop, plan: Plan) -> None:
        self.shop, self.plan = shop, plan
        self.wanted = shop.paid(plan.n)
        self.arrived: Counter[str] = Counter()
        self.unique = self.wrong = self.filtered = self.unknown = self.early = self.posts = 0
        self.first_post = self.last_post = 0.0
        self.statuses: Counter[int] = Counter()
        self.wrong_example: dict[str, Any] | None = None
        self._tries: Counter[str] = Counter()
        self._not_before: dict[str, float] = {}

    def post(self, records: list[dict[str, Any]], success: int) -> int:
        """One request; gives the status to answer with. Raises KeyError, TypeError or IndexError for no records."""
        now = time.time()
        self.first_post = self.first_post or now
        self.last_post, self.posts = now, self.posts + 1
        status = self._refusal(records[0]["external_id"], now)
        if not status or (status == 500 and self.plan.after_write):
            for record in records:
                self._take(record)
        self.statuses[status or success] += 1
        return status or success

    def _refusal(self, external_id: str, now: float) -> int:
        if not (self.plan.f500 or self.plan.f429):
            return 0
        status = self.plan.fault(external_id)
        if not status:
            return 0
        self.early += now < self._not_before.get(external_id, 0.0)
        self._tries[external_id] += 1
        if self._tries[external_id] > self.plan.attempts:
            return 0
        if status == 429:
            self._not_before[external_id] = now + float(self.plan.retry_after) - TOLERANCE
        return status

    def _take(self, record: dict[str, Any]) -> None:
        external_id = record["external_id"]
        self.arrived[external_id] += 1
        index = self._index(external_id)
        if index is None:
            self.unknown += 1
            return
        wanted = self.shop.expected(index)
        if wanted is None:
            self.filtered += 1
            return
        self.unique += self.arrived[external_id] == 1
        if record != wanted:
            self.wrong += 1
            self.wrong_example = self.wrong_example or _differing(wanted, record)

    def _index(self, external_id: object) -> int | None:
        """The order's place, None when there is no such order in this run."""
        digits = str(external_id).removeprefix("SHP-")
        if not digits.isdigit():
            return None
        index = index_of(int(digits))
        exact = external_id == f"SHP-{FIRST_ID + index * ID_STEP}"
        return index if exact and 0 <= index < self.plan.n else None

    def stats(self) -> dict[str, Any]:
        """The counters, by the names of /stats."""
        accepted = self.arrived.total()
        return {
            "n": self.plan.n,
            "expected": self.wanted,
            "unique": self.unique,
            "missing": self.wanted - self.unique,
            "accepted": accepted,
            "duplicates": accepted - len(self.arrived),
            "wrong": self.wrong,
            "should_be_filtered": self.filtered,
            "unknown": self.unknown,
            "post_requests": self.posts,
            "retried_before_retry_after": self.early,
            "status": {str(status): count for status, count in self.statuses.items()},
            "t_first_post": self.first_post or None,
            "t_last_post": self.last_post or None,
            "wrong_example": self.wrong_example,
        }


def _differing(wanted: Mapping[str, Any], got: Mapping[str, Any]) -> dict[str, Any]:
    """Field -> [what arrived, what was wanted], for the fields that differ."""
    names: Iterable[str] = dict.fromkeys((*wanted, *got))
    return {name: [got.get(name), wanted.get(name)] for name in names if got.get(name) != wanted.get(name)}
