"""The Django app, the part of configuration files that is its own, and what a clone of a service takes along of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig

if TYPE_CHECKING:
    from topstitch.accounts.models import User
    from topstitch.store.files.plan import Change, Plan
    from topstitch.store.files.read import Loaded
    from topstitch.store.models import CompanyGroup, Service


class Alerts(AppConfig):
    """Alerts."""

    name = "topstitch.alerts"
    label = "alerts"

    def ready(self) -> None:
        """Make that part known, and that a clone has the alerts of its original.

        What they need is imported when it is used, for few processes ever read files or clone.
        """
        from topstitch.store.copies import copied_too
        from topstitch.store.files.parts import Part, register

        register(Part("alerts", ("notification group", "alerts", "credentials"), _plan, _apply, _export))
        copied_too("alerts", _copy)


def _copy(service: Service, clone: Service, person: User | None) -> None:
    from topstitch.alerts.actions.rules import copy_rule

    copy_rule(service, clone, person)


def _plan(files: Sequence[Loaded], group: CompanyGroup, so_far: Plan) -> Iterable[Change]:
    from topstitch.alerts.files import plan

    return plan(files, group, so_far)


def _apply(change: Change, group: CompanyGroup, person: User | None) -> None:
    from topstitch.alerts.files import apply

    apply(change, group, person)


def _export(group: CompanyGroup) -> dict[str, Any]:
    from topstitch.alerts.files import export

    return export(group)
