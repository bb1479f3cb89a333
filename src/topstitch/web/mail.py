"""Sending messages: by the mail server of TOPSTITCH_EMAIL_URL, else kept as files in the home, where an administrator finds them.

They leave from a thread of their own: how long an answer takes tells nobody whether a message was sent.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from email.message import EmailMessage as RawMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as Smtp
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import mark_safe

from topstitch.errors import ConfigError

log = logging.getLogger("topstitch.mail")
#: Messages kept in the folder; older ones go.
KEPT = 200
_LINK = re.compile(r"(https?://\S+)")
_going: set[Future[None]] = set()
_lock = threading.Lock()
_sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def is_set_up() -> bool:
    """Whether there is a mail server; without one screens show links for copying."""
    return bool(settings.EMAIL_URL)


def compose(template: str, to: str, context: dict[str, Any]) -> EmailMultiAlternatives:
    """A message from the template `{template}.txt`: its first line is the subject, the rest the body, also as simple HTML."""
    subject, _, body = render_to_string(f"{template}.txt", context).strip().partition("\n")
    message = EmailMultiAlternatives(subject.strip(), body.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [to])
    message.attach_alternative(as_html(body.strip()), "text/html")
    return message


def as_html(body: str) -> str:
    """Paragraphs and links; nothing that would have to be fetched."""
    parts = [_LINK.sub(r'<a href="\1">\1</a>', escape(part)).replace("\n", "<br>") for part in body.split("\n\n")]
    return render_to_string("mail/frame.html", {"parts": [mark_safe(part) for part in parts]})


def post(message: EmailMessage) -> None:
    """Send a message soon. What goes wrong then is in the log."""
    future = _sender.submit(_send, message)
    with _lock:
        _going.add(future)
    future.add_done_callback(_gone)


def settle(patience: float = 30.0) -> None:
    """Wait until what was posted has left."""
    with _lock:
        waiting = list(_going)
    for future in waiting:
        future.result(timeout=patience)


def _gone(future: Future[None]) -> None:
    with _lock:
        _going.discard(future)


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except (OSError, ConfigError) as error:
        # SMTP's own errors are OSErrors too.
        log.error("a message to %s could not be sent: %s", ", ".join(message.to), error)


class Mail(BaseEmailBackend):
    """Sends by SMTP, or keeps messages as files."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        """Send them all; how many a mail server took."""
        if is_set_up():
            return Smtp(**smtp_options(settings.EMAIL_URL), timeout=settings.EMAIL_TIMEOUT).send_messages(messages) or 0
        for message in messages:
            keep(message.message(), settings.MAIL_FOLDER)
        return 0


def smtp_options(url: str) -> dict[str, Any]:
    """What a mail server's address says. Raises ConfigError for one that says nothing usable."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps", "smtp+plain") or not parts.hostname:
        raise ConfigError(
            "this is no address of a mail server",
            place="TOPSTITCH_EMAIL_URL",
            hint="Write it like smtp://user:password@mail.example.com:587 or smtps://mail.example.com:465.",
        )
    return {
        "host": parts.hostname,
        "port": parts.port or {"smtp": 587, "smtps": 465, "smtp+plain": 25}[parts.scheme],
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp",
        "use_ssl": parts.scheme == "smtps",
    }


def keep(message: RawMessage, folder: Path) -> Path:
    """Write a message into a folder that is ours alone; the oldest go when there are many."""
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 10**9:09d}.eml"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(message.as_bytes())
    log.warning("no mail server is set up: the message to %s is in %s", message["To"], path)
    for old in sorted(folder.glob("*.eml"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return path
