"""Descartes Peoplevox as data: settings, address, limits, entities."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from topstitch.sdk import (
    AuthError,
    BadRecord,
    Check,
    ConfigError,
    Connection,
    Cursor,
    Entity,
    ErrorRule,
    Http,
    Idempotency,
    Limits,
    Page,
    Query,
    RateLimited,
    Read,
    Record,
    Setting,
    Stamp,
    System,
    Write,
)
from topstitch.systems.peoplevox import despatches, documents, pushing, reports, service, settings
from topstitch.systems.peoplevox.columns import template_columns
from topstitch.systems.peoplevox.measures import in_our_units
from topstitch.systems.peoplevox.reading import OPERATORS, Cells, Table, read_pages, read_where
from topstitch.systems.peoplevox.templates import SETUP_FILES

BATCH = 100
_REFUSED = r"<(?:\w+:)?ResponseId>\s*-1\s*</[\s\S]*(?:{words})"


def address(values: Mapping[str, Any]) -> str:
    """The service's address. Raises ValueError for a URL that is none; a whole dashboard address may be given too."""
    text = str(values["url"]).strip()
    parts = urlsplit(text if "://" in text else f"https://{text}")
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError(f"{text!r} is no address such as wms.peoplevox.net")
    client = str(values["client_id"]).strip()
    before = parts.path.rstrip("/").lower().partition(f"/{client.lower()}")[0]
    path = parts.path[: len(before)]
    return f"{parts.scheme}://{parts.netloc}{path}/{quote(client, safe='')}/Resources/IntegrationServicev4.asmx"


def check(conn: Connection) -> list[Check]:
    """Sign in anew, then ask for the columns of a template."""
    conn.tokens.put(service.session_key(conn), service.log_in(conn, conn.http.without_auth()))
    signed_in = Check("Signed in", detail=f"as {conn['username']} of {conn['client_id']}")
    try:
        columns = template_columns(conn, "Item types")
    except ConfigError as error:
        return [signed_in, Check("Item types can be saved", ok=False, detail=f"{error}. {error.hint}")]
    return [signed_in, Check("Item types can be saved", detail=f"{len(columns)} columns")]


def _flat(
    target: pushing.Target,
    label: str,
    filters: Sequence[str],
    write: Write,
    options: Sequence[Setting],
    shape: Callable[[Cells], Record] = dict,
) -> Entity:
    """An entity that is one template, a row a record."""
    table = Table(name=target.template)

    def finish(rows: list[Cells], first: bool, last: bool) -> tuple[Sequence[Record], Sequence[BadRecord]]:
        return [shape(row) for row in rows], ()

    def pages(conn: Connection, query: Query, cursor: Cursor | None) -> Iterator[Page]:
        return read_pages(conn, table, query, cursor, finish)

    def by_ids(conn: Connection, ids: Sequence[str], given: Mapping[str, Any]) -> list[Record]:
        return [shape(row) for row in read_where(conn, table, target.keyed(given).key, ids)]

    def key(record: Record, given: Mapping[str, Any]) -> object:
        return record.get(target.keyed(given).key)

    read = Read(pages=pages, by_ids=by_ids, filters=_filters(*filters), options=options)
    mode = "create_and_update"
    return Entity(name=target.entity, label=label, key=key, reference=target.key, read=read, write=write, mode=mode)


def _filters(*columns: str) -> dict[str, Sequence[str]]:
    return dict.fromkeys(columns, OPERATORS)


def _write(push: pushing.Push, template: str, *options: Setting, lines: str = "", more: Sequence[str] = ()) -> Write:
    def live_fields(conn: Connection, given: Mapping[str, Any]) -> list[str]:
        below = [f"lines[*].{name}" for name in template_columns(conn, lines)] if lines else []
        named = [field for field, option in pushing.TENANT_COLUMNS.items() if given.get(option)]
        return [*template_columns(conn, template), *more, *named, *below]

    return Write(
        push=push,
        idempotency=Idempotency.NATURAL_KEY,
        batch=BATCH,
        concurrency=2,
        options=options,
        live_fields=live_fields,
    )


def _document(target: pushing.Target, document: documents.Document, label: str, read: dict[str, Any]) -> Entity:
    def pages(conn: Connection, query: Query, cursor: Cursor | None) -> Iterator[Page]:
        return documents.document_pages(conn, document, query, cursor)

    def by_ids(conn: Connection, ids: Sequence[str], given: Mapping[str, Any]) -> list[Record]:
        return documents.documents_by_number(conn, document, ids, given)

    write = _write(
        pushing.push_documents(target, document),
        target.template,
        settings.ACTION,
        settings.MISSING_FIELDS,
        lines=document.lines.name,
    )
    return Entity(
        name=target.entity,
        label=label,
        key=target.key,
        reference=target.key,
        modified=Stamp(path="CreatedDate") if read.get("since") else None,
        read=Read(pages=pages, by_ids=by_ids, **read),
        write=write,
    )


