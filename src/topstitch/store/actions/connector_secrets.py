"""What connectors keep of secrets and sign-ins: sealed, opened, and used for nothing but what they were given for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.model import System
from topstitch.store.models import Connector
from topstitch.store.secrets import seal, unseal

#: Key of the error that says so.
KEPT_ELSEWHERE = "kept_elsewhere"


def seal_secrets(connector: Connector, secrets: Mapping[str, Any]) -> None:
    """Put them into a connector that has its id: they are sealed to it."""
    connector.sealed = seal(_owner(connector), dict(secrets))


def stored_secrets(connector: Connector) -> dict[str, Any]:
    """In clear. Raises ConfigError when they cannot be read with this installation's key."""
    return unseal(_owner(connector), bytes(connector.sealed))


def kept_secrets(connector: Connector) -> dict[str, Any]:
    """In clear, of secrets whose key is lost nothing: new ones are put in their place."""
    try:
        return stored_secrets(connector)
    except ConfigError:
        return {}


def _owner(connector: Connector) -> str:
    return f"connector:{connector.pk}"


def refuse_elsewhere(connector: Connector, values: Mapping[str, Any], base_url: str) -> None:
    """Raise ConfigError when requests would go to another place than those of the connector as it is saved.

    Whoever may change a connector could otherwise have secrets sent to a server of their own.
    """
    if moved := moved_places(connector, values, base_url):
        raise ConfigError(
            f"The secrets that are kept were typed for another place ({', '.join(moved)} changed) and are sent nowhere else",
            key=KEPT_ELSEWHERE,
            hint="Type every secret again, or put back what was there.",
        )


def sign_in_holds(connector: Connector, values: Mapping[str, Any], base_url: str) -> bool:
    """Whether a person's sign-in would still be one by the same client, to the same account, at the same place."""
    sign_in = CATALOGUE.get(connector.system).system.sign_in
    if sign_in is None:
        return False
    before = {**connector.settings, **kept_secrets(connector)}
    own = (sign_in.client_id, sign_in.client_secret, *sign_in.brings.values())
    same = all(before.get(name) == values.get(name) for name in own)
    return same and not moved_places(connector, values, base_url)


def moved_places(connector: Connector, values: Mapping[str, Any], base_url: str) -> Sequence[str]:
    """Labels of what decides where requests go and is another than the connector has."""
    system = CATALOGUE.get(connector.system).system
    before, after = _places(system, connector.settings, connector.base_url), _places(system, values, base_url)
    return [label for (label, was), (_, becomes) in zip(before, after, strict=True) if was != becomes]


def _places(system: System, values: Mapping[str, Any], base_url: str) -> Sequence[tuple[str, Any]]:
    settings = [(setting.label, values.get(setting.name, setting.default)) for setting in system.places]
    return [("Address of the test system", base_url), *settings]
