"""What of a service may be different in one run alone, and the configuration that such a run has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from topstitch.engine.spec import Service
from topstitch.errors import ConfigError
from topstitch.sdk.model import Entity
from topstitch.sdk.settings import checked_settings

#: Everything else says which records there are and where they go: memory of another run's would be wrong.
ONCE = {
    "source": ("page_size", "max_attempts", "zone", "options"),
    "destination": ("mode", "uncertain", "zone", "concurrency", "batch", "options"),
}


def once(spec: Service, source: Mapping[str, Any], destination: Mapping[str, Any]) -> Service:
    """The configuration with these settings in place of its own. Raises ConfigError naming one that cannot be."""
    if not source and not destination:
        return spec
    plain = spec.model_dump(by_alias=True)
    for side, changes in (("source", source), ("destination", destination)):
        _refuse_others(side, changes)
        plain[side] = {**plain[side], **changes}
    try:
        return Service.model_validate(plain)
    except ValidationError as error:
        first = error.errors()[0]
        place = " ".join(str(part) for part in first["loc"])
        raise ConfigError(f"{place}: {first['msg']}", key="once", place=place) from error


def refuse_fixed(own: Service, asked: Service, source: Entity, destination: Entity) -> None:
    """Raise ConfigError for an option of one run by which it would know records otherwise than the service does, or send them
    elsewhere. Both configurations have been checked against these entities."""
    assert source.read is not None and destination.write is not None
    for side, declared in (("source", source.read.options), ("destination", destination.write.options)):
        before, after = (checked_settings(declared, getattr(spec, side).options) for spec in (own, asked))
        for setting in declared:
            if setting.fixed and before[setting.name] != after[setting.name]:
                raise ConfigError(
                    f"{setting.label} ({setting.name}) of the {side} is the same in every run: with another one this run could "
                    "send records twice, or where the service does not look for them again",
                    key="fixed",
                    hint="Leave it as the service has it, or try it in a dry run. For another place or other ids make another "
                    "service.",
                )


def _refuse_others(side: str, changes: Mapping[str, Any]) -> None:
    for name in changes:
        if name not in ONCE[side]:
            raise ConfigError(
                f"{name} of the {side} is the same in every run",
                key="once",
                place=f"{side} {name}",
                hint=f"For one run these can be changed: {', '.join(ONCE[side])}.",
            )
