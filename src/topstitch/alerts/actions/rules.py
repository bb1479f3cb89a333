"""Alert rules: of a service, and the default of a company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from topstitch.accounts.standing import require
from topstitch.alerts.actions.groups import checked_addresses, people_of
from topstitch.alerts.models import AlertRule, Frequency, NotificationGroup
from topstitch.errors import ConfigError
from topstitch.store.actions.audit import audit
from topstitch.store.models import Company, Service
from topstitch.values.zones import find_zone

if TYPE_CHECKING:
    from topstitch.accounts.models import User


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule as it is to be: groups by name, people by e-mail address; conditions as in AlertRule."""

    on: bool = True
    groups: Sequence[str] = ()
    people: Sequence[str] = ()
    addresses: Sequence[str] = ()
    frequency: str = Frequency.IMMEDIATE
    hour: int = 8
    zone: str = "UTC"
    failures: int | None = 1
    run_failed: bool = True
    no_success_hours: int | None = 24
    not_run: bool = True
    empty_runs: int | None = None
    connector: bool = True
    credentials: bool = True


WHOM = ("groups", "people", "addresses")
PLAIN = tuple(name for name in RuleDraft.__dataclass_fields__ if name not in WHOM)


@transaction.atomic
def save_rule(owner: Service | Company, draft: RuleDraft, *, person: User | None = None) -> AlertRule:
    """Give a service alerts of its own, or a company its default. Raises ConfigError naming what is wrong."""
    company = owner.group.company if isinstance(owner, Service) else owner
    service = owner if isinstance(owner, Service) else None
    require(person, company, "services.update" if service else "notifications.update")
    check_draft(draft, owner.name)
    groups = groups_named(company, draft.groups, owner.name)
    people = people_of(company, draft.people, owner.name)
    addresses = checked_addresses(draft.addresses, owner.name)
    existing = AlertRule.objects.select_for_update().filter(company=company, service=service).first()
    before = shown_rule(existing) if existing else None
    rule = existing or AlertRule(company=company, service=service)
    for name in PLAIN:
        setattr(rule, name, getattr(draft, name))
    rule.addresses = addresses
    rule.save()
    rule.groups.set(groups)
    rule.people.set(people)
    after = shown_rule(rule)
    if before != after:
        verb = "update" if existing else "create"
        audit(verb, "alerts", owner.pk, owner.name, company=company, person=person, before=before, after=after)
    return rule


@transaction.atomic
def copy_rule(service: Service, clone: Service, person: User | None) -> None:
    """Give a clone the alerts of its original; where that follows the default so does the clone."""
    rule = AlertRule.objects.filter(service=service).first()
    if rule is None:
        return
    plain = {name: getattr(rule, name) for name in PLAIN}
    made = AlertRule.objects.create(company=rule.company, service=clone, addresses=list(rule.addresses), **plain)
    made.groups.set(rule.groups.all())
    made.people.set(rule.people.all())
    after = shown_rule(made)
    audit("create", "alerts", clone.pk, clone.name, company=rule.company, person=person, after=after)


@transaction.atomic
def follow_default(service: Service, *, person: User | None = None) -> None:
    """Take a service's own alerts away: the company's default holds for it again."""
    rule = AlertRule.objects.filter(service=service).first()
    company = service.group.company
    require(person, company, "services.update")
    if rule is not None:
        before = shown_rule(rule)
        audit("delete", "alerts", service.pk, service.name, company=company, person=person, before=before)
        rule.delete()


def switch_alerts(service: Service, on: bool, *, person: User | None = None) -> AlertRule:
    """Switch a service's alerts on or off; one that followed the default gets a rule of its own like it."""
    rule = AlertRule.objects.filter(service=service).first()
    rule = rule or AlertRule.objects.filter(company=service.group.company, service=None).first()
    draft = RuleDraft(**{**shown_rule(rule), "on": on}) if rule else RuleDraft(on=on)
    return save_rule(service, draft, person=person)


def shown_rule(rule: AlertRule) -> dict[str, Any]:
    """A rule as a draft would have it."""
    return asdict(
        RuleDraft(
            groups=sorted(rule.groups.values_list("name", flat=True)),
            people=sorted(rule.people.values_list("email", flat=True)),
            addresses=list(rule.addresses),
            **{name: getattr(rule, name) for name in PLAIN},
        )
    )


def check_draft(draft: RuleDraft, place: str) -> None:
    """Raise ConfigError for what a rule cannot be."""
    if draft.frequency not in Frequency.values:
        raise ConfigError(f"the frequency is one of {', '.join(Frequency.values)}", place=place)
    if not 0 <= draft.hour <= 23:
        raise ConfigError("the hour of the daily mail is 0 to 23", place=place)
    find_zone(draft.zone)
    most = {"failures": 1_000_000, "no_success_hours": 24 * 366, "empty_runs": 10_000}
    for name, limit in most.items():
        value = getattr(draft, name)
        if value is not None and not 1 <= value <= limit:
            raise ConfigError(f"{name} is 1 to {limit:,}, or nothing", place=place)


def groups_named(company: Company, names: Sequence[str], place: str) -> list[NotificationGroup]:
    """The groups of these names. Raises ConfigError with those there are."""
    found = {group.name: group for group in NotificationGroup.objects.filter(company=company)}
    for name in names:
        if name not in found:
            known = ", ".join(sorted(found)) or "none yet"
            raise ConfigError(f"there is no notification group {name!r}; there are {known}", place=place)
    return [found[name] for name in dict.fromkeys(names)]
