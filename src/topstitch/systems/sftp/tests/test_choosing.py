"""Which files are read, in which order, and which are left alone."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest

from topstitch.sdk import ConfigError
from topstitch.sdk.files import Stopped

from .conftest import stock


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
