"""Prices with and without tax meet taxes in and on top of the price: the customer is charged what the order says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from topstitch.sdk import Connection, MissingReference, Outcome, RemoteRejected
from topstitch.systems.odoo.erp.env import Env

from .conftest import order, outcomes, push, records

Look = Callable[[Connection], Env]
#: Taxes of the seeds: 20 % on top of the price (that of every product), 20 % in it, nothing.
ON_TOP, INSIDE, NOTHING = 1, 2, 3


def sold(ref: str = "SH-1", *, price: Any = "12.00", pieces: int = 2, shipping: Any = None, **more: Any) -> Any:
    """An order of bowls."""
    line = {"default_code": "BOWL", "product_uom_qty": pieces, "price_unit": price, **more.pop("line", {})}
    return order(ref, lines=[line], shipping_amount=shipping, **more)


def booked(conn: Connection, ref: str = "SH-1") -> Any:
    everything = records(conn, "orders", options={"which": "all", "shipping_product": ""})
    (found,) = [record for record in everything if record["client_order_ref"] == ref]
    return found


def price_and_total(conn: Connection, ref: str = "SH-1") -> tuple[float, float]:
    found = booked(conn, ref)
    return found["lines"][0]["price_unit"], found["amount_total"]


def taxed(env: Env, *taxes: int, sku: str = "BOWL") -> None:
    """Give a product these taxes."""
    product = env.search("product.product", [["default_code", "=", sku]])[0]
    env.write("product.product", [product["id"]], {"taxes_id": [[6, 0, list(taxes)]]})


@pytest.mark.parametrize(
    ("word", "tax", "price", "total"),
    [
        (True, ON_TOP, 10.0, 24.0),
        (True, INSIDE, 12.0, 24.0),
        (True, NOTHING, 12.0, 24.0),
        (False, ON_TOP, 12.0, 28.8),
        (False, INSIDE, 14.4, 28.8),
        ("yes", ON_TOP, 10.0, 24.0),
        (None, ON_TOP, 12.0, 28.8),
        ("", INSIDE, 12.0, 24.0),
    ],
)
def test_the_order_says_how_its_prices_are_meant(
    conn: Connection, env: Look, word: Any, tax: int, price: float, total: float
) -> None:
    taxed(env(conn), tax)
    assert push(conn, "orders", sold(prices_include_tax=word))[0].outcome is Outcome.CREATED
    assert price_and_total(conn) == (price, total)
    assert booked(conn)["lines"][0]["tax_id"] == [tax]


def test_a_shipping_charge_is_meant_as_the_prices_are(conn: Connection, env: Look) -> None:
    push(conn, "orders", sold(shipping="6.00", prices_include_tax=True))
    assert [line["price_unit"] for line in booked(conn)["lines"]] == [10.0, 5.0]
    assert booked(conn)["amount_total"] == 30.0
    taxed(env(conn), INSIDE, sku="SHIPPING")
    push(conn, "orders", sold("SH-2", shipping="6.00", prices_include_tax=True))
    assert [line["price_unit"] for line in booked(conn, "SH-2")["lines"]] == [10.0, 6.0]
    push(conn, "orders", sold("SH-3", shipping="6.00", prices_include_tax=True), taxes="none")
    assert booked(conn, "SH-3")["amount_total"] == 30.0


def test_a_word_that_is_neither_yes_nor_no_is_refused(conn: Connection) -> None:
    assert push(conn, "orders", sold(prices_include_tax="maybe"))[0].error.field == "prices_include_tax"


@pytest.mark.parametrize(
    ("quantity", "price", "amount", "discount", "unit", "total"),
    [
        (3, 12, 3.6, 10.0, 10.0, 32.4),
        (1, 12, 1.5, 12.5, 10.0, 10.5),
        (1, 240, 1.332, 0.0, 198.89, 238.67),
        (2, 12, 0, 0.0, 10.0, 24.0),
    ],
)
def test_a_discount_amount_is_meant_as_the_prices_are(
    conn: Connection, quantity: int, price: float, amount: float, discount: float, unit: float, total: float
) -> None:
    record = sold(price=price, pieces=quantity, line={"discount_amount": amount}, prices_include_tax=True)
    push(conn, "orders", record)
    line = booked(conn)["lines"][0]
    assert (line["discount"], line["price_unit"], booked(conn)["amount_total"]) == (discount, unit, total)
    assert push(conn, "orders", record)[0].outcome is Outcome.UNCHANGED


@pytest.mark.parametrize("price", ["9.99", "0.07", "8.33", "19.995", "1.03"])
def test_the_same_order_is_unchanged_although_odoo_rounds_its_prices(conn: Connection, price: str) -> None:
    record = sold(price=price, shipping="4.95", prices_include_tax=True)
    first = push(conn, "orders", record)[0]
    again = push(conn, "orders", record)[0]
    assert (again.outcome, again.remote_id) == (Outcome.UNCHANGED, first.remote_id)
    dearer = sold(price=float(price) + 0.02, shipping="4.95", prices_include_tax=True)
    assert push(conn, "orders", dearer)[0].error.key == "confirmed"


def test_an_order_is_unchanged_although_its_product_has_other_taxes_now(conn: Connection, env: Look) -> None:
    push(conn, "orders", sold(prices_include_tax=True))
    taxed(env(conn), INSIDE)
    assert push(conn, "orders", sold(prices_include_tax=True))[0].outcome is Outcome.UNCHANGED
    push(conn, "orders", sold("SH-2", prices_include_tax=True), confirm=False)
    taxed(env(conn), ON_TOP)
    conn.cache.clear()
    push(conn, "orders", sold("SH-2", prices_include_tax=True), confirm=False)
    assert price_and_total(conn, "SH-2") == (10.0, 24.0)


def test_by_rate_the_orders_word_goes_before_the_option(conn: Connection) -> None:
    def made(ref: str, word: Any, option: bool) -> tuple[list[int], float, float]:
        push(
            conn,
            "orders",
            sold(ref, line={"tax_rate": 0.2}, prices_include_tax=word),
            taxes="by rate",
            prices_include_tax=option,
        )
        return (booked(conn, ref)["lines"][0]["tax_id"], *price_and_total(conn, ref))

    assert made("T-1", True, False) == ([INSIDE], 12.0, 24.0)
    assert made("T-2", False, True) == ([ON_TOP], 12.0, 28.8)
    assert made("T-3", None, True) == ([INSIDE], 12.0, 24.0)
    assert made("T-4", None, False) == ([ON_TOP], 12.0, 28.8)


def test_by_rate_a_price_is_converted_where_odoo_has_only_the_other_kind(conn: Connection, env: Look) -> None:
    only = {"type_tax_use": "sale", "amount": 10.0, "name": "10% on top"}
    env(conn).create("account.tax", only)
    line = {"tax_rate": "0.1"}
    push(conn, "orders", sold(price=11, line=line, prices_include_tax=True), taxes="by rate")
    assert price_and_total(conn) == (10.0, 22.0)
    unsaid = push(conn, "orders", sold("SH-2", line=line), taxes="by rate", prices_include_tax=True)[0]
    assert isinstance(unsaid.error, MissingReference)
    assert "10 % included in the price" in unsaid.error.message
    none = push(
        conn, "orders", sold("SH-3", line={"tax_rate": 0.19}, prices_include_tax=True), taxes="by rate", twins="first"
    )[0]
    assert none.error.message == "Odoo has no sales tax of 19 %"


def test_by_name_a_price_is_converted_too(conn: Connection) -> None:
    push(conn, "orders", sold(line={"tax_id": ["20%"]}, prices_include_tax=True), taxes="by name")
    push(conn, "orders", sold("SH-2", line={"tax_id": [INSIDE]}, prices_include_tax=False), taxes="by name")
    assert (price_and_total(conn), price_and_total(conn, "SH-2")) == ((10.0, 24.0), (14.4, 28.8))


def test_a_tax_that_is_no_percentage_stops_the_order_only_where_it_is_in_the_way(conn: Connection, env: Look) -> None:
    eco = env(conn).create(
        "account.tax", {"name": "Eco fee", "amount": 0.5, "amount_type": "fixed", "type_tax_use": "sale"}
    )
    taxed(env(conn), ON_TOP, eco)
    without, with_tax = push(conn, "orders", sold("S-1", prices_include_tax=False), sold(prices_include_tax=True))
    assert without.outcome is Outcome.CREATED
    assert push(conn, "orders", sold("S-2", price=None, prices_include_tax=True))[0].outcome is Outcome.CREATED
    assert isinstance(with_tax.error, RemoteRejected)
    assert "'Eco fee'" in with_tax.error.message
    assert (with_tax.error.field, with_tax.error.hint.split(",")[0]) == (
        "lines[0].price_unit",
        "Give the product taxes in Odoo that are included in the price",
    )


def test_taxes_on_taxes_stop_the_order(conn: Connection, env: Look) -> None:
    first = env(conn).create(
        "account.tax", {"name": "Duty", "amount": 5.0, "type_tax_use": "sale", "include_base_amount": True}
    )
    taxed(env(conn), first, ON_TOP)
    verdict = push(conn, "orders", sold(prices_include_tax=True))[0]
    assert verdict.error.key == "tax"
    assert "'Duty'" in verdict.error.message


def test_several_taxes_and_groups_of_them_are_added_up(conn: Connection, env: Look) -> None:
    halves = [env(conn).create("account.tax", {"name": name, "amount": 9.0, "type_tax_use": "sale"}) for name in "AB"]
    taxed(env(conn), *halves)
    push(conn, "orders", sold(price="11.80", prices_include_tax=True))
    assert price_and_total(conn) == (10.0, 23.6)
    group = {"name": "18%", "amount_type": "group", "type_tax_use": "sale", "children_tax_ids": [[6, 0, halves]]}
    taxed(env(conn), env(conn).create("account.tax", group), sku="JUG")
    line = [{"default_code": "JUG", "product_uom_qty": 1, "price_unit": 11.8}]
    push(conn, "orders", order("SH-2", lines=line, prices_include_tax=True))
    assert booked(conn, "SH-2")["lines"][0]["price_unit"] == 10.0


def test_a_tax_in_the_price_and_one_on_top_of_it(conn: Connection, env: Look) -> None:
    city = env(conn).create("account.tax", {"name": "City", "amount": 4.0, "type_tax_use": "sale"})
    taxed(env(conn), INSIDE, city)
    push(conn, "orders", sold(price="12.40", prices_include_tax=True), sold("SH-2", price=10, prices_include_tax=False))
    assert (price_and_total(conn), price_and_total(conn, "SH-2")) == ((12.0, 24.8), (12.0, 24.8))


def abroad(env: Env, rate: float) -> None:
    """A fiscal position: goods to Germany carry another tax in place of the product's."""
    there = env.create("account.tax", {"name": "Abroad", "amount": rate, "type_tax_use": "sale"})
    germany = env.search("res.country", [["code", "=", "DE"]])[0]["id"]
    position = env.create("account.fiscal.position", {"name": "Germany", "country_id": germany})
    rule = {"position_id": position, "tax_src_id": ON_TOP, "tax_dest_id": there}
    env.create("account.fiscal.position.tax", rule)


