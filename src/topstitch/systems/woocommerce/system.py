"""WooCommerce as data: settings, sign-in, entities."""

from __future__ import annotations

from topstitch.sdk import (
    Check,
    Connection,
    Entity,
    Http,
    Idempotency,
    Limits,
    Read,
    Setting,
    Stamp,
    System,
    Timeouts,
    Write,
)
from topstitch.systems.woocommerce import (
    customers,
    fulfilments,
    levels,
    order_push,
    orders,
    product_push,
    products,
    refunds,
)
from topstitch.systems.woocommerce.api import get, get_many, routes
from topstitch.systems.woocommerce.auth import sign_in
from topstitch.systems.woocommerce.filters import ORDER_FILTERS, PRODUCT_FILTERS, VARIATION_FILTERS
from topstitch.systems.woocommerce.lists import caught_up
from topstitch.systems.woocommerce.product_body import ADD, LEAVE_OUT, REJECT, REPLACE
from topstitch.systems.woocommerce.settings import SETTINGS

_MODIFIED = Stamp(path="date_modified_gmt")
_IMAGES = Setting(
    name="images",
    label="Send images again with each update",
    kind="boolean",
    default=False,
    help="Off: images go with new products only. The shop stores each image it is sent as a new file.",
)
_ORDER_BY = Setting(
    name="order_by",
    label="Orders are named by",
    kind="choice",
    choices=("number", "id"),
    default="number",
    help="The number is the id in most shops; plug-ins may count their own.",
    fixed=True,
)
_LOOKUP = Setting(
    name="lookup_days",
    label="Days to look back for an order whose answer was lost",
    kind="integer",
    default=7,
    help="The shop cannot search by our key, so its latest orders are looked through before one is sent again.",
)

ORDERS = Entity(
    name="orders",
    label="Orders",
    key="id",
    reference="number",
    modified=_MODIFIED,
    read=Read(
        pages=caught_up(orders.order_pages),
        by_ids=orders.orders_by_ids,
        since=True,
        until=True,
        page_size=50,
        max_page_size=100,
        filters=ORDER_FILTERS,
        options=(
            Setting(
                name="statuses",
                label="Order statuses",
                help="Comma list, for example processing,on-hold. Empty or any: all but the trash.",
            ),
            Setting(
                name="notes", label="With order notes", kind="boolean", default=False, help="One more call an order."
            ),
            Setting(
                name="notes_type",
                label="Which order notes",
                kind="choice",
                choices=("any", "customer", "internal"),
                default="any",
                help="customer: those that were mailed to the customer.",
                advanced=True,
            ),
        ),
    ),
    write=Write(
        push=order_push.push_orders,
        idempotency=Idempotency.LOOKUP,
        find=orders.find_orders,
        batch=10,
        concurrency=2,
        options=(
            Setting(
                name="paid",
                label="Mark new orders as paid",
                kind="boolean",
                default=False,
                help="The shop sets them to processing and takes the stock at once.",
            ),
            Setting(
                name="link_customer",
                label="Tie orders to the account with their e-mail address",
                kind="boolean",
                default=False,
                help="Off: orders of guests.",
            ),
            Setting(
                name="tax_inclusive",
                label="Amounts of the source include tax",
                kind="boolean",
                default=False,
                help="Used when the order does not say so itself. The shop takes amounts without tax: it is then taken out.",
            ),
            _LOOKUP,
        ),
    ),
)

REFUNDS = Entity(
    name="refunds",
    label="Refunds",
    key=refunds.refund_key,
    reference="id",
    modified=Stamp(path="date_created_gmt"),
    read=Read(
        pages=caught_up(refunds.refund_pages),
        by_ids=refunds.refunds_by_ids,
        since=True,
        until=True,
        overlap=900,
        max_page_size=100,
    ),
    write=Write(
        push=refunds.push_refunds,
        idempotency=Idempotency.LOOKUP,
        find=refunds.find_refunds,
        batch=5,
        concurrency=2,
        options=(
            _ORDER_BY,
            Setting(
                name="api_refund",
                label="Pay back through the payment gateway",
                kind="boolean",
                default=False,
                help="Off: the refund is noted in the shop and the money is returned elsewhere.",
            ),
            Setting(name="restock", label="Put refunded lines back into stock", kind="boolean", default=True),
        ),
    ),
)

FULFILMENTS = Entity(
    name="fulfilments",
    label="Fulfilments",
    key="order_id",
    reference="order_id",
    write=Write(
        push=fulfilments.push_fulfilments,
        idempotency=Idempotency.NATURAL_KEY,
        batch=5,
        concurrency=2,
        options=(
            _ORDER_BY,
            Setting(name="status", label="Set the order to", default="completed", help="none: leave its status alone."),
            Setting(
                name="note",
                label="Order note with the tracking",
                kind="choice",
                choices=("none", "private", "customer"),
                default="none",
                help="customer: the shop mails it.",
            ),
            Setting(
                name="number_key", label="Meta key of the tracking number", default="_tracking_number", advanced=True
            ),
            Setting(name="carrier_key", label="Meta key of the carrier", default="_tracking_provider", advanced=True),
            Setting(name="url_key", label="Meta key of the tracking address", default="_tracking_url", advanced=True),
            Setting(
                name="extension",
                label="Also tell the Shipment Tracking extension",
                kind="boolean",
                default=False,
                advanced=True,
                help="Only where that paid extension is installed. Written from its documents, not tried.",
            ),
        ),
    ),
)

