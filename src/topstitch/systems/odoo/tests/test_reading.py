"""Pages in order of change: borders, mass updates, changes meanwhile, archived rows, filters, joins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from topstitch.sdk import Condition, ConfigError, Connection
from topstitch.systems.odoo.erp.env import Env

from .conftest import Connect, by_ids, pages, query, records

ENTITIES = (
    *("orders", "customers", "products", "variants", "templates", "stock", "quants"),
    *("fulfilments", "invoices", "refunds", "purchase_orders", "prices"),
)
Look = Callable[[Connection], Env]


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_entity_pages_to_the_end(conn: Connection, entity: str) -> None:
    whole = records(conn, entity)
    assert whole
    small = records(conn, entity, page_size=3)
    assert sorted(r["id"] for r in small) == sorted(r["id"] for r in whole)
    if entity != "stock":  # products come in the order of their quants, then of their moves
        assert [r["write_date"] for r in small] == sorted(r["write_date"] for r in small)


@pytest.mark.parametrize("version", ["v14", "v17", "v19"])
def test_every_api_reads_the_same(connect: Connect, version: str) -> None:
    styles = ["jsonrpc", "xmlrpc", *(["json2"] if version == "v19" else [])]
    for entity in ("orders", "fulfilments", "customers"):
        first, *others = [records(connect(version, api_style=style), entity) for style in styles]
        assert all(other == first for other in others)


@pytest.mark.parametrize("size", [1, 2, 5, 20])
def test_resuming_from_any_cursor_loses_and_doubles_nothing(connect: Connect, size: int) -> None:
    conn = connect()
    whole = [r["id"] for r in records(conn, "orders")]
    got: list[int] = []
    cursor = None
    while True:
        # A new generator each time, as after a restart.
        page = next(iter(_pages(conn, "orders", cursor, size)))
        got += [record["id"] for record in page.records]
        if page.next is None:
            break
        cursor = page.next
    assert got == whole


def _pages(conn: Connection, entity: str, cursor: Any, size: int) -> Any:
    read = conn.entry.entity(entity).read
    assert read
    return read.pages(conn, query(conn, entity, page_size=size), cursor)


@pytest.mark.parametrize("size", [1, 3, 4, 7, 100])
def test_a_mass_update_within_one_second_is_read_whole(connect: Connect, env: Look, size: int) -> None:
    conn = connect()
    expected = {r["id"] for r in records(conn, "customers")}
    stamp(env(conn), "res.partner", sorted(expected)[:9], "2026-11-01 10:00:00.250000")
    found = [r["id"] for r in records(conn, "customers", page_size=size)]
    assert sorted(found) == sorted(expected)


def stamp(env: Env, model: str, ids: list[int], moment: str) -> None:
    """As one transaction over many records leaves them."""
    later = Env(env.store, env.series, 2, {}, moment)
    for id in ids:
        doc = env.get(model, id)
        assert doc
        later.put(model, doc)


def test_rows_that_change_while_we_read_push_none_out(connect: Connect, env: Look) -> None:
    conn = connect()
    ids = [r["id"] for r in records(conn, "customers")]
    read = conn.entry.entity("customers").read
    assert read
    found: list[int] = []
    for page in read.pages(conn, query(conn, "customers", page_size=4), None):
        found += [record["id"] for record in page.records]
        if len(found) < 8:
            # What was read already moves to the end and so shortens what lies before: an offset would skip.
            for id in found[:2]:
                env(conn).write("res.partner", [id], {"phone": "1"})
    assert set(found) == set(ids)


def test_since_sees_the_microseconds_that_answers_hide(conn: Connection, env: Look) -> None:
    target = records(conn, "customers")[3]
    stamp(env(conn), "res.partner", [target["id"]], "2026-11-02 08:00:00.900000")
    shown = datetime(2026, 11, 2, 8, 0, 0, tzinfo=UTC)
    assert target["id"] in [r["id"] for r in records(conn, "customers", since=shown)]
    assert target["id"] in [r["id"] for r in records(conn, "customers", until=shown)]
    assert target["id"] not in [r["id"] for r in records(conn, "customers", since=shown + timedelta(seconds=1))]
    assert target["id"] not in [r["id"] for r in records(conn, "customers", until=shown - timedelta(seconds=1))]


def test_by_ids_leaves_out_what_is_not_there(conn: Connection) -> None:
    first = records(conn, "orders")[0]
    assert by_ids(conn, "orders", [first["id"], 987654, "no-number"]) == [first]


def test_an_order_has_its_lines_contacts_and_codes(conn: Connection) -> None:
    found = {r["client_order_ref"]: r for r in records(conn, "orders")}["WEB-1002"]
    assert found["partner_id"] == {"id": found["partner"]["id"], "name": "Jörg Müller"}
    assert found["shipping"]["country_id"]["code"] == "DE"
    assert found["billing"]["zip"] == "20354"
    assert found["origin"] is None
    assert len(found["lines"]) == len(found["order_line"])
    assert all(line["default_code"] for line in found["lines"])
    assert isinstance(found["lines"][0]["tax_id"], list)
    assert "tax_ids" not in found["lines"][0]


def test_quotations_are_left_out_unless_asked_for(conn: Connection) -> None:
    confirmed = records(conn, "orders")
    assert {r["state"] for r in confirmed} == {"sale"}
    everything = records(conn, "orders", options={"which": "all"})
    assert len(everything) == 24 + 3  # and three of the goods that all practice systems share
    assert len(everything) > len(confirmed)


def test_archived_contacts_are_an_option(conn: Connection) -> None:
    names = {r["name"] for r in records(conn, "customers")}
    with_archived = {r["name"]: r["active"] for r in records(conn, "customers", options={"archived": True})}
    assert "Old Customer" not in names
    assert with_archived["Old Customer"] is False


def test_conditions_become_a_domain(conn: Connection) -> None:
    def refs(*conditions: Condition) -> list[str]:
        return [r["client_order_ref"] for r in records(conn, "orders", conditions=conditions)]

    assert refs(Condition("client_order_ref", "equals", "WEB-1003")) == ["WEB-1003"]
    assert refs(Condition("client_order_ref", "in", ["WEB-1003", "WEB-1004", "nope"])) == ["WEB-1003", "WEB-1004"]
    partner = records(conn, "orders")[0]["partner_id"]["id"]
    assert "WEB-1001" in refs(Condition("partner_id.id", "equals", str(partner)))
    assert len(refs(Condition("invoice_status", "not_equals", "invoiced"))) < 20


def test_a_date_condition_counts_whole_seconds(connect: Connect, env: Look) -> None:
    conn = connect()
    target = records(conn, "orders")[5]
    stamp(env(conn), "sale.order", [target["id"]], "2026-11-03 12:00:00.500000")

    def hit(op: str, second: int) -> bool:
        moment = datetime(2026, 11, 3, 12, 0, second, tzinfo=UTC)
        found = records(conn, "orders", conditions=[Condition("write_date", op, moment)])
        return target["id"] in [r["id"] for r in found]

    # The record shows 12:00:00, and so it is compared.
    assert hit("greater_or_equal", 0)
    assert hit("less_or_equal", 0)
    assert not hit("after", 0)
    assert not hit("before", 0)
    assert hit("before", 1)


def test_a_field_this_version_lacks_cannot_be_filtered_by(connect: Connect) -> None:
    conn = connect("v14")
    with pytest.raises(ConfigError, match="Odoo 14 has no field delivery_status"):
        records(conn, "orders", conditions=[Condition("delivery_status", "equals", "full")])


def test_further_fields_are_read_and_misspelt_ones_told(connect: Connect) -> None:
    conn = connect()
    assert "mobile" in records(conn, "customers", options={"extra_fields": "category_id, mobile"})[0]
    with pytest.raises(ConfigError, match="no field x_colour"):
        records(conn, "customers", options={"extra_fields": "x_colour"})


def test_variants_have_their_options(conn: Connection) -> None:
    found = {r["default_code"]: r for r in records(conn, "variants")}["SHIRT-XL"]
    assert found["options"] == [{"name": "Size", "value": "XL", "price_extra": 5.0}]
    assert (found["lst_price"], found["list_price"]) == (54.0, 49.0)
    shirt = {r["name"]: r for r in records(conn, "templates")}["Shirt, linen"]
    assert shirt["default_code"] is None
    assert [v["default_code"] for v in shirt["variants"]] == ["SHIRT-S", "SHIRT-M", "SHIRT-XL"]


def test_deliveries_name_the_shops_order_and_the_done_quantities(conn: Connection) -> None:
    found = records(conn, "fulfilments")[0]
    assert found["sale"]["client_order_ref"] == "WEB-1001"
    assert found["shipping"]["country_id"]["code"] == "GB"
    assert all(move["quantity"] == move["product_uom_qty"] for move in found["moves"])
    assert all(move["default_code"] for move in found["moves"])


def test_credit_notes_are_no_invoices(conn: Connection) -> None:
    assert {r["move_type"] for r in records(conn, "invoices")} == {"out_invoice"}
    refund = records(conn, "refunds")[0]
    invoice = next(r for r in records(conn, "invoices") if r["id"] == refund["reversed_entry_id"]["id"])
    (line,) = refund["lines"]
    assert (line["default_code"], line["quantity"]) == (invoice["lines"][0]["default_code"], 1.0)
    assert round(refund["amount_untaxed"] + refund["amount_tax"], 2) == refund["amount_total"] == line["price_total"]
    assert refund["order_number"] == "WEB-1001"


def test_a_page_of_orders_costs_a_handful_of_calls(connect: Connect, server: Any) -> None:
    conn = connect()
    records(conn, "orders")
    server.counts["odoo"].clear()
    assert len(pages(conn, "orders", page_size=10)) == 3
    # Per page: orders, lines, products, contacts, regions. At the end: whether there are rows without a date.
    assert sum(server.counts["odoo"].values()) <= 3 * 5 + 1


@pytest.mark.parametrize("size", [1, 2, 3, 8, 100])
def test_rows_without_a_date_of_change_are_read_once_and_at_the_end(conn: Connection, env: Look, size: int) -> None:
    look = env(conn)
    expected = [r["id"] for r in records(conn, "customers")]
    bare = sorted(expected)[2:5]
    for id in bare:
        doc = look.get("res.partner", id)
        assert doc
        look.store.put(f"{look.series}.res.partner", id, doc | {"write_date": None})
    found = [r["id"] for r in records(conn, "customers", page_size=size)]
    assert found[-3:] == bare
    assert sorted(found) == sorted(expected)
    since = datetime(2020, 1, 1, tzinfo=UTC)
    assert not {r["id"] for r in records(conn, "customers", page_size=size, since=since)} & set(bare)


def test_stock_rows_without_a_date_of_change_are_read(conn: Connection, env: Look) -> None:
    look = env(conn)
    quant = look.docs("stock.quant")[0]
    look.store.put(f"{look.series}.stock.quant", quant["id"], quant | {"write_date": None})
    found = {r["id"]: r["write_date"] for r in records(conn, "stock")}
    assert found[quant["product_id"]] is None


def test_the_terms_of_a_purchase_order_have_one_name(conn: Connection, env: Look) -> None:
    look = env(conn)
    field = "note" if look.series >= 19 else "notes"
    look.write("purchase.order", [1], {field: "Pallets only"})
    found = next(r for r in records(conn, "purchase_orders", options={"which": "all"}) if r["id"] == 1)
    assert found["notes"] == "Pallets only"
    assert "note" not in found


def test_vendor_bills_are_an_option_of_invoices(conn: Connection, env: Look) -> None:
    look = env(conn)
    bill = look.create("account.move", {"move_type": "in_invoice", "partner_id": 1, "ref": "B-77", "state": "posted"})
    draft = look.create("account.move", {"move_type": "in_invoice", "partner_id": 1})
    assert bill not in [r["id"] for r in records(conn, "invoices", options={"which": "all"})]
    assert [r["ref"] for r in records(conn, "invoices", options={"which": "vendor bills, posted"})] == ["B-77"]
    everything = records(conn, "invoices", options={"which": "vendor bills, all"})
    assert [r["id"] for r in everything] == [bill, draft]


def test_a_warehouse_by_name_is_counted_as_a_whole(conn: Connection, env: Look) -> None:
    look = env(conn)
    output = look.search("stock.location", [["complete_name", "=", "WH/Output"]])[0]
    bowl = look.search("product.product", [["default_code", "=", "BOWL"]])[0]
    look.insert("stock.quant", {"product_id": bowl["id"], "location_id": output["id"], "quantity": 4.0})

    def held(location: str) -> list[float]:
        rows = records(conn, "stock", options={"location": location})
        return [r["qty_available"] for r in rows if r["default_code"] == "BOWL"]

    stock = held("WH/Stock")[0]
    assert held("Main Warehouse") == held("WH") == [stock + 4]
    assert held("Shop") == []
