"""The last look before a service is switched on: what was checked, what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from topstitch.engine.proposals.defaults import unmapped_required
from topstitch.engine.spec import Service as Spec
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.model import Idempotency
from topstitch.store.models import Connector, Service
from topstitch.store.models.connector import ConnectorStatus
from topstitch.store.queries.doubling import Way, doubling, returning, way_of
from topstitch.web.components.words import counted, duration
from topstitch.web.service_forms.filters_window import longest_wait, short_windows
from topstitch.web.services.mapping import value_words
from topstitch.web.wizard.steps import FILTERS, MAPPING, TRIGGER, step_named

#: A connector that was tested so lately need not be tested again.
FRESH = timedelta(minutes=10)
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. `kind`: ok, pending (to be thought about), failed (it will not work)."""

    kind: str
    what: str
    do: str = ""
    href: str = ""
    link: str = ""
    #: When it was found out, where that is not now.
    when: datetime | None = None

    @property
    def icon(self) -> str:
        """Its shape."""
        return {"ok": "tick", "pending": "warn", "failed": "cross"}[self.kind]


def findings(service: Service, spec: Spec) -> list[Finding]:
    """All checks, in the order in which a person would make them."""
    ends = {each.pk: each for each in (service.source, service.destination)}
    return [
        *(of_connector(each) for each in ends.values()),
        _required(service, spec),
        *doubled(way_of(service), but=service.pk),
        *_timing(service, spec),
    ]


def is_stale(connector: Connector) -> bool:
    """Whether nobody has tested it lately."""
    return connector.checked_at is None or timezone.now() - connector.checked_at > FRESH


def of_connector(connector: Connector) -> Finding:
    """What its last test found."""
    href = reverse("connector", args=[connector.pk])
    if connector.status == ConnectorStatus.UNKNOWN or connector.checked_at is None:
        why = f": {connector.status_detail}" if connector.status_detail else ""
        return Finding("pending", f"{connector.name} has not passed a test yet{why}", "Test it here.")
    if connector.status == ConnectorStatus.OPERATIONAL:
        return Finding("ok", f"{connector.name} answers and lets us in", when=connector.checked_at)
    what = "refuses the credentials" if connector.status == ConnectorStatus.REFUSED else "cannot be reached"
    detail = f" ({connector.status_detail})" if connector.status_detail else ""
    do = "Correct the settings of the connector, then test again."
    return Finding("failed", f"{connector.name} {what}{detail}", do, href, "Open the connector", connector.checked_at)


def _required(service: Service, spec: Spec) -> Finding:
    fields = CATALOGUE.get(service.destination.system).fields(service.destination_entity)
    missing = unmapped_required(fields, spec.mapping)
    if not spec.mapping:
        return _finding(service, MAPPING, "failed", "No field is mapped yet", "Add rows, or nothing can be sent.")
    if not missing:
        return Finding("ok", "Every required field is mapped")
    named = ", ".join(field.path for field in missing[:SHOWN]) + ("…" if len(missing) > SHOWN else "")
    what = f"{counted(len(missing), 'required field')} without a row: {named}"
    return _finding(service, MAPPING, "failed", what, "Fill them, or every record will be refused.")


def doubled(way: Way, *, but: int | None = None) -> Iterator[Finding]:
    """Other services that would move the same records, or bring them back."""
    for each in doubling(way, but=but):
        what = f"“{each.name}” moves the same records to the same place"
        href = reverse("service", args=[each.pk])
        if settles(way):
            yield Finding("pending", what, "Both would write each record; none is doubled.", href, "Look at it")
        else:
            do = "Each service has a memory of its own, so records may arrive twice. Keep one of them, or let filters part them."
            yield Finding("pending" if not each.active else "failed", what, do, href, "Look at it")
    for each in returning(way, but=but):
        what = f"“{each.name}” brings the same kind of records back"
        do = "Decide which side is right for which field, or changes go round in circles."
        yield Finding("pending", what, do, reverse("service", args=[each.pk]), "Look at it")


def settles(way: Way) -> bool:
    """Whether the destination knows a record by its own number, whoever sends it."""
    write = CATALOGUE.get(way.destination.system).entity(way.destination_entity).write
    return write is not None and write.idempotency == Idempotency.NATURAL_KEY


def _timing(service: Service, spec: Spec) -> Iterator[Finding]:
    if not spec.schedules and spec.webhook:
        yield Finding("ok", "It runs whenever its webhook is called")
        return
    if not spec.schedules:
        yield _finding(
            service, TRIGGER, "pending", "It has no schedule", "It then runs only when somebody asks for it."
        )
        return
    short, wait = short_windows(spec.source.filters, spec.source, spec.schedules), longest_wait(spec.schedules)
    if not short or wait is None:
        yield Finding("ok", "Between two runs nothing is missed")
        return
    what = f"The filter looks back {value_words(short[0])}, and up to {duration(wait)} pass between two runs"
    if spec.source.catch_up:
        yield Finding("ok", f"{what}: a run reaches back to the one before it")
    else:
        do = "Widen the filter, run more often, or let late runs be made up for."
        yield _finding(service, FILTERS, "pending", what, do)


def _finding(service: Service, step: object, kind: str, what: str, do: str) -> Finding:
    """One that a step of the wizard puts right."""
    slug, name = getattr(step, "slug", ""), getattr(step, "name", "")
    there = step_named(slug)
    href = reverse("wizard_step", args=[service.pk, slug]) if there else ""
    return Finding(kind, what, do, href, f"Go to {name.lower()}" if href else "")
