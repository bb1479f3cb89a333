"""What holds other things: page heads, dialogs, drawers, empty states; and what says something: notices, toasts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from topstitch.web.components.guides import guide_link
from topstitch.web.components.icons import icon
from topstitch.web.components.markup import attributes

TOASTS = {
    "ok": "tick",
    "success": "tick",
    "quiet": "info",
    "info": "info",
    "pending": "warn",
    "warning": "warn",
    "failed": "cross",
    "error": "cross",
}
_DONE = mark_safe('<span class="unseen">, done</span>')  # a constant
KINDS = {"success": "ok", "info": "quiet", "debug": "quiet", "warning": "pending", "error": "failed", "": "quiet"}


def page_head(content: str, title: str, *, sub: str = "", seam: str = "") -> SafeString:
    """The one heading of a page: its seam, title, an aside, and (as content) its buttons."""
    acts = format_html('<div class="buttons">{}</div>', content) if content.strip() else ""
    return format_html(
        '<div class="page-head">{}<div class="titles"><h1>{}</h1>{}</div>{}</div>',
        seam,
        title,
        format_html('<span class="sub">{}</span>', sub) if sub else "",
        acts,
    )


def crumbs(*parts: str) -> SafeString:
    """Where a page deeper than two stands: address, words, address, words, ..., and the words of the page itself."""
    links = list(zip(parts[0:-1:2], parts[1:-1:2], strict=True))
    body = format_html_join(
        "", '<li><a href="{}">{}</a>{}</li>', ((href, words, icon("right")) for href, words in links)
    )
    return format_html('<nav class="crumbs" aria-label="Breadcrumb"><ol>{}<li>{}</li></ol></nav>', body, parts[-1])


def dialog(content: str, id: str, title: str, *, big: bool = False, open: bool = False) -> SafeString:
    """A dialog, opened by `<button command="show-modal" commandfor="ID">`. `open`: at once, as after a wrong form."""
    return format_html(
        '<dialog id="{0}" class="dialog{1}" aria-labelledby="{0}-title" closedby="any"{2}>'
        '<div class="dialog-head"><h2 id="{0}-title">{3}</h2>'
        '<button class="bare" type="button" command="close" commandfor="{0}" aria-label="Close">{4}</button></div>'
        '<div class="dialog-body">{5}</div></dialog>',
        id,
        " big" if big else "",
        attributes({"data_open": open}),
        title,
        icon("cross"),
        content,
    )


def typed_name(id: str, name: str, *, field: str = "typed") -> SafeString:
    """The field of a dangerous form: its `data-when-typed` button waits until `name` has been typed. Check it again."""
    return format_html(
        '<div class="field"><label for="{0}">Type <b class="mono">{1}</b> to confirm</label>'
        '<input id="{0}" name="{2}" type="text" data-typed="{1}" autocomplete="off" spellcheck="false" required></div>',
        id,
        name,
        field,
    )


def drawer_head(content: str, title: str, href: str) -> SafeString:
    """The head of what a drawer shows: title, content (a status, buttons), its own page, close."""
    return format_html(
        '<div class="drawer-head"><h2>{}</h2>{}<span class="grow"></span>'
        '<a class="bare" href="{}" aria-label="Open as a page">{}</a>'
        '<button class="bare" type="button" data-close aria-label="Close">{}</button></div>',
        title,
        content,
        href,
        icon("arrow"),
        icon("cross"),
    )


def teach(content: str, title: str, *, guide: str = "") -> SafeString:
    """An empty state that teaches: what this place is for, what to do first (content: paragraphs, `.buttons`).

    `guide`: the one that tells more, by its name in the address.
    """
    return format_html('<section class="teach"><h2>{}</h2>{}{}</section>', title, content, guide_link(guide))


def stepper(steps: Sequence[Any], current: int) -> SafeString:
    """The steps of a wizard; `current` counts from 0. A step is its words, or (words, address) to go back to it."""
    return format_html(
        '<ol class="stepper" aria-label="Steps">{}</ol>',
        format_html_join("", "{}", ((_step(step, at, current),) for at, step in enumerate(steps))),
    )


def _step(step: Any, at: int, current: int) -> SafeString:
    words, href = (step, "") if isinstance(step, str) else step
    done = at < current
    state = attributes({"class": "done" if done else None, "aria_current": "step" if at == current else None})
    shown = format_html('<a href="{}">{}</a>', href, words) if href and at != current else words
    return format_html("<li{}>{}{}</li>", state, shown, _DONE if done else "")


def skeleton(lines: int = 3, *, rows: bool = False) -> SafeString:
    """The shape of what is being loaded."""
    return format_html(
        '<div class="skeleton{}" role="status" aria-label="Loading">{}</div>',
        " list-rows" if rows else "",
        mark_safe("<span></span>" * lines),  # a constant
    )


def notice(words: str, kind: str = "quiet", *, title: str = "", role: str | None = None) -> SafeString:
    """Something to know before anything else here. `kind`: quiet, ok, pending, failed, uncertain; `role="alert"` says it."""
    head = format_html("<p><b>{}</b></p>", title) if title else ""
    return format_html('<div class="notice is-{}"{}>{}<p>{}</p></div>', kind, attributes({"role": role}), head, words)


def toast(words: str, kind: str = "ok", *, stays: bool = False) -> SafeString:
    """That something was done. Pages get theirs from django.contrib.messages, parts from `answers.with_toast`."""
    return format_html(
        '<div class="toast is-{}"{}>{}<span class="words">{}</span>'
        '<button class="bare" type="button" data-close aria-label="Close">{}</button></div>',
        KINDS.get(kind, kind),
        attributes({"data_stays": stays}),
        icon(TOASTS.get(kind, "info")),
        words,
        icon("cross"),
    )
