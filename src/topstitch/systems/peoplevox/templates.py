"""The integration templates by name, their default columns, and the quick-setup files people load into Peoplevox."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from topstitch.sdk import SetupFile

HOME = Path(__file__).parent / "quick_setup"


@dataclass(frozen=True, slots=True)
class QuickSetup:
    """One header-only CSV file: what to choose behind "Configure" for `template`."""

    template: str
    path: Path

    @property
    def columns(self) -> tuple[str, ...]:
        """The default column names, in order."""
        return _columns(self.path)


#: By template name. Columns as in the quick-setup files of a partner; every tenant may add and rename.
QUICK_SETUP: Mapping[str, QuickSetup] = MappingProxyType(
    {
        template: QuickSetup(template, HOME / f"{template.replace(' ', '_').lower()}.csv")
        for template in (
            "Sales orders",
            "Sales order items",
            "Item types",
            "Item type groups",
            "Customers",
            "Suppliers",
            "Purchase orders",
            "Purchase order items",
        )
    }
)
#: What Topstitch hands out.
SETUP_FILES = tuple(
    SetupFile(path=setup.path, purpose=f"the field names of the integration template {setup.template!r}")
    for setup in QUICK_SETUP.values()
)


def configure_steps(template: str) -> str:
    """What a person does in Peoplevox so that a template takes data."""
    setup = QUICK_SETUP.get(template)
    file = (
        f"the quick-setup file {setup.path.name} (`topstitch systems files peoplevox --to FOLDER` writes it)"
        if setup
        else "a CSV file that holds just the field names"
    )
    return (
        f"In Peoplevox open Integration (user menu, top right) and pick the radio button of {template!r}. Where "
        f'"is configured" says no, press Configure, choose {file}, press Continue, check that every field name is '
        "listed with no value, and press Save. Then sync again."
    )


@cache
def _columns(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(next(csv.reader(file)))
