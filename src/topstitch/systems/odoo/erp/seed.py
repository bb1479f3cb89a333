"""Invented data of the practice Odoo: a small maker of household goods, its contacts, orders, stock and invoices."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from topstitch.sdk.practice import Store
from topstitch.systems.odoo.erp import goods
from topstitch.systems.odoo.erp.env import Env
from topstitch.systems.odoo.erp.registry import METHODS
from topstitch.systems.odoo.erp.sales import lines_of
from topstitch.systems.odoo.erp.shipping import moves_of

LOGIN, KEY = "integration@example.com", "practice-api-key"
LIMITED_LOGIN, LIMITED_KEY = "warehouse@example.com", "practice-warehouse-key"

COUNTRIES = (
    ("GB", "United Kingdom"), ("DE", "Germany"), ("FR", "France"), ("US", "United States"), ("BE", "Belgium"),
    ("NL", "Netherlands"), ("ES", "Spain"), ("IT", "Italy"), ("SE", "Sweden"), ("DK", "Denmark"), ("IE", "Ireland"),
    ("AT", "Austria"), ("CH", "Switzerland"), ("PL", "Poland"), ("JP", "Japan"), ("CA", "Canada"), ("AU", "Australia"),
    ("NO", "Norway"), ("FI", "Finland"), ("PT", "Portugal"), ("AE", "United Arab Emirates"),
)  # fmt: skip
TAXES = (
    ("20%", 20.0, "sale", False),
    ("20% incl.", 20.0, "sale", True),
    ("0%", 0.0, "sale", False),
    ("20% P", 20.0, "purchase", False),
)
#: Name, e-mail, street, city, postcode, country, telephone.
PEOPLE = (
    ("Ann Lee", "ann@example.com", "1 High St", "Nottingham", "NG1 1AA", "GB", "+44 115 496 0001"),
    ("Jörg Müller", "joerg.mueller@example.com", "Gänsemarkt 4", "Hamburg", "20354", "DE", "+49 40 5550 102"),
    ("Zoë Dubois", "Zoe.Dubois@example.com", "12 rue de la Paix", "Lyon", "69002", "FR", None),
    ("Fatima Al-Sayed", "fatima@example.com", "88 Elm Avenue", "Sacramento", "95814", "US", "+1 916 555 0104"),
    ("Łukasz Nowak", "lukasz@example.com", "ul. Długa 7", "Gdańsk", "80-831", "PL", "+48 58 555 01 05"),
    ("Mei 山田", "mei@example.com", "2-1 Ginza", "Tokyo", "104-0061", "JP", None),
    ("Siobhán O'Brien", "siobhan_obrien@example.com", "3 Quay Lane", "Galway", "H91 ABC1", "IE", "+353 91 555 107"),
    ("Harald Ås", "harald@example.com", "Storgata 9", "Oslo", "0155", "NO", "+47 22 55 01 08"),
    ("Inés Peña", "ines@example.com", "Calle Mayor 5", "Madrid", "28013", "ES", None),
    ("Tom Baker", None, "9 Mill Road", "Leeds", "LS1 4AB", "GB", "+44 113 496 0010"),
)
#: Codes of those whose state is known.
STATES = {"Sacramento": "CA", "Madrid": "M"}
#: SKU, name, price, cost, barcode, weight in kg, quantity on hand.
PRODUCTS = (
    ("MUG-BLUE", "Mug, blue", 9.5, 3.2, "5012345000015", 0.35, 120), ("MUG-RED", "Mug, red", 9.5, 3.2, "5012345000022", 0.35, 64),
    ("PLATE-L", "Plate, large", 14.0, 5.0, "5012345000039", 0.8, 40), ("PLATE-S", "Plate, small", 8.25, 2.9, None, 0.45, 75),
    ("BOWL", "Bowl „Åland“", 12.99, 4.4, "5012345000053", 0.6, 33),
    ("TEAPOT", "Teapot 1.2 l", 34.5, 15.0, "5012345000060", 1.1, 12),
    ("JUG", "Jug", 22.0, 9.1, None, 0.9, 0), ("TOWEL", "Tea towel, linen", 11.0, 3.8, "5012345000084", 0.12, 210),
    ("APRON", "Apron", 29.9, 11.5, "5012345000091", 0.3, 18), ("CANDLE", "Beeswax candle", 6.4, 2.1, None, 0.2, 300),
    ("BOARD", "Chopping board, oak", 39.0, 17.5, "5012345000114", 1.6, 9), ("SPOON", "Wooden spoon", 4.5, 1.2, None, 0.05, 500),
)  # fmt: skip


def ensure(store: Store, series: int) -> None:
    """Seed this version's database unless that was done."""
    if store.get("_odoo", f"{series}.seeded") is None:
        with store.transaction():
            fill(store, series)
            store.put("_odoo", f"{series}.seeded", {"seeded": True})


