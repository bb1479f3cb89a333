"""Records to rows and fates to verdicts: flat entities, documents with lines, partial updates of orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from topstitch.sdk import (
    Connection,
    MissingReference,
    Outgoing,
    RemoteRejected,
    TopstitchError,
    Verdict,
)
from topstitch.systems.peoplevox.columns import Fitter, template_columns
from topstitch.systems.peoplevox.documents import SALES_ORDERS, Document
from topstitch.systems.peoplevox.measures import with_units
from topstitch.systems.peoplevox.reading import read_where
from topstitch.systems.peoplevox.saving import DELETE, SAVE, SAVE_WITHOUT_ALLOCATING, Fates, Row, save, with_blanks

SAVE_WORD, HOLD_WORD, DELETE_WORD = "save", "save, do not allocate", "delete"
KEEP_WORD, BLANK_WORD = "leave what Peoplevox has", "make them empty"
ACTIONS = {SAVE_WORD: SAVE, HOLD_WORD: SAVE_WITHOUT_ALLOCATING, DELETE_WORD: DELETE}
#: Fields of an update that have no column of their own in every template: field -> the option that names its column.
TENANT_COLUMNS = {"TrackingNumber": "tracking_column", "Carrier": "carrier_column"}
Push = Callable[[Connection, Sequence[Outgoing], Mapping[str, Any]], Sequence[Verdict]]


@dataclass(frozen=True, slots=True)
class Target:
    """Where the headers of an entity go, and the column that identifies them."""

    entity: str
    template: str
    key: str

    def keyed(self, options: Mapping[str, Any]) -> Target:
        """The target with the key column that the options name, if they do."""
        return replace(self, key=str(options.get("key_column") or self.key))


def push_flat(target: Target) -> Push:
    """A push that saves each record as one row of a template."""

    def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
        keyed = target.keyed(options)
        fates = save_headers(conn, keyed, [outgoing.record for outgoing in batch], options)
        return _verdicts(batch, keyed.key, fates, known=action_of(options) == DELETE)

    return push


def push_products(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """Products; with the option, the groups they name first."""
    words = {"WeightMeasure": options["weight_word"], "DimensionMeasure": options["length_word"]}
    columns = {name.lower() for name in template_columns(conn, PRODUCTS.template)}
    records = [with_units(outgoing.record, words, columns) for outgoing in batch]
    product_groups = [record.pop("ProductGroup", None) for record in records]
    early: Fates = [None] * len(batch)
    if options["save_groups"] and action_of(options) != DELETE:
        early = _save_groups(conn, records, product_groups)
    fates = save_headers(conn, PRODUCTS, records, options, early)
    return _verdicts(batch, PRODUCTS.key, fates, known=action_of(options) == DELETE)


def push_documents(target: Target, document: Document) -> Push:
    """A push that saves headers, then the lines of those that were taken. Sending again updates both."""

    def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
        records = [dict(outgoing.record) for outgoing in batch]
        given = [record.pop("lines", None) or [] for record in records]
        early: Fates = [None] * len(batch)
        rows: list[list[Row]] = [[] for _ in batch]
        if action_of(options) != DELETE:
            for place, lines in enumerate(given):
                try:
                    rows[place] = _line_rows(conn, target, document, str(records[place].get(target.key) or ""), lines)
                except RemoteRejected as error:
                    early[place] = error
        fates = save_headers(conn, target, records, options, early)
        _save_lines(conn, document, rows, fates, options)
        return _verdicts(batch, target.key, fates, known=action_of(options) == DELETE)

    return push


def push_updates(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """Some columns of orders that exist: hold, tracking, status. An unknown number would make an empty order."""
    numbers = [str(outgoing.record.get(UPDATES.key) or "") for outgoing in batch]
    rows = read_where(conn, SALES_ORDERS.headers, UPDATES.key, [number for number in numbers if number])
    known = {row.get(UPDATES.key) for row in rows}
    early: Fates = [
        None
        if not number or number in known
        else MissingReference(f"Peoplevox has no sales order {number}", field=UPDATES.key)
        for number in numbers
    ]
    records = [_in_tenant_columns(outgoing.record, options) for outgoing in batch]
    fates = save_headers(conn, UPDATES, records, options, early)
    return _verdicts(batch, UPDATES.key, fates, known=True)


def _in_tenant_columns(record: Mapping[str, object], options: Mapping[str, Any]) -> dict[str, object]:
    """The record with each of these fields in the column that the options name; one that is mapped itself goes first."""
    moved = {options.get(TENANT_COLUMNS.get(name, "")) or name: value for name, value in record.items()}
    return moved | {name: value for name, value in record.items() if name not in TENANT_COLUMNS}


def action_of(options: Mapping[str, Any]) -> int:
    """The Action number of the options."""
    return ACTIONS[options.get("action") or SAVE_WORD]


def save_headers(
    conn: Connection,
    target: Target,
    records: Sequence[Mapping[str, object]],
    options: Mapping[str, Any],
    early: Sequence[TopstitchError | None] = (),
) -> Fates:
    """Save one row a record, without those that have an error already. Deleting sends nothing but the key."""
    fates: Fates = list(early) or [None] * len(records)
    fitter, action = Fitter.of(conn, target.template, target.entity), action_of(options)
    rows: dict[int, Row] = {}
    for place, record in enumerate(records):
        if fates[place] is None:
            try:
                rows[place] = _header_row(fitter, target, record, only_key=action == DELETE)
            except RemoteRejected as error:
                fates[place] = error
    for place, fate in zip(rows, _save(conn, target.template, list(rows.values()), options), strict=True):
        fates[place] = fate
    return fates


def _save(conn: Connection, template: str, rows: Sequence[Row], options: Mapping[str, Any]) -> Fates:
    blank = options.get("missing_fields") == BLANK_WORD
    return save(conn, template, with_blanks(rows) if blank else rows, action_of(options))


def _header_row(fitter: Fitter, target: Target, record: Mapping[str, object], *, only_key: bool) -> Row:
    key = record.get(target.key)
    if key in (None, ""):
        raise RemoteRejected(f"{target.key} is empty; Peoplevox knows a record again by it", field=target.key)
    cells = fitter.fit({target.key: key} if only_key else record)
    if target.key not in cells:
        reason = f"the template {target.template!r} has no column {target.key}, by which records are known again"
        raise RemoteRejected(reason, field=target.key)
    return Row(cells[target.key], cells)


def _line_rows(conn: Connection, target: Target, document: Document, number: str, lines: Any) -> list[Row]:
    if not lines:
        return []
    if not isinstance(lines, list) or not all(isinstance(line, Mapping) for line in lines):
        raise RemoteRejected("lines must be a list of objects, one a line", field="lines")
    fitter = Fitter.of(conn, document.lines.name, target.entity, "lines[*].")
    numbered = not any(line.get("Line") not in (None, "") for line in lines)
    numbered = numbered and "Line" in template_columns(conn, document.lines.name)
    rows = [
        Row(number, fitter.fit({**line, **({"Line": place} if numbered else {}), document.number: number}))
        for place, line in enumerate(lines, 1)
    ]
    _check_lines(rows, document)
    return rows


def _check_lines(rows: Sequence[Row], document: Document) -> None:
    """Refuse lines that Peoplevox could not tell apart: it would keep the last of them, without a word."""
    seen: set[str] = set()
    for place, row in enumerate(rows, 1):
        if document.number not in row.cells:
            text = f"the template {document.lines.name!r} has no column {document.number} to tie lines to their order"
            raise RemoteRejected(text, field=document.number)
        item, line = row.cells.get("ItemCode", ""), row.cells.get("Line", "")
        if not item:
            raise RemoteRejected(f"line {place} has no ItemCode", field="lines[*].ItemCode")
        identity, called = (f"line {line}", f"the line number {line}") if line else (item, item)
        if identity in seen:
            text = f"{called} comes twice, and nothing else tells the lines apart: the second would replace the first"
            raise RemoteRejected(text, field="lines[*].Line", hint="Map a line number of their own, or add them up.")
        seen.add(identity)


def _save_lines(
    conn: Connection, document: Document, rows: Sequence[Sequence[Row]], fates: Fates, options: Mapping[str, Any]
) -> None:
    """Save the lines of the documents whose header was taken, and put what fails into `fates`."""
    owners = [(place, row) for place, own in enumerate(rows) if fates[place] is None for row in own]
    saved = _save(conn, document.lines.name, [row for _, row in owners], options)
    for (place, row), fate in zip(owners, saved, strict=True):
        if fate is not None and fates[place] is None:
            fates[place] = _without_line(document, row, fate)


def _without_line(document: Document, row: Row, fate: TopstitchError) -> TopstitchError:
    if not isinstance(fate, RemoteRejected):
        return fate
    kind = MissingReference if isinstance(fate, MissingReference) else RemoteRejected
    return kind(
        f"{row.reference} is in Peoplevox without its line {row.cells.get('ItemCode')}: {fate.message}",
        field=fate.field or "lines[*].ItemCode",
        hint="Correct the line, or create the item in Peoplevox, then sync again: the order is updated, not doubled.",
        detail=fate.detail,
    )


def _save_groups(conn: Connection, records: Sequence[Mapping[str, object]], product_groups: Sequence[object]) -> Fates:
    """Save the item groups that the records name; a group that is refused refuses its products."""
    fitter = Fitter.of(conn, GROUPS, PRODUCTS.entity)
    rows: dict[str, Row] = {}
    fates: dict[str, TopstitchError | None] = {}
    names = [str(record.get("ItemGroup") or "") for record in records]
    for name, product_group in zip(names, product_groups, strict=True):
        try:
            if name:
                values = {"Name": name} | ({"ProductGroup": product_group} if product_group else {})
                rows[name] = Row(name, fitter.fit(values))
        except RemoteRejected as error:
            fates[name] = error
    fates |= dict(zip(rows, save(conn, GROUPS, list(rows.values())), strict=True))
    return [fates.get(name) for name in names]


def _verdicts(batch: Sequence[Outgoing], key: str, fates: Fates, *, known: bool) -> list[Verdict]:
    """SaveData does not say whether a row was new: `known` tells that all were there, else our own memory does."""
    return [_verdict(outgoing, key, fate, known) for outgoing, fate in zip(batch, fates, strict=True)]


def _verdict(outgoing: Outgoing, key: str, fate: TopstitchError | None, known: bool) -> Verdict:
    if fate is not None:
        return Verdict.of(fate)
    return (Verdict.updated if known or outgoing.remote_id else Verdict.created)(outgoing.record.get(key, ""))


GROUPS = "Item type groups"
PRODUCTS = Target("products", "Item types", "ItemCode")
ORDERS = Target("orders", "Sales orders", "SalesOrderNumber")
UPDATES = Target("order_updates", "Sales orders", "SalesOrderNumber")
CUSTOMERS = Target("customers", "Customers", "Reference")
SUPPLIERS = Target("suppliers", "Suppliers", "Name")
PURCHASE_ORDERS = Target("purchase_orders", "Purchase orders", "PurchaseOrderNumber")
