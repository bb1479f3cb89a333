"""The outbox. A notice says what happened; its deliveries say whom to tell and when; a message is what one of them was sent."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models


def new_token() -> str:
    """Part of a message's id, the same at every try, so that who gets it twice can tell."""
    return secrets.token_hex(8)


class Notice(models.Model):
    """Something worth telling, with all that telling it needs: what it is about may change or go before it is told."""

    class Verb(models.TextChoices):
        """What became of the trouble."""

        OPENED = "opened", "New"
        REPEATED = "repeated", "Still there"
        RECOVERED = "recovered", "Over"

    company = models.ForeignKey("store.Company", on_delete=models.CASCADE, related_name="+")
    trouble = models.ForeignKey("alerts.Trouble", on_delete=models.CASCADE, null=True, related_name="notices")
    verb = models.CharField(max_length=10, choices=Verb.choices)
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    facts = models.JSONField()

    class Meta:
        """Old ones are deleted."""

        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["company", "-at"], name="notice_by_company")]

    def __str__(self) -> str:
        return f"{self.verb} {self.kind}"


class Message(models.Model):
    """What one recipient is sent: a mail, or a call of a channel. Kept as it was sent, so that every try is the same."""

    company = models.ForeignKey("store.Company", on_delete=models.CASCADE, related_name="+")
    #: An e-mail address, or "" for a channel.
    address = models.CharField(max_length=254, blank=True)
    channel = models.ForeignKey("alerts.Channel", on_delete=models.SET_NULL, null=True, related_name="+")
    #: Who it was, also when the channel has gone.
    recipient = models.CharField(max_length=600)
    token = models.CharField(max_length=32, default=new_token)
    subject = models.CharField(max_length=500)
    text = models.TextField()
    html = models.TextField(blank=True)
    #: Of a webhook.
    payload = models.JSONField(null=True)
    created_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    #: When to send it, None once it is sent or given up.
    next_try = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    #: Why the last try failed, or reached nobody.
    problem = models.TextField(blank=True)

    class Meta:
        """The sender looks for those that wait."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next_try"], name="message_waiting", condition=models.Q(next_try__isnull=False)),
            models.Index(fields=["company", "-created_at"], name="message_by_company"),
            models.Index(fields=["address", "-created_at"], name="message_by_address"),
        ]

    def __str__(self) -> str:
        return self.subject


class Delivery(models.Model):
    """One notice for one recipient, an address or a channel. Those that are due together go into one message."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    company = models.ForeignKey("store.Company", on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=254, blank=True)
    channel = models.ForeignKey("alerts.Channel", on_delete=models.CASCADE, null=True, related_name="+")
    due_at = models.DateTimeField()
    message = models.ForeignKey(Message, on_delete=models.CASCADE, null=True, related_name="deliveries")

    class Meta:
        """The bundler looks for those that are in no message yet."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], name="delivery_waiting", condition=models.Q(message=None))
        ]

    def __str__(self) -> str:
        return f"{self.notice} for {self.address or self.channel}"
