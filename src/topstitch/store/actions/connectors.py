"""Connectors: saving them, renaming and removing them, and opening them for use."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings as installation
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from topstitch.accounts.standing import require
from topstitch.errors import ConfigError
from topstitch.net.retry import Deadline
from topstitch.net.tokens import TokenStore
from topstitch.sdk.catalogue import CATALOGUE, Entry
from topstitch.sdk.connection import Connection, Log
from topstitch.sdk.model import Setting
from topstitch.sdk.settings import checked_settings
from topstitch.sdk.sign_in import SIGNED_IN
from topstitch.store.actions.audit import audit
from topstitch.store.actions.companies import hold_group
from topstitch.store.actions.connector_secrets import (
    kept_secrets,
    refuse_elsewhere,
    seal_secrets,
    sign_in_holds,
    stored_secrets,
)
from topstitch.store.budgets import budget_of
from topstitch.store.models import CompanyGroup, Connector, Revision, Service
from topstitch.store.models.connector import ConnectorStatus, ConnectorToken, Environment
from topstitch.store.queries.connectors import askers_of, users_of
from topstitch.store.systems import load_user_systems
from topstitch.store.tokens import PgTokenStore

if TYPE_CHECKING:
    from topstitch.accounts.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A connector as somebody wants it. `values` are its settings, secrets that were typed in clear."""

    group: CompanyGroup
    name: str
    system: str
    values: Mapping[str, Any]
    environment: str = Environment.LIVE
    base_url: str = ""
    zone: str = "UTC"
    date_format: str = ""
    #: Names of secrets that were not typed: they are those of the connector that it is to change.
    keeps: Collection[str] = ()

    def checked(self, connector: Connector | None = None) -> Draft:
        """As it would be saved: settings cast and completed, with what it keeps of the `connector` that it is to change.

        Raises ConfigError naming the setting that is wrong, and for secrets that are kept for another place.
        """
        entry = CATALOGUE.get(self.system)
        kept = {n: v for n, v in kept_secrets(connector).items() if n in self.keeps} if connector else {}
        given = effective_settings(entry, self.environment, {**self.values, **kept})
        values = checked_settings(entry.system.settings, given, place=self.name)
        given_values = {name: value for name, value in values.items() if value is not None}
        whole = replace(self, values=given_values, base_url=self._checked_address(entry), keeps=())
        if connector and kept:
            refuse_elsewhere(connector, whole.values, whole.base_url)
        return whole

    def _checked_address(self, entry: Entry) -> str:
        if not self.base_url:
            return ""
        if self.environment != Environment.TEST:
            raise ConfigError(
                "base_url is for test connectors: a live one goes to the vendor, a practice one to its practice server",
                place=self.name,
                key="base_url",
                hint="Leave it out, or make a test connector.",
            )
        if entry.system.http is None:
            raise ConfigError(
                f"base_url is for systems that are reached over HTTP, which {entry.name} is not",
                place=self.name,
                key="base_url",
                hint="Leave it out: the address is among the settings.",
            )
        return checked_address(self.base_url)


def checked_address(text: str) -> str:
    """The address of a test system, "" for none. Raises ConfigError for what is no address."""
    address = Setting(name="base_url", label="The address", kind="url")
    return str(checked_settings([address], {"base_url": text})["base_url"] or "")


def save_connector(
    group: CompanyGroup, name: str, system: str, values: Mapping[str, Any], *, person: User | None = None, **more: Any
) -> Connector:
    """Create a connector, or update the one of this name: as files do. `more` are fields of Draft.

    System and environment are fixed once it exists. Raises ConfigError naming the setting that is wrong.
    """
    draft = Draft(group=group, name=name, system=system, values=values, **more)
    existing = Connector.objects.filter(group=group, name=name).first()
    return change_connector(existing, draft, person=person) if existing else add_connector(draft, person=person)


@transaction.atomic
def add_connector(draft: Draft, *, person: User | None = None) -> Connector:
    """A new one. Raises ConfigError for a setting that is wrong, and for a name that is taken in the group."""
    require(person, draft.group.company, "connectors.create")
    hold_group(draft.group)
    draft = draft.checked()
    _refuse_taken(draft)
    connector = Connector(system=draft.system, environment=draft.environment)
    _write(connector, draft)
    _tell("create", connector, person, after=shown(connector))
    return connector