def fill(store: Store, series: int) -> None:
    """Everything, with write dates spread over the last sixty days."""
    dice = random.Random(series)
    start = datetime.now(UTC) - timedelta(days=60)

    def at(hours: float) -> Env:
        moment = start + timedelta(hours=hours, microseconds=dice.randrange(1_000_000))
        return Env(
            store, series, 2, {"inventory_mode": True, "skip_sms": True}, moment.strftime("%Y-%m-%d %H:%M:%S.%f")
        )

    _lookups(at(0))
    people = [_partner(at(2 + number), *person) for number, person in enumerate(PEOPLE)]
    _company_with_addresses(at(14))
    products = [_product(at(20 + number), *product) for number, product in enumerate(PRODUCTS)]
    shirt = _shirt(at(40))
    _prices(at(48), products)
    for number in range(24):
        _order(at(100 + 50 * number), number, people, [*products, *shirt], dice)
    _refund(at(1320), 0, "Broken on arrival")
    for number in range(3):
        _purchase(at(1340 + number), number, products)
    goods.fill(at, _product)
    for number, reason in ((1, "Wrong colour"), (2, "Came too late"), (2, "Second parcel lost"), (4, "Chipped")):
        _refund(at(1390 + 6 * number + len(reason) / 10), number, reason)


def _lookups(env: Env) -> None:
    for code, name in COUNTRIES:
        env.create("res.country", {"code": code, "name": name})
    places = {code: env.search("res.country", [["code", "=", code]])[0]["id"] for code, _ in COUNTRIES}
    for code, name, country in (
        ("NTT", "Nottinghamshire", "GB"),
        ("CA", "California", "US"),
        ("NY", "New York", "US"),
        ("M", "Madrid", "ES"),
    ):
        env.create("res.country.state", {"code": code, "name": name, "country_id": places[country]})
    for name, symbol in (("EUR", "€"), ("GBP", "£"), ("USD", "$")):
        env.create("res.currency", {"name": name, "symbol": symbol})
    env.create("res.company", {"name": "Potters Practice Ltd", "currency_id": 2})
    env.create("res.partner", {"name": "Potters Practice Ltd", "is_company": True, "country_id": places["GB"]})
    for id, login in ((1, "__system__"), (2, "admin")):
        env.put("res.users", {"id": id, "login": login, "name": login, "create_date": env.now, "active": True})
    for id, login in ((7, LOGIN), (8, LIMITED_LOGIN)):
        env.put(
            "res.users",
            {"id": id, "login": login, "name": "Integration", "create_date": env.now, "active": True, "company_id": 1},
        )
    env.create("res.users.apikeys", {"name": "Topstitch", "key": KEY})
    for name, amount, use, included in TAXES:
        env.create("account.tax", {"name": name, "amount": amount, "type_tax_use": use, "price_include": included})
    env.create("product.category", {"name": "All", "complete_name": "All"})
    env.create("uom.uom", {"name": "Units"})
    env.create("crm.team", {"name": "Website"})
    env.create("account.payment.term", {"name": "30 Days"})
    env.create("delivery.carrier", {"name": "Parcel Post"})
    env.create("account.journal", {"name": "Customer Invoices", "type": "sale"})
    env.create("product.pricelist", {"name": "Public Pricelist", "currency_id": 2})
    env.create("product.pricelist", {"name": "Euro", "currency_id": 1})
    _warehouses(env)


