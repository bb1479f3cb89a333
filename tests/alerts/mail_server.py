"""A real SMTP server on loopback that keeps what it takes, and can be away, slow or unwilling."""

from __future__ import annotations

import asyncio
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller


class _Controller(Controller):
    """On a port that the system chooses."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class MailServer:
    """Its mails, in the order in which they came."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        #: What it says instead of taking a mail.
        self.refusal = ""
        #: Seconds that each mail takes.
        self.pause = 0.0
        #: Set when a mail was taken; its answer waits until `go` is set.
        self.taken, self.go = threading.Event(), threading.Event()
        self.go.set()
        self._controller = _Controller(self, hostname="127.0.0.1", port=0)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  aiosmtpd's name
        if self.refusal:
            return self.refusal
        mail = message_from_bytes(envelope.content, policy=policy.default)
        mail["X-To"] = ", ".join(envelope.rcpt_tos)
        self.mails.append(mail)
        self.taken.set()
        await asyncio.sleep(self.pause)
        while not self.go.is_set():
            await asyncio.sleep(0.01)
        return "250 taken"

    def __enter__(self) -> MailServer:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go.set()
        self._controller.stop()

    @property
    def port(self) -> int:
        return self._controller.port

    @property
    def subjects(self) -> list[str]:
        return [mail["Subject"] for mail in self.mails]

    @property
    def told(self) -> list[tuple[str, str]]:
        """Who got which subject, in an order that does not depend on the sender's."""
        return sorted((mail["To"], mail["Subject"]) for mail in self.mails)

    def text(self, number: int = -1) -> str:
        return self.mails[number].get_body(("plain",)).get_content()

    def html(self, number: int = -1) -> str:
        return self.mails[number].get_body(("html",)).get_content()
