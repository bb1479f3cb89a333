"""Connectors: saving, checking, and opening them for use."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings as installation
from django.db import transaction
from django.utils import timezone

from topstitch.accounts.standing import require
from topstitch.engine.identity import storable
from topstitch.errors import AuthError, ConfigError, TopstitchError, Unreachable
from topstitch.sdk.catalogue import CATALOGUE, Entry
from topstitch.sdk.connection import Connection, Log
from topstitch.sdk.model import Check
from topstitch.sdk.settings import checked_settings
from topstitch.store.actions.audit import audit
from topstitch.store.budgets import budget_of
from topstitch.store.models import CompanyGroup, Connector
from topstitch.store.models.connector import ConnectorStatus, Environment
from topstitch.store.secrets import seal, unseal
from topstitch.store.systems import load_user_systems
from topstitch.store.tokens import PgTokenStore

if TYPE_CHECKING:
    from topstitch.accounts.models import User

#: Checks of a connector that are kept: half a year of hourly ones.
KEEP_CHECKS = 4000


@transaction.atomic
def save_connector(
    group: CompanyGroup,
    name: str,
    system: str,
    values: Mapping[str, Any],
    *,
    environment: str = Environment.LIVE,
    base_url: str = "",
    allow_private: bool = False,
    zone: str = "UTC",
    date_format: str = "",
    person: User | None = None,
) -> Connector:
    """Create a connector, or update the one of this name. System and environment are fixed once it exists.

    Raises ConfigError naming the setting that is wrong.
    """
    known = Connector.objects.filter(group=group, name=name).exists()
    require(person, group.company, "connectors.update" if known else "connectors.create")
    entry = CATALOGUE.get(system)
    values = checked_settings(entry.system.settings, effective_settings(entry, environment, values), place=name)
    if base_url and environment == Environment.LIVE:
        raise ConfigError("base_url is for test and practice connectors: a live one goes to the vendor", place=name)
    existing = Connector.objects.select_for_update().filter(group=group, name=name).first()
    if existing and (existing.system, existing.environment) != (system, environment):
        raise ConfigError(
            f"it is a {existing.environment} connector of {existing.system} and stays one",
            place=name,
            hint="Make another connector under another name.",
        )
    connector = existing or Connector(group=group, name=name, system=system, environment=environment)
    before = shown(connector) if existing else None
    secret = {s.name for s in entry.system.settings if s.secret}
    connector.settings = {k: v for k, v in values.items() if k not in secret and v is not None}
    connector.base_url, connector.allow_private = base_url, allow_private
    connector.zone, connector.date_format = zone, date_format
    connector.save()
    connector.sealed = seal(_owner(connector), {k: v for k, v in values.items() if k in secret and v is not None})
    connector.save(update_fields=["sealed"])
    audit(
        "update" if existing else "create",
        "connector",
        connector.pk,
        name,
        company=group.company,
        person=person,
        before=before,
        after=shown(connector),
    )
    return connector


def effective_settings(entry: Entry, environment: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A practice connector needs no settings: its practice server's own are the defaults."""
    return {**entry.practice_settings, **values} if environment == Environment.PRACTICE else values


def shown(connector: Connector) -> dict[str, Any]:
    """What may be shown of a connector: never a secret."""
    return {
        "system": connector.system,
        "environment": connector.environment,
        "settings": connector.settings,
        "base_url": connector.base_url,
        "allow_private": connector.allow_private,
        "zone": connector.zone,
        "date_format": connector.date_format,
    }


def stored_values(connector: Connector) -> dict[str, Any]:
    """All settings of a connector, secrets in clear: only for opening it and for comparing."""
    return {**connector.settings, **unseal(_owner(connector), bytes(connector.sealed))}


def _owner(connector: Connector) -> str:
    return f"connector:{connector.pk}"


def open_connection(
    connector: Connector, *, stop: threading.Event | None = None, log: Log | None = None, dry: bool = False
) -> Connection:
    """The connector's live link; close it after use. Raises ConfigError when its settings do not fit any more."""
    load_user_systems()
    entry = CATALOGUE.get(connector.system)
    practice = connector.environment == Environment.PRACTICE
    extra: dict[str, Any] = {"log": log} if log else {}
    values = stored_values(connector)
    if entry.system.http:
        checked = checked_settings(entry.system.settings, values, place=connector.name)
        extra["budget"] = budget_of(connector.pk, entry.system.http.limits_for(checked))
    return Connection(
        entry=entry,
        settings=values,
        environment=connector.environment,
        origin=connector.base_url or (f"{installation.PRACTICE_URL}/{connector.system}" if practice else ""),
        practice_sftp=installation.PRACTICE_SFTP if practice else "",
        allow_private=connector.allow_private,
        zone=connector.zone,
        date_format=connector.date_format,
        tokens=PgTokenStore(connector.pk),
        stop=stop,
        dry=dry,
        **extra,
    )


def check_connector(connector: Connector) -> list[Check]:
    """Test a connector and keep what was found as its status; the failed step is the last one."""
    checks: list[Check] = []
    connection, began = None, time.monotonic()
    try:
        connection = open_connection(connector)
        checks = list(connection.entry.system.test(connection))
        status, detail = ConnectorStatus.OPERATIONAL, ""
    except TopstitchError as error:
        checks.append(Check(label=error.message, ok=False, detail=error.hint))
        status, detail = _status_of(error), error.message
    finally:
        if connection:
            connection.close()
    Connector.objects.filter(pk=connector.pk).update(status=status, status_detail=detail, checked_at=timezone.now())
    _keep_check(connector, status, detail, checks, round((time.monotonic() - began) * 1000))
    return checks


def _keep_check(connector: Connector, status: ConnectorStatus, detail: str, checks: list[Check], took_ms: int) -> None:
    """For the connector's history, which is as long as is of use."""
    steps = [{"label": storable(c.label), "ok": c.ok, "detail": storable(c.detail)} for c in checks]
    ok = status == ConnectorStatus.OPERATIONAL
    made = connector.checks.create(ok=ok, status=status, detail=storable(detail), steps=steps, took_ms=took_ms)
    old = connector.checks.order_by("-pk").values_list("pk", flat=True)[KEEP_CHECKS : KEEP_CHECKS + 1]
    if oldest := next(iter(old), None):
        connector.checks.filter(pk__lte=oldest).exclude(pk=made.pk).delete()


def _status_of(error: TopstitchError) -> ConnectorStatus:
    if isinstance(error, AuthError):
        return ConnectorStatus.REFUSED
    return ConnectorStatus.UNREACHABLE if isinstance(error, Unreachable) else ConnectorStatus.UNKNOWN