def _warehouses(env: Env) -> None:
    for code, name in (("WH", "Main Warehouse"), ("SHOP", "Shop")):
        view = env.create("stock.location", {"name": code, "complete_name": code, "usage": "view"})
        stock = env.create("stock.location", {"name": "Stock", "complete_name": f"{code}/Stock", "location_id": view})
        output = env.create(
            "stock.location", {"name": "Output", "complete_name": f"{code}/Output", "location_id": view}
        )
        places = {"lot_stock_id": stock, "view_location_id": view, "wh_output_stock_loc_id": output}
        house = env.create("stock.warehouse", {"name": name, "code": code, "company_id": 1, **places})
        for kind in ("outgoing", "incoming", "internal"):
            env.create("stock.picking.type", {"name": kind.capitalize(), "code": kind, "warehouse_id": house})
    env.create("stock.location", {"name": "Customers", "complete_name": "Partners/Customers", "usage": "customer"})


def _country(env: Env, code: str) -> int:
    return int(env.search("res.country", [["code", "=", code]])[0]["id"])


def _partner(
    env: Env, name: str, email: str | None, street: str, city: str, zip: str, country: str, phone: str | None
) -> int:
    values: dict[str, Any] = {"name": name, "email": email, "street": street, "city": city, "zip": zip, "phone": phone}
    if state := STATES.get(city):
        values["state_id"] = env.search("res.country.state", [["code", "=", state]])[0]["id"]
    return env.create("res.partner", {**values, "country_id": _country(env, country)})


def _company_with_addresses(env: Env) -> None:
    company = env.create(
        "res.partner",
        {"name": "Harbour Hotels", "is_company": True, "email": "buying@harbour.example.com", "vat": "GB123456789", "ref": "C-1001",
         "street": "Pier 1", "city": "Dover", "zip": "CT17 9BU", "country_id": _country(env, "GB")},
    )  # fmt: skip
    shared = {"parent_id": company, "city": "Dover", "country_id": _country(env, "GB")}
    env.create(
        "res.partner",
        {**shared, "name": "Kitchen store", "type": "delivery", "street": "Pier 1, back door", "zip": "CT17 9BU"},
    )
    env.create(
        "res.partner", {**shared, "type": "invoice", "name": "Accounts", "street": "PO Box 12", "zip": "CT16 1XX"}
    )
    env.create("res.partner", {"name": "Old Customer", "email": "old@example.com", "active": False})


def _storable(env: Env) -> dict[str, Any]:
    if env.series >= 18:
        return {"type": "consu", "is_storable": True}
    return {"detailed_type": "product"} if env.series >= 15 else {"type": "product"}


def _product(
    env: Env, sku: str, name: str, price: float, cost: float, barcode: str | None, weight: float, quantity: int
) -> int:
    template = env.create(
        "product.template",
        {"name": name, "default_code": sku, "barcode": barcode, "list_price": price, "standard_price": cost, "weight": weight,
         "description_sale": f"{name}, made by hand.", **_storable(env)},
    )  # fmt: skip
    variant = int(env.search("product.product", [["product_tmpl_id", "=", template]])[0]["id"])
    if quantity:
        _count(env, variant, quantity)
    return variant


def _count(env: Env, product: int, quantity: int) -> None:
    place = env.docs("stock.warehouse")[0]["lot_stock_id"]
    quant = env.create("stock.quant", {"product_id": product, "location_id": place, "inventory_quantity": quantity})
    if env.series >= 15:
        METHODS["stock.quant", "action_apply_inventory"](env, [quant])


def _shirt(env: Env) -> list[int]:
    template = env.create("product.template", {"name": "Shirt, linen", "list_price": 49.0, **_storable(env)})
    spare = env.search("product.product", [["product_tmpl_id", "=", template]])
    env.unlink("product.product", [spare[0]["id"]])
    size = env.create("product.attribute", {"name": "Size"})
    made = []
    for name, extra in (("S", 0.0), ("M", 0.0), ("XL", 5.0)):
        option = env.create(
            "product.template.attribute.value",
            {"name": name, "attribute_id": size, "product_tmpl_id": template, "price_extra": extra},
        )
        given = {
            "product_tmpl_id": template,
            "default_code": f"SHIRT-{name}",
            "product_template_attribute_value_ids": [[6, 0, [option]]],
        }
        made.append(env.create("product.product", given))
        _count(env, made[-1], 20)
    env.create(
        "product.template", {"name": "Shipping", "default_code": "SHIPPING", "type": "service", "list_price": 4.95}
    )
    for _ in range(2):
        env.create(
            "product.template", {"name": "Mystery box", "default_code": "TWICE", "list_price": 20.0, **_storable(env)}
        )
    env.create("product.product", {"name": "Discontinued", "default_code": "GONE", "active": False})
    return made


