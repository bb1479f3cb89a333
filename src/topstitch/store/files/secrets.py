"""Settings by reference: `{env: NAME}` and `{file: path}`, resolved when a file is applied."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from topstitch.errors import ConfigError


def resolved(settings: Mapping[str, Any], folder: Path, place: str) -> dict[str, Any]:
    """The settings with references replaced. Raises ConfigError naming the variable or file that is missing."""
    return {name: _value(value, folder, f"{place} setting {name!r}") for name, value in settings.items()}


def _value(value: Any, folder: Path, place: str) -> Any:
    if not isinstance(value, dict):
        return value
    if set(value) == {"env"}:
        found = os.environ.get(str(value["env"]))
        if found is None:
            raise ConfigError(f"the environment has no {value['env']}", place=place, hint="Set it, then apply again.")
        return found
    if set(value) == {"file"}:
        path = folder / str(value["file"])
        try:
            return path.read_text("utf-8").strip()
        except OSError as error:
            raise ConfigError(f"the file {value['file']} cannot be read: {error.strerror}", place=place) from error
    raise ConfigError("a value is text, a number, {env: NAME} or {file: path}", place=place)


class Hidden:
    """A secret in a difference: equal when the value is, shown as stars."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hidden) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "***"
