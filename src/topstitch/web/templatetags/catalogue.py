"""Tags of the catalogue's pages alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.template import Library
from django.utils.html import format_html
from django.utils.safestring import SafeString

from topstitch.web.catalogue.words import CONFIDENCE
from topstitch.web.components.icons import icon
from topstitch.web.components.status import Look
from topstitch.web.components.words import operator_words

register = Library()


@register.simple_tag
def look(shown: Look) -> SafeString:
    """Shape and word."""
    return format_html('<span class="status is-{}">{}{}</span>', shown.kind, icon(shown.icon), shown.word)


@register.simple_tag
def confidence(name: str) -> SafeString:
    """How sure we are of a system."""
    return look(CONFIDENCE.get(name) or Look(name.capitalize(), "quiet", "question"))


@register.simple_tag
def yes(value: object, word: str = "yes", otherwise: str = "no") -> SafeString:
    """A tick or a stroke, and the word."""
    kind, sign = ("ok", "tick") if value else ("quiet", "minus")
    return look(Look(word if value else otherwise, kind, sign))


@register.simple_tag
def operators(names: Sequence[str]) -> str:
    """Operators of filters, in words."""
    return ", ".join(operator_words(name) for name in names)


@register.simple_tag
def conditions(when: Mapping[str, Sequence[str]]) -> str:
    """When a setting is asked for: `with auth method token or key`."""
    parts = [f"{name.replace('_', ' ')} {' or '.join(values)}" for name, values in when.items()]
    return f"with {' and '.join(parts)}"
