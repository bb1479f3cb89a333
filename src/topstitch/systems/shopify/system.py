"""Shopify as data: settings, sign-in, meaning of errors, entities."""

from __future__ import annotations

from collections.abc import Sequence

from topstitch.sdk import (
    AuthError,
    Check,
    Connection,
    Entity,
    ErrorRule,
    Http,
    Limits,
    RateLimited,
    Setting,
    Stamp,
    System,
    TemporaryError,
)
from topstitch.systems.shopify import (
    customers,
    fulfilments,
    metafields,
    orders,
    prices,
    products,
    reading,
    refunds,
    stock,
    variants,
)
from topstitch.systems.shopify.api import query, shop
from topstitch.systems.shopify.names import base_url
from topstitch.systems.shopify.prices_read import prices as read_prices
from topstitch.systems.shopify.sign_in import sign_in
from topstitch.systems.shopify.stock_read import stock as read_stock

_APP = "In the Dev Dashboard: your app > Settings. The app must be installed in the shop and belong to the same organisation."
_OLD_APP = "In the admin of the shop: Settings > Apps > Develop apps > your app > API credentials."

SETTINGS = (
    Setting(
        name="store",
        label="Store",
        required=True,
        place=True,
        help="The name before .myshopify.com. The whole address works too.",
        find="In the admin of the shop, behind Settings > Domains: the address that ends in .myshopify.com.",
    ),
    Setting(
        name="auth_method",
        label="Sign-in",
        kind="choice",
        choices=("token", "client_credentials", "legacy"),
        words={
            "client_credentials": "Client id and secret",
            "token": "Access token",
            "legacy": "API key and password",
        },
        default="token",
        required=True,
        help="An access token of a custom app; the client id and secret of an app of the Dev Dashboard (the only way for "
        "apps made since 2026); or the API key and password of an old private app.",
    ),
    Setting(
        name="access_token",
        label="Access token",
        required=True,
        secret=True,
        when={"auth_method": ["token"]},
        help="Begins with shpat_",
        find=_OLD_APP,
    ),
    Setting(
        name="client_id", label="Client id", required=True, when={"auth_method": ["client_credentials"]}, find=_APP
    ),
    Setting(
        name="client_secret",
        label="Client secret",
        required=True,
        secret=True,
        when={"auth_method": ["client_credentials"]},
        find=_APP,
    ),
    Setting(
        name="api_key", label="API key", required=True, secret=True, when={"auth_method": ["legacy"]}, find=_OLD_APP
    ),
    Setting(
        name="password",
        label="Password",
        required=True,
        secret=True,
        when={"auth_method": ["legacy"]},
        help="The Admin API access token of the app.",
        find=_OLD_APP,
    ),
    Setting(
        name="api_version",
        label="API version",
        default="2026-07",
        advanced=True,
        help="Year and month of a release: January, April, July or October. Shopify keeps each for about a year.",
    ),
)
RULES = (
    ErrorRule(
        AuthError,
        status=402,
        message="Shopify has frozen this shop",
        key="frozen",
        hint="The owner of the shop must pay its bill or reopen it.",
    ),
    ErrorRule(
        AuthError,
        status=404,
        message="Shopify knows no such shop, or not this API version",
        key="no_shop",
        hint="Check the store name and the API version of the connector.",
    ),
    ErrorRule(AuthError, status=423, message="Shopify has locked this shop", key="locked"),
    ErrorRule(
        RateLimited, status=430, message="Shopify holds back requests it finds suspicious (HTTP 430)", key="held_back"
    ),
    ErrorRule(
        TemporaryError, status=503, body="maintenance", message="Shopify is under maintenance", key="maintenance"
    ),
)

_SCOPES = "query Scopes { currentAppInstallation { accessScopes { handle } } }"
_PARCELS = ("merchant_managed_fulfillment_orders", "assigned_fulfillment_orders")
#: What the app may need scopes for: what, any of these to read, any of these to write. To write is to read too.
_NEEDS: Sequence[tuple[str, Sequence[str], Sequence[str]]] = (
    ("orders", ("read_orders",), ("write_orders",)),
    ("orders older than 60 days", ("read_all_orders",), ()),
    ("products and prices", ("read_products",), ("write_products",)),
    ("stock", ("read_inventory",), ("write_inventory",)),
    ("locations", ("read_locations",), ()),
    ("customers", ("read_customers",), ("write_customers",)),
    (
        "fulfilment",
        tuple(f"read_{name}" for name in (*_PARCELS, "third_party_fulfillment_orders")),
        tuple(f"write_{name}" for name in _PARCELS),
    ),
    ("returns", ("read_returns", "write_returns"), ()),
)


