"""Testing connectors, before they are saved and afterwards, and keeping what was found."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from django.utils import timezone

from topstitch.accounts.standing import require
from topstitch.engine.identity import storable
from topstitch.errors import AnswerLost, AuthError, RateLimited, TemporaryError, TopstitchError
from topstitch.net.retry import PATIENCE, Deadline
from topstitch.net.tokens import MemoryTokenStore, Token, TokenStore
from topstitch.sdk.connection import Connection
from topstitch.sdk.model import Check
from topstitch.sdk.sign_in import SIGNED_IN
from topstitch.sdk.trial import Trial, failed_step, try_out
from topstitch.store.actions.audit import audit
from topstitch.store.actions.connector_secrets import sign_in_holds
from topstitch.store.actions.connectors import Draft, open_connection, open_draft, shown, shown_draft
from topstitch.store.models import Connector
from topstitch.store.models.connector import ConnectorStatus
from topstitch.store.tokens import PgTokenStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from topstitch.accounts.models import User

#: Checks of a connector that are kept: half a year of hourly ones.
KEEP_CHECKS = 4000


def check_connector(connector: Connector) -> list[Check]:
    """Test a connector and keep what was found as its status; the failed step is the last one."""
    trial = _tried(lambda: open_connection(connector))
    keep_trial(connector, trial)
    return list(trial.checks)


def check_by_hand(connector: Connector, *, person: User | None, deadline: Deadline | None = None) -> Trial:
    """The same for somebody who waits for it: until `deadline`, PATIENCE from now unless given."""
    require(person, connector.group.company, "connectors.test")
    trial = _tried(lambda: open_connection(connector, stop=deadline or Deadline(PATIENCE)))
    keep_trial(connector, trial)
    return trial


class _FreshTokens(MemoryTokenStore):
    """What a connector has got so far says nothing about other credentials: tokens are fetched anew. Only a person's sign-in
    that still holds is the connector's own, since renewing it ends the one before.
    """

    def __init__(self, connector: Connector) -> None:
        super().__init__()
        self._own = PgTokenStore(connector.pk)

    def get(self, key: str) -> Token | None:
        return self._own.get(key) if key == SIGNED_IN else super().get(key)

    def put(self, key: str, token: Token) -> None:
        return self._own.put(key, token) if key == SIGNED_IN else super().put(key, token)

    def lock(self, key: str) -> AbstractContextManager[object]:
        return self._own.lock(key) if key == SIGNED_IN else super().lock(key)


def try_draft(
    draft: Draft, *, person: User | None, connector: Connector | None = None, tokens: TokenStore | None = None
) -> Trial:
    """Test what was filled in, saving nothing but who had requests sent where. They count in the budget of the `connector`
    that it is to change. Tokens are fetched anew unless given.
    """
    require(person, draft.group.company, "connectors.update" if connector else "connectors.create")

    def open_it() -> Connection:
        whole, pk = draft.checked(connector), connector.pk if connector else None
        before, after = shown(connector) if connector else None, shown_draft(whole)
        company = draft.group.company
        audit("test", "connector", pk or "", draft.name, company=company, person=person, before=before, after=after)
        return open_draft(whole, tokens=tokens or _tokens_for(whole, connector), budget_id=pk, stop=Deadline(PATIENCE))

    return _tried(open_it)


def _tokens_for(draft: Draft, connector: Connector | None) -> TokenStore:
    own = connector is not None and sign_in_holds(connector, draft.values, draft.base_url)
    return _FreshTokens(connector) if connector and own else MemoryTokenStore()


def may_be_saved_untested(trial: Trial) -> bool:
    """Whether what failed says nothing against the settings: the system is away, or does not let our address in yet."""
    return isinstance(trial.error, TemporaryError)


def _tried(open_it: Callable[[], Connection]) -> Trial:
    try:
        connection = open_it()
    except TopstitchError as error:
        return Trial([failed_step(error)], error)
    try:
        return try_out(connection)
    finally:
        connection.close()


def keep_trial(connector: Connector, trial: Trial) -> None:
    """As the connector's status and, as long as is of use, in its history."""
    status = status_of(trial.error)
    detail = storable(trial.error.message) if trial.error else ""
    steps = [{"label": storable(c.label), "ok": c.ok, "detail": storable(c.detail)} for c in trial.checks]
    there = Connector.objects.filter(pk=connector.pk)
    if not there.update(status=status, status_detail=detail, checked_at=timezone.now()):
        # Removed while it was being tested.
        return
    made = connector.checks.create(ok=trial.passed, status=status, detail=detail, steps=steps, took_ms=trial.took_ms)
    old = connector.checks.order_by("-pk").values_list("pk", flat=True)[KEEP_CHECKS : KEEP_CHECKS + 1]
    if oldest := next(iter(old), None):
        connector.checks.filter(pk__lte=oldest).exclude(pk=made.pk).delete()


def status_of(error: TopstitchError | None) -> ConnectorStatus:
    """What an error says about a connector."""
    if error is None:
        return ConnectorStatus.OPERATIONAL
    if isinstance(error, AuthError):
        return ConnectorStatus.REFUSED
    # Who says that we ask too often is there.
    away = isinstance(error, TemporaryError | AnswerLost) and not isinstance(error, RateLimited)
    return ConnectorStatus.UNREACHABLE if away else ConnectorStatus.UNKNOWN
