"""The seam: a service's sign, a dashed line from the mark of its source to the mark of its destination."""

from __future__ import annotations

import re
from hashlib import blake2b

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from topstitch.web.components.words import entity_name, system_name

TILES = 12
# Five stitches of six, six apart; the middle one stands alone to be able to be red.
_STITCHES = mark_safe(  # a constant
    '<svg class="stitches" viewBox="0 0 54 6" aria-hidden="true">'
    '<path class="thread" d="M0 3H54"/><path class="broken" d="M24 3H30"/></svg>'
)
_LONG = mark_safe(  # a constant
    '<svg class="stitches long" viewBox="0 0 126 6" aria-hidden="true">'
    '<path class="thread" d="M0 3H126"/><path class="broken" d="M60 3H66"/></svg>'
)


def initials(name: str) -> str:
    """Two letters for a tile: of two words, or of one and its next capital, or the first two."""
    words: list[str] = re.findall(r"[A-Za-z0-9]+", name)
    capitals: list[str] = re.findall(r"[A-Z0-9]", name)
    if len(words) > 1:
        return (words[0][0] + words[1][0]).upper()
    return "".join(capitals[:2]) if len(capitals) > 1 else name[:2].upper()


def mark(slug: str) -> SafeString:
    """A system's tile: initials on a colour that never changes. Its name stands beside it, or in the label around it."""
    tile = blake2b(slug.encode(), digest_size=2).digest()[0] % TILES
    return format_html('<span class="mark tile-{}" aria-hidden="true">{}</span>', tile, initials(system_name(slug)))


def seam_state(active: bool, last_status: str) -> str:
    """How a service's seam lies: running, failing, paused or sound."""
    if last_status == "running":
        return "running"
    if not active or last_status == "paused":
        return "paused"
    return "failing" if last_status in ("failed", "completed_with_failures") else "sound"


def seam(source: str, source_entity: str, destination: str, destination_entity: str, state: str) -> SafeString:
    """The small picture of a flow, as in a list's row."""
    label = _label(source, source_entity, destination, destination_entity)
    return format_html(
        '<span class="seam {}" role="img" aria-label="{}" title="{}">{}{}{}</span>',
        state,
        label,
        label,
        mark(source),
        _STITCHES,
        mark(destination),
    )


def knot(source: str, destination: str, state: str = "sound") -> SafeString:
    """The smallest seam, for a page's title; the names stand beside it."""
    return format_html(
        '<span class="seam knot {}" aria-hidden="true">{}{}{}</span>', state, mark(source), _STITCHES, mark(destination)
    )


def wide_seam(source: str, source_note: str, destination: str, destination_note: str, state: str) -> SafeString:
    """The seam of a page's header, with names and what is said of each end."""
    return format_html(
        '<div class="seam wide {}">{}{}{}</div>',
        state,
        _side(source, source_note),
        _LONG,
        _side(destination, destination_note),
    )


def _side(system: str, note: str) -> SafeString:
    return format_html(
        '<span class="side">{}<span class="end"><b>{}</b><span>{}</span></span></span>',
        mark(system),
        system_name(system),
        note,
    )


def _label(source: str, source_entity: str, destination: str, destination_entity: str) -> str:
    left = f"{system_name(source)} {entity_name(source_entity)}"
    return f"{left} to {system_name(destination)} {entity_name(destination_entity)}"