def _prices(env: Env, products: list[int]) -> None:
    for number, product in enumerate(products[:4]):
        env.create(
            "product.pricelist.item",
            {"pricelist_id": 2, "applied_on": "0_product_variant", "product_id": product, "fixed_price": 10.9 + number},
        )
    env.create(
        "product.pricelist.item",
        {"pricelist_id": 2, "applied_on": "3_global", "compute_price": "percentage", "percent_price": 5},
    )
    template = (env.get("product.product", products[5]) or {})["product_tmpl_id"]
    env.create(
        "product.pricelist.item",
        {"pricelist_id": 2, "applied_on": "1_product", "product_tmpl_id": template, "fixed_price": 39.9},
    )


def _order(env: Env, number: int, people: list[int], products: list[int], dice: random.Random) -> None:
    lines = [
        [
            0,
            0,
            {
                "product_id": dice.choice(products),
                "product_uom_qty": dice.randint(1, 3),
                "discount": dice.choice((0, 0, 0, 10, 12.5)),
            },
        ]
        for _ in range(dice.randint(1, 4))
    ]
    order = env.create(
        "sale.order",
        {
            "partner_id": people[number % len(people)],
            "client_order_ref": f"WEB-{1001 + number}",
            "order_line": lines,
            "team_id": 1,
            "payment_term_id": 1 if number % 5 == 4 else False,
        },
    )
    if number % 6 == 5:
        return
    METHODS["sale.order", "action_confirm"](env, [order])
    if number % 3 == 0:
        _ship(env, order)
    if number % 4 == 0 and lines_of(env, order):
        invoicing = env.having(active_model="sale.order", active_ids=[order])
        wizard = invoicing.create("sale.advance.payment.inv", {"advance_payment_method": "delivered"})
        METHODS["sale.advance.payment.inv", "create_invoices"](invoicing, [wizard])
        invoices = (env.get("sale.order", order) or {}).get("invoice_ids") or []
        METHODS["account.move", "action_post"](env, invoices)


def _ship(env: Env, order: int) -> None:
    for picking in env.search("stock.picking", [["sale_id", "=", order]]):
        for move in moves_of(env, picking["id"]):
            done = (
                {"quantity": move["product_uom_qty"], "picked": True}
                if env.series >= 17
                else {"quantity_done": move["product_uom_qty"]}
            )
            env.write("stock.move", [move["id"]], done)
        METHODS["stock.picking", "button_validate"](env, [picking["id"]])
        if "carrier_tracking_ref" in env.columns("stock.picking"):
            env.write(
                "stock.picking",
                [picking["id"]],
                {"carrier_tracking_ref": f"PP{100000 + picking['id']}GB", "carrier_id": 1},
            )


def _refund(env: Env, place: int, reason: str) -> None:
    """One piece of the first line of an invoice is credited, as Odoo's own reversal would."""
    invoice = [doc for doc in env.docs("account.move") if doc["move_type"] == "out_invoice"][place]
    billed = next(doc for doc in env.docs("account.move.line") if doc["move_id"] == invoice["id"])
    line = {name: billed.get(name) for name in ("product_id", "name", "price_unit", "discount")}
    line |= {"quantity": 1, "tax_ids": [[6, 0, billed.get("tax_ids") or []]]}
    same = ("partner_id", "partner_shipping_id", "currency_id", "journal_id", "invoice_origin")
    refund = env.create(
        "account.move",
        {**{name: invoice[name] for name in same}, "move_type": "out_refund", "ref": reason,
         "reversed_entry_id": invoice["id"], "invoice_line_ids": [[0, 0, line]]},
    )  # fmt: skip
    METHODS["account.move", "action_post"](env, [refund])


def _purchase(env: Env, number: int, products: list[int]) -> None:
    supplier = env.create(
        "res.partner", {"name": f"Clay Supplies {number + 1}", "is_company": True, "supplier_rank": 1}
    )
    lines = [
        [0, 0, {"product_id": product, "name": "Goods", "product_qty": 10, "price_unit": 3.5}]
        for product in products[number : number + 2]
    ]
    order = env.create("purchase.order", {"partner_id": supplier, "origin": f"PO-{501 + number}", "order_line": lines})
    if number:
        METHODS["purchase.order", "button_confirm"](env, [order])
