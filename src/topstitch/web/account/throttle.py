"""Slows down guessing: so many wrong tries of one address for one person, and of one address at all, then a pause.

Kept in Django's cache. The default one is each process's own, which is enough for a limit that is per process small.
"""

from __future__ import annotations

from hashlib import blake2b

from django.core.cache import cache

WINDOW_SECONDS = 300
TRIES_A_PERSON = 5
TRIES_AN_ADDRESS = 30


def is_paused(address: str, email: str) -> bool:
    """Whether tries are not listened to for now."""
    person, anyone = cache.get(_key(address, email), 0), cache.get(_key(address), 0)
    return bool(person >= TRIES_A_PERSON or anyone >= TRIES_AN_ADDRESS)


def note_failure(address: str, email: str) -> None:
    """A try was wrong."""
    for key in (_key(address, email), _key(address)):
        # The window begins with the first wrong try; later ones do not prolong it.
        cache.add(key, 0, WINDOW_SECONDS)
        try:
            cache.incr(key)
        except ValueError:
            # It ran out between the two lines.
            cache.set(key, 1, WINDOW_SECONDS)


def forget(address: str, email: str) -> None:
    """The person is in."""
    cache.delete(_key(address, email))


def _key(*parts: str) -> str:
    digest = blake2b("\n".join(part.strip().casefold() for part in parts).encode(), digest_size=16).hexdigest()
    return f"sign-in:{len(parts)}:{digest}"
