"""Pairs of lookup tables in words; what goes wrong with scripts."""

from __future__ import annotations

from dataclasses import replace

from django.template import Library
from django.utils.html import format_html
from django.utils.safestring import SafeString

from topstitch.errors import ScriptError, TopstitchError
from topstitch.store.lookups.rows import Pair
from topstitch.store.models import LookupVersion
from topstitch.web.components.diff import KINDS
from topstitch.web.components.icons import icon
from topstitch.web.components.trouble import trouble, trouble_of
from topstitch.web.components.words import number
from topstitch.web.lookups.words import MATCH_WORDS

register = Library()
#: Characters of a value that a list shows.
SHOWN = 300
_MOVED = ("change", "Moved", "quiet")


@register.filter
def match_words(match: str) -> str:
    """How a row is compared."""
    return MATCH_WORDS.get(match, "As the mapping says")


@register.filter
def cut_cell(text: str) -> str:
    """A value that may be of any length."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({number(len(text))} characters)"


@register.filter
def counts_words(version: LookupVersion) -> str:
    """`3 added, 1 removed`."""
    counts = [(verb, getattr(version, verb)) for verb in ("added", "removed", "changed", "moved")]
    return ", ".join(f"{number(count)} {verb}" for verb, count in counts if count) or "no pairs"


@register.filter
def verb_status(verb: str) -> SafeString:
    """What happened to a pair, as sign and word."""
    sign, word, kind = KINDS.get(verb, _MOVED)
    return format_html('<span class="status is-{}">{}{}</span>', kind, icon(sign), word)


@register.filter
def pair_words(pair: Pair | None) -> SafeString:
    """Both values of a pair, and its ways if it has any."""
    if pair is None:
        return SafeString("–")
    ways = ", ".join(part for part in (pair.field, MATCH_WORDS.get(pair.match, "")) if part)
    return format_html(
        '<span class="mono">{}</span> {} <span class="mono">{}</span>{}',
        cut_cell(pair.left),
        icon("right"),
        cut_cell(pair.right),
        format_html('<span class="under">{}</span>', ways) if ways else "",
    )


@register.simple_tag
def script_trouble(error: TopstitchError) -> SafeString:
    """What went wrong with a script, with a way to its line."""
    line = error.line if isinstance(error, ScriptError) else 0
    way = format_html('<a class="button" href="#id_code" data-goto-line="{0}">Go to line {0}</a>', line) if line else ""
    told = trouble_of(error)
    # The usual hint leads to the test box, where the person is already.
    usual = isinstance(error, ScriptError) and error.hint == error.default_hint
    return trouble(way, replace(told, why="", hint="Correct it, then run it again." if usual else told.hint))
