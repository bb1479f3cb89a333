"""Alerts in words: whom and how soon a rule tells, and what became of what was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from topstitch.alerts.models import AlertRule, Delivery, Frequency, Message, Notice
from topstitch.alerts.telling.sections import section_of
from topstitch.web.components.status import Look
from topstitch.web.components.zones import zone_words

VERBS = {
    Notice.Verb.OPENED: Look("New", "failed", "warn"),
    Notice.Verb.REPEATED: Look("Still there", "pending", "clock"),
    Notice.Verb.RECOVERED: Look("Over", "ok", "tick"),
}
SENT = Look("Sent", "ok", "tick")
KEPT = Look("Not sent", "pending", "warn")
WAITING = Look("Waiting", "pending", "clock")
TRIED_AGAIN = Look("Not taken yet", "pending", "reload")
GIVEN_UP = Look("Given up", "failed", "cross")


def how_soon(rule: AlertRule) -> str:
    """`at once`, `once an hour`, `daily at 08:00 (London, Europe)`."""
    if rule.frequency == Frequency.DAILY:
        return f"daily at {rule.hour:02}:00 ({zone_words(rule.zone)})"
    return "once an hour" if rule.frequency == Frequency.HOURLY else "at once"


def look_of_message(message: Message) -> Look:
    """What became of a message."""
    if message.sent_at:
        return KEPT if message.problem else SENT
    if message.next_try is None:
        return GIVEN_UP
    return TRIED_AGAIN if message.problem else WAITING


@dataclass(frozen=True, slots=True)
class Told:
    """A notice, and what became of it for each whom it was for."""

    look: Look
    title: str
    at: datetime
    #: Recipient, what became of it, and why not.
    deliveries: Sequence[tuple[str, Look, str]]


def told_in_words(notice: Notice) -> Told:
    """A notice that was fetched with its deliveries."""
    section = section_of(notice)
    return Told(
        VERBS[Notice.Verb(notice.verb)], section.title, notice.at, [_delivery(each) for each in notice.deliveries.all()]
    )


def _delivery(each: Delivery) -> tuple[str, Look, str]:
    whom = each.address or (f"{each.channel.group}: {each.channel}" if each.channel else "a channel that was removed")
    if each.message is None:
        return whom, WAITING, ""
    return whom, look_of_message(each.message), each.message.problem
