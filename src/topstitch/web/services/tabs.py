"""The tabs of a service, in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from topstitch.store.models import Service
from topstitch.store.queries.payload_scripts import has_scripts, uses_script
from topstitch.web.access import may


def _always(service: Service) -> bool:
    return True


def _active(service: Service) -> bool:
    return service.active


def _scripted(service: Service) -> bool:
    return uses_script(service) or has_scripts(service.group.company_id)


@dataclass(frozen=True, slots=True)
class Tab:
    """`screen`: name of its address, which takes the service's id. `shown`: for which services it is of use."""

    slug: str
    name: str
    screen: str
    capability: str = "services.view_settings"
    shown: Callable[[Service], bool] = _always


TABS = (
    Tab("summary", "Summary", "service", "services.list"),
    Tab("canvas", "Canvas", "service_canvas"),
    Tab("filters", "Filters", "service_filters"),
    Tab("trigger", "Trigger", "service_trigger"),
    Tab("source", "Source", "service_source"),
    Tab("destination", "Destination", "service_destination"),
    Tab("mapping", "Mapping", "mapper"),
    Tab("alerts", "Alerts", "service_alerts"),
    Tab("script", "Payload script", "service_script", shown=_scripted),
    Tab("run", "Run service", "service_run", "services.run", _active),
    Tab("settings", "Settings", "service_settings"),
)


def tabs_of(request: HttpRequest, service: Service) -> list[tuple[Tab, str]]:
    """The tabs that are of use for this service and that the person may open, each with its address."""
    wanted = [tab for tab in TABS if tab.shown(service) and may(request, tab.capability)]
    return [(tab, reverse(tab.screen, args=[service.pk])) for tab in wanted]
