"""Services and connectors as notices tell of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from topstitch.alerts.models import AlertRule
from topstitch.alerts.names import system_name
from topstitch.alerts.noticing.troubles import About
from topstitch.alerts.queries.rules import Rules
from topstitch.store.models import Connector, Service

#: Services of a connector that are named.
NAMED = 20


def about_service(service: Service, rules: Rules) -> About:
    """A service, fetched with its connectors and group."""
    company = service.group.company_id
    facts = {
        "service": {
            "id": service.pk,
            "name": service.name,
            "source": _end(service.source, service.source_entity),
            "destination": _end(service.destination, service.destination_entity),
        }
    }
    return About(company, [rules.of(service.pk, company)], facts, service_id=service.pk)


def _end(connector: Connector, entity: str) -> dict[str, Any]:
    return {
        "connector": connector.name,
        "system": system_name(connector.system),
        "entity": entity.replace("_", " "),
    }


def about_connector(connector: Connector, users: Sequence[Service], rules: Rules) -> About:
    """A connector, with the active services that use it: whoever is told of one of them is told, once."""
    company = connector.group.company_id
    names = sorted(service.name for service in users)
    facts = {
        "connector": {"id": connector.pk, "name": connector.name, "system": system_name(connector.system)},
        "services": names[:NAMED],
        "services_count": len(names),
    }
    return About(company, _distinct(rules.of(s.pk, company) for s in users), facts, connector_id=connector.pk)


def _distinct(rules: Iterable[AlertRule]) -> list[AlertRule]:
    """One of each: most services follow the default."""
    return list({id(rule): rule for rule in rules}.values())
