"""Controls of forms beyond those of the browser. Each is a Django widget, so that forms stay ordinary Django forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.forms import (
    CheckboxInput,
    CheckboxSelectMultiple,
    DateInput,
    FileInput,
    HiddenInput,
    MultiWidget,
    PasswordInput,
    Textarea,
    TextInput,
)

#: In the place of a secret that there is already.
KEPT = "Kept: leave empty to keep it"


class Secret(PasswordInput):
    """A secret: never sent back to the browser, shown while it is typed if asked to. `kept`: there is one already."""

    template_name = "widgets/secret.html"

    def __init__(self, attrs: dict[str, Any] | None = None, *, kept: bool = False) -> None:
        usual = {"autocomplete": "new-password", "spellcheck": "false"}
        super().__init__({**usual, **({"placeholder": KEPT} if kept else {}), **(attrs or {})})


class Switch(CheckboxInput):
    """Yes or no, in effect once the form is saved."""


class Code(Textarea):
    """Code: line numbers, Tab indents, `error_line` is marked."""

    template_name = "widgets/code.html"

    def __init__(self, attrs: dict[str, Any] | None = None, *, error_line: int | None = None) -> None:
        super().__init__({"spellcheck": "false", "autocapitalize": "off", "rows": 8, "wrap": "off", **(attrs or {})})
        self.error_line = error_line

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """With the wrong line."""
        return super().get_context(name, value, attrs) | {"error_line": self.error_line}


class Choices(CheckboxSelectMultiple):
    """Several of many, with a search above a certain number."""

    template_name = "widgets/choices.html"
    searched_from = 8

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Whether there are so many that they are searched."""
        return super().get_context(name, value, attrs) | {"searched": len(list(self.choices)) >= self.searched_from}


class Suggest(MultiWidget):
    """A text with suggestions from `address` (see js/combobox.js); sends the words and, beside them, the value taken."""

    template_name = "widgets/suggest.html"

    def __init__(self, address: str = "", attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"": TextInput({"autocomplete": "off", **(attrs or {})}), "value": HiddenInput()})
        self.address = address

    def decompress(self, value: Any) -> list[Any]:
        """A value is its words and itself."""
        return list(value) if value else ["", ""]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """With the address that suggestions come from."""
        return super().get_context(name, value, attrs) | {"address": self.address}


class Dates(MultiWidget):
    """From one day to another, both included."""

    template_name = "widgets/dates.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        day = {"type": "date"}
        super().__init__({"from": DateInput(day, format="%Y-%m-%d"), "to": DateInput(day, format="%Y-%m-%d")}, attrs)

    def decompress(self, value: Sequence[Any] | None) -> list[Any]:
        """A range is its two days."""
        return list(value) if value else [None, None]


class Drop(FileInput):
    """A file, chosen or dropped."""

    template_name = "widgets/drop.html"

    def __init__(
        self, attrs: Mapping[str, Any] | None = None, *, words: str = "Drop a file here, or choose one"
    ) -> None:
        super().__init__(dict(attrs or {}))
        self.words = words

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """With what stands in the place."""
        return super().get_context(name, value, attrs) | {"words": self.words}