PRODUCTS = Entity(
    name="products",
    label="Products",
    key="id",
    reference="sku",
    modified=_MODIFIED,
    read=Read(
        pages=caught_up(products.product_pages),
        by_ids=products.products_by_ids,
        since=True,
        until=True,
        page_size=50,
        max_page_size=100,
        filters=PRODUCT_FILTERS,
        options=(
            Setting(
                name="variations",
                label="With variations inside",
                kind="boolean",
                default=True,
                help="As variations_data; at least one more call for each variable product.",
            ),
        ),
    ),
    write=Write(
        push=product_push.push_products,
        idempotency=Idempotency.NATURAL_KEY,
        batch=20,
        concurrency=2,
        options=(
            _IMAGES,
            Setting(
                name="missing_terms",
                label="Categories and tags that the shop lacks",
                kind="choice",
                choices=(LEAVE_OUT, REJECT),
                default=LEAVE_OUT,
                help="Those left out are named in the run's log.",
            ),
            Setting(
                name="held_terms",
                label="Categories, tags and attributes that a product has already",
                kind="choice",
                choices=(ADD, REPLACE),
                default=ADD,
                help="Replace: those that are not in the record are taken off.",
            ),
        ),
    ),
)

VARIANTS = Entity(
    name="variants",
    label="Variants",
    key="id",
    reference="sku",
    modified=_MODIFIED,
    read=Read(
        pages=caught_up(products.variation_pages),
        by_ids=products.variations_by_ids,
        since=True,
        until=True,
        overlap=900,
        max_page_size=100,
        filters=VARIATION_FILTERS,
    ),
    write=Write(
        push=product_push.push_variants,
        idempotency=Idempotency.NATURAL_KEY,
        batch=50,
        concurrency=2,
        options=(_IMAGES,),
    ),
)

STOCK = Entity(
    name="stock",
    label="Stock",
    key="id",
    reference="sku",
    modified=_MODIFIED,
    read=Read(
        pages=caught_up(products.levels(products.STOCK_FIELDS, products.counted)),
        by_ids=products.levels_by_ids(products.STOCK_FIELDS),
        since=True,
        until=True,
        overlap=900,
        max_page_size=100,
        options=(
            Setting(
                name="uncounted",
                label="Also products whose stock is not counted",
                kind="boolean",
                default=False,
                help="Their quantity is empty.",
            ),
        ),
    ),
    write=Write(push=levels.push_stock, idempotency=Idempotency.NATURAL_KEY, batch=100, concurrency=2),
)

PRICES = Entity(
    name="prices",
    label="Prices",
    key="id",
    reference="sku",
    modified=_MODIFIED,
    read=Read(
        pages=caught_up(products.levels(products.PRICE_FIELDS, products.priced, products.currency)),
        by_ids=products.levels_by_ids(products.PRICE_FIELDS, products.currency),
        since=True,
        until=True,
        overlap=900,
        max_page_size=100,
    ),
    write=Write(push=levels.push_prices, idempotency=Idempotency.NATURAL_KEY, batch=100, concurrency=2),
)

CUSTOMERS = Entity(
    name="customers",
    label="Customers",
    key="id",
    reference="email",
    modified=_MODIFIED,
    read=Read(
        pages=customers.customer_pages,
        by_ids=customers.customers_by_ids,
        since=True,
        until=True,
        # The shop cannot filter customers by date: each run reads all of them, so a wide overlap costs nothing.
        overlap=3600,
        max_page_size=100,
        filters=customers.FILTERS,
        options=(Setting(name="role", label="Role", default="all", help="all, or one such as customer."),),
    ),
    write=Write(push=customers.push_customers, idempotency=Idempotency.NATURAL_KEY, batch=10, concurrency=2),
)


def check(conn: Connection) -> list[Check]:
    """Reach the shop, sign in, and read one record of each kind."""
    found = routes(conn)
    checks = [Check("Shop reached", detail=f"{conn['url']} offers {len(found)} parts of {conn['version']}")]
    money = get(conn, "data/currencies/current").json()
    code = money.get("code", "?") if isinstance(money, dict) else "?"
    checks.append(Check("Signed in", detail=f"the shop sells in {code}"))
    for route in ("orders", "products", "customers"):
        get_many(conn, route, {"per_page": 1})
        checks.append(Check(f"May read {route}"))
    return checks


SYSTEM = System(
    settings=SETTINGS,
    # Patient reading: a slow shop that is given up on may still be writing, and would be asked about the order too early.
    http=Http(
        base=lambda settings: f"{settings['url']}/wp-json",
        auth=sign_in,
        limits=Limits(concurrency=2),
        timeouts=Timeouts(read=120.0),
        message_paths=("message",),
        verify_setting="verify_tls",
    ),
    entities=(ORDERS, REFUNDS, FULFILMENTS, PRODUCTS, VARIANTS, STOCK, PRICES, CUSTOMERS),
    test=check,
)
