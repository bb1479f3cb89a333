"""The test button: a message to a channel or to all of a group, sent at once and not kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from topstitch.accounts.standing import require
from topstitch.alerts.models import Channel, ChannelKind, Message, NotificationGroup
from topstitch.alerts.models.outbox import new_token
from topstitch.alerts.queries.recipients import recipients_of_group
from topstitch.alerts.telling.mail import Mailer
from topstitch.alerts.telling.send import deliver, in_words
from topstitch.errors import TopstitchError
from topstitch.store.actions.audit import audit

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
    recipients = recipients_of_group(group)
    mailer = Mailer()
    try:
        tried = [_tried(_mail(group, r.address), mailer) for r in sorted(recipients) if r.address]
        tried += [_tried(_call(channel), mailer) for channel in group.channels.order_by("name")]
    finally:
        mailer.close()
    after = {each.recipient: each.problem or "taken" for each in tried}
    audit("test", "notification group", group.pk, group.name, company=group.company, person=person, after=after)
    return tried


def try_channel(channel: Channel, *, person: User | None = None) -> Tried:
    """Send a test to one channel."""
    require(person, channel.group.company, "notifications.update")
    tried = _tried(_call(channel), Mailer())
    group = channel.group
    after = {tried.recipient: tried.problem or "taken"}
    audit("test", "notification group", group.pk, group.name, company=group.company, person=person, after=after)
    return tried


def _tried(message: Message, mailer: Mailer) -> Tried:
    try:
        deliver(message, mailer)
    except (OSError, TopstitchError) as error:
        mailer.close()
        return Tried(message.recipient, in_words(error))
    return Tried(message.recipient)


def _mail(group: NotificationGroup, address: str) -> Message:
    text = (
        f"This is a test: {address} is told of alerts by the notification group {group.name} of {group.company.name}.\n\n"
        f"-- \nSent by Topstitch at {settings.BASE_URL}\n"
    )
    subject = f"Test of the notification group {group.name}"
    return Message(address=address, recipient=address, subject=subject, text=text, token=new_token())


def _call(channel: Channel) -> Message:
    text = f"Test of the notification group {channel.group.name}, sent by Topstitch at {settings.BASE_URL}"
    payload = {"text": text}
    if channel.kind == ChannelKind.WEBHOOK:
        data = {"group": channel.group.name, "company": channel.group.company.name, "title": text}
        payload = {"type": "alert.test", "timestamp": timezone.now().isoformat(), "data": data}  # type: ignore[dict-item]  # JSON
    return Message(channel=channel, recipient=str(channel), payload=payload, token=new_token())
