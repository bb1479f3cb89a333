"""Writing over real sockets: upserts, one bad among good, two-step orders."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from topstitch.sdk import MissingReference, Outcome, Outgoing, RemoteRejected
from topstitch.sdk.settings import checked_settings

from .conftest import order, outcomes, push


def test_an_order_and_its_lines_arrive_with_dates_in_local_time_and_numbered_lines(connect, store):
    conn = connect(zone="Europe/London")

    verdicts = push(conn, "orders", order("SO-9001", ("SKU-001", 2), ("SKU-002", "1"), ("SKU-001", 3.0)))

    assert outcomes(verdicts) == [Outcome.CREATED]
    assert verdicts[0].remote_id == "SO-9001"
    saved = store.get("Sales orders", "SO-9001")
    assert (saved["CreatedDate"], saved["TotalSale"]) == ("2026-05-01 11:00:00", "24.980")
    lines = store.all("Sales order items", lambda line: line["SalesOrderNumber"] == "SO-9001")
    assert [(line["Line"], line["ItemCode"], line["QuantityOrdered"]) for line in lines] == [
        ("1", "SKU-001", "2"),
        ("2", "SKU-002", "1"),
        ("3", "SKU-001", "3"),
    ]


def test_an_order_sent_twice_is_there_once(conn, store):
    push(conn, "orders", order())
    before = (store.count("Sales orders"), store.count("Sales order items"))

    push(conn, "orders", order())

    assert (store.count("Sales orders"), store.count("Sales order items")) == before


def test_a_batch_of_orders_takes_two_saves_and_one_sign_in(conn, seen):
    verdicts = push(conn, "orders", *(order(f"SO-{9100 + number}") for number in range(50)))

    assert set(outcomes(verdicts)) == {Outcome.CREATED}
    assert seen() == {"Authenticate": 1, "GetSaveTemplate": 2, "SaveData": 2}


def test_an_order_with_an_unknown_item_is_refused_and_can_be_sent_again(conn, store):
    verdicts = push(conn, "orders", order("SO-1"), order("SO-12", ("NEW-1", 1), ("SKU-002", 1)), order("SO-3"))

    assert outcomes(verdicts) == [Outcome.CREATED, Outcome.REJECTED, Outcome.CREATED]
    error = verdicts[1].error
    assert isinstance(error, MissingReference)
    assert "NEW-1" in error.message
    assert "SO-12 is in Peoplevox without its line" in error.message
    push(conn, "products", {"ItemCode": "NEW-1", "Name": "New"})
    assert outcomes(push(conn, "orders", order("SO-12", ("NEW-1", 1), ("SKU-002", 1)))) == [Outcome.CREATED]
    assert len(store.all("Sales order items", lambda line: line["SalesOrderNumber"] == "SO-12")) == 2


def test_a_refused_header_keeps_its_lines_at_home(conn, store):
    verdicts = push(conn, "orders", order("SO-1", RequestedDeliveryDate="soon"), order("SO-2"))

    assert outcomes(verdicts) == [Outcome.REJECTED, Outcome.CREATED]
    assert "RequestedDeliveryDate 'soon' is not a date" in verdicts[0].error.message
    assert not store.all("Sales order items", lambda line: line["SalesOrderNumber"] == "SO-1")


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (order(lines=[{"ItemCode": "SKU-001", "QuantityOrdered": "two"}]), "lines[*].QuantityOrdered"),
        (order(lines=[{"ItemCode": "SKU-001", "QuantityOrdered": 1.5}]), "lines[*].QuantityOrdered"),
        (order(lines=[{"QuantityOrdered": 1}]), "lines[*].ItemCode"),
        (order(TotalSale="£4"), "TotalSale"),
        (order(IsPartialShipment="perhaps"), "IsPartialShipment"),
        (order(Customer="Ada\x0b"), "Customer"),
        (order(Customer=["Ada"]), "Customer"),
        (order(number=""), "SalesOrderNumber"),
        (order(lines="SKU-001"), "lines"),
        (order(lines=[1]), "lines"),
    ],
)
def test_a_value_that_fits_no_cell_is_refused_with_its_field_before_anything_is_sent(conn, seen, record, field):
    verdicts = push(conn, "orders", record)

    assert isinstance(verdicts[0].error, RemoteRejected)
    assert verdicts[0].error.field == field
    assert "SaveData" not in seen()


def test_lines_that_would_overwrite_each_other_are_refused(conn, store):
    store.put(
        "_templates",
        "Sales order items",
        {"configured": True, "columns": ["SalesOrderNumber", "ItemCode", "QuantityOrdered"]},
    )
    twice = push(conn, "orders", order("SO-1", ("SKU-001", 1), ("SKU-001", 2)), order("SO-2"))
    assert outcomes(twice) == [Outcome.REJECTED, Outcome.CREATED]
    assert "SKU-001 comes twice" in twice[0].error.message


def test_the_same_line_number_twice_is_refused(conn):
    lines = [{"ItemCode": sku, "QuantityOrdered": 1, "Line": 1} for sku in ("SKU-001", "SKU-002")]

    assert "line number 1 comes twice" in push(conn, "orders", order(lines=lines))[0].error.message


def test_records_with_other_columns_do_not_blank_what_they_do_not_have(conn, store):
    push(conn, "products", {"ItemCode": "SKU-001", "RetailPrice": "9.99"}, {"ItemCode": "SKU-002", "Name": "Renamed"})

    first, second = store.get("Item types", "SKU-001"), store.get("Item types", "SKU-002")
    assert (first["Name"], first["RetailPrice"]) == ("Tea towel Sage", "9.99")
    assert (second["Name"], second["RetailPrice"]) == ("Renamed", "5.99")


def test_text_with_quotes_markup_and_line_breaks_is_kept_letter_by_letter(conn, store):
    text = 'He said "12\' <b>& more</b>",\nthen, "bye" ]]> =1+1 · 日本'

    push(conn, "products", {"ItemCode": 'A"1', "Name": text, "Description": "a\r\nb", "HasSerialNumbers": True})

    saved = store.get("Item types", 'A"1')
    assert (saved["Name"], saved["Description"], saved["HasSerialNumbers"]) == (text, "a\nb", "true")


def test_counts_of_a_product_go_out_whole_and_its_shelf_life_as_it_is(conn, store):
    counts = {"DefaultLeadTime": 5.0, "DefaultEconomicOrderQuantity": Decimal("12.00"), "ReorderPoint": "3"}
    shelf = ["30", "2026-12-31 00:00:00"]

    verdicts = push(
        conn, "products", *({"ItemCode": f"N-{n}", "Name": "Vase", "ShelfLife": shelf[n], **counts} for n in (0, 1))
    )

    assert set(outcomes(verdicts)) == {Outcome.CREATED}
    saved = [store.get("Item types", f"N-{n}") for n in (0, 1)]
    assert [saved[0][name] for name in counts] == ["5", "12", "3"]
    assert [item["ShelfLife"] for item in saved] == shelf


@pytest.mark.parametrize("name", ["DefaultLeadTime", "DefaultEconomicOrderQuantity", "ReorderPoint"])
def test_a_broken_count_of_a_product_is_refused_before_it_is_sent(conn, seen, name):
    verdicts = push(conn, "products", {"ItemCode": "N-1", "Name": "Vase", name: "2.5"})

    assert verdicts[0].error.field == name
    assert "SaveData" not in seen()


def test_one_bad_product_among_good_ones_fails_alone(conn, store):
    verdicts = push(conn, "products", *({"ItemCode": f"N-{n}", "Name": "" if n == 2 else "Fine"} for n in range(5)))

    assert outcomes(verdicts) == [Outcome.CREATED] * 2 + [Outcome.REJECTED] + [Outcome.CREATED] * 2
    assert verdicts[2].error.message == "Peoplevox: N-2: Name is required"
    assert store.get("Item types", "N-4")


def test_a_product_known_from_before_is_an_update(conn):
    found = conn.entry.entity("products")
    batch = [Outgoing(key="k", record={"ItemCode": "SKU-001", "Name": "New name"}, remote_id="SKU-001")]

    verdicts = found.write.push(conn, batch, checked_settings(found.write.options, {}))

    assert outcomes(verdicts) == [Outcome.UPDATED]


def test_groups_can_be_saved_before_products(conn, store):
    record = {"ItemCode": "N-1", "Name": "Vase", "ItemGroup": "Glass", "ProductGroup": "Home"}

    assert outcomes(push(conn, "products", record, save_groups=True)) == [Outcome.CREATED]
    assert store.get("Item type groups", "Glass")["ProductGroup"] == "Home"


def test_purchase_orders_send_the_misspelt_column_as_peoplevox_has_it(conn, store):
    line = {"ItemCode": "SKU-001", "Quantity": 12, "ExpectededDeliveryDate": datetime(2026, 7, 1, tzinfo=UTC)}
    record = {"PurchaseOrderNumber": "PO-9", "Supplier": "Weavers & Sons 1 Ltd", "lines": [line]}

    assert outcomes(push(conn, "purchase_orders", record)) == [Outcome.CREATED]
    assert store.get("Purchase order items", "PO-9|1")["ExpectededDeliveryDate"] == "2026-07-01 00:00:00"


@pytest.mark.parametrize(
    ("entity", "template", "key", "other"),
    [("customers", "Customers", "Reference", "Name"), ("suppliers", "Suppliers", "Name", "Reference")],
)
def test_customers_are_known_again_by_their_reference_and_suppliers_by_their_name(
    conn, store, entity, template, key, other
):
    before = store.count(template)

    for second in ("X-1", "X-2"):
        (verdict,) = push(conn, entity, {key: "Müller & Co", other: second})
        assert (verdict.outcome, verdict.remote_id) == (Outcome.CREATED, "Müller & Co")

    assert store.count(template) == before + 1
    (found,) = conn.entry.entity(entity).read.by_ids(conn, ["Müller & Co"], {})
    assert (found[other], conn.entry.entity(entity).key(found, {})) == ("X-2", "Müller & Co")


def test_the_key_column_can_be_another(conn):
    (verdict,) = push(conn, "suppliers", {"Name": "Müller & Co", "Reference": "X-1"}, key_column="Reference")

    assert verdict.remote_id == "X-1"


def test_missing_fields_made_empty_take_one_save(conn, store, seen):
    known = {"ItemCode": "SKU-001", "Description": ""}
    store.put("Item types", "SKU-001", {**store.get("Item types", "SKU-001"), "Description": "Typed by hand"})

    verdicts = push(
        conn,
        "products",
        {"ItemCode": "SKU-001", "Name": "Mug"},
        {"ItemCode": "SKU-002", "Description": "Blue"},
        missing_fields="make them empty",
    )

    assert outcomes(verdicts) == [Outcome.CREATED] * 2
    assert store.get("Item types", "SKU-001").items() >= {**known, "Name": "Mug"}.items()
    assert seen()["SaveData"] == 1


def test_an_update_changes_only_its_columns(conn, store):
    before = store.get("Sales orders", "SO-1001")

    verdicts = push(conn, "order_updates", {"SalesOrderNumber": "SO-1001", "OnHold": False, "StopShip": "no"})

    assert outcomes(verdicts) == [Outcome.UPDATED]
    assert store.get("Sales orders", "SO-1001") == {
        **before,
        "_allocated": "yes",
        "OnHold": "false",
        "StopShip": "false",
    }


def test_an_update_of_an_unknown_order_makes_no_empty_order(conn, store):
    verdicts = push(
        conn,
        "order_updates",
        {"SalesOrderNumber": "SO-none", "OnHold": True},
        {"SalesOrderNumber": "SO-1002", "OnHold": True},
    )

    assert outcomes(verdicts) == [Outcome.REJECTED, Outcome.UPDATED]
    assert isinstance(verdicts[0].error, MissingReference)
    assert store.get("Sales orders", "SO-none") is None


def test_saving_without_allocating_and_deleting_are_chosen_openly(conn, store):
    push(conn, "orders", order("SO-1"), action="save, do not allocate")
    assert store.get("Sales orders", "SO-1")["_allocated"] == "no"

    verdicts = push(conn, "orders", order("SO-1"), order("SO-gone"), action="delete")

    assert outcomes(verdicts) == [Outcome.UPDATED, Outcome.REJECTED]
    assert store.get("Sales orders", "SO-1") is None


def test_rows_go_out_in_batches_of_the_size_chosen(connect, seen):
    conn = connect(rows_per_save=4)

    push(conn, "products", *({"ItemCode": f"N-{n}", "Name": "Vase"} for n in range(10)))

    assert seen()["SaveData"] == 3
