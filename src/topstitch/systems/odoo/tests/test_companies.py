"""Several companies in one database: an order takes what is of the user's company, or of none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from topstitch.sdk import Connection, MissingReference, Outcome
from topstitch.systems.odoo.erp.env import Env
from topstitch.systems.odoo.erp.seed import LOGIN

from .conftest import odoo, order, push, records

Look = Callable[[Connection], Env]
#: The company of the seeds is older, so that whatever is made here comes behind what is there already.
FIRST = 1


@pytest.fixture
def second(conn: Connection, env: Look) -> int:
    """The user works for another company than that of the seeds, with a warehouse and so on of the same names."""
    look = env(conn)
    company = look.create("res.company", {"name": "Practice Sud", "currency_id": 1})
    _own(look, FIRST, product_pricelist=[1, 2], crm_team=[1], account_tax=[1, 2, 3])
    look.update("res.users", [look.search("res.users", [["login", "=", LOGIN]])[0]["id"]], {"company_id": company})
    view = look.create("stock.location", {"name": "WH2", "usage": "view"})
    stock = look.create("stock.location", {"name": "Stock", "complete_name": "WH2/Stock", "location_id": view})
    houses = {"name": "Main Warehouse", "code": "WH", "lot_stock_id": stock, "view_location_id": view}
    look.create("stock.warehouse", {**houses, "company_id": company})
    look.create("crm.team", {"name": "Website", "company_id": company})
    look.create("product.pricelist", {"name": "Euro", "currency_id": 1, "company_id": company})
    look.create("account.tax", {"name": "20%", "amount": 20.0, "type_tax_use": "sale", "company_id": company})
    return company


def _own(look: Env, company: int, **models: list[int]) -> None:
    for model, ids in models.items():
        look.update(model.replace("_", "."), ids, {"company_id": company})


def owners(look: Env, made: Any) -> list[Any]:
    """The companies of what an order refers to."""
    doc = look.get("sale.order", made["id"]) or {}
    models = {"warehouse_id": "stock.warehouse", "team_id": "crm.team", "pricelist_id": "product.pricelist"}
    found = [(look.get(model, doc[name]) or {}).get("company_id") for name, model in models.items()]
    taxes = [tax for line in made["lines"] for tax in line["tax_id"]]
    return [*found, *((look.get("account.tax", tax) or {})["company_id"] for tax in taxes)]


def sold(conn: Connection, ref: str = "SH-1") -> Any:
    return next(r for r in records(conn, "orders", options={"which": "all"}) if r["client_order_ref"] == ref)


@pytest.mark.parametrize("how", ["by rate", "by name"])
def test_an_order_takes_what_is_of_its_own_company(conn: Connection, env: Look, second: int, how: str) -> None:
    line = {"default_code": "BOWL", "product_uom_qty": 1, "price_unit": 10, "tax_rate": 0.2, "tax_id": "20%"}
    record = order(currency_id={"name": "EUR"}, lines=[line])
    verdict = push(conn, "orders", record, taxes=how, warehouse="Main Warehouse", team="Website")[0]
    assert (verdict.outcome, verdict.error) == (Outcome.CREATED, None)
    assert owners(env(conn), sold(conn)) == [second] * 4


def test_what_only_another_company_has_is_missing(conn: Connection, second: int) -> None:
    verdict = push(conn, "orders", order(), warehouse="Shop")[0]
    assert isinstance(verdict.error, MissingReference)
    assert "in the company of the connector's user" in verdict.error.message
    pounds = push(conn, "orders", order(currency_id={"name": "GBP"}))[0]
    assert isinstance(pounds.error, MissingReference)


def test_what_belongs_to_no_company_fits_every_one(conn: Connection, env: Look, second: int) -> None:
    env(conn).create("crm.team", {"name": "Shared"})
    assert push(conn, "orders", order(), team="Shared")[0].outcome is Outcome.CREATED


def test_stock_goes_to_the_own_warehouse_and_by_name_to_any(conn: Connection, second: int) -> None:
    push(conn, "stock", {"default_code": "JUG", "inventory_quantity": 3})
    push(conn, "stock", {"default_code": "JUG", "inventory_quantity": 4}, location="Shop")
    held = {r["location_id"]["name"]: r["quantity"] for r in records(conn, "quants") if r["default_code"] == "JUG"}
    assert held == {"WH2/Stock": 3.0, "SHOP/Stock": 4.0}


def test_prices_follow_the_taxes_of_the_own_company(conn: Connection, env: Look, second: int) -> None:
    look = env(conn)
    (inside,) = look.search("account.tax", [["company_id", "=", second]])
    look.update("account.tax", [inside["id"]], {"price_include": True})
    product = look.search("product.product", [["default_code", "=", "BOWL"]])[0]
    look.write("product.product", [product["id"]], {"taxes_id": [[6, 0, [1, inside["id"]]]]})
    line = {"default_code": "BOWL", "product_uom_qty": 1, "price_unit": 12}
    push(conn, "orders", order(lines=[line], prices_include_tax=True))
    assert [line["price_unit"] for line in sold(conn)["lines"]] == [12.0]


def test_a_branch_may_use_what_belongs_to_the_company_above_it(conn: Connection, env: Look, second: int) -> None:
    look = env(conn)
    look.update("res.company", [second], {"parent_id": FIRST})
    above = [FIRST] if odoo(conn).series >= 17 else []
    assert odoo(conn).companies == [second, *above]
