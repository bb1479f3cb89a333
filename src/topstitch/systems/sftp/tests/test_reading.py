"""Reading files: which ones, how they become records, where reading resumes, what is remembered."""

from __future__ import annotations

import json
import os
import threading
import time
import tracemalloc
from datetime import UTC, datetime

import pytest

from topstitch.sdk import ConfigError, TemporaryError
from topstitch.sdk.files import Stopped
from topstitch.systems.sftp.connect import files

HEADER = "order_number,order_date,email,sku,quantity,unit_price,currency\r\n"
TWO_ORDERS = (
    HEADER
    + "SO-9001,2024-05-01T10:00:00Z,ada@example.com,SKU-1,2,12.49,GBP\r\n"
    + "SO-9001,2024-05-01T10:00:00Z,ada@example.com,SKU-2,1,4.00,GBP\r\n"
    + "SO-9002,2024-05-01T10:00:00Z,jürgen@example.com,0042,1,4.00,EUR\r\n"
)


def stock(count, *, start=0):
    return "sku,quantity\n" + "".join(f"SKU-{n},{n % 7}\n" for n in range(start, start + count))


def skus(pages):
    return [record["sku"] for page in pages for record in page.records]


# -- formats ---------------------------------------------------------------------------------------------------------


def test_rows_of_one_order_become_one_record(shop):
    shop.put("orders.csv", TWO_ORDERS)

    first, second = shop.records()

    assert first["order_number"] == "SO-9001"
    assert first["lines"] == [
        {"sku": "SKU-1", "quantity": "2", "unit_price": "12.49"},
        {"sku": "SKU-2", "quantity": "1", "unit_price": "4.00"},
    ]
    assert (first["original_filename"], first["original_place"]) == ("orders.csv", "line 2")
    assert second["email"] == "jürgen@example.com"
    assert second["lines"][0]["sku"] == "0042"


def test_rows_stay_rows_when_they_are_not_joined(shop):
    shop.put("orders.csv", TWO_ORDERS)

    assert [record["sku"] for record in shop.records(group=False)] == ["SKU-1", "SKU-2", "0042"]


def test_dialects_are_read(shop):
    shop.put("stock.csv", "sku\tquantity\n'Größe\t1'\t5\n", encoding="cp1252")

    records = shop.records("stock", delimiter="tab", quote="'", encoding="cp1252")

    assert [(r["sku"], r["quantity"]) for r in records] == [("Größe\t1", "5")]


def test_a_file_without_header_takes_the_columns_given(shop):
    shop.put("stock.csv", "A-1;5\n")

    (record,) = shop.records("stock", delimiter=";", header=False, columns="sku, quantity")

    assert (record["sku"], record["quantity"]) == ("A-1", "5")


@pytest.mark.parametrize(
    ("name", "text", "options"),
    [
        (
            "orders.xml",
            "<orders><order><order_number>SO-1</order_number><lines><line><sku>A</sku></line></lines></order></orders>",
            {"format": "xml"},
        ),
        (
            "export.xml",
            "<e><o><order_number>SO-1</order_number><lines><line><sku>A</sku></line></lines></o></e>",
            {"format": "xml", "record_path": "e/o"},
        ),
        ("orders.json", '[{"order_number": "SO-1", "lines": [{"sku": "A"}]}]', {"format": "json"}),
        (
            "orders.json",
            '{"data": {"orders": [{"order_number": "SO-1", "lines": [{"sku": "A"}]}]}}',
            {"format": "json", "record_path": "data.orders"},
        ),
        ("orders.jsonl", '{"order_number": "SO-1", "lines": [{"sku": "A"}]}\n', {"format": "jsonl"}),
    ],
)
def test_nested_formats_give_the_same_record(shop, name, text, options):
    shop.put(name, text)

    (record,) = shop.records(**options)

    assert record["order_number"] == "SO-1" and record["lines"] == [{"sku": "A"}]


