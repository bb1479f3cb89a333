"""What happened around signing in, for the audit logs of the companies that a person belongs to."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from topstitch.accounts.models import Membership
from topstitch.store.actions.audit import ORIGIN
from topstitch.store.models import AuditEvent

if TYPE_CHECKING:
    from topstitch.accounts.models import User

log = logging.getLogger("topstitch.security")


def note_security(person: User, verb: str, what: str) -> None:
    """An event of a person: in the log of each of their companies. A failed try is by nobody."""
    companies: list[int | None] = list(Membership.objects.filter(user=person).values_list("company_id", flat=True))
    by = None if verb == "sign_in_failed" else person
    AuditEvent.objects.bulk_create(
        AuditEvent(
            verb=verb,
            kind="person",
            object_id=str(person.pk),
            name=person.email[:200],
            company_id=company,
            person=by,
            after={"event": what},
            address=ORIGIN.get(),
        )
        for company in companies or [None]
    )


def note_unknown(email: str) -> None:
    """A try with an address that nobody has: in the program's log only, since a stranger could fill a table."""
    log.warning("somebody at %s tried to sign in as %r, who is not known here", ORIGIN.get() or "?", email[:254])
