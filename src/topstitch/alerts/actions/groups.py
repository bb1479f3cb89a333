"""Notification groups: saving, removing, and trying them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from topstitch.accounts.standing import require
from topstitch.alerts.models import AlertRule, Channel, ChannelKind, NotificationGroup
from topstitch.alerts.telling.channels import channel_secrets, new_secret, seal_channel, secret_bytes
from topstitch.errors import ConfigError, Unreachable
from topstitch.net.guard import Guard, parse_url
from topstitch.store.actions.audit import audit
from topstitch.store.models import Company

if TYPE_CHECKING:
    from topstitch.accounts.models import User

MOST = 100


@dataclass(frozen=True, slots=True)
class ChannelDraft:
    """A channel as it is to be. `url` and `secret` None keep what there is; a webhook without a secret gets one."""

    name: str
    kind: str
    url: str | None = None
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """A group as it is to be: e-mail addresses of people of the company, any others, channels."""

    people: Sequence[str] = ()
    addresses: Sequence[str] = ()
    channels: Sequence[ChannelDraft] = field(default_factory=tuple)


@transaction.atomic
def save_group(company: Company, name: str, draft: GroupDraft, *, person: User | None = None) -> NotificationGroup:
    """Create a group, or make the one of this name what the draft says. Raises ConfigError naming what is wrong."""
    require(person, company, "notifications.update")
    checked_name(name, "a group")
    people, addresses = people_of(company, draft.people, name), checked_addresses(draft.addresses, name)
    if len(people) + len(addresses) + len(draft.channels) > MOST:
        raise ConfigError(f"a group has at most {MOST} recipients", place=name, hint="Use a mailing list instead.")
    existing = NotificationGroup.objects.select_for_update().filter(company=company, name=name).first()
    before = shown_group(existing) if existing else None
    group = existing or NotificationGroup(company=company, name=name)
    group.addresses = addresses
    group.save()
    group.people.set(people)
    _save_channels(group, draft.channels)
    after = shown_group(group)
    if before != after or _has_new_secrets(draft):
        verb = "update" if existing else "create"
        audit(verb, "notification group", group.pk, name, company=company, person=person, before=before, after=after)
    return group


@transaction.atomic
def create_group(company: Company, name: str, draft: GroupDraft, *, person: User | None = None) -> NotificationGroup:
    """A new group. Raises ConfigError when there is one of this name."""
    _refuse_taken(company, name)
    return save_group(company, name, draft, person=person)


@transaction.atomic
def change_group(group: NotificationGroup, name: str, draft: GroupDraft, *, person: User | None = None) -> None:
    """Make a group what the draft says, under another name if it is one. Raises ConfigError for a name that is taken."""
    require(person, group.company, "notifications.update")
    if name != group.name:
        checked_name(name, "a group")
        _refuse_taken(group.company, name)
        before, group.name = group.name, name
        group.save(update_fields=["name"])
        names = {"before": {"name": before}, "after": {"name": name}}
        audit("update", "notification group", group.pk, name, company=group.company, person=person, **names)
    save_group(group.company, name, draft, person=person)


def _refuse_taken(company: Company, name: str) -> None:
    if NotificationGroup.objects.filter(company=company, name=name).exists():
        raise ConfigError(f"there is a notification group {name!r} already", place=name, hint="Choose another name.")


@transaction.atomic
def delete_group(group: NotificationGroup, *, person: User | None = None) -> None:
    """Remove a group. Raises ConfigError while alerts name it: they would tell nobody, or somebody else."""
    require(person, group.company, "notifications.update")
    rules = list(AlertRule.objects.filter(groups=group).select_related("service"))
    if rules:
        users = ", ".join(rule.service.name if rule.service else "the company's default" for rule in rules[:5])
        raise ConfigError(
            f"the notification group {group.name!r} is told of {users}{' and more' if len(rules) > 5 else ''}",
            place=group.name,
            hint="Choose another group there first.",
        )
    before = shown_group(group)
    audit("delete", "notification group", group.pk, group.name, company=group.company, person=person, before=before)
    group.delete()


def shown_group(group: NotificationGroup) -> dict[str, Any]:
    """What may be shown of a group: of a channel's address only the host."""
    channels = group.channels.order_by("name")
    return {
        "people": sorted(group.people.values_list("email", flat=True)),
        "addresses": list(group.addresses),
        "channels": [{"name": c.name, "kind": c.kind, "host": c.host} for c in channels],
    }


def checked_name(name: str, what: str) -> None:
    """Raise ConfigError for a name that is none."""
    if not name.strip() or len(name) > 200 or not name.isprintable():
        raise ConfigError(f"the name of {what} has 1 to 200 letters on one line", place=name[:40])


def checked_addresses(addresses: Sequence[str], place: str) -> list[str]:
    """E-mail addresses in lower case, each once. Raises ConfigError for what is none."""
    found: dict[str, None] = {}
    for address in addresses:
        try:
            validate_email(address.strip())
        except ValidationError as error:
            raise ConfigError(f"{address[:100]!r} is no e-mail address", place=place) from error
        found[address.strip().lower()] = None
    return list(found)


def people_of(company: Company, emails: Sequence[str], place: str) -> list[Any]:
    """The people of a company with these addresses. Raises ConfigError naming one who does not belong to it."""
    wanted = {email.strip().lower() for email in emails}
    members = get_user_model().objects.filter(
        email__in=wanted, memberships__company=company, memberships__is_active=True
    )
    found = {member.email: member for member in members}
    for email in sorted(wanted - found.keys()):
        raise ConfigError(
            f"{email} is nobody of {company.name}",
            place=place,
            hint="Add other people's addresses under addresses, or invite them first.",
        )
    return list(found.values())


def _save_channels(group: NotificationGroup, drafts: Sequence[ChannelDraft]) -> None:
    names = [draft.name for draft in drafts]
    if len(set(names)) < len(names):
        raise ConfigError("two channels of a group have the same name", place=group.name)
    group.channels.exclude(name__in=names).delete()
    for draft in drafts:
        _save_channel(group, draft)


def _save_channel(group: NotificationGroup, draft: ChannelDraft) -> None:
    place = f"{group.name}, channel {draft.name}"
    checked_name(draft.name, "a channel")
    if draft.kind not in ChannelKind.values:
        raise ConfigError(f"a channel is one of {', '.join(ChannelKind.values)}", place=place)
    channel = Channel.objects.filter(group=group, name=draft.name).first() or Channel(group=group, name=draft.name)
    known: Mapping[str, Any] = channel_secrets(channel) if channel.pk and None in (draft.url, draft.secret) else {}
    url = draft.url if draft.url is not None else known.get("url", "")
    check_address(url, place)
    secret = ""
    if draft.kind == ChannelKind.WEBHOOK:
        secret = draft.secret or known.get("secret", "") or new_secret()
        secret_bytes(secret)
    channel.kind = draft.kind
    channel.save()
    seal_channel(channel, url, secret)
    channel.save()


def check_address(url: str, place: str) -> None:
    """Raise ConfigError for an address that may not be called; one whose name has no address now may get one."""
    try:
        parse_url(url)
        Guard(allow=settings.ALERT_HOSTS).check(url)
    except Unreachable:
        pass
    except ConfigError as error:
        hint = (
            "Hosts of your own network are permitted by TOPSTITCH_ALERT_HOSTS."
            if error.key == "address_refused"
            else ""
        )
        raise ConfigError(error.message, place=place, key=error.key, hint=hint or error.hint) from error


def _has_new_secrets(draft: GroupDraft) -> bool:
    return any(channel.url is not None or channel.secret is not None for channel in draft.channels)