# -- which files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "kind", "expected"),
    [
        ("*", "glob", ["a_1.csv", "a_2.csv", "b [1].csv"]),
        ("a_*.csv", "glob", ["a_1.csv", "a_2.csv"]),
        (r"a_\d\.csv", "regex", ["a_1.csv", "a_2.csv"]),
        ("b [1].csv", "literal", ["b [1].csv"]),
        ("A_1.csv", "glob", []),
    ],
)
def test_patterns_choose_files(shop, pattern, kind, expected):
    for name in ("a_1.csv", "a_2.csv", "b [1].csv"):
        shop.put(name, stock(1))

    records = shop.records("stock", pattern=pattern, pattern_kind=kind)

    assert [record["original_filename"] for record in records] == expected


def test_a_pattern_that_is_none_is_a_setting_to_correct(shop):
    with pytest.raises(ConfigError, match="no regular expression"):
        shop.pages("stock", pattern="a(", pattern_kind="regex")


def test_what_is_not_finished_is_left_alone(shop):
    for name in ("a.csv.tmp", "a.csv.part", "a.csv.FILEPART", ".a.csv", "empty.csv"):
        shop.put(name, stock(1) if name != "empty.csv" else "")
    shop.put("young.csv", stock(1), at=time.time())
    (shop.folder / "sub.csv").mkdir()

    assert shop.records("stock", min_age=30) == []
    assert len(shop.records("stock", min_age=0)) == 1


def test_a_file_that_grows_between_two_looks_is_left(shop):
    shop.put("growing.csv", stock(2))
    shop.put("resting.csv", stock(1))
    ready, stop = threading.Event(), threading.Event()

    def upload():
        with (shop.folder / "growing.csv").open("a") as file:
            while not stop.wait(0.02):
                file.write("SKU-9,1\n")
                file.flush()
                ready.set()

    thread = threading.Thread(target=upload)
    thread.start()
    ready.wait()
    records = shop.records("stock", settle=0.2)
    stop.set()
    thread.join()

    assert {record["original_filename"] for record in records} == {"resting.csv"}


def test_a_stop_ends_the_second_look_at_once(connect):
    stop = threading.Event()
    stop.set()
    shop = connect(stop=stop)
    shop.put("a.csv", stock(1))

    with pytest.raises(Stopped):
        shop.pages("stock", settle=60)


def test_folders_are_below_root_and_path(connect):
    shop = connect(settings={"path": "/outbound/"})
    shop.put("outbound/stock/a b/ü.csv", stock(1))

    assert len(shop.records("stock", folder="/stock//a b/")) == 1
    with pytest.raises(ConfigError, match="does not exist"):
        shop.pages("stock", folder="none")
    with pytest.raises(ConfigError, match=r"'\.\.' is not permitted"):
        shop.pages("stock", folder="../other")


def test_the_path_may_be_a_single_file(connect):
    shop = connect(settings={"path": "stock/a.csv"})
    shop.put("stock/a.csv", stock(1))
    shop.put("stock/b.csv", stock(1))

    assert [record["original_filename"] for record in shop.records("stock")] == ["a.csv"]


def test_older_files_come_first(shop):
    shop.put("z.csv", "sku,quantity\nA,1\n", at=1_000_000)
    shop.put("a.csv", "sku,quantity\nA,2\n", at=2_000_000)

    assert [record["quantity"] for record in shop.records("stock")] == ["1", "2"]
    assert [record["quantity"] for record in shop.records("stock", order="name")] == ["2", "1"]


def test_no_more_files_than_permitted_are_taken_in_a_run(shop):
    for number in range(5):
        shop.put(f"{number}.csv", stock(1), at=1_000_000 + number)

    first = shop.pages("stock", max_files=2)
    second = shop.pages("stock", max_files=2, state=first[-1].state)

    names = [record["original_filename"] for page in first + second for record in page.records]
    assert names == ["0.csv", "1.csv", "2.csv", "3.csv"]


def test_a_person_can_ask_for_a_span_of_time(shop):
    for day in (1, 2, 3):
        shop.put(f"{day}.csv", stock(1), at=datetime(2024, 5, day, 12, tzinfo=UTC).timestamp())
    state = shop.pages("stock")[-1].state

    found = shop.records(
        "stock", state=state, since=datetime(2024, 5, 2, tzinfo=UTC), until=datetime(2024, 5, 2, 12, tzinfo=UTC)
    )

    assert [record["original_filename"] for record in found] == ["2.csv"]


