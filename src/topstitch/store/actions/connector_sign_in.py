"""Signing connectors in on their systems' own pages: begun with a form that is not saved yet, saved when the code has come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from topstitch.errors import ConfigError
from topstitch.net.retry import PATIENCE, Deadline
from topstitch.net.tokens import MemoryTokenStore
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.sign_in import SIGNED_IN, SignIn
from topstitch.sdk.trial import Trial
from topstitch.store.actions.connector_checks import keep_trial, may_be_saved_untested, try_draft
from topstitch.store.actions.connector_secrets import sign_in_holds
from topstitch.store.actions.connectors import Draft, add_connector, change_connector, open_draft
from topstitch.store.models import CompanyGroup, Connector
from topstitch.store.tokens import PgTokenStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from topstitch.accounts.models import User


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in under way. It holds secrets: only to be kept sealed."""

    address: str
    state: str
    verifier: str
    come_back: str
    draft: Draft
    #: None for a new connector.
    connector_id: int | None = None

    def packed(self) -> dict[str, Any]:
        """As JSON."""
        draft = {**{name: getattr(self.draft, name) for name in _PLAIN}, "group": self.draft.group.pk}
        draft["keeps"] = sorted(self.draft.keeps)
        names = ("address", "state", "verifier", "come_back", "connector_id")
        return {**{name: getattr(self, name) for name in names}, "draft": draft}

    @classmethod
    def unpacked(cls, given: Mapping[str, Any]) -> Pending:
        """From JSON. Raises ConfigError when its group is gone."""
        group = CompanyGroup.objects.select_related("company").filter(pk=given["draft"]["group"]).first()
        if group is None:
            raise ConfigError("the company group is not there any more")
        return cls(**{**given, "draft": Draft(**{**given["draft"], "group": group})})


_PLAIN = ("name", "system", "values", "environment", "base_url", "zone", "date_format")


def sign_in_of(draft: Draft) -> SignIn | None:
    """How somebody signs in to the system of a draft; None where credentials are typed."""
    return CATALOGUE.get(draft.system).system.sign_in


def needs_sign_in(draft: Draft, connector: Connector | None) -> bool:
    """Whether somebody must sign in before this can be tested: at first, and when client, account or place are others.

    Raises ConfigError for settings that are wrong.
    """
    if sign_in_of(draft) is None:
        return False
    if connector is None or not connector.tokens.filter(name=SIGNED_IN).exists():
        return True
    whole = draft.checked(connector)
    return not sign_in_holds(connector, whole.values, whole.base_url)


def begin_sign_in(draft: Draft, come_back: str, connector: Connector | None = None) -> Pending:
    """Nothing is saved yet. Raises ConfigError for settings that are wrong, and for a system without such a sign-in."""
    sign_in = sign_in_of(draft)
    if sign_in is None:
        raise ConfigError("there is nothing to sign in to: the credentials are typed")
    connection = open_draft(draft.checked(connector), tokens=MemoryTokenStore())
    begun = sign_in.begin(connection, come_back)
    return Pending(begun.address, begun.state, begun.verifier, come_back, draft, connector.pk if connector else None)


def finish_sign_in(
    pending: Pending, code: str, brought: Mapping[str, str], *, person: User
) -> tuple[Connector | None, Trial]:
    """Trade the code for a token, test with it, and save what passes (or is only away for the moment).

    Raises what the vendor says against the code, and ConfigError when it cannot be saved.
    """
    sign_in = sign_in_of(pending.draft)
    assert sign_in is not None
    values = {setting: brought[name] for name, setting in sign_in.brings.items() if brought.get(name)}
    draft, tokens = replace(pending.draft, values={**pending.draft.values, **values}), MemoryTokenStore()
    connector = _to_change(pending)
    connection = open_draft(draft.checked(connector), tokens=tokens, stop=Deadline(PATIENCE))
    try:
        sign_in.finish(connection, code, come_back=pending.come_back, verifier=pending.verifier)
    finally:
        connection.close()
    trial = try_draft(draft, person=person, connector=connector, tokens=tokens)
    if not (trial.passed or may_be_saved_untested(trial)):
        return None, trial
    one = change_connector(connector, draft, person=person) if connector else add_connector(draft, person=person)
    # The test may have renewed it.
    token = tokens.get(SIGNED_IN)
    assert token is not None
    PgTokenStore(one.pk).put(SIGNED_IN, token)
    keep_trial(one, trial)
    return one, trial


def _to_change(pending: Pending) -> Connector | None:
    if pending.connector_id is None:
        return None
    there = Connector.objects.select_related("group__company").filter(group=pending.draft.group)
    connector = there.filter(pk=pending.connector_id).first()
    if connector is None:
        raise ConfigError("the connector was removed meanwhile", hint="Add it again.")
    return connector
