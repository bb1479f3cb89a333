"""The canvas: a service as its parts on the seam, each with the one figure that tells how it does, each leading to its tab."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from topstitch.alerts.queries.rules import Rules
from topstitch.engine.proposals.defaults import unmapped_required
from topstitch.engine.spec import Service as Spec
from topstitch.errors import TopstitchError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.store.models import Connector, Service
from topstitch.store.models.connector import ConnectorStatus
from topstitch.store.queries.runs import Figures, last_figures
from topstitch.store.queries.services import find_service
from topstitch.web.access import needs
from topstitch.web.components.icons import icon
from topstitch.web.components.schedules import schedule_words
from topstitch.web.components.seam import mark
from topstitch.web.components.status import look_of
from topstitch.web.components.words import counted, due, entity_name, number, system_name
from topstitch.web.scope import found, scope_of
from topstitch.web.services.views import header

#: Connectors with nothing to say about them.
QUIET = (ConnectorStatus.OPERATIONAL, ConnectorStatus.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a service. `kind` colours the figure, beside its words: ok, pending, failed, quiet."""

    name: str
    sign: SafeString
    title: str
    figure: str = ""
    kind: str = "quiet"
    note: str = ""
    href: str = field(kw_only=True)

    @property
    def shape(self) -> str:
        """The icon beside a figure that asks for attention."""
        return {"failed": "cross", "pending": "warn", "ok": "tick"}.get(self.kind, "")


@needs("services.view_settings")
@require_safe
def canvas(request: HttpRequest, service_id: int) -> HttpResponse:
    """The canvas. It shows itself anew every few seconds while a run goes on, seldom otherwise."""
    service = found(find_service(scope_of(request), service_id))
    context = header(request, service, "canvas")
    spec: Spec | None = context["spec"]
    if spec is None:
        return render(request, "service_forms/unreadable.html", context)
    figures = last_figures(service)
    context |= {
        "figures": figures,
        "nodes": list(nodes(service, spec, figures)),
        "every": "2s" if figures.going else "15s",
    }
    part = request.headers.get("HX-Request")
    return render(request, "services/_canvas.html" if part else "services/canvas.html", context)


def nodes(service: Service, spec: Spec, figures: Figures) -> Iterator[Node]:
    """The parts in the order in which records pass them."""
    yield _trigger(service, spec)
    yield _source(service, figures)
    yield _filters(service, spec, figures)
    if spec.script is not None:
        version = f"version {spec.script.version}" if spec.script.version else "latest version"
        href = reverse("service_script", args=[service.pk])
        yield Node("Payload script", icon("code"), spec.script.name, note=version, href=href)
    yield _mapping(service, spec)
    yield _destination(service, figures)
    yield _alerts(service)


def _trigger(service: Service, spec: Spec) -> Node:
    when = schedule_words(spec.schedules) if spec.schedules else "By hand"
    if not service.active:
        figure, kind = "Switched off", "quiet"
    else:
        figure, kind = (f"Next {due(service.next_due)}" if service.next_due else ""), "quiet"
    # The words of a moment are markup of ours; everything else here is a constant.
    figure = SafeString(figure)
    return Node("Trigger", icon("clock"), when, figure, kind, href=reverse("service_trigger", args=[service.pk]))


def _end(connector: Connector, entity: str, name: str, **more: Any) -> Node:
    """A side of the service; a connector that is not as it should be is what there is to say of it."""
    if connector.status not in QUIET:
        more |= {"figure": look_of(connector.status, "connector").word, "kind": "failed"}
    note = f"{system_name(connector.system)} {entity_name(entity)}"
    return Node(name, mark(connector.system), connector.name, note=note, **more)


def _source(service: Service, figures: Figures) -> Node:
    figure = f"{number(figures.pulled)} pulled" if figures.runs else "Nothing pulled yet"
    href = reverse("service_source", args=[service.pk])
    return _end(service.source, service.source_entity, "Source", figure=figure, href=href)


def _filters(service: Service, spec: Spec, figures: Figures) -> Node:
    rows = len(spec.source.filters)
    kept = figures.pulled - figures.filtered
    figure = f"{number(kept)} of {number(figures.pulled)} kept" if figures.pulled else ""
    title = counted(rows, "row") if rows else "Every record"
    return Node("Filters", icon("settings"), title, figure, href=reverse("service_filters", args=[service.pk]))


def _mapping(service: Service, spec: Spec) -> Node:
    rows = [row for row in spec.mapping if row.enabled]
    missing = _missing(service, spec)
    figure, kind = (f"{missing} required missing", "failed") if missing else ("All required mapped", "ok")
    if not rows:
        figure, kind = "Nothing is mapped yet", "failed"
    title = counted(len(rows), "row")
    return Node("Mapping", icon("change"), title, figure, kind, href=reverse("mapper", args=[service.pk]))


def _missing(service: Service, spec: Spec) -> int:
    """Required fields of the destination that no row fills; none of a system that is not installed."""
    try:
        wanted = CATALOGUE.get(service.destination.system).fields(service.destination_entity)
    except TopstitchError:
        return 0
    return len(unmapped_required(wanted, spec.mapping))


def _destination(service: Service, figures: Figures) -> Node:
    if figures.failed:
        figure, kind = f"{number(figures.failed)} failed", "failed"
    elif figures.waiting:
        figure, kind = f"{number(figures.waiting)} waiting", "pending"
    elif figures.runs:
        figure, kind = f"{number(figures.pushed)} pushed", "ok"
    else:
        figure, kind = "Nothing pushed yet", "quiet"
    href = reverse("service_destination", args=[service.pk])
    return _end(service.destination, service.destination_entity, "Destination", figure=figure, kind=kind, href=href)


def _alerts(service: Service) -> Node:
    rule = Rules([service.group.company_id]).of(service.pk, service.group.company_id)
    title, sign = ("On", "bell") if rule.on else ("Off", "mute")
    own = "Its own" if rule.service_id else "As the company’s"
    figure = rule.get_frequency_display().partition(",")[0] if rule.on else "Nobody is told"
    return Node("Alerts", icon(sign), title, figure, note=own, href=reverse("service_alerts", args=[service.pk]))
