"""Sending messages: taken one by one under a lock of their row, sent, and marked in the same transaction.

A process killed between sending and marking leaves the message unmarked: it is sent again, with the same id. So a kill may
double one message and loses none.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from topstitch.alerts.models import Message
from topstitch.alerts.names import one_line
from topstitch.alerts.telling.channels import call
from topstitch.alerts.telling.mail import Mailer
from topstitch.errors import ConfigError, TopstitchError

logger = structlog.get_logger()
BATCH = 50
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
#: How long it is tried.
PATIENCE = timedelta(days=3)
#: Said of a mail where TOPSTITCH_EMAIL_URL is not set.
KEPT = "no mail server is set up: it is kept in the folder mail of the server's home"


def send_waiting(now: datetime | None = None) -> int:
    """Try the messages whose time has come, at most so many; how many were sent."""
    mailer, sent = Mailer(), 0
    try:
        for _ in range(BATCH):
            done = _send_next(mailer, now or timezone.now())
            if done is None:
                break
            sent += done
    finally:
        mailer.close()
    return sent


def _send_next(mailer: Mailer, now: datetime) -> bool | None:
    """Whether the next one was sent; None when none is waiting."""
    with transaction.atomic():
        waiting = Message.objects.select_for_update(skip_locked=True, of=("self",)).filter(next_try__lte=now)
        message = waiting.select_related("channel").order_by("next_try", "pk").first()
        if message is None:
            return None
        message.tries += 1
        try:
            said = deliver(message, mailer)
        except (OSError, TopstitchError) as error:
            # SMTP's errors are OSErrors.
            mailer.close()
            _failed(message, now, in_words(error))
            return False
        except Exception as error:
            logger.exception("message_failed", message=message.pk)
            mailer.close()
            _failed(message, now, in_words(error))
            return False
        message.sent_at, message.next_try, message.problem = timezone.now(), None, said
        message.save(update_fields=["tries", "sent_at", "next_try", "problem"])
        return True


def deliver(message: Message, mailer: Mailer) -> str:
    """Send one message; what stands between it and its recipient, "" if nothing does.

    Raises OSError or TopstitchError when it was not taken.
    """
    if message.address:
        return "" if mailer.send(message) else KEPT
    if message.channel is None:
        raise ConfigError("the channel was removed")
    call(message.channel, f"msg_{message.pk}_{message.token}", message.payload or {})
    return ""


def _failed(message: Message, now: datetime, why: str) -> None:
    """Try again later, until it is too late to be of use."""
    wait = min(FIRST_WAIT * 2 ** min(message.tries - 1, 10), LONGEST_WAIT) * random.uniform(0.8, 1.0)
    message.next_try = now + wait if now - message.created_at < PATIENCE else None
    message.problem = why
    message.save(update_fields=["tries", "next_try", "problem"])
    event = "message_not_sent" if message.next_try else "message_given_up"
    logger.warning(event, message=message.pk, recipient=message.recipient, tries=message.tries, error=why)


def in_words(error: Exception) -> str:
    """An error in one line; SMTP's are made of codes and bytes."""
    code, said = getattr(error, "smtp_code", None), getattr(error, "smtp_error", b"")
    if code:
        return one_line(f"the mail server said {code} {_text(said)}")
    refused = getattr(error, "recipients", None)
    if refused:
        return one_line("; ".join(f"the mail server said {code} {_text(said)}" for code, said in refused.values()))
    return one_line(str(error) or type(error).__name__)


def _text(said: object) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
