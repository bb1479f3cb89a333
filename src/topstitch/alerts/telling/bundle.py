"""Putting what is due for one recipient into one message: that is what a digest is, and what keeps an outage to one mail.

Who was sent a message in the last minutes gets the next one after them, with all that came meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from topstitch.alerts.models import Channel, ChannelKind, Delivery, Message, Notice
from topstitch.alerts.noticing.locks import BUNDLING
from topstitch.alerts.telling.compose import chat_text, webhook_payload, words_of
from topstitch.store.housekeeping import alone
from topstitch.store.models import Company

#: Between two messages to one recipient.
PAUSE = timedelta(minutes=5)
#: Notices that one message is made of.
MOST = 5_000
#: Recipients seen to in one transaction.
BATCH = 200


def bundle(now: datetime | None = None) -> int:
    """Make messages of what is due; how many."""
    now = now or timezone.now()
    made = 0
    with alone(BUNDLING) as free:
        if not free:
            return 0
        for company_id, address, channel_id in _waiting(now):
            made += _make(company_id, address, channel_id, now)
    return made


def _waiting(now: datetime) -> Sequence[tuple[int, str, int | None]]:
    """Recipients of what is due, those that must wait a little left out."""
    due = Delivery.objects.filter(message=None, due_at__lte=now).order_by("company", "address", "channel")
    found = due.values_list("company_id", "address", "channel_id").distinct()
    recent = Message.objects.filter(created_at__gt=now - PAUSE)
    told = set(recent.values_list("company_id", "address", "channel_id"))
    hooks = set(Channel.objects.filter(kind=ChannelKind.WEBHOOK).values_list("pk", flat=True))
    return [each for each in found if each not in told or each[2] in hooks][:BATCH]


def _make(company_id: int, address: str, channel_id: int | None, now: datetime) -> int:
    channel = Channel.objects.select_related("group").get(pk=channel_id) if channel_id else None
    due = Delivery.objects.filter(
        message=None, due_at__lte=now, company_id=company_id, address=address, channel=channel
    )
    deliveries = list(due.select_related("notice").order_by("pk")[:MOST])
    company = Company.objects.get(pk=company_id).name
    if channel is None:
        messages = [_mail(company_id, address, [d.notice for d in deliveries], company, now)]
    elif channel.kind == ChannelKind.CHAT:
        messages = [_chat(channel, [d.notice for d in deliveries], company, now)]
    else:
        messages = [_webhook(channel, d.notice, company, now) for d in deliveries]
    Message.objects.bulk_create(messages)
    for number, delivery in enumerate(deliveries):
        delivery.message = messages[number % len(messages)]
    Delivery.objects.bulk_update(deliveries, ["message"], batch_size=500)
    return len(messages)


def _mail(company_id: int, address: str, notices: Sequence[Notice], company: str, now: datetime) -> Message:
    words = words_of(notices, company)
    return Message(
        company_id=company_id,
        address=address,
        recipient=address,
        subject=words.subject,
        text=words.text,
        html=words.html,
        created_at=now,
        next_try=now,
    )


def _chat(channel: Channel, notices: Sequence[Notice], company: str, now: datetime) -> Message:
    text = chat_text(notices, company)
    return _to_channel(channel, text.partition("\n")[0], text, {"text": text}, now)


def _webhook(channel: Channel, notice: Notice, company: str, now: datetime) -> Message:
    payload = webhook_payload(notice, company)
    return _to_channel(channel, payload["data"]["title"], "", payload, now)


def _to_channel(channel: Channel, subject: str, text: str, payload: dict[str, object], now: datetime) -> Message:
    return Message(
        company_id=channel.group.company_id,
        channel=channel,
        recipient=f"{channel.group.name}: {channel}",
        subject=subject[:500],
        text=text,
        payload=payload,
        created_at=now,
        next_try=now,
    )
