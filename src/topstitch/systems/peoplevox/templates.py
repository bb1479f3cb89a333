"""The integration templates by name, their default columns, and the quick-setup files people load into Peoplevox."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

HOME = Path(__file__).parent / "quick_setup"


@dataclass(frozen=True, slots=True)
class QuickSetup:
    """One header-only CSV file: what to choose behind "Configure" for `template`."""

    entity: str
    template: str
    path: Path
    #: Why one would want it, for the download's label.
    label: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The default column names, in order."""
        return _columns(self.path)


def _file(name: str, entity: str, template: str, label: str) -> QuickSetup:
    return QuickSetup(entity, template, HOME / f"{name}.csv", label)


#: By template name. Columns as in the quick-setup files of a partner; every tenant may add and rename.
QUICK_SETUP: Mapping[str, QuickSetup] = MappingProxyType(
    {
        setup.template: setup
        for setup in (
            _file("sales_orders", "orders", "Sales orders", "Order headers"),
            _file("sales_order_items", "orders", "Sales order items", "Order lines"),
            _file("item_types", "products", "Item types", "Products"),
            _file("item_type_groups", "products", "Item type groups", "Product groups"),
            _file("customers", "customers", "Customers", "Customers"),
            _file("suppliers", "suppliers", "Suppliers", "Suppliers"),
            _file("purchase_orders", "purchase_orders", "Purchase orders", "Purchase order headers"),
            _file("purchase_order_items", "purchase_orders", "Purchase order items", "Purchase order lines"),
        )
    }
)


def quick_setup(entity: str = "") -> tuple[QuickSetup, ...]:
    """The quick-setup files of an entity, or all of them: what screens and command line offer as downloads."""
    return tuple(setup for setup in QUICK_SETUP.values() if entity in ("", setup.entity))


def configure_steps(template: str) -> str:
    """What a person does in Peoplevox so that a template takes data."""
    setup = QUICK_SETUP.get(template)
    file = f"the quick-setup file {setup.path.name}" if setup else "a CSV file that holds just the field names"
    return (
        f"In Peoplevox open Integration (user menu, top right) and pick the radio button of {template!r}. Where "
        f'"is configured" says no, press Configure, choose {file}, press Continue, check that every field name is '
        "listed with no value, and press Save. Then sync again."
    )


@cache
def _columns(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(next(csv.reader(file)))