# -- pages and resuming ----------------------------------------------------------------------------------------------


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


# -- what is remembered ----------------------------------------------------------------------------------------------


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


# -- broken things ---------------------------------------------------------------------------------------------------


def test_a_broken_row_is_reported_and_the_rest_goes_through(shop):
    shop.put("a.csv", "sku,quantity\nA,1\nB,1,2\nC,3\n")

    (page,) = shop.pages("stock")

    assert [record["sku"] for record in page.records] == ["A", "C"]
    (bad,) = page.bad
    assert bad.place == "a.csv (2024-05-01 10:00:00) line 3"
    assert "a.csv: line 3: 2 cells were expected, 3 found" in bad.reason
    assert bad.raw == "B,1,2\n"


def test_a_wrong_encoding_names_the_byte_and_what_it_may_be(shop):
    shop.put("a.csv", "sku,quantity\nA,1\nGröße,2\n", encoding="cp1252")

    (page,) = shop.pages("stock")

    assert [record["sku"] for record in page.records] == ["A"]
    assert "0xF6 does not fit the encoding utf-8" in page.bad[0].reason


def test_half_a_document_reports_what_is_missing(shop):
    shop.put("a.json", '[{"sku": "A"}, {"sku": "B"}, {"sk')

    (page,) = shop.pages("stock", format="json")

    assert [record["sku"] for record in page.records] == ["A", "B"]
    assert page.bad[0].place == "a.json (2024-05-01 10:00:00)"
    assert "cut off" in page.bad[0].reason and "rest of the file was not read" in page.bad[0].reason


def test_a_file_with_broken_rows_is_read_again_once_the_format_is_corrected(shop):
    shop.put("a.csv", "sku;quantity\nA;1\nB;2,5\n")
    shop.put("good.csv", "sku\nG\n")
    pages = shop.pages("stock")
    assert sum(len(page.bad) for page in pages) == 1
    state = json.loads(json.dumps(pages[-1].state))

    assert shop.pages("stock", state=state) == []
    again = shop.pages("stock", state=state, delimiter=";")

    assert skus(again) == ["A", "B"]
    assert shop.pages("stock", state=again[-1].state, delimiter=";") == []


def test_bad_rows_count_as_rows_when_reading_resumes(shop):
    shop.put("a.csv", "sku,quantity\nA,1\nB,1,2\nC,3\nD,4\n")
    first = shop.pages("stock", page_size=2)[0]

    rest = shop.pages("stock", page_size=2, cursor=first.next, bad_files="move")

    assert skus(rest) == ["C", "D"]
    assert rest[-1].ack["to"] == "error/a.csv"


def test_settings_of_the_format_are_checked_before_anything_is_read(shop):
    shop.put("a.csv", stock(1))

    with pytest.raises(ConfigError, match="exactly one character"):
        shop.pages("stock", delimiter=";;")
    with pytest.raises(ConfigError, match="belong together"):
        shop.pages("stock", group=True)


# -- who a record is -------------------------------------------------------------------------------------------------


def key(shop, entity, record, **options):
    return shop.entity(entity).key(record, shop.query(entity, **options).options)


def test_records_are_known_by_their_usual_columns(shop):
    assert key(shop, "orders", {"order_number": "SO-1"}) == "SO-1"
    assert key(shop, "stock", {"sku": "A", "location": "L"}) == "A / L"
    assert key(shop, "stock", {"sku": "A"}) == "A"


def test_records_are_known_by_the_columns_chosen(shop):
    assert key(shop, "orders", {"ref": {"no": 7}, "shop": "uk"}, record_id="ref.no, shop") == "7 / uk"
    assert key(shop, "orders", {"order_number": "SO-1", "shop": ""}, record_id="order_number, shop") is None


def test_records_without_id_are_known_by_file_row_and_contents(shop):
    record = {"a": "1", "original_filename": "x.csv", "original_place": "line 2"}

    found = key(shop, "custom", record)

    assert found.startswith("x.csv line 2 ")
    assert found == key(shop, "custom", dict(record))
    assert found != key(shop, "custom", {**record, "a": "2"})
