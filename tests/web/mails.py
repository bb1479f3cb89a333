"""Reading the messages that were sent."""

from __future__ import annotations

import re

from django.core import mail

from topstitch.web.mail import settle


def sent():
    """All messages so far."""
    settle()
    return list(mail.outbox)


def the_message():
    """The only one."""
    (message,) = sent()
    return message


def link_in(message) -> str:
    """The address in a message, as a whole."""
    return re.search(r"https?://\S+", message.body)[0]


def path_in(message) -> str:
    """The same without scheme and host."""
    return re.sub(r"^https?://[^/]+", "", link_in(message))
