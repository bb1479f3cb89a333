"""Products and their sales prices."""

from __future__ import annotations

from typing import Any

import pytest

from topstitch.sdk import Connection, MissingReference, Outcome

from .conftest import out, outcomes, product, push, records


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
