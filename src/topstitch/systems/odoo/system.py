"""Odoo: settings, limits, the test of a connector, and the entities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from topstitch.sdk import (
    Check,
    ConfigError,
    Connection,
    Entity,
    Http,
    Idempotency,
    Limits,
    RemoteRejected,
    Setting,
    Stamp,
    System,
    Write,
)
from topstitch.systems.odoo import (
    deliveries,
    invoicing,
    keys,
    lines,
    orders,
    partners,
    prices,
    products,
    purchases,
    stock_reading,
    stock_writing,
    tables,
)
from topstitch.systems.odoo.client import JSON2_SINCE, Odoo, connect

CHANGED = Stamp(path="write_date", format="Y-m-d H:i:s")

SETTINGS = (
    Setting(
        name="url",
        label="Server URL",
        kind="url",
        required=True,
        help="The address of Odoo without anything behind it: https://mycompany.odoo.com or http://erp.example.com:8069.",
        find="What your browser shows before /web or /odoo.",
    ),
    Setting(
        name="database",
        label="Database",
        help="The name of the database. On Odoo Online it may be left empty: it is the first part of the address.",
        find="On the sign-in page under Manage Databases, or ask whoever runs the server.",
    ),
    Setting(
        name="username",
        label="User name",
        required=True,
        help="The e-mail address the user signs in with. Best a user of its own with the groups Sales, Inventory and Invoicing.",
        when={"api_style": ["auto", "jsonrpc", "xmlrpc"]},
    ),
    Setting(
        name="api_key",
        label="API key or password",
        required=True,
        secret=True,
        help="An API key works wherever the password does, and is the only thing that works with JSON-2.",
        find="In Odoo, signed in as that user: Preferences > Account security > New API key (from Odoo 14 on).",
    ),
    Setting(
        name="api_style",
        label="API",
        kind="choice",
        choices=["auto", "jsonrpc", "xmlrpc", "json2"],
        words={"auto": "Automatic", "jsonrpc": "JSON-RPC", "xmlrpc": "XML-RPC", "json2": "JSON-2"},
        default="auto",
        help="Automatic takes JSON-RPC up to Odoo 18 and JSON-2 from 19 on. XML-RPC of old versions cannot carry every answer.",
        advanced=True,
    ),
    Setting(
        name="api_key_expires",
        label="API key expires on",
        kind="date",
        help="From Odoo 19 on keys last three months at most; you are warned two weeks before.",
        find="Shown when the key is made.",
    ),
    Setting(
        name="renew_key",
        label="Renew the API key by itself",
        kind="boolean",
        default=False,
        help="Odoo 19 and later: two weeks before its end a new key is made and the old one revoked.",
        find="The user needs the Settings right, or the system parameter base.enable_programmatic_api_keys must be True.",
        advanced=True,
    ),
    Setting(
        name="language",
        label="Language",
        help="Code as Odoo has it, for names and descriptions: en_GB, de_DE.",
        advanced=True,
    ),
)


def limits(settings: Mapping[str, Any]) -> Limits:
    """Odoo Online asks for about one request a second and none in parallel; a server of one's own takes a few."""
    online = (urlsplit(str(settings["url"])).hostname or "").endswith(".odoo.com")
    return Limits(requests=1, per=1.0, concurrency=1) if online else Limits(concurrency=4)


#: What the test counts: the app's name and its model.
APPS = (
    ("contacts", "res.partner"),
    ("products", "product.product"),
    ("orders", "sale.order"),
    ("stock", "stock.quant"),
    ("invoices", "account.move"),
)


def test(conn: Connection) -> list[Check]:
    """Reach the server, sign in, and see what the user may read."""
    odoo = connect(conn)
    version = f"{odoo.version[0]}.{odoo.version[1]}"
    checks = [Check(f"Odoo {version} answers", detail=f"over {odoo.style}")]
    if odoo.style == "json2":
        odoo.call("res.users", "context_get", safe=True)
        checks.append(Check("The API key is accepted"))
    else:
        checks.append(
            Check(f"Signed in as {conn['username']}", detail=f"user {odoo.uid(anew=True)} of database {odoo.database}")
        )
    checks += [_may_read(odoo, label, model) for label, model in APPS]
    return [*checks, *_life_of_key(odoo)]