@transaction.atomic
def change_connector(connector: Connector, draft: Draft, *, person: User | None = None) -> Connector:
    """Other settings, credentials or another name; every service that uses it goes on with them.

    Raises ConfigError for a setting that is wrong, another system or environment, and a name that is taken or asked for.
    """
    require(person, connector.group.company, "connectors.update")
    hold_group(connector.group)
    there = Connector.objects.select_for_update(of=("self",), no_key=True).select_related("group__company")
    connector = there.get(pk=connector.pk)
    draft = draft.checked(connector)
    if (connector.system, connector.environment) != (draft.system, draft.environment):
        raise ConfigError(
            f"it is a {connector.environment} connector of {connector.system} and stays one",
            place=connector.name,
            hint="Make another connector under another name.",
        )
    before, kept, name = shown(connector), {**connector.settings, **kept_secrets(connector)}, connector.name
    base_url, signed_in = connector.base_url, sign_in_holds(connector, draft.values, draft.base_url)
    if draft.name != name:
        _refuse_rename(connector, draft)
    _write(connector, draft)
    changed = sorted(n for n in {*kept, *draft.values} if kept.get(n) != draft.values.get(n))
    if changed or base_url != connector.base_url:
        # Tokens got with what was there before; the sign-in of a person stays where it is as good as it was.
        connector.tokens.exclude(name__in=[SIGNED_IN] if signed_in else []).delete()
    after = shown(connector)
    if secret := sorted({*changed} & _secret_names(draft.system)):
        after["secrets_changed"] = secret
    if draft.name != name:
        _rename_in_services(connector, name, person)
        before["name"], after["name"] = name, draft.name
    _tell("update", connector, person, before=before, after=after)
    return connector


def _write(connector: Connector, draft: Draft) -> None:
    secret = _secret_names(draft.system)
    connector.group, connector.name = draft.group, draft.name
    connector.settings = {name: value for name, value in draft.values.items() if name not in secret}
    connector.base_url, connector.zone, connector.date_format = draft.base_url, draft.zone, draft.date_format
    connector.save()
    # There is an id only now.
    seal_secrets(connector, {name: value for name, value in draft.values.items() if name in secret})
    connector.save(update_fields=["sealed"])


def _secret_names(system: str) -> set[str]:
    return {setting.name for setting in CATALOGUE.get(system).system.settings if setting.secret}


def _refuse_taken(draft: Draft) -> None:
    if Connector.objects.filter(group=draft.group, name=draft.name).exists():
        raise ConfigError(
            f"there is a connector {draft.name!r} in {draft.group.name} already",
            key="name",
            hint="Choose another name.",
        )


def _refuse_rename(connector: Connector, draft: Draft) -> None:
    _refuse_taken(draft)
    if askers := askers_of(connector):
        names = ", ".join(service.name for service in askers)
        raise ConfigError(
            f"mappings look records up in it by its name: {names}",
            key="name",
            hint="Keep the name, or take these lookups out first.",
        )


def _rename_in_services(connector: Connector, old: str, person: User | None) -> None:
    """Configurations know connectors by name: each service that uses it gets a revision with the new one."""
    for service in users_of(connector):
        if service.revision is None:
            continue
        before = service.revision.spec
        after = {**before}
        for end, pk in (("source", service.source_id), ("destination", service.destination_id)):
            if pk == connector.pk:
                after[end] = {**before[end], "connector": connector.name}
        last = service.revisions.order_by("-number").values_list("number", flat=True).first() or 0
        note = f"The connector {old} is called {connector.name}."[:500]
        service.revision = Revision.objects.create(
            service=service, number=last + 1, spec=after, note=note, author=person
        )
        service.save(update_fields=["revision"])
        company = connector.group.company
        audit("update", "service", service.pk, service.name, company=company, person=person, before=before, after=after)


