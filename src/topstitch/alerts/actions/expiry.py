"""The day on which a connector's credentials end, as a person knows it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from topstitch.accounts.standing import require
from topstitch.alerts.models import ConnectorWatch
from topstitch.store.actions.audit import audit
from topstitch.store.models import Connector

if TYPE_CHECKING:
    from topstitch.accounts.models import User


@transaction.atomic
def set_expiry(connector: Connector, day: date | None, *, person: User | None = None) -> None:
    """Enter the last day on which the credentials hold; None: they do not end, or nobody knows when."""
    require(person, connector.group.company, "connectors.update")
    watch, _ = ConnectorWatch.objects.select_for_update().get_or_create(connector=connector)
    if watch.expires_on == day:
        return
    before, after = ({"expires_on": each and each.isoformat()} for each in (watch.expires_on, day))
    watch.expires_on = day
    watch.save(update_fields=["expires_on"])
    company = connector.group.company
    audit(
        "update", "connector", connector.pk, connector.name, company=company, person=person, before=before, after=after
    )
