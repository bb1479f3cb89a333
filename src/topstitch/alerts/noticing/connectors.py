"""Judging checks of connectors. That one is refused is told at once; that it is away only when it is at the next look too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from topstitch.alerts.masking import masked
from topstitch.alerts.models import Kind, Trouble
from topstitch.alerts.names import one_line, system_name
from topstitch.alerts.noticing.about import about_connector
from topstitch.alerts.noticing.locks import NOTICING
from topstitch.alerts.noticing.troubles import Troubles, Wrong
from topstitch.alerts.queries.rules import Rules
from topstitch.alerts.telling.notices import Teller
from topstitch.store.housekeeping import alone
from topstitch.store.models import Connector, ConnectorCheck, Service
from topstitch.store.models.connector import ConnectorStatus

BATCH = 200
WORDS = {
    ConnectorStatus.UNREACHABLE: "cannot be reached",
    ConnectorStatus.REFUSED: "refuses our credentials",
    ConnectorStatus.UNKNOWN: "does not answer as it should",
}


def judge_checks(now: datetime | None = None) -> int:
    """Judge those that wait; how many there were."""
    with alone(NOTICING) as free:
        if not free:
            return 0
        waiting = list(ConnectorCheck.objects.filter(judged=False).order_by("pk")[:BATCH])
        if waiting:
            _judge_all(waiting, now or timezone.now())
            ConnectorCheck.objects.filter(pk__in=[check.pk for check in waiting]).update(judged=True)
    return len(waiting)


def _judge_all(checks: Iterable[ConnectorCheck], now: datetime) -> None:
    ids = {check.connector_id for check in checks}
    connectors = {c.pk: c for c in Connector.objects.filter(pk__in=ids).select_related("group").defer("sealed")}
    users = users_of(ids)
    rules = Rules(c.group.company_id for c in connectors.values())
    with Troubles(Teller(now), Trouble.objects.filter(kind=Kind.CONNECTOR, connector_id__in=ids)) as troubles:
        for check in checks:
            connector = connectors.get(check.connector_id)
            if connector is None:
                # Removed while it was being checked.
                continue
            about = about_connector(connector, users.get(connector.pk, []), rules)
            if check.status == ConnectorStatus.OPERATIONAL:
                troubles.well(Kind.CONNECTOR, about)
            elif _is_certain(check) or troubles.has(Kind.CONNECTOR, connector_id=connector.pk):
                troubles.wrong(about, _wrong(connector, check))


def users_of(connectors: Iterable[int]) -> dict[int, list[Service]]:
    """The active services that use each of these connectors."""
    ids = set(connectors)
    found: dict[int, list[Service]] = {}
    services = Service.objects.filter(Q(source_id__in=ids) | Q(destination_id__in=ids), active=True)
    for service in services.only("name", "source_id", "destination_id"):
        for end in {service.source_id, service.destination_id} & ids:
            found.setdefault(end, []).append(service)
    return found


def _is_certain(check: ConnectorCheck) -> bool:
    """It was refused, or failed as the check before it did."""
    if check.status == ConnectorStatus.REFUSED:
        return True
    before = ConnectorCheck.objects.filter(connector_id=check.connector_id, at__lt=check.at).order_by("-at").first()
    return before is not None and before.status != ConnectorStatus.OPERATIONAL


def _wrong(connector: Connector, check: ConnectorCheck) -> Wrong:
    system = system_name(connector.system)
    called = connector.name if connector.name.casefold() == system.casefold() else f"{connector.name} ({system})"
    words = WORDS.get(ConnectorStatus(check.status), "does not work")
    facts = {"status": check.status, "reason": one_line(masked(check.detail), 500), "at": check.at.isoformat()}
    return Wrong(Kind.CONNECTOR, f"{called} {words}", [check.status], lambda: facts)
