"""Calls of channels, through the one door outward: addresses that people enter may not lead into our own network.

Webhooks are signed as Standard Webhooks (standardwebhooks.com) say: `webhook-id`, `webhook-timestamp` and
`webhook-signature`, which is `v1,` and the base64 of HMAC-SHA256 over `{id}.{timestamp}.{body}`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings

from topstitch.alerts.models import Channel, ChannelKind
from topstitch.errors import ConfigError
from topstitch.net.guard import Guard, parse_url
from topstitch.net.http import HttpClient, Retries, Timeouts
from topstitch.store.secrets import seal, unseal

PREFIX = "whsec_"
SECONDS = 15.0


def new_secret() -> str:
    """A secret for signing."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def secret_bytes(secret: str) -> bytes:
    """The key in a secret. Raises ConfigError for what is none."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not 24 <= len(key) <= 64:
        raise ConfigError(
            "the secret of a webhook is `whsec_` and the base64 of 24 to 64 bytes",
            hint="Leave it empty and one is made, or copy the one that the receiver shows.",
        )
    return key


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """What goes into `webhook-signature`."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret_bytes(secret), signed, hashlib.sha256).digest()).decode()


def seal_channel(channel: Channel, url: str, secret: str) -> None:
    """Put address and secret into a saved channel, encrypted; only the host stays readable."""
    channel.host = parse_url(url).host_str or ""
    channel.sealed = seal(_owner(channel), {"url": url, **({"secret": secret} if secret else {})})


def channel_secrets(channel: Channel) -> dict[str, Any]:
    """The address and, of a webhook, the secret. Raises ConfigError when the key has gone."""
    return unseal(_owner(channel), bytes(channel.sealed))


def _owner(channel: Channel) -> str:
    return f"alert channel:{channel.pk}"


def call(channel: Channel, message_id: str, payload: Mapping[str, Any]) -> None:
    """Post to a channel once. Raises TopstitchError when it was not taken; never with the address in its words."""
    known = channel_secrets(channel)
    url, body = str(known["url"]), orjson.dumps(payload)
    headers = {"content-type": "application/json"}
    if channel.kind == ChannelKind.WEBHOOK:
        now = int(time.time())
        signed = signature(str(known["secret"]), message_id, now, body)
        headers |= {"webhook-id": message_id, "webhook-timestamp": str(now), "webhook-signature": signed}
    client = HttpClient(
        parse_url(url).origin_ascii,
        guard=Guard(allow=settings.ALERT_HOSTS),
        retries=Retries.off(),
        timeouts=Timeouts(),
        max_body=64 * 1024,
    )
    client.post(url, body=body, headers=headers, timeout=SECONDS)
