"""Who is told: the people, addresses and channels of a rule."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.contrib.auth import get_user_model

from topstitch.alerts.models import AlertRule, Channel, NotificationGroup


class Recipient(NamedTuple):
    """An e-mail address, or a channel."""

    address: str = ""
    channel_id: int | None = None
    #: Of a channel.
    kind: str = ""


def recipients_of(rule: AlertRule) -> frozenset[Recipient]:
    """Those of the rule; if it names none those of its company's default, and if there are none its administrators."""
    found = _named_by(rule)
    if not found and rule.service_id is not None:
        default = AlertRule.objects.filter(company_id=rule.company_id, service=None).first()
        found = _named_by(default) if default else frozenset()
    return found or _administrators(rule.company_id)


def recipients_of_group(group: NotificationGroup) -> frozenset[Recipient]:
    """Those of one group. A person who left the company, or was switched off, is told nothing any more."""
    return _people(group.people.values_list("pk", flat=True), group.company_id) | _others([group])


def _named_by(rule: AlertRule) -> frozenset[Recipient]:
    if not rule.pk:
        return frozenset()
    groups = list(rule.groups.all())
    people = {*rule.people.values_list("pk", flat=True)}
    people |= {
        *NotificationGroup.people.through.objects.filter(notificationgroup__in=groups).values_list("user", flat=True)
    }
    named = frozenset(Recipient(address.lower()) for address in rule.addresses)
    return named | _people(people, rule.company_id) | _others(groups)


def _others(groups: list[NotificationGroup]) -> frozenset[Recipient]:
    """Addresses and channels."""
    addresses = {Recipient(address.lower()) for group in groups for address in group.addresses}
    channels = Channel.objects.filter(group__in=groups).values_list("pk", "kind")
    return frozenset(addresses | {Recipient(channel_id=pk, kind=kind) for pk, kind in channels})


def _people(ids: Iterable[int], company_id: int) -> frozenset[Recipient]:
    members = get_user_model().objects.filter(
        pk__in=ids, is_active=True, memberships__company_id=company_id, memberships__is_active=True
    )
    return frozenset(Recipient(email.lower()) for email in members.values_list("email", flat=True))


def _administrators(company_id: int) -> frozenset[Recipient]:
    found = get_user_model().objects.filter(
        is_active=True,
        memberships__company_id=company_id,
        memberships__is_active=True,
        memberships__role="administrator",
    )
    return frozenset(Recipient(email.lower()) for email in found.values_list("email", flat=True))


def names_of(recipients: Iterable[Recipient]) -> list[str]:
    """Addresses, then channels with their groups."""
    found = list(recipients)
    channels = Channel.objects.filter(pk__in=[each.channel_id for each in found if each.channel_id])
    named = sorted(f"{channel.group}: {channel}" for channel in channels.select_related("group"))
    return [*sorted(each.address for each in found if each.address), *named]


def people_to_tell(company_id: int) -> list[tuple[str, str]]:
    """People of a company who can be chosen: address, and name with address."""
    people = get_user_model().objects.filter(
        is_active=True, memberships__company_id=company_id, memberships__is_active=True
    )
    rows = people.order_by("email").values_list("email", "name")
    return [(email, f"{name}, {email}" if name else email) for email, name in rows]
