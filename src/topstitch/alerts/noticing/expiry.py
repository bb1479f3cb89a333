"""Credentials that end on a day which a person entered: told two weeks before, three days before, and when they have ended."""

from __future__ import annotations

from datetime import date

from topstitch.alerts.models import ConnectorWatch, Kind, Trouble
from topstitch.alerts.names import counted
from topstitch.alerts.noticing.about import about_connector
from topstitch.alerts.noticing.connectors import users_of
from topstitch.alerts.noticing.troubles import Troubles, Wrong
from topstitch.alerts.queries.rules import Rules
from topstitch.alerts.telling.notices import Teller
from topstitch.store.models import Connector

#: Days before the end: each is told as a cause of its own.
STAGES = (14, 3, -1)


def judge_credentials(teller: Teller) -> None:
    """Compare the days with today's."""
    days = dict(ConnectorWatch.objects.filter(expires_on__isnull=False).values_list("connector_id", "expires_on"))
    open_now = Trouble.objects.filter(kind=Kind.CREDENTIALS, ended_at=None)
    ids = {*days, *(pk for pk in open_now.values_list("connector_id", flat=True) if pk)}
    if not ids:
        return
    connectors = list(Connector.objects.filter(pk__in=ids).select_related("group").defer("sealed"))
    users, rules = users_of(ids), Rules(connector.group.company_id for connector in connectors)
    with Troubles(teller, open_now) as troubles:
        for connector in connectors:
            about = about_connector(connector, users.get(connector.pk, []), rules)
            day = days.get(connector.pk)
            if day is None or (day - teller.now.date()).days > STAGES[0]:
                troubles.well(Kind.CREDENTIALS, about)
            else:
                troubles.wrong(about, _ending(connector, day, (day - teller.now.date()).days))


def _ending(connector: Connector, day: date, left: int) -> Wrong:
    when = "have expired" if left < 0 else "expire today" if left == 0 else f"expire in {counted(left, 'day')}"
    stage = min(stage for stage in STAGES if left <= stage)
    title = f"The credentials of {connector.name} {when}"
    return Wrong(Kind.CREDENTIALS, title, [f"{day}: {stage}"], lambda: {"expires_on": day.isoformat()}, daily=False)
