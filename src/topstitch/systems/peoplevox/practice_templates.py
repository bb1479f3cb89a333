"""The integration templates of the practice server: their rules, and how SaveData applies a CSV row by row."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation

from topstitch.sdk.practice import Store
from topstitch.systems.peoplevox.practice_soap import Result, refusal
from topstitch.systems.peoplevox.templates import QUICK_SETUP

SAVE, SAVE_WITHOUT_ALLOCATING, DELETE = 0, 1, 2
_TENANT_COLUMNS = ("OnHold", "StopShip", *(f"Attribute{number}" for number in range(1, 6)))


class RowError(Exception):
    """A row that is not saved."""


@dataclass(frozen=True, slots=True)
class Template:
    """The rules of one template."""

    name: str
    key: tuple[str, ...]
    #: Needed on new records, beside the key.
    required: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    numbers: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()
    #: Column -> the collection and what a record of it is called in messages.
    parents: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    #: A key column that may be empty, and what then stands for it.
    fallback: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a configured template."""
        return (*QUICK_SETUP[self.name].columns, *self.extra)

    def identity(self, row: Mapping[str, str]) -> str:
        """What a row is recognised by."""
        return "|".join(row.get(name) or row.get(self.fallback.get(name, ""), "") for name in self.key)


_WHEN = frozenset({"RequestedDeliveryDate", "CreatedDate", "SubmittedDate", "EndDate", "ExpectedDeliveryDate"})
_MONEY = frozenset({"ShippingCost", "TotalSale", "Discount", "TaxPaid"})
TEMPLATES: Mapping[str, Template] = {
    template.name: template
    for template in (
        Template("Sales orders", ("SalesOrderNumber",), extra=_TENANT_COLUMNS, numbers=_MONEY, dates=_WHEN),
        Template(
            "Sales order items",
            ("SalesOrderNumber", "Line"),
            ("ItemCode", "QuantityOrdered"),
            numbers=frozenset({"QuantityOrdered", "Sequence", "SalePrice"}),
            dates=_WHEN,
            parents={"SalesOrderNumber": ("Sales orders", "Sales order"), "ItemCode": ("Item types", "Item type")},
            fallback={"Line": "ItemCode"},
        ),
        Template(
            "Item types",
            ("ItemCode",),
            ("Name",),
            numbers=frozenset({"RetailPrice", "BuyPrice", "WholesalePrice", "Weight", "Height", "Width", "Depth"}),
        ),
        Template("Item type groups", ("Name",)),
        Template("Customers", ("Reference",), ("Name",), numbers=frozenset({"CreditLimit"})),
        Template("Suppliers", ("Name",), numbers=frozenset({"CreditLimit"})),
        Template("Purchase orders", ("PurchaseOrderNumber",), dates=_WHEN),
        Template(
            "Purchase order items",
            ("PurchaseOrderNumber", "Line"),
            ("ItemCode",),
            numbers=frozenset({"Quantity", "Sequence", "CostPrice"}),
            dates=frozenset({"RequestedDeliveryDate", "ExpectededDeliveryDate"}),
            parents={
                "PurchaseOrderNumber": ("Purchase orders", "Purchase order"),
                "ItemCode": ("Item types", "Item type"),
            },
            fallback={"Line": "ItemCode"},
        ),
    )
}


def configured_columns(store: Store, name: str) -> tuple[str, ...] | None:
    """The columns this tenant's template has, None when nobody has pressed Configure."""
    state = store.get("_templates", name) or {"configured": True, "columns": TEMPLATES[name].columns}
    return tuple(state["columns"]) if state["configured"] else None


def save(store: Store, name: str, text: str, action: int) -> Result:
    """Apply the rows of a SaveData; rows fail one by one."""
    columns = configured_columns(store, name)
    if columns is None:
        return refusal(f"Integration template '{name}' is not configured.")
    lines = list(csv.reader(io.StringIO(text, newline="")))
    header = lines[0] if lines else []
    unknown = [column for column in header if column not in columns]
    if not header or unknown:
        return refusal(f"Column(s) not found in template '{name}': {', '.join(unknown) or '(empty header)'}")
    if action not in (SAVE, SAVE_WITHOUT_ALLOCATING, DELETE):
        return refusal(f"Action {action} is not supported.")
    template = TEMPLATES[name]
    with store.transaction():
        outcomes = [_outcome(store, template, header, cells, action) for cells in lines[1:] if cells]
    return _result(outcomes)


def _result(outcomes: Sequence[tuple[str, str]]) -> Result:
    saved = sum(not problem for _, problem in outcomes)
    return Result(
        response_id=0 if saved or not outcomes else -1,
        total=saved,
        detail="\n".join(f"{reference}: {problem}" for reference, problem in outcomes if problem),
        statuses=[(reference, "Error" if problem else "Success") for reference, problem in outcomes],
    )


def _outcome(
    store: Store, template: Template, header: Sequence[str], cells: Sequence[str], action: int
) -> tuple[str, str]:
    if len(cells) != len(header):
        return cells[0], f"{len(header)} values expected, {len(cells)} found"
    row = dict(zip(header, cells, strict=True))
    reference = row.get(template.key[0], "")
    try:
        _delete(store, template, row) if action == DELETE else _save(store, template, row, action)
    except RowError as error:
        return reference, str(error)
    return reference, ""


def _delete(store: Store, template: Template, row: Mapping[str, str]) -> None:
    if not store.delete(template.name, template.identity(row)):
        raise RowError("it does not exist")


def _save(store: Store, template: Template, row: Mapping[str, str], action: int) -> None:
    if not row.get(template.key[0]):
        raise RowError(f"{template.key[0]} is required")
    known = store.get(template.name, template.identity(row))
    missing = [] if known else [name for name in template.required if not row.get(name)]
    if missing:
        raise RowError(f"{missing[0]} is required")
    _check_values(template, row)
    for column, (parent, called) in template.parents.items():
        if row.get(column) and not store.get(parent, row[column]):
            raise RowError(f"{called} '{row[column]}' was not found")
    blank = dict.fromkeys(template.columns, "")
    hidden: dict[str, object] = {"_allocated": "no" if action == SAVE_WITHOUT_ALLOCATING else "yes"}
    if not known:
        hidden["_imported"] = time.time()
    store.put(template.name, template.identity(row), {**blank, **(known or {}), **hidden, **row})
    if template.name == "Item types" and (group := row.get("ItemGroup")) and not store.get("Item type groups", group):
        store.put("Item type groups", group, {"Name": group, "ProductGroup": ""})


def _check_values(template: Template, row: Mapping[str, str]) -> None:
    for name in template.numbers & row.keys():
        try:
            number = Decimal(row[name] or "0")
        except InvalidOperation:
            raise RowError(f"{name} '{row[name]}' is not a number") from None
        if name in ("QuantityOrdered", "Quantity") and number <= 0:
            raise RowError(f"{name} must be greater than 0")
    for name in template.dates & row.keys():
        try:
            if row[name]:
                datetime.strptime(row[name], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - wall time of the tenant
        except ValueError:
            raise RowError(f"{name} '{row[name]}' is not a date") from None