@transaction.atomic
def remove_connector(connector: Connector, *, person: User | None = None) -> None:
    """Remove it with its credentials and history. Raises ConfigError naming the services that use it."""
    require(person, connector.group.company, "connectors.delete")
    hold_group(connector.group)
    users = dict.fromkeys(service.name for service in (*users_of(connector), *askers_of(connector)))
    if users:
        raise ConfigError(
            f"{connector.name} is used by {', '.join(users)}",
            key="in_use",
            hint="Give these services another connector, or remove them first.",
        )
    before, pk = shown(connector), connector.pk
    if Service.everything.filter(Q(source=connector) | Q(destination=connector)).exists():
        _hollow(connector)
    else:
        connector.delete()
        connector.pk = pk
    _tell("delete", connector, person, before=before)


def _hollow(connector: Connector) -> None:
    """Nothing is left but what the reports of removed services call it; `forget_removed` takes that too in time."""
    connector.settings, connector.sealed, connector.base_url = {}, b"", ""
    connector.status, connector.status_detail = ConnectorStatus.UNKNOWN, ""
    connector.removed_at = timezone.now()
    connector.save(update_fields=["settings", "sealed", "base_url", "status", "status_detail", "removed_at"])
    connector.checks.all().delete()
    ConnectorToken.objects.filter(connector=connector).delete()


def _tell(
    verb: str,
    connector: Connector,
    person: User | None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    company = connector.group.company
    audit(verb, "connector", connector.pk, connector.name, company=company, person=person, before=before, after=after)


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
        "zone": connector.zone,
        "date_format": connector.date_format,
    }


def shown_draft(draft: Draft) -> dict[str, Any]:
    """The same of what is to become one."""
    secret = _secret_names(draft.system)
    settings = {name: value for name, value in draft.values.items() if name not in secret}
    plain = ("system", "environment", "base_url", "zone", "date_format")
    return {**{name: getattr(draft, name) for name in plain}, "settings": settings}


def stored_values(connector: Connector) -> dict[str, Any]:
    """All settings of a connector, secrets in clear: only for opening it and for comparing."""
    return {**connector.settings, **stored_secrets(connector)}


def draft_of(connector: Connector) -> Draft:
    """A connector as it is saved, to be changed."""
    return Draft(
        group=connector.group,
        name=connector.name,
        system=connector.system,
        values=stored_values(connector),
        environment=connector.environment,
        base_url=connector.base_url,
        zone=connector.zone,
        date_format=connector.date_format,
    )


def open_connection(
    connector: Connector,
    *,
    stop: threading.Event | None = None,
    log: Log | None = None,
    dry: bool = False,
) -> Connection:
    """The connector's live link; close it after use. Raises ConfigError when its settings do not fit any more."""
    load_user_systems()
    more: dict[str, Any] = {"stop": stop, "dry": dry, **({"log": log} if log else {})}
    return open_draft(draft_of(connector), tokens=PgTokenStore(connector.pk), budget_id=connector.pk, **more)


def open_draft(draft: Draft, *, tokens: TokenStore, budget_id: int | None = None, **more: Any) -> Connection:
    """A link by what was filled in, saved or not. `budget_id`: the connector whose budget its requests count in.

    `more` are fields of Connection. Raises ConfigError for settings that do not fit.
    """
    entry = CATALOGUE.get(draft.system)
    practice = draft.environment == Environment.PRACTICE
    if entry.system.http and budget_id is not None:
        checked = checked_settings(entry.system.settings, draft.values, place=draft.name)
        more["budget"] = budget = budget_of(budget_id, entry.system.http.limits_for(checked))
        if isinstance(more.get("stop"), Deadline):
            # Of a process that serves pages: it keeps no connection for a system that it asked once.
            more["closers"] = [budget.close]
    return Connection(
        entry=entry,
        settings=draft.values,
        environment=draft.environment,
        origin=f"{installation.PRACTICE_URL}/{draft.system}" if practice else draft.base_url,
        practice_sftp=installation.PRACTICE_SFTP if practice else "",
        private_hosts=installation.PRIVATE_HOSTS,
        zone=draft.zone,
        date_format=draft.date_format,
        tokens=tokens,
        **more,
    )
