"""After reading: files are archived, renamed or deleted once, and only when all of them is done."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from topstitch.sdk import TopstitchError

STOCK = "sku,quantity\nA,1\nB,2\nC,3\n"
BROKEN = "sku,quantity\nA,1\nB\n"


def test_only_the_last_page_of_a_file_does_it(shop):
    shop.put("a.csv", STOCK)

    pages = shop.pages("stock", page_size=2, after_read="archive")
    assert [page.ack is not None for page in pages] == [False, True]
    shop.acknowledge(pages[:1])
    assert shop.files() == ["a.csv"]
    shop.acknowledge(pages)

    assert shop.files() == ["archive"] and shop.files("archive") == ["a.csv"]


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({"after_read": "nothing"}, ["a.csv"]),
        ({"after_read": "delete"}, []),
        ({"after_read": "rename"}, ["a.csv.done"]),
        ({"after_read": "rename", "rename_suffix": ".read"}, ["a.csv.read"]),
        ({"after_read": "archive", "archive_folder": "old/2024"}, ["old"]),
    ],
)
def test_each_way_is_done_and_can_be_repeated(shop, options, left):
    shop.put("a.csv", STOCK)
    pages = shop.pages("stock", **options)

    shop.acknowledge(pages)
    shop.acknowledge(pages)

    assert shop.files() == left
    assert shop.pages("stock", **options, state=pages[-1].state) == []


def test_an_archive_may_lie_elsewhere_below_the_root(shop):
    shop.put("out/stock/a.csv", STOCK)

    shop.acknowledge(shop.pages("stock", folder="out/stock", after_read="archive", archive_folder="/done"))

    assert shop.files("done") == ["a.csv"]


def test_a_name_that_is_taken_in_the_archive_gets_the_time(connect):
    shop = connect(now=lambda: datetime(2024, 5, 3, 7, 8, 9, tzinfo=UTC))
    for day in range(3):
        shop.put("a.tar.csv", STOCK, at=1_000_000 + day)
        shop.acknowledge(shop.pages("stock", after_read="archive"))

    assert shop.files("archive") == ["a.tar.csv", "a.tar_20240503070809-2.csv", "a.tar_20240503070809.csv"]


def test_a_crash_between_the_move_and_its_note_does_no_harm(shop, connect):
    """The file is moved, the process dies before it notes that, and a new file of the same name comes."""
    shop.put("a.csv", STOCK)
    pages = shop.pages("stock", after_read="archive")
    shop.acknowledge(pages)
    shop.put("a.csv", "sku,quantity\nD,4\n", at=2_000_000)

    later = connect()
    later.acknowledge(pages)

    assert shop.files() == ["a.csv", "archive"]
    assert [level for level, _ in later.logged] == ["warning"]
    assert [record["sku"] for record in later.records("stock", state=pages[-1].state)] == ["D"]


def test_a_file_with_broken_rows_stays(shop):
    shop.put("a.csv", BROKEN)
    pages = shop.pages("stock", after_read="delete")
    shop.acknowledge(pages)

    assert shop.files() == ["a.csv"]
    assert shop.pages("stock", after_read="delete", state=pages[-1].state) == []
    assert shop.files() == ["a.csv"]


def test_a_file_with_broken_rows_moves_to_the_error_folder_where_that_is_wished(shop):
    shop.put("a.csv", BROKEN)

    shop.acknowledge(shop.pages("stock", after_read="delete", bad_files="move"))

    assert shop.files("error") == ["a.csv"]


def test_what_could_not_be_archived_is_archived_by_the_next_run(shop):
    shop.put("a.csv", STOCK)
    blocked = shop.put("archive", "a file where the folder should be")
    pages = shop.pages("stock", after_read="archive", pattern="*.csv")
    with pytest.raises(TopstitchError):
        shop.acknowledge(pages)
    assert shop.files() == ["a.csv", "archive"]
    blocked.unlink()

    assert shop.pages("stock", after_read="archive", pattern="*.csv", state=pages[-1].state) == []

    assert shop.files("archive") == ["a.csv"]


def test_a_file_of_headings_only_is_done_too(shop):
    shop.put("a.csv", "sku,quantity\n")

    pages = shop.pages("stock", after_read="delete")
    shop.acknowledge(pages)

    assert [len(page.records) for page in pages] == [0]
    assert shop.files() == []


def test_a_dry_run_leaves_files_where_they_are(connect):
    shop = connect(dry=True)
    shop.put("a.csv", STOCK)
    pages = shop.pages("stock", after_read="delete")
    shop.acknowledge(pages)
    shop.pages("stock", after_read="delete", state=pages[-1].state)

    assert shop.files() == ["a.csv"]
