"""Services that would get in each other's way: two that move the same records, and two that send them back and forth."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from topstitch.store.models import Connector, Service
from topstitch.store.models.connector import Environment
from topstitch.store.queries.kinds import kind_of


@dataclass(frozen=True, slots=True)
class Way:
    """From which records of a connector to which of another."""

    source: Connector
    source_entity: str
    destination: Connector
    destination_entity: str

    @property
    def entities(self) -> tuple[str, str]:
        """Both kinds of records."""
        return self.source_entity, self.destination_entity


def way_of(service: Service) -> Way:
    """That of a service."""
    return Way(service.source, service.source_entity, service.destination, service.destination_entity)


def between(source: Connector, destination: Connector, *, but: int | None = None) -> list[Service]:
    """The company's services, other than `but`, from the place of one connector to that of another."""
    found = _others(source, but).filter(source__system=source.system, destination__system=destination.system)
    return [each for each in found if same_place(each.source, source) and same_place(each.destination, destination)]


def doubling(way: Way, *, but: int | None = None) -> list[Service]:
    """Those that move the same records to the same place."""
    return [each for each in between(way.source, way.destination, but=but) if _entities(each) == way.entities]


def returning(way: Way, *, but: int | None = None) -> list[Service]:
    """Those that bring the same kind of records back, so that each change would travel round for ever."""
    kind = kind_of(way.source.system, way.source_entity)
    if kind != kind_of(way.destination.system, way.destination_entity):
        return []
    back = between(way.destination, way.source, but=but)
    return [each for each in back if kind == kind_of(each.source.system, each.source_entity)]


def _others(connector: Connector, but: int | None) -> QuerySet[Service]:
    services = Service.objects.filter(group__company=connector.group.company_id)
    services = services if but is None else services.exclude(pk=but)
    secret = ("source__sealed", "destination__sealed", "reader_state")
    return services.select_related("source", "destination").defer(*secret).order_by("name")


def _entities(service: Service) -> tuple[str, str]:
    return service.source_entity, service.destination_entity


def same_place(one: Connector, other: Connector) -> bool:
    """Whether two connectors lead to one account, as far as can be told without their secrets. Practice has one of each."""
    if one.pk == other.pk:
        return True
    if (one.system, one.environment) != (other.system, other.environment):
        return False
    if one.environment == Environment.PRACTICE:
        return True
    return bool(one.settings) and (one.settings, one.base_url) == (other.settings, other.base_url)
