"""Carrying out a plan: all of it in one transaction, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from topstitch.store.actions.connectors import save_connector
from topstitch.store.actions.lookups import save_lookup
from topstitch.store.actions.scripts import save_script
from topstitch.store.actions.services import save_service
from topstitch.store.actions.systems import save_system
from topstitch.store.files.parts import part_of
from topstitch.store.files.plan import Change, Plan
from topstitch.store.models import CompanyGroup

if TYPE_CHECKING:
    from topstitch.accounts.models import User


@transaction.atomic
def apply_plan(plan: Plan, group: CompanyGroup, *, person: User | None = None) -> None:
    """Make the changes. Raises ConfigError for what only shows when it is saved; nothing is changed then."""
    for change in plan.effective:
        make = _MAKERS.get(change.kind) or part_of(change.kind).apply
        make(change, group, person)


def _system(change: Change, group: CompanyGroup, person: User | None) -> None:
    save_system(change.wanted, company=group.company, person=person)


def _lookup(change: Change, group: CompanyGroup, person: User | None) -> None:
    owner = group if change.kind == "group lookup" else None
    origin = f"file {change.place}"
    save_lookup(group.company, change.name, change.wanted, group=owner, origin=origin, person=person)


def _script(change: Change, group: CompanyGroup, person: User | None) -> None:
    save_script(group.company, change.name, change.wanted, person=person)


def _connector(change: Change, group: CompanyGroup, person: User | None) -> None:
    wanted, values = change.wanted
    save_connector(
        group,
        change.name,
        wanted.system,
        {name: value for name, value in values.items() if value is not None},
        environment=wanted.environment,
        base_url=wanted.base_url,
        zone=wanted.zone,
        date_format=wanted.date_format,
        person=person,
    )


def _service(change: Change, group: CompanyGroup, person: User | None) -> None:
    wanted, spec = change.wanted
    save_service(
        group, change.name, spec, active=wanted.active, type=wanted.type, note=f"From {change.place}", person=person
    )


_MAKERS = {
    "system": _system,
    "lookup": _lookup,
    "group lookup": _lookup,
    "script": _script,
    "connector": _connector,
    "service": _service,
}
