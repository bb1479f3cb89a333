"""Reading over real sockets: pages, lines, dates, windows, despatches on page borders."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from topstitch.sdk import Condition, ConfigError, Query
from topstitch.sdk.practice import GOODS
from topstitch.sdk.settings import checked_settings


def read(conn, entity, *, cursor=None, size=10, options=None, **query):
    found = conn.entry.entity(entity)
    given = checked_settings(found.read.options, options or {})
    return list(found.read.pages(conn, Query(page_size=size, options=given, **query), cursor))


def records(pages):
    return [record for page in pages for record in page.records]


def test_orders_come_to_the_last_page_with_all_their_lines(conn):
    pages = read(conn, "orders", size=9)

    assert [len(page.records) for page in pages] == [9, 9, 9, 9, 9]
    assert pages[-1].next is None
    assert [len(order["lines"]) for order in records(pages)][:5] == [1, 2, 3, 4, 1]
    assert records(pages)[1]["lines"][1]["SalesOrderNumber"] == "SO-1002"


def test_lines_are_asked_for_once_a_page_and_not_once_an_order(conn, seen):
    read(conn, "orders", size=45)

    assert seen() == {"Authenticate": 1, "GetData": 2}


def test_reading_goes_on_from_a_cursor_with_the_page_size_it_began_with(conn):
    whole = records(read(conn, "orders", size=10))
    cursor = read(conn, "orders", size=10)[1].next

    rest = read(conn, "orders", cursor=cursor, size=500)

    assert records(rest) == whole[20:]


def test_text_with_quotes_commas_and_line_breaks_arrives_whole(conn):
    orders = records(read(conn, "orders", size=100))
    products = records(read(conn, "products", size=100))

    assert orders[2]["ShippingAddressLine1"] == "7 Quay Street\nRear entrance"
    assert orders[6]["Customer"] == 'Dee "Dot" Farrow'
    assert products[3]["Name"] == 'Oak tray, 12" Sage'


def test_local_dates_get_the_offset_of_the_warehouse(conn_in):
    london = records(read(conn_in("Europe/London"), "orders", size=1000))[0]
    sydney = records(read(conn_in("Australia/Sydney"), "orders", size=1000))[0]

    assert london["CreatedDate"] == "2026-03-02T08:15:00+00:00"
    assert sydney["CreatedDate"] == "2026-03-02T08:15:00+11:00"


def test_since_and_until_are_asked_in_wall_time_of_the_warehouse(conn_in):
    conn = conn_in("Australia/Sydney")
    created = [datetime.fromisoformat(order["CreatedDate"]) for order in records(read(conn, "orders", size=100))]

    found = records(read(conn, "orders", size=100, since=created[10], until=created[19]))

    assert [order["SalesOrderNumber"] for order in found] == [f"SO-{1011 + n}" for n in range(10)]


def test_without_a_date_column_everything_is_read(conn):
    late = datetime(2030, 1, 1, tzinfo=UTC)

    assert records(read(conn, "orders", size=100, since=late)) == []
    assert len(records(read(conn, "orders", size=100, since=late, options={"date_column": " "}))) == 45


def test_filters_and_the_further_clause_are_applied_by_peoplevox(conn):
    conditions = [Condition("Status", "in", ["Open", "Allocated"]), Condition("ChannelName", "equals", "Web")]

    found = records(read(conn, "orders", conditions=conditions, options={"search_clause": 'Customer.StartsWith("A")'}))

    assert [order["SalesOrderNumber"] for order in found] == ["SO-1008", "SO-1022"]
    assert {order["Customer"] for order in found} == {"Ada Marlowe"}


def test_a_search_value_with_a_quote_is_refused_and_not_sent(conn):
    with pytest.raises(ConfigError, match="holds no quote"):
        read(conn, "products", conditions=[Condition("Name", "equals", 'Tray" OR ItemCode == "')])


def test_orders_products_and_customers_are_found_by_id(conn):
    def by_ids(entity, ids):
        found = conn.entry.entity(entity)
        return found.read.by_ids(conn, ids, checked_settings(found.read.options, {}))

    assert [o["SalesOrderNumber"] for o in by_ids("orders", ["SO-1003", "SO-none"])] == ["SO-1003"]
    assert len(by_ids("orders", ["SO-1003"])[0]["lines"]) == 3
    assert [p["ItemCode"] for p in by_ids("products", ["SKU-040", "SKU-001"])] == ["SKU-001", "SKU-040"]
    assert by_ids("customers", ["CUS-002"])[0]["Name"] == "Björn Åkesson"
    assert by_ids("fulfilments", ["98"])[0]["Tracking number"] == "TRK700003"
    assert [s["Item code"] for s in by_ids("stock", ["SKU-007"])] == ["SKU-007"]


def test_purchase_orders_have_their_lines(conn):
    found = records(read(conn, "purchase_orders", size=3))

    assert [len(order["lines"]) for order in found] == [1, 2, 3, 1, 2, 3, 1, 2, 3, 3]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 500])
def test_a_despatch_is_whole_on_whichever_page_border_its_rows_fall(conn, size):
    found = records(read(conn, "fulfilments", size=size))

    lines = {record["Despatch number"]: len(record["lines"]) for record in found}
    assert lines == {str(95 + n): 1 + n % 4 for n in range(30)}
    assert all(len(record["lines"]) == lines[record["Despatch number"]] for record in found)


def test_a_despatch_keeps_item_columns_on_its_lines_and_the_rest_above(conn):
    record = records(read(conn, "fulfilments"))[1]

    assert (record["Salesorder number"], record["Carrier"]) == ("SO-1002", "Royal Courier")
    assert record["Despatch date"] == "2026-03-03T20:15:00+00:00"
    assert [line["No of items"] for line in record["lines"]] == ["2", "3"]
    assert "Item code" not in record


def test_a_report_row_of_no_despatch_is_reported_and_not_gathered(conn, store):
    store.put("Despatch summary", "loose", {**store.get("Despatch summary", "1/2"), "Despatch number": ""})

    pages = read(conn, "fulfilments", size=500)

    assert len(records(pages)) == 30
    assert pages[0].bad[0].reason == "it belongs to no despatch"


def test_an_order_whose_number_no_clause_can_hold_is_reported(conn, store):
    store.put("Sales orders", 'SO-"1"', {**store.get("Sales orders", "SO-1001"), "SalesOrderNumber": 'SO-"1"'})

    pages = read(conn, "orders", size=100)

    assert len(records(pages)) == 45
    assert pages[0].bad[0].place == 'Sales orders SO-"1"'


def test_tracking_numbers_that_differ_within_a_despatch_are_kept_on_the_lines(conn, store):
    row = store.get("Despatch summary", "1/2")
    store.put("Despatch summary", "1/2", {**row, "Tracking number": "TRK-SECOND"})

    record = records(read(conn, "fulfilments", size=500))[1]

    assert record["Tracking number"] == "TRK700001"
    assert [line["Tracking number"] for line in record["lines"]] == ["TRK700001", "TRK-SECOND"]


FROM_TEMPLATE = {"source": "template"}


def test_despatches_of_the_template_have_the_names_of_the_report(conn):
    entity = conn.entry.entity("fulfilments")
    found = records(read(conn, "fulfilments", options=FROM_TEMPLATE))

    assert len(found) == 30
    assert found[0] == {
        "Despatch number": "95",
        "Salesorder number": "SO-1001",
        "Tracking number": "TRK700000",
        "lines": [],
    }
    options = checked_settings(entity.read.options, FROM_TEMPLATE)
    assert entity.read.by_ids(conn, ["95", "none"], options) == found[:1]


def test_the_template_is_searched_by_the_names_that_its_clauses_know(conn):
    asked = [Condition("Despatch number", "in", ["96", "97"]), Condition("Salesorder number", "equals", "SO-1003")]

    found = records(read(conn, "fulfilments", conditions=asked, options=FROM_TEMPLATE))

    assert [record["Despatch number"] for record in found] == ["97"]


def test_a_search_of_the_template_that_its_clauses_do_not_know_is_refused_here(conn, seen):
    with pytest.raises(ConfigError, match="cannot search 'Despatches' by Carrier"):
        read(conn, "fulfilments", conditions=[Condition("Carrier", "equals", "Own van")], options=FROM_TEMPLATE)

    assert "GetData" not in seen()


def test_a_template_without_dates_cannot_be_read_since_a_moment(conn):
    with pytest.raises(ConfigError, match="has no Despatch date"):
        read(conn, "fulfilments", since=datetime(2026, 3, 8, tzinfo=UTC), options=FROM_TEMPLATE)


def test_a_template_with_dates_is_kept_to_its_window_here(conn, store):
    store.put("_templates", "Despatches", {"columns": ["despatchDate"]})
    window = {"since": datetime(2026, 3, 8, tzinfo=UTC), "until": datetime(2026, 3, 9, tzinfo=UTC)}

    found = records(read(conn, "fulfilments", **window, options=FROM_TEMPLATE))

    assert found == [
        {key: record[key] for key in found[0] if key != "lines"} | {"lines": []}
        for record in records(read(conn, "fulfilments", **window))
    ]
    assert 0 < len(found) < 30


def test_fulfilments_since_a_moment_use_the_despatch_date(conn):
    since = datetime(2026, 3, 8, 0, 0, tzinfo=UTC)

    found = records(read(conn, "fulfilments", since=since, size=500))

    assert found
    assert all(datetime.fromisoformat(record["Despatch date"]) >= since for record in found)


def test_report_searches_work_without_brackets_too(connect):
    conn = connect(report_brackets=False)
    since = datetime(2026, 3, 8, 0, 0, tzinfo=UTC)

    assert len(records(read(conn, "fulfilments", since=since, size=500))) == 12


def test_stock_by_location_tells_places_apart(conn):
    entity = conn.entry.entity("stock")
    options = checked_settings(entity.read.options, {"report": "Item inventory by location"})

    found = records(read(conn, "stock", options=options))

    assert len({entity.key(record, options) for record in found}) == 40 + len(GOODS)
    assert entity.key(found[0], options) == "SKU-001|PrimarySite|A-0-0|"
    assert entity.read.by_ids(conn, ["SKU-001|PrimarySite|A-0-0|"], options) == [found[0]]


def test_another_stock_report_must_be_named(conn):
    with pytest.raises(ConfigError, match="name the stock report to read"):
        read(conn, "stock", options={"report": "another report"})


def test_the_live_fields_of_reports_are_those_of_the_tenant(conn):
    def live(entity, **options):
        read = conn.entry.entity(entity).read
        return read.live_fields(conn, checked_settings(read.options, options))

    despatches = live("fulfilments")
    assert {"Despatch number", "lines[*].Item code", "lines[*].No of items"} <= set(despatches)
    assert not {"Item code", "Contact name"} & set(despatches)
    assert live("fulfilments", source="template") is None
    assert "Available" in live("stock")
    assert live("returns")[0] == "Return number"


def test_stock_by_site_tells_sites_apart(conn):
    entity = conn.entry.entity("stock")
    options = checked_settings(entity.read.options, {"report": "Item inventory summary"})

    found = records(read(conn, "stock", options=options))

    keys = [entity.key(record, options) for record in found]
    assert keys[:3] == ["SKU-001|PrimarySite", "SKU-001|OutletSite", "SKU-002|PrimarySite"]
    assert len(set(keys)) == len(keys) > 40 + len(GOODS)
    assert entity.read.by_ids(conn, ["SKU-001|OutletSite"], options) == [found[1]]


def test_what_may_be_sold_is_available_in_every_report_of_quantities(conn):
    plain, by_site = (
        {record["Item code"]: record for record in records(read(conn, "stock", options={"report": report}))}["SKU-006"]
        for report in ("Item availability latest reconciliation", "Item inventory summary")
    )

    assert (plain["On hand"], plain["Allocated"], plain["Available"]) == ("35", "1", "35")
    assert (by_site["On hand"], by_site["Allocated"], by_site["Available"]) == ("36", "1", "35")


def test_stock_is_asked_since_and_in_order(conn):
    found = records(read(conn, "stock", since=datetime(2026, 3, 3, 20, 0, tzinfo=UTC), size=3))

    assert [record["Item code"] for record in found] == [
        "SKU-037",
        "SKU-038",
        "SKU-039",
        "SKU-040",
        *sorted(g.sku for g in GOODS),
    ]


def test_returns_are_the_report_that_a_person_names(connect):
    with pytest.raises(ConfigError, match="name the report"):
        read(connect(returns_report=""), "returns")

    options = {"report": "Returns by reason", "date_column": "Return date", "key_columns": "Return number, Item code"}
    found = records(read(connect(returns_report=""), "returns", options=options))

    assert len(found) == 12
    assert found[0]["Return date"] == "2026-03-02T08:15:00+00:00"
    assert connect().entry.entity("returns").key(found[0], options) == "R0|SKU-001"


def test_a_report_without_key_columns_is_known_by_the_whole_row(conn):
    found = records(read(conn, "returns"))

    keys = {conn.entry.entity("returns").key(record, {"key_columns": ""}) for record in found}
    assert len(keys) == len(found) == 12
    with pytest.raises(ConfigError, match="no column Nothing"):
        conn.entry.entity("returns").key(found[0], {"key_columns": "Nothing"})


def test_goods_in_and_movements_have_keys_of_their_own(conn):
    for name in ("goods_in", "movements"):
        entity = conn.entry.entity(name)
        options = checked_settings(entity.read.options, {})
        found = records(read(conn, name, size=5))
        assert len({entity.key(record, options) for record in found}) == 12


def test_a_report_this_tenant_lacks_is_named(conn):
    with pytest.raises(ConfigError, match="Report 'Stock of old' was not found"):
        read(conn, "stock", options={"report": "another report", "report_name": "Stock of old"})
