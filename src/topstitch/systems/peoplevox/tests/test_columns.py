"""Templates as tenants have them: columns that are missing, named differently, their own; units beside measures."""

from __future__ import annotations

import pytest

from topstitch.sdk import ConfigError, Outcome

from .conftest import order, outcomes, push


def test_tracking_goes_to_the_columns_that_the_options_name(conn, store):
    update = {"SalesOrderNumber": "SO-1001", "TrackingNumber": "TRK-1", "Carrier": "Own van"}

    verdicts = push(conn, "order_updates", update, tracking_column="Attribute1", carrier_column="attribute2")

    assert outcomes(verdicts) == [Outcome.UPDATED]
    saved = store.get("Sales orders", "SO-1001")
    assert (saved["Attribute1"], saved["Attribute2"]) == ("TRK-1", "Own van")


def test_tracking_without_a_column_is_left_out_and_named(connect, store):
    said = []
    conn = connect(log=lambda level, text: said.append(text))

    push(conn, "order_updates", {"SalesOrderNumber": "SO-1001", "TrackingNumber": "TRK-1", "OnHold": True})

    assert said == ["TrackingNumber is left out: the template 'Sales orders' has no such column"]
    assert store.get("Sales orders", "SO-1001")["OnHold"] == "true"


def test_a_tenants_own_column_of_that_name_takes_the_tracking_number(conn, store):
    columns = ["SalesOrderNumber", "TrackingNumber"]
    store.put("_templates", "Sales orders", {"configured": True, "columns": columns})

    push(conn, "order_updates", {"SalesOrderNumber": "SO-1001", "TrackingNumber": "TRK-1"})

    assert store.get("Sales orders", "SO-1001")["TrackingNumber"] == "TRK-1"


def test_columns_the_tenant_lacks_are_left_out_and_named_in_the_log(connect, store):
    said = []
    conn = connect(log=lambda level, text: said.append((level, text)))

    verdicts = push(conn, "products", *({"ItemCode": f"N-{n}", "Name": "Vase", "Colour": "red"} for n in range(3)))

    assert set(outcomes(verdicts)) == {Outcome.CREATED}
    assert said == [("warning", "Colour is left out: the template 'Item types' has no such column")]


def test_columns_the_tenant_lacks_can_refuse_the_record_instead(connect):
    conn = connect(unknown_columns="reject the record")

    verdicts = push(
        conn, "products", {"ItemCode": "N-1", "Name": "Vase", "Colour": "red"}, {"ItemCode": "N-2", "Name": "Jug"}
    )

    assert outcomes(verdicts) == [Outcome.REJECTED, Outcome.CREATED]
    assert verdicts[0].error.field == "Colour"


@pytest.mark.parametrize("missing", ["QuantityOrdered", "ItemCode", "SalesOrderNumber"])
def test_a_column_no_line_can_do_without_is_never_left_out(conn, store, missing):
    columns = [name for name in ("SalesOrderNumber", "ItemCode", "QuantityOrdered", "Line") if name != missing]
    store.put("_templates", "Sales order items", {"configured": True, "columns": columns})

    verdicts = push(conn, "orders", order("SO-1"))

    assert outcomes(verdicts) == [Outcome.REJECTED]
    assert missing in verdicts[0].error.message
    assert store.get("Sales orders", "SO-1") is None


def test_a_column_spelt_in_another_case_is_found(conn, store):
    push(conn, "products", {"ItemCode": "N-1", "Name": "Vase", "retailprice": "3.00"})

    assert store.get("Item types", "N-1")["RetailPrice"] == "3.00"


def test_the_live_fields_are_those_of_the_tenant(conn):
    fields = conn.entry.entity("orders").write.live_fields(conn, {})

    assert {"SalesOrderNumber", "OnHold", "Attribute5", "lines[*].ItemCode", "lines[*].SalePrice"} <= set(fields)


def test_tracking_is_a_live_field_where_it_has_a_column(conn):
    write = conn.entry.entity("order_updates").write

    assert "TrackingNumber" in write.live_fields(conn, {"tracking_column": "Attribute1"})
    assert "TrackingNumber" not in write.live_fields(conn, {"tracking_column": None})


def test_a_template_that_nobody_configured_says_how_to(conn, store):
    store.put("_templates", "Sales orders", {"configured": False, "columns": []})

    with pytest.raises(ConfigError, match="'Sales orders' is not configured") as caught:
        push(conn, "orders", order())

    assert "press Configure, choose the quick-setup file sales_orders.csv" in caught.value.hint


def test_units_go_out_in_the_words_that_are_given(conn, store):
    record = {"ItemCode": "A-1", "Name": "A", "Weight": "0.380", "Height": 12}

    push(conn, "products", record, weight_word="Kilograms", length_word="Centimetres")

    saved = store.get("Item types", "A-1")
    assert (saved["WeightMeasure"], saved["DimensionMeasure"]) == ("Kilograms", "Centimetres")


def test_a_unit_that_the_template_has_no_column_for_is_not_added(connect, store):
    conn = connect(unknown_columns="reject the record")
    store.put("_templates", "Item types", {"configured": True, "columns": ["ItemCode", "Name", "Weight", "Height"]})

    assert outcomes(push(conn, "products", {"ItemCode": "A-1", "Name": "A", "Weight": 1, "Height": 2})) == [
        Outcome.CREATED
    ]


def test_measures_go_out_with_their_unit_and_come_back_in_kilograms(conn, store):
    push(conn, "products", {"ItemCode": "A-1", "Name": "A", "Weight": "0.380", "Height": 12})
    push(conn, "products", {"ItemCode": "A-2", "Name": "B", "Weight": "380", "WeightMeasure": "Grams"})

    saved = store.get("Item types", "A-1")
    assert [saved[name] for name in ("Weight", "WeightMeasure", "Height", "DimensionMeasure")] == [
        "0.380",
        "kg",
        "12",
        "cm",
    ]
    assert store.get("Item types", "A-2")["WeightMeasure"] == "Grams"
    read = conn.entry.entity("products").read.by_ids(conn, ["A-1", "A-2"], {})
    assert [(item["Weight"], item["WeightMeasure"]) for item in read] == [("0.38", "kg"), ("0.38", "kg")]
