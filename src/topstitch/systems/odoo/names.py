"""The arguments of ORM methods by name: RPC passes them by position, JSON-2 knows only names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from topstitch.sdk import Bug

#: In the order of the method's signature; methods of records begin with the ids.
POSITIONS: Mapping[str, tuple[str, ...]] = {
    "search": ("domain", "offset", "limit", "order"),
    "search_read": ("domain", "fields", "offset", "limit", "order"),
    "search_count": ("domain",),
    "fields_get": ("allfields", "attributes"),
    "create": ("vals_list",),
    "read": ("ids", "fields"),
    "write": ("ids", "vals"),
    "context_get": (),
    "generate": ("key", "scope", "name", "expiration_date"),
    "revoke": ("key",),
}
#: Business methods (action_confirm, button_validate, message_post...) take the ids and named arguments.
_OTHERS = ("ids",)


def named(method: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """All arguments by name, `context` among them."""
    names = POSITIONS.get(method, _OTHERS)
    if len(args) > len(names):
        raise Bug(f"{method} was called with {len(args)} positional arguments, but only {', '.join(names)} are known")
    return dict(zip(names, args, strict=False)) | dict(kwargs)
