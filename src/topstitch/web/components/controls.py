"""Buttons, menus, segments and tabs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from topstitch.web.components.icons import icon as draw
from topstitch.web.components.markup import attributes
from topstitch.web.components.words import number


def button(words: str, kind: str = "", *, icon: str = "", href: str = "", **more: Any) -> SafeString:
    """A button, or a link that looks like one (`href`). `kind`: primary, quiet, danger, "danger sure"; "" is the usual.

    It submits its form unless `type="button"`. `busy="Saving"` is said while its form is on its way.
    """
    sign = draw(icon) if icon else ""
    style = f"button {kind}".strip()
    if href:
        return format_html('<a class="{}" href="{}"{}>{}{}</a>', style, href, attributes(more), sign, words)
    if "busy" in more:
        more["data_busy"] = more.pop("busy")
    return format_html('<button class="{}"{}>{}{}</button>', style, attributes({"type": "submit", **more}), sign, words)


def icon_button(words: str, icon: str, *, href: str = "", kind: str = "", **more: Any) -> SafeString:
    """An icon that acts. Its words are its name and its tip."""
    style = f"bare {kind}".strip()
    rest = attributes({"aria_label": words, "data_tip": words, **more})
    if href:
        return format_html('<a class="{}" href="{}"{}>{}</a>', style, href, rest, draw(icon))
    return format_html('<button class="{}" type="button"{}>{}</button>', style, rest, draw(icon))


def toggle(word: str, on: bool, what: str, *, kind: str = "", **more: Any) -> SafeString:
    """A switch that acts at once: shows `word` (Active, Off) for `what`, and submits its form with the other state asked for."""
    rest = attributes({"type": "submit", "aria_checked": "true" if on else "false", **more})
    return format_html(
        '<button class="{}" role="switch" aria-label="{}: {}"{}><span class="knob" aria-hidden="true"></span>{}</button>',
        f"toggle {kind}".strip(),
        what,
        word,
        rest,
        word,
    )


def copy_button(words: str, *, text: str | None = None, from_id: str | None = None) -> SafeString:
    """Copies `text`, or what the element `from_id` shows. Not there without JavaScript."""
    return icon_button(words, "copy", kind="copy", hidden=True, data_copy=text, data_copy_from=from_id)


def menu(content: str, words: str, id: str, *, icon: str = "more", kind: str = "") -> SafeString:
    """A menu behind an icon, or behind a button with words (`kind="button"`). Its content is rows:
    `<li><a href>`, `<li><button>`, `<li><form method="post">`; `<li class="apart">` begins a new group,
    `<span class="off">` with `<span class="why">` is what cannot be done now.
    """
    opener = (
        format_html('<button class="button" type="button" popovertarget="{}">{}{}</button>', id, words, draw("down"))
        if kind == "button"
        else format_html(
            '<button class="bare above" type="button" popovertarget="{}" aria-label="{}">{}</button>',
            id,
            words,
            draw(icon),
        )
    )
    return format_html('{}<div id="{}" class="menu" popover><ul>{}</ul></div>', opener, id, content)


def segments(words: str, choices: Iterable[Sequence[str]], value: str = "", *, name: str = "") -> SafeString:
    """A few choices of which one holds. Choices are (value, words), and (address, words, value) as links without `name`."""
    if not name:
        links = [(address, word, own == value) for address, word, own in choices]
        body = format_html_join(
            "",
            '<a href="{}"{}>{}</a>',
            ((address, attributes({"aria_current": "true" if here else None}), word) for address, word, here in links),
        )
        return format_html('<nav class="segments" aria-label="{}">{}</nav>', words, body)
    body = format_html_join(
        "",
        '<label><input type="radio" name="{}" value="{}"{}>{}</label>',
        ((name, own, attributes({"checked": own == value}), word) for own, word in choices),
    )
    return format_html('<span class="segments" role="radiogroup" aria-label="{}">{}</span>', words, body)


def tab(href: str, words: str, own: str = "", current: str | None = "", count: int | None = None) -> SafeString:
    """One of the tabs of a `<nav class="tabs">`: an address, current when `own` is what is looked at."""
    return format_html(
        '<a href="{}"{}><span data-words="{}">{}</span>{}</a>',
        href,
        attributes({"aria_current": "page" if own and own == current else None}),
        words,
        words,
        "" if count is None else format_html('<span class="count">{}</span>', number(count)),
    )
