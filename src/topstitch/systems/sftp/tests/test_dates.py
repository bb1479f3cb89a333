"""Date columns: the connector's time zone and date format in files, ISO 8601 in records."""

from __future__ import annotations

import pytest

from topstitch.sdk import ConfigError, Outcome

UK = {"zone": "Europe/London", "date_format": "d/m/Y H:i"}


def read(shop, cell, **options):
    shop.put("a.csv", f'order_number,order_date,paid_on,sku\nSO-1,"{cell}","{cell}",A\n')
    (record,) = shop.records(**options)
    return record["order_date"]


@pytest.mark.parametrize(
    ("given", "cell", "expected"),
    [
        ({}, "01/05/2024 10:00", "01/05/2024 10:00"),
        ({}, "2024-05-01 10:00:00", "2024-05-01 10:00:00"),
        (UK, "01/05/2024 10:00", "2024-05-01T10:00:00+01:00"),
        (UK, "01/12/2024 10:00", "2024-12-01T10:00:00+00:00"),
        (UK, "2024-05-01 10:00:00", "2024-05-01T10:00:00+01:00"),
        (UK, "2024-05-01T10:00:00Z", "2024-05-01T10:00:00+00:00"),
        (UK, "2024-05-01", "2024-05-01"),
        (UK, "soon", "soon"),
        (UK, "31/02/2024 10:00", "31/02/2024 10:00"),
        (UK, "", ""),
        ({"zone": "Europe/London"}, "2024-05-01 10:00:00", "2024-05-01T10:00:00+01:00"),
        ({"date_format": "m/d/y"}, "05/01/24", "2024-05-01"),
    ],
)
def test_dates_are_read_in_the_zone_and_format_of_the_connector(connect, given, cell, expected):
    assert read(connect(**given), cell) == expected


def test_columns_of_ones_own_are_dates_where_they_are_named(connect):
    shop = connect(**UK)
    shop.put("a.csv", "order_number,paid_on,sku,due\nSO-1,01/05/2024 10:00,A,02/05/2024 10:00\n")

    (plain,) = shop.records()
    (named,) = shop.records(date_columns="paid_on, due", line_columns="sku, due")

    assert (plain["paid_on"], plain["due"]) == ("01/05/2024 10:00", "02/05/2024 10:00")
    assert named["paid_on"] == "2024-05-01T10:00:00+01:00"
    assert named["lines"] == [{"sku": "A", "due": "2024-05-02T10:00:00+01:00"}]


def test_dates_deep_in_a_document_are_found(connect):
    shop = connect(**UK)
    shop.put("a.json", '[{"sku": "A", "made": {"at": "01/05/2024 10:00"}}, {"sku": "B", "made": null}]')

    first, second = shop.records("stock", format="json", date_columns="made.at")

    assert first["made"] == {"at": "2024-05-01T10:00:00+01:00"} and second["made"] is None


@pytest.mark.parametrize(
    ("given", "value", "cell"),
    [
        ({}, "2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z"),
        (UK, "2024-05-01T10:00:00Z", "01/05/2024 11:00"),
        (UK, "2024-05-01T10:00:00", "01/05/2024 11:00"),
        (UK, "01/05/2024 10:00", "01/05/2024 10:00"),
        (UK, "2024-05-01", "01/05/2024 00:00"),
        (UK, 1714557600, "01/05/2024 11:00"),
        (UK, None, ""),
        ({"zone": "Europe/London"}, "2024-05-01T10:00:00Z", "2024-05-01T11:00:00+01:00"),
        ({"zone": "America/New_York"}, "2024-05-01", "2024-05-01"),
        ({"zone": "Europe/London", "date_format": "c"}, "2024-05-01T10:00:00+00:00", "2024-05-01T11:00:00+01:00"),
        ({"date_format": "unix_ms"}, "2024-05-01T10:00:00.5Z", "1714557600500"),
        ({"date_format": "Ymd"}, "2024-05-01T23:30:00-02:00", "20240502"),
    ],
)
def test_dates_are_written_in_the_zone_and_format_of_the_connector(connect, given, value, cell):
    shop = connect(**given)

    (verdict,) = shop.push([{"sku": "A", "updated_at": value}], "stock")

    assert verdict.outcome is Outcome.SENT
    assert shop.text("stock_A.csv").splitlines()[1] == f"A,{cell}"


def test_dates_of_lines_are_written_too(connect):
    shop = connect(**UK)
    order = {"purchase_order_number": "P", "lines": [{"sku": "A", "line_expected_at": "2024-05-01T10:00:00Z"}]}

    shop.push([order], "purchase_orders", file_name="p.csv")

    assert "P,A,01/05/2024 11:00" in shop.text("p.csv")


@pytest.mark.parametrize("granularity", ["each record", "each run"])
def test_what_is_no_date_is_refused_with_its_column(connect, granularity):
    shop = connect(**UK)

    bad, good = shop.push([{"sku": "A", "updated_at": "soon"}, {"sku": "B"}], "stock", granularity=granularity)

    assert (bad.outcome, bad.error.field) == (Outcome.REJECTED, "updated_at")
    assert "'soon' is not a date" in bad.error.message
    assert good.outcome is Outcome.SENT


@pytest.mark.parametrize("given", [{"zone": "Europe/Londn"}, {"date_format": "H:i"}])
def test_a_zone_or_format_that_is_none_is_a_setting_to_correct(connect, given):
    with pytest.raises(ConfigError):
        read(connect(**given), "10:00")
