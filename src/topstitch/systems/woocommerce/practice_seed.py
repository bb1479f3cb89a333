"""What the practice shop has at the start: invented products, customers and orders of many kinds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from topstitch.sdk.practice import Store
from topstitch.systems.woocommerce import practice_goods
from topstitch.systems.woocommerce.practice_attributes import key_of
from topstitch.systems.woocommerce.practice_catalogue import blank
from topstitch.systems.woocommerce.practice_sales import add_note, add_refund, change_customer, create_order
from topstitch.systems.woocommerce.practice_wp import Doc, stamps

START = datetime(2024, 3, 1, 8, 0, tzinfo=UTC)
CATEGORIES = ("Kitchen", "Clothing", "Garden &amp; Home", "Sale")
TAGS = ("new", "handmade")
NAMES = (
    "Stoneware Mug", "Oak Chopping Board", "Linen Apron", "Café Tumbler", "Wool Blanket", "Brass Candlestick", "Herb Scissors",
    "Tea Towel \"Größe L\"", "Olive Dish", "Bread Bin", "Salt Pig", "Rolling Pin", "Garden Twine", "Kneeling Pad", "Seed Tin",
    "Watering Can", "Jam Jar Set", "Beeswax Wrap", "Doormat", "Peg Bag", "Egg Cup", "Butter Dish", "Honey Dipper", "Trivet",
    "Gift Card",
)  # fmt: skip
PEOPLE = (
    ("Ann", "Lee", "GB", "NG1 1AA", "Nottingham"), ("Jürgen", "Weiß", "DE", "10115", "Berlin"),
    ("Zoë", "O'Neill", "IE", "D02 X285", "Dublin"), ("Małgorzata", "Wójcik", "PL", "00-001", "Warszawa"),
    ("Léa", "Dubois", "FR", "75001", "Paris"), ("Sam", "Carter", "US", "10001", "New York"),
    ("Aiko", "Tanaka", "JP", "100-0001", "Tokyo"), ("Ingrid", "Ødegård", "NO", "0150", "Oslo"),
    ("Luca", "Bianchi", "IT", "00118", "Roma"), ("Mei", "Chen", "AU", "2000", "Sydney"),
    ("Omar", "Haddad", "AE", "", "Dubai"), ("Tess", "de Vries", "NL", "1012 JS", "Amsterdam"),
)  # fmt: skip
STATUSES = ("processing", "completed", "pending", "on-hold", "cancelled", "processing")
#: Place of the order, how many of its lines come back, what is paid back where none do, why, days after the order.
REFUNDS = (
    (1, 1, "", "Arrived broken", 2), (7, 1, "", "Too small", 4), (7, 0, "4.95", "Late", 6), (13, 2, "", "", 3),
    (19, 0, "2.50", "Scratched – kept by the customer", 1),
)  # fmt: skip
#: Attributes of the whole shop; the sizes of shirts are the product's own, those of socks are not.
ATTRIBUTES = (("Color", "pa_color"), ("Size", "pa_size"))
OWN = {"id": 0, "name": "Size", "slug": "Size"}
SHIRTS = (("TEE", "Organic T-Shirt", ("S", "M", "L", "XL")), ("SOCK", "Merino Socks", ("36-40", "41-45")))


def fill(store: Store) -> None:
    """Fill an empty shop."""
    for kind, names in (("categories", CATEGORIES), ("tags", TAGS)):
        for name in names:
            id = store.next_id("term", 9)
            slug = name.lower().replace(" &amp; ", "-").replace(" ", "-")
            store.put(kind, id, {"id": id, "name": name, "slug": slug, "parent": 0, "description": "", "count": 0})
    for name, slug in ATTRIBUTES:
        id = store.next_id("attribute", 6)
        store.put("attributes", id, {"id": id, "name": name, "slug": slug})
    for n, name in enumerate(NAMES):
        _product(store, n, name)
    for n, (code, name, sizes) in enumerate(SHIRTS):
        _variable(store, n, code, name, sizes)
    for n, person in enumerate(PEOPLE):
        _customer(store, n, person)
    for n in range(34):
        _order(store, n)
    _refund(store, *REFUNDS[0])
    add_note(store, str(store.all("orders")[1]["id"]), {"note": "Customer was called.", "customer_note": False})
    practice_goods.fill(store)
    for refund in REFUNDS[1:]:
        _refund(store, *refund)


def _put(store: Store, collection: str, doc: Doc, at: datetime) -> Doc:
    return store.put(collection, doc["id"], stamps(store, doc, "date_modified", at=at))


def _product(store: Store, n: int, name: str) -> None:
    doc = blank(store.next_id("post", 700), "simple")
    price = f"{4 + n * 3}.{'99' if n % 2 else '50'}"
    doc |= {"name": name, "slug": f"product-{n + 1}", "sku": f"SKU-{n + 1}", "regular_price": price, "price": price}
    doc |= {
        "weight": f"{0.2 + n / 10:.1f}",
        "description": f"<p>{name}, made with care.</p>",
        "manage_stock": n % 5 != 4,
    }
    doc["stock_quantity"] = n * 7 % 40 if doc["manage_stock"] else None
    doc["stock_status"] = "outofstock" if doc["stock_quantity"] == 0 else "instock"
    if n % 6 == 1:
        doc |= {"sale_price": f"{3 + n * 3}.00", "price": f"{3 + n * 3}.00", "on_sale": True}
    term = store.all("categories")[n % 4]
    doc["categories"] = [{key: term[key] for key in ("id", "name", "slug")}]
    doc["images"] = [{"id": 9000 + n, "src": f"https://shop.example.com/img/{n + 1}.jpg", "name": "", "alt": name}]
    stamps(store, doc, "date_created", at=START)
    _put(store, "products", doc, START + timedelta(days=n))


def _variable(store: Store, n: int, code: str, name: str, sizes: tuple[str, ...]) -> None:
    parent = blank(store.next_id("post", 700), "variable")
    parent |= {"name": name, "slug": code.lower(), "sku": code, "price": "12.00"}
    attribute = store.all("attributes")[1] if code == "SOCK" else OWN
    parent["attributes"] = [{**attribute, "position": 0, "visible": True, "variation": True, "options": list(sizes)}]
    stamps(store, parent, "date_created", at=START)
    for position, size in enumerate(sizes):
        child = blank(store.next_id("post", 700), "variation")
        child |= {
            "parent_id": parent["id"],
            "name": f"{name} - {size}",
            "sku": f"{code}-{size}",
            "regular_price": "12.00",
            "price": "12.00",
        }
        child |= {
            "attributes": [{**attribute, "slug": key_of(attribute["slug"]), "option": size}],
            "manage_stock": True,
            "stock_quantity": 5 + position,
        }
        stamps(store, child, "date_created", at=START)
        _put(store, "products", child, START + timedelta(days=30 + n))
        parent["variations"].append(child["id"])
    _put(store, "products", parent, START + timedelta(days=30 + n))


def _customer(store: Store, n: int, person: tuple[str, str, str, str, str]) -> None:
    first, last, country, postcode, city = person
    address = {
        "first_name": first,
        "last_name": last,
        "address_1": f"{n + 1} High St",
        "city": city,
        "postcode": postcode,
        "country": country,
    }
    email = f"customer{n + 1}@example.com"
    body = {
        "email": email,
        "first_name": first,
        "last_name": last,
        "billing": address | {"email": email},
        "shipping": address,
    }
    doc = change_customer(store, None, body)
    doc["role"] = "subscriber" if n == 11 else "customer"
    stamps(store, doc, "date_created", at=START)
    _put(store, "customers", doc, START + timedelta(days=n))


def _order(store: Store, n: int) -> None:
    buyer = store.all("customers")[n % len(PEOPLE)]
    lines: list[Doc] = [{"sku": f"SKU-{(n + k) % 24 + 1}", "quantity": k + 1} for k in range(1 + n % 3)]
    if n % 7 == 3:
        lines.append({"sku": "TEE-M", "quantity": 2})
    if n % 5 == 2:
        lines[0] |= {"subtotal": "20.00", "total": "15.00"}
    body: Doc = {"line_items": lines, "billing": buyer["billing"], "shipping": buyer["shipping"]}
    body |= {"payment_method": "bacs", "payment_method_title": "Direct bank transfer"}
    body |= {"customer_id": buyer["id"] if n % 4 else 0, "customer_note": "Please ring\nthe bell" if n % 9 == 0 else ""}
    body["shipping_lines"] = [{"method_id": "flat_rate", "method_title": "Flat Rate", "total": "4.95"}]
    body["meta_data"] = [{"key": "_ext_id", "value": f"A{n}"}] if n % 6 == 1 else []
    doc = create_order(store, body, strict=True)
    doc |= {"status": STATUSES[n % len(STATUSES)], "created_via": "checkout"}
    at = START + timedelta(days=n, minutes=n)
    stamps(store, doc, "date_created", at=at)
    _put(store, "orders", doc, at + timedelta(hours=1))


def _refund(store: Store, place: int, many: int, paid_back: str, reason: str, days: int) -> None:
    order = store.all("orders")[place]
    lines = order["line_items"][:many]
    amount = sum((Decimal(line[part]) for line in lines for part in ("total", "total_tax")), Decimal(paid_back or 0))
    body: Doc = {"amount": f"{amount:.2f}", "reason": reason, "api_refund": False, "api_restock": False}
    body["line_items"] = [_given_back(line) for line in lines]
    body["meta_data"] = [] if lines else [{"key": "_settled_by", "value": "bank transfer"}]
    made = add_refund(store, str(order["id"]), body)
    at = START + timedelta(days=place + days)
    store.put("refunds", made["id"], stamps(store, store.get("refunds", made["id"]) or {}, "date_created", at=at))
    _put(store, "orders", store.get("orders", order["id"]) or {}, at)


def _given_back(line: Doc) -> Doc:
    tax = [{"id": 75, "refund_total": float(line["total_tax"])}]
    return {"id": line["id"], "quantity": line["quantity"], "refund_total": float(line["total"]), "refund_tax": tax}
