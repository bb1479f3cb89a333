"""What lies above the store and belongs to a service, and is copied with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from topstitch.accounts.models import User
    from topstitch.store.models import Service

#: (original, clone, person)
Copy = Callable[["Service", "Service", "User | None"], None]
_copies: dict[str, Copy] = {}


def copied_too(name: str, copy: Copy) -> None:
    """Make known how a part is copied, once for each process."""
    _copies[name] = copy


def copy_along(service: Service, clone: Service, person: User | None) -> None:
    """Copy all of it."""
    for copy in _copies.values():
        copy(service, clone, person)
