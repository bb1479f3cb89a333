"""The test button: a message to all of a group, or to all who are told of a service, sent at once and not kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from topstitch.accounts.standing import require
from topstitch.alerts.models import Channel, ChannelKind, Message, NotificationGroup
from topstitch.alerts.models.outbox import new_token
from topstitch.alerts.queries.recipients import Recipient, recipients_of, recipients_of_group
from topstitch.alerts.queries.rules import default_rule, own_rule
from topstitch.alerts.telling.mail import Mailer
from topstitch.alerts.telling.send import deliver, in_words
from topstitch.errors import TopstitchError
from topstitch.store.actions.audit import audit
from topstitch.store.models import Service

if TYPE_CHECKING:
    from topstitch.accounts.models import User


@dataclass(frozen=True, slots=True)
class Tried:
    """Who was sent a test, and why it was not taken, "" if it was."""

    recipient: str
    problem: str = ""


def try_group(group: NotificationGroup, *, person: User | None = None) -> list[Tried]:
    """Send a test to every recipient of a group."""
    require(person, group.company, "notifications.update")
    told = f"by the notification group {group.name} of {group.company.name}"
    tried = _try_all(recipients_of_group(group), f"notification group {group.name}", told)
    after = {each.recipient: each.problem or "taken" for each in tried}
    audit("test", "notification group", group.pk, group.name, company=group.company, person=person, after=after)
    return tried


def try_service(service: Service, *, person: User | None = None) -> list[Tried]:
    """Send a test to everybody who is told of a service as its alerts are now."""
    company = service.group.company
    require(person, company, "services.update")
    rule = own_rule(service) or default_rule(company.pk)
    told = f"of the service {service.name} of {company.name}"
    tried = _try_all(recipients_of(rule), f"alerts of {service.name}", told)
    after = {each.recipient: each.problem or "taken" for each in tried}
    audit("test", "alerts", service.pk, service.name, company=company, person=person, after=after)
    return tried


def _try_all(recipients: Collection[Recipient], what: str, told: str) -> list[Tried]:
    """`what` is tested; whoever gets it is told of alerts `told`."""
    channels = Channel.objects.filter(pk__in=[r.channel_id for r in recipients if r.channel_id])
    mailer = Mailer()
    try:
        addresses = sorted(each.address for each in recipients if each.address)
        tried = [_tried(_mail(address, what, told), mailer) for address in addresses]
        calls = channels.select_related("group__company").order_by("group__name", "name")
        return tried + [_tried(_call(channel, what), mailer) for channel in calls]
    finally:
        mailer.close()


def try_channel(channel: Channel, *, person: User | None = None) -> Tried:
    """Send a test to one channel."""
    group = channel.group
    require(person, group.company, "notifications.update")
    tried = _tried(_call(channel, f"notification group {group.name}"), Mailer())
    after = {tried.recipient: tried.problem or "taken"}
    audit("test", "notification group", group.pk, group.name, company=group.company, person=person, after=after)
    return tried


def _tried(message: Message, mailer: Mailer) -> Tried:
    try:
        return Tried(message.recipient, deliver(message, mailer))
    except (OSError, TopstitchError) as error:
        mailer.close()
        return Tried(message.recipient, in_words(error))


def _mail(address: str, what: str, told: str) -> Message:
    text = f"This is a test: {address} is told of alerts {told}.\n\n-- \nSent by Topstitch at {settings.BASE_URL}\n"
    return Message(address=address, recipient=address, subject=f"Test of the {what}", text=text, token=new_token())


def _call(channel: Channel, what: str) -> Message:
    text = f"Test of the {what}, sent by Topstitch at {settings.BASE_URL}"
    payload: dict[str, Any] = {"text": text}
    if channel.kind == ChannelKind.WEBHOOK:
        data = {"group": channel.group.name, "company": channel.group.company.name, "title": text}
        payload = {"type": "alert.test", "timestamp": timezone.now().isoformat(), "data": data}
    return Message(channel=channel, recipient=str(channel), payload=payload, token=new_token())
