"""Contacts, products, stock, prices, invoices and purchase orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from topstitch.sdk import Connection, MissingReference, Outcome
from topstitch.systems.odoo.erp.env import Env
from topstitch.systems.odoo.practice import BAD_RECORDS, GOOD_RECORDS, PRACTICE

from .conftest import Connect, find, order, out, outcomes, push, records

Look = Callable[[Connection], Env]


def contact(conn: Connection, email: str) -> list[Any]:
    return [r for r in records(conn, "customers") if (r["email"] or "").lower() == email.lower()]


def product(conn: Connection, sku: str) -> Any:
    (found,) = [r for r in records(conn, "products", options={"which": "all"}) if r["default_code"] == sku]
    return found


# Contacts


def test_a_contact_is_made_then_changed(conn: Connection) -> None:
    person = {
        "name": "Ida Holm",
        "email": "ida@example.com",
        "city": "Aarhus",
        "country_id": {"code": "DK"},
        "is_company": "no",
    }
    first = push(conn, "customers", person)[0]
    assert first.outcome is Outcome.CREATED
    again = push(conn, "customers", {**person, "email": "IDA@example.com", "city": "Odense"})[0]
    assert (again.outcome, again.remote_id) == (Outcome.UPDATED, first.remote_id)
    (made,) = contact(conn, "ida@example.com")
    assert (made["city"], made["country_id"]["code"], made["customer_rank"]) == ("Odense", "DK", 1)


def test_a_contact_is_found_by_reference_first(conn: Connection) -> None:
    verdict = push(conn, "customers", {"ref": "C-1001", "email": "new@harbour.example.com", "name": "Harbour Hotels"})[
        0
    ]
    assert verdict.outcome is Outcome.UPDATED
    assert contact(conn, "new@harbour.example.com")[0]["ref"] == "C-1001"


def test_the_same_new_contact_twice_in_a_batch_is_one(conn: Connection) -> None:
    person = {"name": "Ida Holm", "email": "ida@example.com"}
    assert outcomes(push(conn, "customers", person, person)) == ["created", "updated"]


def test_a_contact_that_could_not_be_found_again_is_refused(conn: Connection) -> None:
    verdicts = push(conn, "customers", {"name": "Nobody"}, {"name": "Ida", "email": "ida@example.com"})
    assert outcomes(verdicts) == ["rejected", "created"]


def test_a_contact_without_a_name_takes_its_email(conn: Connection) -> None:
    push(conn, "customers", {"email": "only@example.com"})
    assert contact(conn, "only@example.com")[0]["name"] == "only@example.com"


def test_a_language_is_matched_with_the_installed_ones(conn: Connection) -> None:
    for at, (given, kept) in enumerate((("en-GB", "en_GB"), ("de", "de_DE"), ("tlh", "en_US"))):
        push(conn, "customers", {"name": "L", "email": f"l{at}@example.com", "lang": given})
        assert contact(conn, f"l{at}@example.com")[0]["lang"] == kept


def test_a_lost_contact_is_not_made_twice(connect: Connect) -> None:
    conn = connect()
    PRACTICE.faults.add("lost", contains='"create"')
    person = {"name": "Ida Holm", "email": "ida@example.com"}
    assert push(conn, "customers", person)[0].outcome is Outcome.UNKNOWN
    assert push(conn, "customers", person)[0].outcome is Outcome.UPDATED
    assert len(contact(conn, "ida@example.com")) == 1


# Products


def test_a_product_is_made_storable_then_changed(conn: Connection) -> None:
    record = {
        "default_code": "VASE",
        "name": "Vase",
        "list_price": "25.00",
        "standard_price": 9,
        "weight": "1.25",
        "barcode": "4012345678901",
    }
    first = push(conn, "products", record)[0]
    assert first.outcome is Outcome.CREATED
    made = product(conn, "VASE")
    assert (str(made["id"]), made["list_price"], made["standard_price"]) == (first.remote_id, 25.0, 9.0)
    assert made.get("is_storable") or made.get("detailed_type") == "product" or made["type"] == "product"
    again = push(conn, "products", {**record, "list_price": 27.5})[0]
    assert (again.outcome, again.remote_id) == (Outcome.UPDATED, first.remote_id)
    assert product(conn, "VASE")["list_price"] == 27.5


def test_a_product_known_by_its_id_may_change_its_sku(conn: Connection) -> None:
    first = push(conn, "products", {"default_code": "VASE", "name": "Vase"})[0]
    push(conn, "products", out({"default_code": "VASE-2", "name": "Vase"}, remote_id=first.remote_id))
    assert str(product(conn, "VASE-2")["id"]) == first.remote_id


def test_one_bad_product_spoils_no_other(conn: Connection) -> None:
    verdicts = push(
        conn,
        "products",
        {"default_code": "A-1", "name": "A"},
        {"default_code": "A-2", "name": "B", "barcode": "5012345000015"},
        {"default_code": "A-3"},
        {"default_code": "A-4", "name": "D"},
        {"default_code": "TWICE", "name": "E"},
    )
    assert outcomes(verdicts) == ["created", "rejected", "rejected", "created", "rejected"]


def test_an_archived_product_is_found_and_not_made_again(conn: Connection) -> None:
    assert push(conn, "products", {"default_code": "GONE", "active": True})[0].outcome is Outcome.UPDATED
    assert product(conn, "GONE")["active"] is True


def test_what_variants_share_is_left_unless_told_otherwise(conn: Connection) -> None:
    record = {"default_code": "SHIRT-M", "name": "Shirt M", "list_price": 10, "standard_price": 5}
    push(conn, "products", record)
    found = product(conn, "SHIRT-M")
    assert (found["name"], found["list_price"], found["standard_price"]) == ("Shirt, linen", 49.0, 5.0)
    push(conn, "products", record, shared="write")
    assert product(conn, "SHIRT-S")["name"] == "Shirt M"


# Stock


def test_stock_is_set_at_the_default_location(conn: Connection) -> None:
    verdicts = push(
        conn,
        "stock",
        {"default_code": "MUG-RED", "inventory_quantity": "17"},
        {"default_code": "JUG", "inventory_quantity": 4},
        {"default_code": "NO-SUCH", "inventory_quantity": 1},
        {"default_code": "BOWL", "inventory_quantity": -1},
        {"default_code": "APRON", "inventory_quantity": None},
    )
    assert outcomes(verdicts) == ["updated", "updated", "rejected", "rejected", "rejected"]
    assert isinstance(verdicts[2].error, MissingReference)
    assert (product(conn, "MUG-RED")["qty_available"], product(conn, "JUG")["qty_available"]) == (17.0, 4.0)
    assert push(conn, "stock", {"default_code": "JUG", "inventory_quantity": 4})[0].outcome is Outcome.UNCHANGED


def test_stock_is_set_at_the_location_of_option_or_record(conn: Connection) -> None:
    push(conn, "stock", {"default_code": "JUG", "inventory_quantity": 3}, location="SHOP/Stock")
    push(
        conn,
        "stock",
        {"default_code": "JUG", "inventory_quantity": 5, "location_id": {"name": "Main Warehouse"}},
        location="SHOP/Stock",
    )
    held = {r["location_id"]["name"]: r["quantity"] for r in records(conn, "quants") if r["default_code"] == "JUG"}
    assert held == {"SHOP/Stock": 3.0, "WH/Stock": 5.0}
    in_shop = [r for r in records(conn, "stock", options={"location": "SHOP/Stock"}) if r["default_code"] == "JUG"]
    assert [r["qty_available"] for r in in_shop] == [3.0]
    assert isinstance(
        push(conn, "stock", {"default_code": "JUG", "inventory_quantity": 1}, location="MOON")[0].error,
        MissingReference,
    )


def test_a_row_that_spoils_a_count_is_found_and_the_others_are_booked(
    conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from topstitch.systems.odoo.erp import stock
    from topstitch.systems.odoo.erp.faults import ValidationError
    from topstitch.systems.odoo.erp.registry import CREATE

    def strict(env: Any, given: Any) -> int:
        if given["inventory_quantity"] == 13:
            raise ValidationError("Quants cannot be created for consumables or services.")
        return stock.create_quant(env, given)

    monkeypatch.setitem(CREATE, "stock.quant", strict)
    rows = [
        {"default_code": sku, "inventory_quantity": count} for sku, count in (("JUG", 4), ("BOWL", 13), ("APRON", 6))
    ]
    verdicts = push(conn, "stock", *rows)
    assert outcomes(verdicts) == ["updated", "rejected", "updated"]
    assert "consumables" in verdicts[1].error.message
    assert (product(conn, "JUG")["qty_available"], product(conn, "APRON")["qty_available"]) == (4.0, 6.0)


def test_a_lost_count_is_simply_sent_again(conn: Connection) -> None:
    push(conn, "stock", {"default_code": "JUG", "inventory_quantity": 1})
    PRACTICE.faults.add("lost", contains="inventory_quantity")
    assert push(conn, "stock", {"default_code": "JUG", "inventory_quantity": 9})[0].outcome is Outcome.UPDATED
    assert product(conn, "JUG")["qty_available"] == 9.0


def test_a_refused_sign_in_leaves_the_verdicts_of_bad_rows_alone(connect: Connect) -> None:
    conn = connect()
    push(conn, "stock", {"default_code": "JUG", "inventory_quantity": 1})
    PRACTICE.faults.add("expired", count=9, contains="inventory_quantity")
    rows = [{"default_code": "NO-SUCH", "inventory_quantity": 1}, {"default_code": "JUG", "inventory_quantity": 2}]
    assert outcomes(push(conn, "stock", *rows)) == ["rejected", "later"]


def test_stock_kept_by_lot_is_not_overwritten(connect: Connect, env: Look) -> None:
    conn = connect()
    quant = next(r for r in records(conn, "quants") if r["default_code"] == "BOWL")
    lot = env(conn).create("stock.lot", {"name": "L-1"})
    env(conn).update("stock.quant", [quant["id"]], {"lot_id": lot})
    verdict = push(conn, "stock", {"default_code": "BOWL", "inventory_quantity": 1})[0]
    assert "by lot" in verdict.error.message


def test_a_product_that_sold_out_is_reported_although_its_quant_is_gone(conn: Connection, env: Look) -> None:
    from datetime import UTC, datetime

    push(conn, "stock", {"default_code": "TEAPOT", "inventory_quantity": 2})
    push(
        conn,
        "orders",
        order(lines=[{"default_code": "TEAPOT", "product_uom_qty": product(conn, "TEAPOT")["qty_available"]}]),
    )
    began = datetime.now(UTC)
    push(conn, "fulfilments", {"sale": {"client_order_ref": "SH-1"}})
    assert "TEAPOT" not in [r["default_code"] for r in records(conn, "quants")]
    sold = [r for r in records(conn, "stock", since=began.replace(microsecond=0)) if r["default_code"] == "TEAPOT"]
    assert [r["qty_available"] for r in sold] == [0.0]


# Prices


def test_the_sales_price_of_a_product_is_set(conn: Connection) -> None:
    assert (
        push(conn, "prices", {"default_code": "BOWL", "fixed_price": "15.5", "standard_price": 6})[0].outcome
        is Outcome.UPDATED
    )
    found = product(conn, "BOWL")
    assert (found["list_price"], found["standard_price"]) == (15.5, 6.0)
    assert push(conn, "prices", {"default_code": "BOWL", "fixed_price": 15.5})[0].outcome is Outcome.UNCHANGED


def test_a_price_that_siblings_share_is_refused_unless_all_may_change(conn: Connection) -> None:
    verdict = push(conn, "prices", {"default_code": "SHIRT-S", "fixed_price": 40})[0]
    assert verdict.error.key == "shared_price"
    assert (
        push(conn, "prices", {"default_code": "SHIRT-S", "fixed_price": 40}, variants="change all")[0].outcome
        is Outcome.UPDATED
    )
    assert product(conn, "SHIRT-M")["list_price"] == 40.0


def test_a_rule_of_a_price_list_is_made_once_and_changed(conn: Connection) -> None:
    row = {"default_code": "SHIRT-S", "fixed_price": 39, "date_start": "2026-12-01"}
    first = push(conn, "prices", row, pricelist="Euro")[0]
    assert first.outcome is Outcome.CREATED
    assert push(conn, "prices", row, pricelist="Euro")[0].outcome is Outcome.UNCHANGED
    again = push(conn, "prices", {**row, "fixed_price": 38}, pricelist="Euro")[0]
    assert (again.outcome, again.remote_id) == (Outcome.UPDATED, first.remote_id)
    found = next(r for r in records(conn, "prices") if str(r["id"]) == first.remote_id)
    assert (found["default_code"], found["fixed_price"], found["date_start"]) == (
        "SHIRT-S",
        38.0,
        "2026-12-01 00:00:00",
    )
    assert isinstance(push(conn, "prices", row, pricelist="Yen")[0].error, MissingReference)


# Invoices


def test_an_order_is_invoiced_once_and_posted(conn: Connection) -> None:
    push(conn, "orders", order())
    asked = {"sale": {"client_order_ref": "SH-1"}, "invoice_date": "2026-11-02"}
    first = push(conn, "invoices", asked)[0]
    assert first.outcome is Outcome.CREATED
    made = next(r for r in records(conn, "invoices") if str(r["id"]) == first.remote_id)
    assert (made["state"], made["invoice_date"]) == ("posted", "2026-11-02")
    again = push(conn, "invoices", asked)[0]
    assert (again.outcome, again.remote_id) == (Outcome.UNCHANGED, first.remote_id)


def test_a_draft_invoice_is_posted_on_the_second_try(conn: Connection) -> None:
    push(conn, "orders", order())
    asked = {"sale": {"client_order_ref": "SH-1"}}
    first = push(conn, "invoices", asked, post=False)[0]
    assert first.outcome is Outcome.CREATED
    assert push(conn, "invoices", asked)[0].outcome is Outcome.UPDATED


def test_a_quotation_cannot_be_invoiced(conn: Connection) -> None:
    push(conn, "orders", order(), confirm=False)
    verdicts = push(conn, "invoices", {"sale": {"client_order_ref": "SH-1"}}, {"invoice_origin": "S99999"}, {})
    assert outcomes(verdicts) == ["rejected"] * 3
    assert "nothing to invoice" in verdicts[0].error.message
    assert isinstance(verdicts[1].error, MissingReference)


# Purchase orders


def purchase(**more: Any) -> dict[str, Any]:
    lines = [
        {"default_code": "MUG-BLUE", "product_qty": 40, "price_unit": 3},
        {"default_code": "BOWL", "product_qty": "10"},
    ]
    return {
        "origin": "PO-900",
        "partner": {"name": "clay supplies 2"},
        "date_planned": "2026-12-01",
        "lines": lines,
        **more,
    }


def test_a_purchase_order_is_made_confirmed_and_not_doubled(conn: Connection) -> None:
    assert find(conn, "purchase_orders", purchase()) == [None]
    first = push(conn, "purchase_orders", purchase())[0]
    assert first.outcome is Outcome.CREATED
    made = next(r for r in records(conn, "purchase_orders") if r["origin"] == "PO-900")
    assert (made["state"], made["partner"]["name"]) == ("purchase", "Clay Supplies 2")
    assert [(line["default_code"], line["product_qty"], line["price_unit"]) for line in made["lines"]] == [
        ("MUG-BLUE", 40.0, 3.0),
        ("BOWL", 10.0, 4.4),
    ]
    assert push(conn, "purchase_orders", purchase())[0].outcome is Outcome.UNCHANGED
    assert find(conn, "purchase_orders", purchase()) == [first.remote_id]
    assert push(conn, "purchase_orders", purchase(lines=purchase()["lines"][:1]))[0].error.key == "confirmed"


def test_two_records_of_one_purchase_order_in_a_batch_do_not_double_its_lines(conn: Connection) -> None:
    verdicts = push(conn, "purchase_orders", purchase(), purchase())
    assert [verdict.outcome for verdict in verdicts] == [Outcome.CREATED, Outcome.UNCHANGED]
    (made,) = [r for r in records(conn, "purchase_orders") if r["origin"] == "PO-900"]
    assert [line["default_code"] for line in made["lines"]] == ["MUG-BLUE", "BOWL"]


def test_a_request_for_quotation_is_changed_then_confirmed(conn: Connection) -> None:
    push(conn, "purchase_orders", purchase(), confirm=False)
    assert find(conn, "purchase_orders", purchase()) == [None]
    assert push(conn, "purchase_orders", purchase(lines=purchase()["lines"][:1]))[0].outcome is Outcome.UPDATED
    made = next(r for r in records(conn, "purchase_orders") if r["origin"] == "PO-900")
    assert len(made["lines"]) == 1


def test_an_unknown_supplier_is_named(conn: Connection) -> None:
    verdict = push(conn, "purchase_orders", purchase(partner={"name": "Nobody Ltd"}))[0]
    assert isinstance(verdict.error, MissingReference)
    assert "Nobody Ltd" in verdict.error.message


# The examples of the practice server


@pytest.mark.parametrize("entity", sorted(GOOD_RECORDS))
def test_the_examples_are_taken_and_refused_side_by_side(conn: Connection, entity: str) -> None:
    good, bad = list(GOOD_RECORDS[entity]), list(BAD_RECORDS[entity])
    verdicts = push(conn, entity, good[0], bad[0], *good[1:])
    assert outcomes(verdicts)[1] == "rejected"
    assert {*outcomes(verdicts[:1]), *outcomes(verdicts[2:])} <= {"created", "updated"}
    assert all(verdict.remote_id for verdict in (verdicts[0], *verdicts[2:]))
    again = push(conn, entity, *good)
    assert "created" not in outcomes(again)
    assert [v.remote_id for v in again] == [v.remote_id for v in (verdicts[0], *verdicts[2:])]


# What versions and apps do not have


def test_a_mobile_number_takes_the_place_of_the_telephone_where_there_is_one_field(connect: Connect) -> None:
    conn = connect("v19")
    person = {"name": "Ida Holm", "email": "ida@example.com", "mobile": "+45 20 55 01 01"}
    push(conn, "customers", person)
    assert contact(conn, "ida@example.com")[0]["phone"] == "+45 20 55 01 01"
    push(conn, "customers", {**person, "comment": "Likes blue"})
    for _ in range(2):
        push(conn, "customers", {**person, "phone": "+45 86 55 01 02"})
    (made,) = contact(conn, "ida@example.com")
    assert (made["phone"], made["comment"]) == ("+45 86 55 01 02", "Likes blue<p>Mobile: +45 20 55 01 01</p>")


def test_a_mobile_number_keeps_its_field_where_there_is_one(connect: Connect) -> None:
    conn = connect("v17")
    push(conn, "customers", {"name": "Ida", "email": "ida@example.com", "phone": "1", "mobile": "2"})
    (made,) = contact(conn, "ida@example.com")
    assert (made["phone"], made["mobile"], made["comment"]) == ("1", "2", None)


def test_terms_of_a_purchase_order_are_kept_in_every_version(conn: Connection) -> None:
    push(conn, "purchase_orders", purchase(notes="Pallets only"), confirm=False)
    push(conn, "purchase_orders", purchase(notes="No pallets", partner_ref="X-1"), confirm=False)
    made = next(r for r in records(conn, "purchase_orders", options={"which": "all"}) if r["origin"] == "PO-900")
    assert (made["notes"], made["partner_ref"]) == ("No pallets", "X-1")


def test_without_the_app_inventory_products_are_made_uncounted(
    conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from topstitch.systems.odoo.client import connect as client_of
    from topstitch.systems.odoo.erp.schema import models

    fields = models(client_of(conn).series)["product.template"]
    for name in ("type", "detailed_type"):
        if name in fields:
            kinds = tuple(kind for kind in fields[name].choices if kind != "product")
            monkeypatch.setitem(fields, name, replace(fields[name], choices=kinds))
    monkeypatch.delitem(fields, "is_storable", raising=False)
    verdict = push(conn, "products", {"default_code": "VASE", "name": "Vase"})[0]
    assert (verdict.outcome, verdict.error) == (Outcome.CREATED, None)
    assert product(conn, "VASE")["type"] == "consu"


# Addresses below a contact


def test_an_address_is_made_below_its_company_once(conn: Connection) -> None:
    company = {"ref": "C-77", "name": "Holm ApS", "email": "holm@example.com", "is_company": True}
    store = {
        "parent_id": {"ref": "C-77"},
        "type": "delivery",
        "name": "Store",
        "street": "Havn 1",
        "city": "Aarhus",
        "email": "holm@example.com",
        "country_id": {"code": "DK"},
    }
    verdicts = push(conn, "customers", company, store, {**store, "phone": "5"}, company)
    assert outcomes(verdicts) == ["created", "created", "updated", "updated"]
    assert verdicts[1].remote_id == verdicts[2].remote_id != verdicts[3].remote_id == verdicts[0].remote_id
    (made,) = [r for r in records(conn, "customers", options={"which": "addresses too"}) if r["name"] == "Store"]
    assert (made["type"], str(made["parent_id"]["id"]), made["phone"]) == ("delivery", verdicts[0].remote_id, "5")


def test_an_address_with_a_reference_may_move(conn: Connection) -> None:
    depot = {"parent_id": {"email": "buying@harbour.example.com"}, "type": "delivery", "ref": "D-1", "name": "Depot"}
    first = push(conn, "customers", {**depot, "street": "Old Road 1"})[0]
    again = push(conn, "customers", {**depot, "street": "New Road 2"})[0]
    assert (again.outcome, again.remote_id) == (Outcome.UPDATED, first.remote_id)


def test_a_person_belongs_to_a_company(conn: Connection) -> None:
    parent = next(r for r in records(conn, "customers") if r["ref"] == "C-1001")
    push(conn, "customers", {"name": "Bo", "email": "bo@example.com", "parent_id": {"id": str(parent["id"])}})
    assert contact(conn, "bo@example.com")[0]["parent_id"]["id"] == parent["id"]


def test_an_address_without_a_known_company_is_refused(conn: Connection) -> None:
    verdicts = push(
        conn,
        "customers",
        {"type": "delivery", "name": "Lost", "street": "Nowhere 1"},
        {"type": "delivery", "name": "Lost", "parent_id": {"ref": "C-404"}},
        {"name": "Lost", "email": "lost@example.com", "parent_id": 98765},
        {"name": "Lost", "email": "lost@example.com", "type": "shed", "parent_id": {"ref": "C-1001"}},
    )
    assert outcomes(verdicts) == ["rejected"] * 4
    assert [verdict.error.field for verdict in verdicts] == ["parent_id", "parent_id", "parent_id", "type"]
    assert "C-404" in verdicts[1].error.message


# Numbers


def test_spaces_around_a_purchase_orders_number_do_not_count(conn: Connection) -> None:
    first = push(conn, "purchase_orders", purchase(origin=" PO-900 "))[0]
    assert push(conn, "purchase_orders", purchase(origin=" PO-900 "))[0].outcome is Outcome.UNCHANGED
    assert find(conn, "purchase_orders", purchase(origin="PO-900 ")) == [first.remote_id]


@pytest.mark.parametrize(("count", "changed"), [(9, True), (2, True), (7, False)])
def test_a_product_in_two_rows_at_one_place_is_counted_as_one(
    conn: Connection, env: Look, count: int, changed: bool
) -> None:
    look = env(conn)
    push(conn, "stock", {"default_code": "JUG", "inventory_quantity": 3})
    (first,) = [r for r in records(conn, "quants") if r["default_code"] == "JUG"]
    place = {"product_id": first["product_id"]["id"], "location_id": first["location_id"]["id"]}
    look.insert("stock.quant", {**place, "quantity": 4.0})
    verdict = push(conn, "stock", {"default_code": "JUG", "inventory_quantity": count})[0]
    assert verdict.outcome is (Outcome.UPDATED if changed else Outcome.UNCHANGED)
    assert product(conn, "JUG")["qty_available"] == count


def test_a_price_is_compared_as_finely_as_odoo_keeps_it(conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    from topstitch.systems.odoo.client import Odoo

    def price(amount: float, **options: Any) -> Outcome:
        found: Outcome = push(conn, "prices", {"default_code": "BOWL", "fixed_price": amount}, **options)[0].outcome
        return found

    for options in ({}, {"pricelist": "Euro"}):
        price(15.5, **options)
        assert price(15.504, **options) is Outcome.UNCHANGED
        with monkeypatch.context() as fine:
            fine.setattr(Odoo, "decimals", lambda *_: 4)
            assert price(15.504, **options) is Outcome.UPDATED
            fine.setattr(Odoo, "decimals", lambda *_: None)
            assert price(15.5, **options) is Outcome.UNCHANGED


def test_a_confirmed_purchase_order_with_a_finer_price_is_unchanged(conn: Connection) -> None:
    lines = [{"default_code": "BOWL", "product_qty": 10, "price_unit": 3.456}]
    push(conn, "purchase_orders", purchase(lines=lines))
    assert push(conn, "purchase_orders", purchase(lines=lines))[0].outcome is Outcome.UNCHANGED
