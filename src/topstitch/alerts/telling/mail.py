"""Mails: one connection for those that go out together, and an id that stays the same at every try."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from topstitch.alerts.models import Message


class Mailer:
    """Sends mails over one connection, opened for the first of them."""

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None

    def send(self, message: Message) -> bool:
        """Send one; whether there is a mail server that took it. Raises OSError (which SMTP's errors are) when it did not."""
        if self._connection is None:
            self._connection = get_connection()
            self._connection.open()
        return mail_of(message, self._connection).send() > 0

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def mail_of(message: Message, connection: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """A message as a mail. A mail server or reader that gets it twice can tell by its Message-ID."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    headers: dict[str, Any] = {
        "Message-ID": f"<alert-{message.pk}-{message.token}@{domain}>",
        # Answered by no holiday notice.
        "Auto-Submitted": "auto-generated",
    }
    mail = EmailMultiAlternatives(
        message.subject,
        message.text,
        settings.DEFAULT_FROM_EMAIL,
        [message.address],
        headers=headers,
        connection=connection,
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    return mail