def _life_of_key(odoo: Odoo) -> list[Check]:
    """Whichever API is used: a password has no end, but with JSON-2 it is always a key."""
    said, end = keys.warning(odoo.conn), keys.expires_at(odoo.conn)
    if end is None and odoo.series >= JSON2_SINCE:
        kind = "this API key" if odoo.style == "json2" else "the API key, if it is one,"
        said = f"When {kind} expires is not known: keys of Odoo 19 and later last three months at most."
    ends = end is not None and end <= odoo.conn.now() + timedelta(days=1)
    return [Check("Life of the API key", ok=not ends, detail=said)] if said else []


def _may_read(odoo: Odoo, label: str, model: str) -> Check:
    """Not an error of the connector: a user may well see only a part, and an app may not be installed."""
    try:
        return Check(f"May read {label}", detail=str(odoo.call(model, "search_count", [[]], safe=True)))
    except (RemoteRejected, ConfigError) as error:
        return Check(f"May read {label}", ok=False, detail=error.message)


ENTITIES = (
    Entity(
        name="orders",
        label="Sales orders",
        key="id",
        reference="name",
        modified=CHANGED,
        read=tables.ORDERS.read(),
        write=Write(
            push=orders.push,
            find=orders.find,
            idempotency=Idempotency.LOOKUP,
            batch=20,
            options=[*orders.OPTIONS, *lines.OPTIONS],
        ),
    ),
    Entity(
        name="customers",
        label="Contacts",
        key="id",
        reference="name",
        modified=CHANGED,
        read=tables.CUSTOMERS.read(),
        write=Write(
            push=partners.push, idempotency=Idempotency.NATURAL_KEY, batch=50, concurrency=1, options=[partners.KEYS]
        ),
    ),
    Entity(
        name="products",
        label="Products",
        key="id",
        reference="default_code",
        modified=CHANGED,
        read=tables.PRODUCTS.read(),
        write=Write(
            push=products.push, idempotency=Idempotency.NATURAL_KEY, batch=50, concurrency=1, options=products.OPTIONS
        ),
    ),
    Entity(
        name="variants",
        label="Variants",
        key="id",
        reference="default_code",
        modified=CHANGED,
        read=tables.PRODUCTS.read(),
    ),
    Entity(
        name="templates",
        label="Products with their variants",
        kind="products",
        key="id",
        reference="name",
        modified=CHANGED,
        read=tables.TEMPLATES.read(),
    ),
    Entity(
        name="stock",
        label="Stock per product",
        key="id",
        reference="default_code",
        modified=CHANGED,
        read=stock_reading.read(),
        write=Write(
            push=stock_writing.push,
            idempotency=Idempotency.NATURAL_KEY,
            batch=100,
            concurrency=1,
            options=stock_writing.OPTIONS,
        ),
    ),
    Entity(
        name="quants",
        label="Stock per location",
        kind="stock",
        key="id",
        reference="default_code",
        modified=CHANGED,
        read=tables.QUANTS.read(),
    ),
    Entity(
        name="fulfilments",
        label="Deliveries",
        key="id",
        reference="name",
        modified=CHANGED,
        read=tables.FULFILMENTS.read(),
        write=Write(
            push=deliveries.push,
            find=deliveries.find,
            idempotency=Idempotency.LOOKUP,
            batch=20,
            options=deliveries.OPTIONS,
        ),
    ),
    Entity(
        name="invoices",
        label="Invoices",
        key="id",
        reference="name",
        modified=CHANGED,
        read=tables.INVOICES.read(),
        kind="orders",
        write=Write(
            push=invoicing.push, idempotency=Idempotency.NATURAL_KEY, batch=20, concurrency=1, options=invoicing.OPTIONS
        ),
        mode="create_only",
    ),
    Entity(
        name="refunds", label="Credit notes", key="id", reference="name", modified=CHANGED, read=tables.REFUNDS.read()
    ),
    Entity(
        name="purchase_orders",
        label="Purchase orders",
        key="id",
        reference="name",
        modified=CHANGED,
        read=tables.PURCHASES.read(),
        write=Write(
            push=purchases.push,
            find=purchases.find,
            idempotency=Idempotency.LOOKUP,
            batch=20,
            concurrency=1,
            options=purchases.OPTIONS,
        ),
    ),
    Entity(
        name="prices",
        label="Price list rules",
        key="id",
        reference="default_code",
        modified=CHANGED,
        read=tables.PRICES.read(),
        write=Write(
            push=prices.push, idempotency=Idempotency.NATURAL_KEY, batch=50, concurrency=1, options=prices.OPTIONS
        ),
    ),
)

SYSTEM = System(
    settings=SETTINGS,
    entities=ENTITIES,
    test=test,
    http=Http(base="{url}", limits=limits, message_paths=("message", "error.data.message", "error.message")),
)
