"""Notification groups: the people, addresses and channels that are told together."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class NotificationGroup(models.Model):
    """A named group of recipients of a company."""

    company = models.ForeignKey("store.Company", on_delete=models.CASCADE, related_name="notification_groups")
    name = models.CharField(max_length=200)
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    addresses = ArrayField(models.EmailField(), default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Names are unique in a company: files refer to groups by name."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company", "name"], name="one_notification_group_per_name")
        ]

    def __str__(self) -> str:
        return self.name


class ChannelKind(models.TextChoices):
    """How a channel is told."""

    WEBHOOK = "webhook", "Webhook (JSON, signed)"
    CHAT = "chat", "Chat (incoming webhook of Slack, Teams, Mattermost)"


class Channel(models.Model):
    """A way to tell a group other than e-mail. Its address is a secret, as that of a chat's webhook is one."""

    group = models.ForeignKey(NotificationGroup, on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=10, choices=ChannelKind.choices)
    name = models.CharField(max_length=200)
    #: What may be shown of the address.
    host = models.CharField(max_length=300)
    #: `url`, and of a webhook `secret`, encrypted as one.
    sealed = models.BinaryField(default=b"")

    class Meta:
        """Names are unique in a group."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["group", "name"], name="one_channel_per_name")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.host})"