def test(conn: Connection) -> list[Check]:
    """Signs in, and says which shop answered, in which API version, and what the app may touch."""
    found = shop(conn)
    same = found.version == conn["api_version"]
    checks = [
        Check("Signed in", detail=f"{found.name} ({found.domain}), plan {found.plan or 'unknown'}, {found.currency}"),
        Check(
            "API version",
            ok=same,
            detail=found.version
            if same
            else f"{conn['api_version']} is not served; {found.version} answered in its place",
        ),
    ]
    scopes = {scope["handle"] for scope in query(conn, _SCOPES)["currentAppInstallation"]["accessScopes"]}
    return checks + [_scope_check(scopes, *need) for need in _NEEDS]


def _scope_check(scopes: set[str], what: str, read: Sequence[str], write: Sequence[str]) -> Check:
    """One line of the test. To be able to read only is no failure, since a connector may be a source alone."""
    if scopes & set(write):
        return Check(f"May read and write {what}")
    if not scopes & set(read):
        return Check(f"May read {what}", ok=False, detail=f"the app lacks the scope {read[0]}")
    missing = f"but not write them: for that the app lacks the scope {write[0]}" if write else ""
    return Check(f"May read {what}", detail=missing)


_UPDATED = Stamp(path="updatedAt")
ENTITIES = (
    Entity(
        name="orders",
        label="Orders",
        key="id",
        reference="name",
        modified=_UPDATED,
        read=reading.orders,
        write=orders.orders,
    ),
    Entity(
        name="refunds",
        label="Refunds",
        key="id",
        reference="order.name",
        modified=_UPDATED,
        read=reading.refunds,
        write=refunds.refunds,
    ),
    Entity(
        name="returns",
        label="Returns",
        key="id",
        reference="name",
        modified=Stamp(path="order.updatedAt"),
        read=reading.returns,
    ),
    Entity(
        name="fulfilments",
        label="Fulfilments",
        key="id",
        reference="name",
        modified=_UPDATED,
        read=reading.fulfilments,
        write=fulfilments.fulfilments,
    ),
    Entity(
        name="fulfilment_orders",
        label="Fulfilment orders",
        key="id",
        reference="orderName",
        modified=_UPDATED,
        read=reading.fulfilment_orders,
        kind="orders",
    ),
    Entity(
        name="products",
        label="Products",
        key="id",
        reference="handle",
        modified=_UPDATED,
        read=reading.products,
        write=products.products,
    ),
    Entity(
        name="variants",
        label="Variants",
        key="id",
        reference="sku",
        modified=_UPDATED,
        read=reading.variants,
        write=variants.variants,
    ),
    Entity(
        name="stock",
        label="Stock",
        key="id",
        reference="sku",
        modified=_UPDATED,
        read=read_stock,
        write=stock.stock,
    ),
    Entity(name="locations", label="Locations", key="id", reference="name", read=reading.locations),
    Entity(
        name="prices",
        label="Prices",
        key="id",
        reference="variant.sku",
        read=read_prices,
        write=prices.prices,
    ),
    Entity(
        name="customers",
        label="Customers",
        key="id",
        reference="defaultEmailAddress.emailAddress",
        modified=_UPDATED,
        read=reading.customers,
        write=customers.customers,
    ),
    Entity(
        name="metafields",
        label="Metafields",
        key=lambda record, options: "|".join(
            str(record.get(name)) for name in ("ownerId", "namespace", "key") if record.get(name)
        ),
        reference="key",
        write=metafields.metafields,
        mode="create_and_update",
    ),
)

SYSTEM = System(
    settings=SETTINGS,
    http=Http(
        base=base_url,
        auth=sign_in,
        limits=Limits(concurrency=10),
        rules=RULES,
        message_paths=("errors[0].message", "errors", "error_description", "error"),
    ),
    test=test,
    entities=ENTITIES,
)