def _report(name: str, label: str, options: tuple[Setting, ...], reference: str = "") -> Entity:
    setting = f"{name}_report"
    read = Read(
        pages=reports.report_pages(setting),
        since=True,
        until=True,
        options=options,
        live_fields=reports.report_fields(setting),
    )
    return Entity(name=name, label=label, key=reports.report_key, reference=reference, read=read)


_PRODUCT_WRITE = _write(
    pushing.push_products,
    "Item types",
    settings.SAVE_GROUPS,
    *settings.UNIT_WORDS,
    settings.FLAT_ACTION,
    settings.MISSING_FIELDS,
    more=("ProductGroup",),
)
_Target = pushing.Target


def _keyed_write(target: _Target) -> Write:
    return _write(
        pushing.push_flat(target),
        target.template,
        settings.key_option(target.key),
        settings.FLAT_ACTION,
        settings.MISSING_FIELDS,
    )


def _keyed(target: _Target, label: str) -> Entity:
    """A flat entity whose key column differs per tenant."""
    options = (settings.key_option(target.key), *settings.TEMPLATE_OPTIONS)
    return _flat(target, label, ("Reference", "Name", "Email"), _keyed_write(target), options)


ENTITIES = (
    _document(
        pushing.ORDERS,
        documents.SALES_ORDERS,
        "Sales orders",
        {
            "since": True,
            "until": True,
            "filters": _filters("SalesOrderNumber", "Status", "Customer", "ChannelName"),
            "options": settings.ORDER_OPTIONS,
        },
    ),
    Entity(
        name="order_updates",
        label="Order updates (hold, tracking, status)",
        key="SalesOrderNumber",
        reference="SalesOrderNumber",
        kind="fulfilments",
        mode="create_and_update",
        write=_write(pushing.push_updates, "Sales orders", *settings.TENANT_COLUMNS, settings.UPDATE_ACTION),
    ),
    _flat(
        pushing.PRODUCTS,
        "Products (item types)",
        ("ItemCode", "Name", "Barcode", "ItemGroup"),
        _PRODUCT_WRITE,
        settings.TEMPLATE_OPTIONS,
        in_our_units,
    ),
    _keyed(pushing.CUSTOMERS, "Customers"),
    _keyed(pushing.SUPPLIERS, "Suppliers"),
    _document(
        pushing.PURCHASE_ORDERS,
        documents.PURCHASE_ORDERS,
        "Purchase orders",
        {
            "filters": _filters("PurchaseOrderNumber", "Status", "Supplier"),
            "options": settings.PURCHASE_ORDER_OPTIONS,
        },
    ),
    Entity(
        name="fulfilments",
        label="Fulfilments (despatches)",
        key=despatches.NUMBER,
        reference=despatches.NUMBER,
        modified=Stamp(path=despatches.DATED),
        read=Read(
            pages=despatches.despatch_pages,
            by_ids=despatches.despatches_by_number,
            since=True,
            until=True,
            page_size=500,
            filters=_filters("Despatch number", "Salesorder number", "Carrier", "Site reference", "Channel name"),
            options=settings.FULFILMENT_OPTIONS,
            live_fields=despatches.despatch_fields,
        ),
    ),
    Entity(
        name="stock",
        label="Stock",
        key=reports.stock_key,
        reference="Item code",
        modified=Stamp(path="Date time"),
        read=Read(
            pages=reports.stock_pages,
            by_ids=reports.stock_by_key,
            since=True,
            until=True,
            page_size=1000,
            options=settings.STOCK_OPTIONS,
            live_fields=reports.stock_fields,
        ),
    ),
    _report("returns", "Returns (a report of yours)", settings.report_options("", "")),
    _report(
        "goods_in",
        "Goods in (report)",
        settings.report_options("Goods in reference number,Item code", "Delivery date"),
        "Goods in reference number",
    ),
    _report(
        "movements",
        "Item movements (report)",
        settings.report_options("History Id", "Date timestamp"),
        "Item code",
    ),
)


def limits(values: Mapping[str, Any]) -> Limits:
    """15 requests per 15 seconds and tenant, evenly spread: one at a time rather than all at once and then none.

    Two of them are left out: signing in counts too, and it holds up the request that waits for it.
    """
    return Limits(requests=1, per=15 / max(1, int(values["requests_per_15s"]) - 2), concurrency=2)


SYSTEM = System(
    settings=settings.SETTINGS,
    http=Http(
        base=address,
        auth=service.session_auth,
        limits=limits,
        rules=[
            # Business errors come with HTTP 200. CSV inside an answer is escaped, so it cannot look like one.
            ErrorRule(
                AuthError,
                status=200,
                body=_REFUSED.format(words=service.SESSION_OVER),
                message="Peoplevox says that the session is over",
            ),
            ErrorRule(
                RateLimited,
                status=200,
                body=_REFUSED.format(words=service.TOO_FAST),
                wait=service.THROTTLE_PAUSE,
                message="Peoplevox asks us to slow down",
            ),
        ],
    ),
    entities=ENTITIES,
    test=check,
    setup_files=SETUP_FILES,
)
