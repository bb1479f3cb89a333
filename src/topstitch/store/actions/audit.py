"""The one place that writes audit events."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from topstitch.store.models import AuditEvent, Company

if TYPE_CHECKING:
    from topstitch.accounts.models import User

#: The network address of who is at a screen; "" for the command line and files.
ORIGIN: ContextVar[str] = ContextVar("origin", default="")


def audit(
    verb: str,
    kind: str,
    object_id: object,
    name: str,
    *,
    company: Company | None,
    person: User | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Record what was done. Secrets never come here: callers pass what may be shown."""
    AuditEvent.objects.create(
        verb=verb,
        kind=kind,
        object_id=str(object_id),
        name=name[:200],
        company=company,
        person=person,
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
        address=ORIGIN.get(),
    )
