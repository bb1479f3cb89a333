"""Attributes of elements from the keyword arguments of a component."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def attributes(given: Mapping[str, Any]) -> SafeString:
    """` name="value"` for each: `data_tip` is `data-tip`, True stands alone, None and False are left out."""
    pairs = [(name.rstrip("_").replace("_", "-"), value) for name, value in given.items()]
    return format_html_join(
        "", "{}", ((_one(name, value),) for name, value in pairs if value is not None and value is not False)
    )


def _one(name: str, value: object) -> SafeString:
    return format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value)