@pytest.mark.parametrize(("rate", "price"), [(25.0, 9.6), (0.0, 12.0), (20.0, 10.0)])
def test_a_fiscal_position_does_not_change_what_the_customer_pays(
    conn: Connection, env: Look, rate: float, price: float
) -> None:
    abroad(env(conn), rate)
    home = {**order()["shipping"], "country_id": {"code": "DE"}}
    record = sold(prices_include_tax=True, shipping=None) | {"shipping": home, "billing": home}
    push(conn, "orders", record)
    assert price_and_total(conn) == (price, 24.0)
    assert booked(conn)["state"] == "sale"
    assert push(conn, "orders", record)[0].outcome is Outcome.UNCHANGED
    push(conn, "orders", sold("SH-2", prices_include_tax=True), confirm=False)
    assert price_and_total(conn, "SH-2") == (10.0, 24.0)
    moved = record | {"client_order_ref": "SH-3"}
    assert outcomes([push(conn, "orders", moved, confirm=False)[0] for _ in "ab"]) == ["created", "updated"]
    assert price_and_total(conn, "SH-3") == (price, 24.0)


def test_a_product_of_two_companies_has_the_taxes_of_one(conn: Connection, env: Look) -> None:
    books = env(conn)
    ours = books.docs("res.company")[0]["id"]
    theirs = books.create("res.company", {"name": "Other Ltd", "currency_id": 1})
    shared = {"amount": 20.0, "type_tax_use": "sale"}
    taxes = [
        books.create("account.tax", {**shared, "name": "Ours", "company_id": ours}),
        books.create("account.tax", {**shared, "name": "Theirs", "company_id": theirs, "amount_type": "fixed"}),
    ]
    taxed(books, *taxes)
    push(conn, "orders", sold(prices_include_tax=True))
    assert price_and_total(conn) == (10.0, 24.0)
