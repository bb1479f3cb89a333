"""How the rows of a file become records: formats, broken rows, and who a record is."""

from __future__ import annotations

import json

import pytest

from topstitch.sdk import ConfigError

from .conftest import skus, stock

HEADER = "order_number,order_date,email,sku,quantity,unit_price,currency\r\n"
TWO_ORDERS = (
    HEADER
    + "SO-9001,2024-05-01T10:00:00Z,ada@example.com,SKU-1,2,12.49,GBP\r\n"
    + "SO-9001,2024-05-01T10:00:00Z,ada@example.com,SKU-2,1,4.00,GBP\r\n"
    + "SO-9002,2024-05-01T10:00:00Z,jürgen@example.com,0042,1,4.00,EUR\r\n"
)


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
