"""The goods that all practice systems share, as this Odoo knows them: products, stock, prices, a supplier, own orders."""

from __future__ import annotations

from collections.abc import Callable

from topstitch.sdk.practice import GOODS, PEOPLE, SUPPLIER
from topstitch.systems.odoo.erp.env import Env
from topstitch.systems.odoo.erp.registry import METHODS

#: One of the people and what was ordered over the telephone: (place in GOODS, quantity, discount in percent).
_CALLS = ((4, ((0, 2, 0.0), (7, 1, 0.0))), (1, ((8, 3, 10.0),)), (3, ((5, 1, 0.0), (11, 10, 5.0))))
AddProduct = Callable[[Env, str, str, float, float, str | None, float, int], int]


def fill(at: Callable[[float], Env], product: AddProduct) -> None:
    """Add them; `at` gives the database at an hour after its beginning, `product` makes one product."""
    products = [
        product(at(1350 + n), g.sku, g.name, float(g.price), float(g.cost), g.barcode, float(g.weight), g.stock)
        for n, g in enumerate(GOODS)
    ]
    _prices(at(1365), products)
    for number, (person, lines) in enumerate(_CALLS):
        _order(at(1370 + number), number, person, [(products[n], quantity, off) for n, quantity, off in lines])
    _purchase(at(1380), products)


def _prices(env: Env, products: list[int]) -> None:
    for product, good in zip(products, GOODS, strict=True):
        rule = {"pricelist_id": 1, "applied_on": "0_product_variant", "product_id": product}
        env.create("product.pricelist.item", {**rule, "fixed_price": float(good.price)})


def _order(env: Env, number: int, person: int, lines: list[tuple[int, int, float]]) -> None:
    """A customer's order with a charge for the carriage, confirmed and waiting to be sent."""
    buyer = PEOPLE[person]
    place = {"street": buyer.line1, "street2": buyer.line2, "city": buyer.city, "zip": buyer.postcode}
    country = env.search("res.country", [["code", "=", buyer.country]])[0]["id"]
    states = env.search("res.country.state", [["code", "=", buyer.region], ["country_id", "=", country]])
    if states:
        place["state_id"] = states[0]["id"]
    names = {"name": buyer.name, "email": buyer.email, "phone": buyer.phone}
    partner = env.create("res.partner", {**names, **place, "country_id": country})
    carriage = env.search("product.product", [["default_code", "=", "SHIPPING"]])[0]["id"]
    given = [
        *({"product_id": product, "product_uom_qty": quantity, "discount": off} for product, quantity, off in lines),
        {"product_id": carriage, "product_uom_qty": 1, "price_unit": 4.95},
    ]
    order = env.create(
        "sale.order",
        {
            "partner_id": partner,
            "client_order_ref": f"TEL-{number + 1}",
            "order_line": [[0, 0, line] for line in given],
        },
    )
    METHODS["sale.order", "action_confirm"](env, [order])


def _purchase(env: Env, products: list[int]) -> None:
    supplier = env.create("res.partner", {"name": SUPPLIER, "is_company": True, "supplier_rank": 1})
    lines = [
        [0, 0, {"product_id": product, "name": good.name, "product_qty": 24, "price_unit": float(good.cost)}]
        for product, good in zip(products[6:9], GOODS[6:9], strict=True)
    ]
    order = env.create(
        "purchase.order",
        {"partner_id": supplier, "origin": "PO-HK-1", "partner_ref": "HK 901", "date_planned": "2026-12-01 09:00:00",
         "order_line": lines},
    )  # fmt: skip
    METHODS["purchase.order", "button_confirm"](env, [order])
