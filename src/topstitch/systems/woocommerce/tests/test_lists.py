"""Walking lists: borders, drift, dates, resuming."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from topstitch.sdk import Connection, FormatError, Page, Query
from topstitch.sdk.practice import ORDERS
from topstitch.systems.woocommerce.lists import Listing, caught_up, falls_in, page_after, walk, window
from topstitch.systems.woocommerce.practice_seed import START
from topstitch.systems.woocommerce.tests.support import Shop, pages, read


class Rows:
    """A list that can change while it is walked."""

    def __init__(self, *ids: int, headers: bool = True) -> None:
        self.ids, self.headers, self.calls = list(ids), headers, 0
        self.before: dict[int, Callable[[], None]] = {}

    def fetch(self, size: int, number: int) -> tuple[list[dict[str, int]], int | None]:
        self.calls += 1
        self.before.get(self.calls, lambda: None)()
        found = [{"id": id} for id in sorted(self.ids)[(number - 1) * size : number * size]]
        return found, -(-len(self.ids) // size) if self.headers else None

    def leave(self, upto: int) -> None:
        self.ids = [id for id in self.ids if id > upto]

    def walked(self, wanted: int) -> list[int]:
        return [row["id"] for rows, _ in walk(self.fetch, wanted, None) for row in rows]


@pytest.mark.parametrize("count", [0, 1, 2, 9, 10, 11, 20, 21, 100, 257])
@pytest.mark.parametrize("wanted", [1, 2, 3, 10, 100])
@pytest.mark.parametrize("headers", [True, False])
def test_every_row_comes_once_in_order(count: int, wanted: int, headers: bool):
    rows = Rows(*range(1, count + 1), headers=headers)
    assert rows.walked(wanted) == list(range(1, count + 1))


@pytest.mark.parametrize("kept", [0, 3, 25])
def test_no_row_is_lost_when_earlier_ones_leave_the_list(kept: int):
    rows, seen = Rows(*range(1, 101)), []

    for found, _ in walk(rows.fetch, 10, None):
        seen += [row["id"] for row in found]
        rows.leave(upto=seen[-1] - kept)

    assert seen == list(range(1, 101))


def test_no_row_comes_twice_when_others_join_before_it():
    rows = Rows(*range(100, 200))
    rows.before = {4: lambda: rows.ids.extend(range(1, 31))}

    assert rows.walked(10) == list(range(100, 200))


def test_a_list_that_empties_while_it_is_walked_ends():
    rows = Rows(*range(1, 51))
    rows.before = {3: rows.ids.clear}

    assert rows.walked(10)[:10] == list(range(1, 11))


def test_a_list_in_another_order_is_refused_rather_than_read_wrongly():
    with pytest.raises(FormatError, match="order"):
        list(walk(lambda size, number: ([{"id": 2}, {"id": 1}], 5), 2, None))


def test_a_walk_goes_on_from_any_cursor():
    whole = list(walk(Rows(*range(1, 60)).fetch, 7, None))

    for place, (_, cursor) in enumerate(whole[:-1]):
        rest = list(walk(Rows(*range(1, 60)).fetch, 7, cursor))
        assert [rows for rows, _ in rest] == [rows for rows, _ in whole[place + 1 :]]


@pytest.mark.parametrize("seen", [1, 99, 100, 500, 2520, 5040, 100_000])
def test_a_page_begins_at_a_row_already_seen_and_brings_most_of_a_hundred(seen: int):
    size, number = page_after(seen, 100)

    assert (number - 1) * size < seen
    assert number * size - seen >= 80


def test_the_window_is_widened_by_a_second_and_never_mixes_z_with_gmt():
    since = datetime(2024, 3, 5, 10, 0, 0, 500_000, tzinfo=UTC)

    params = window(Listing(route="orders"), Query(page_size=1, since=since, until=since))

    assert params == {
        "dates_are_gmt": "true",
        "modified_after": "2024-03-05T09:59:59",
        "modified_before": "2024-03-05T10:00:01",
    }


def test_the_window_is_in_utc_whatever_zone_it_comes_in():
    since = datetime(2024, 3, 5, 12, 0, tzinfo=UTC).astimezone()
    params = window(Listing(route="orders"), Query(page_size=1, since=since))
    assert params["modified_after"] == "2024-03-05T11:59:59"


def test_a_record_without_a_stamp_is_kept():
    assert falls_in({"id": 1, "date_modified_gmt": None}, Listing(route="customers"), Query(page_size=1, since=START))


@pytest.mark.parametrize("offset", [-8, 0, 5])
def test_since_counts_the_second_itself_whatever_the_zone_of_the_shop(shop: Shop, conn: Connection, offset: int):
    shop.site(offset_hours=offset)
    since = datetime.fromisoformat(shop.store.all("orders")[20]["date_modified_gmt"]).replace(tzinfo=UTC)

    found = read(conn, "orders", since=since)

    assert len(found) == 14 + len(ORDERS)
    assert {order["id"] for order in found} == {order["id"] for order in shop.store.all("orders")[20:]}


def test_a_shop_too_old_to_filter_by_change_gives_the_same(shop: Shop, conn: Connection):
    since = START + timedelta(days=20)
    expected = read(conn, "orders", since=since)
    shop.site(ignores_modified=True)

    assert read(conn, "orders", since=since) == expected
    assert 0 < len(expected) < 34 + len(ORDERS)


def test_until_is_a_bound_too(conn: Connection):
    day = timedelta(days=1)
    found = read(conn, "orders", since=START + 8 * day, until=START + 12 * day)
    assert len(found) == 4


def test_orders_that_leave_a_filtered_list_while_it_is_read_take_no_others_with_them(shop: Shop, conn: Connection):
    expected = [order["id"] for order in shop.store.all("orders") if order["status"] == "processing"]
    got: list[int] = []

    for page in pages(conn, "orders", size=3, given={"statuses": "processing"}):
        got += [order["id"] for order in page.records]
        for id in got:
            shop.change("orders", id, status="completed")

    assert got == expected


def test_reading_goes_on_from_a_cursor_in_another_process(shop: Shop):
    first = list(pages(shop.connect(), "products", size=5))
    again = list(pages(shop.connect(), "products", size=5, at=first[2].next))

    assert [page.records for page in again] == [page.records for page in first[3:]]
    assert first[-1].next is None


def test_a_long_pass_is_followed_by_one_over_what_changed_meanwhile(shop: Shop, conn: Connection):
    clock = [datetime.now(UTC)]
    conn.now = lambda: clock[0]
    reading = pages(conn, "orders", size=10)
    seen = [order["id"] for order in next(reading).records]

    shop.change(
        "orders", seen[0], customer_note="changed", date_modified_gmt=clock[0].replace(tzinfo=None).isoformat()[:19]
    )
    clock[0] += timedelta(minutes=10)
    rest = [order for page in reading for order in page.records]

    assert [order["id"] for order in rest][-1] == seen[0]
    assert rest[-1]["customer_note"] == "changed"
    assert len(rest) == 34 + len(ORDERS) - 10 + 1


def test_a_quick_pass_is_the_only_one(conn: Connection):
    passes: list[Query] = []

    def one_pass(conn, query, cursor):
        passes.append(query)
        yield Page(records=[])

    assert [page.next for page in caught_up(one_pass)(conn, Query(page_size=1), None)] == [None]
    assert len(passes) == 1
