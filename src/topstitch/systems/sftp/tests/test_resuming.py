"""Pages of files, where reading resumes, and what is remembered."""

from __future__ import annotations

import json
import os
import tracemalloc

import pytest

from topstitch.sdk import TemporaryError
from topstitch.systems.sftp.connect import files

from .conftest import skus, stock


def test_pages_go_on_inside_a_file(shop):
    shop.put("a.csv", stock(10), at=1_000_000)
    shop.put("b.csv", stock(5, start=10), at=2_000_000)

    pages = shop.pages("stock", page_size=4)

    assert [len(page.records) for page in pages] == [4, 4, 2, 4, 1]
    assert pages[-1].next is None and all(page.next for page in pages[:-1])
    assert skus(pages) == [f"SKU-{n}" for n in range(15)]


@pytest.mark.parametrize("crash_after", range(1, 6))
def test_reading_resumes_after_any_page(shop, connect, crash_after):
    shop.put("a.csv", stock(9), at=1_000_000)
    shop.put("b.csv", stock(4, start=9), at=2_000_000)
    whole = shop.pages("stock", page_size=3)
    before = whole[:crash_after]
    cursor = json.loads(json.dumps(before[-1].next))

    after = connect().pages("stock", page_size=3, cursor=cursor) if cursor else []

    assert skus(before) + skus(after) == [f"SKU-{n}" for n in range(13)]


def test_a_run_that_resumes_remembers_what_it_took_before_the_crash(shop):
    shop.put("a.csv", stock(1), at=1_000_000)
    shop.put("b.csv", stock(1), at=2_000_000)
    first = shop.pages("stock")[0]

    # The page with a.csv is stored, but not complete: the service's state does not know of it yet.
    rest = shop.pages("stock", cursor=first.next, state=None)

    assert set(rest[-1].state) == {"a.csv", "b.csv"}


def test_a_file_that_comes_late_is_read_though_it_is_older(shop):
    shop.put("b.csv", stock(1), at=2_000_000)
    shop.put("c.csv", stock(1), at=3_000_000)
    first = shop.pages("stock")[0]
    shop.put("a.csv", stock(1), at=1_000_000)

    rest = shop.pages("stock", cursor=first.next)

    assert {record["original_filename"] for page in rest for record in page.records} == {"a.csv", "c.csv"}


def test_a_file_changed_while_it_was_read_is_noticed_and_read_anew(shop):
    shop.put("a.csv", stock(6))
    first = shop.pages("stock", page_size=4)[0]
    shop.put("a.csv", stock(3, start=100), at=2_000_000)

    rest = shop.pages("stock", page_size=4, cursor=first.next)

    assert skus(rest) == ["SKU-100", "SKU-101", "SKU-102"]
    assert any(level == "warning" and "a.csv was changed" in text for level, text in shop.logged)


def test_a_file_that_changes_during_the_transfer_is_left(shop, monkeypatch):
    shop.put("a.csv", stock(3))
    shop.put("b.csv", stock(1), at=2_000_000)
    server = files(shop.conn)
    opened = server.open

    def slow(path):
        copy = opened(path)
        if path == "a.csv":
            shop.put("a.csv", stock(4))
        return copy

    monkeypatch.setattr(server, "open", slow)

    assert {record["original_filename"] for record in shop.records("stock")} == {"b.csv"}
    assert any("changes while it is read" in text for _, text in shop.logged)


def test_a_lost_server_is_an_outage_and_nothing_read_is_lost(shop, server, monkeypatch):
    shop.put("a.csv", stock(2), at=1_000_000)
    shop.put("b.csv", stock(2), at=2_000_000)
    remote = files(shop.conn)
    opened = remote.open

    def broken(path):
        if path == "b.csv":
            raise TemporaryError("gone")
        return opened(path)

    monkeypatch.setattr(remote, "open", broken)
    pages = shop.entity("stock").read.pages(shop.conn, shop.query("stock"), None)
    first = next(pages)
    with pytest.raises(TemporaryError):
        next(pages)
    monkeypatch.setattr(remote, "open", opened)

    assert skus([first, *shop.pages("stock", cursor=first.next)]) == ["SKU-0", "SKU-1", "SKU-0", "SKU-1"]


def test_a_dropped_connection_is_made_anew_between_files(shop, server):
    shop.put("a.csv", stock(2), at=1_000_000)
    shop.put("b.csv", stock(2), at=2_000_000)
    shop.put("c.csv", stock(2), at=3_000_000)
    pages = shop.entity("stock").read.pages(shop.conn, shop.query("stock"), None)
    seen = [next(pages)]
    server.drop()
    seen += pages

    assert len(skus(seen)) == 6


def test_a_long_file_is_read_in_flat_memory(shop):
    row = "x" * 200
    shop.put("stock.csv", "sku,quantity,note\n" + "".join(f"SKU-{n},{n},{row}\n" for n in range(20_000)))
    assert os.path.getsize(shop.folder / "stock.csv") > 4_000_000
    read, query, count = shop.entity("stock").read, shop.query("stock", page_size=200), 0
    next(read.pages(shop.conn, query, None))

    tracemalloc.start()
    for page in read.pages(shop.conn, query, None):
        count += len(page.records)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 20_000
    assert peak < 8_000_000


def test_a_file_taken_is_not_taken_again_until_it_changes(shop):
    shop.put("a.csv", stock(1))
    state = json.loads(json.dumps(shop.pages("stock")[-1].state))

    assert shop.pages("stock", state=state) == []
    shop.put("a.csv", stock(2))
    assert len(shop.records("stock", state=state)) == 2
    shop.put("a.csv", stock(1), at=2_000_000)
    assert len(shop.records("stock", state=state)) == 1


def test_files_that_are_gone_are_forgotten(shop):
    shop.put("a.csv", stock(1))
    state = shop.pages("stock")[-1].state
    (shop.folder / "a.csv").unlink()
    shop.put("b.csv", stock(1))

    assert set(shop.pages("stock", state=state)[-1].state) == {"b.csv"}
