"""Secrets at rest: encrypted with a key from the environment or a file made at first start, bound to their owner.

`TOPSTITCH_SECRET_KEYS` may hold several keys, newest first: the first encrypts, all decrypt, which is how keys rotate.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from topstitch.errors import ConfigError


@cache
def _fernet() -> MultiFernet:
    given: str = settings.SECRET_KEYS
    try:
        return MultiFernet([Fernet(key.strip()) for key in given.split(",") if key.strip()])
    except ValueError as error:
        raise ConfigError(
            "the key that protects secrets is not a valid key",
            place="TOPSTITCH_SECRET_KEYS",
            hint="Use a key made by `topstitch doctor --new-key`: 44 characters, url-safe base64.",
        ) from error


def seal(owner: str, values: dict[str, Any]) -> bytes:
    """Encrypt; `owner` (`connector:7`) is sealed in, so that a value copied to another row does not open there."""
    return _fernet().encrypt(orjson.dumps([owner, values]))


def unseal(owner: str, sealed: bytes) -> dict[str, Any]:
    """Decrypt what `seal` gave for this owner, {} for nothing. Raises ConfigError when the key or the owner is another."""
    if not sealed:
        return {}
    try:
        sealed_for, values = orjson.loads(_fernet().decrypt(bytes(sealed)))
    except InvalidToken as error:
        raise ConfigError(
            f"the secrets of {owner} cannot be read with this installation's key",
            place=owner,
            hint="Restore secrets.key (or TOPSTITCH_SECRET_KEYS) from the backup, or enter the credentials again.",
        ) from error
    if sealed_for != owner:
        raise ConfigError(
            f"the secrets of {owner} belong to {sealed_for}", place=owner, hint="Enter the credentials again."
        )
    return dict(values)


def reseal(owner: str, sealed: bytes) -> bytes:
    """The same secrets under the newest key."""
    return seal(owner, unseal(owner, sealed)) if sealed else b""
