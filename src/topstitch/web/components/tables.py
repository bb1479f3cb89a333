"""Parts of tables: heads that sort, boxes that tick, the bar of what can be done to ticked rows."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

from topstitch.web.components.icons import icon
from topstitch.web.components.markup import attributes
from topstitch.web.components.seam import mark
from topstitch.web.components.words import system_name

ORDERS = {"up": ("ascending", "up"), "down": ("descending", "down")}


def sort_head(words: str, href: str, order: str = "", *, kind: str = "") -> SafeString:
    """A column's head that sorts by it. `order`: up, down, or "" when the list is in another order; `href` turns it."""
    spoken, sign = ORDERS.get(order, (None, "sort"))
    return format_html(
        '<th{}><a href="{}">{}{}</a></th>',
        attributes({"class": kind or None, "aria_sort": spoken, "scope": "col"}),
        href,
        words,
        icon(sign),
    )


def tick_head() -> SafeString:
    """The head above the boxes: ticks every row of the page."""
    return format_html(
        '<th class="tick"><label><span class="unseen">{}</span><input type="checkbox" data-tick-all></label></th>',
        "Tick every row of this page",
    )


def tick(value: object, words: str) -> SafeString:
    """A row's box; `words` name the row. Ticked ones are sent as `tick`, each with its value."""
    return format_html(
        '<td class="tick"><label><span class="unseen">Tick {}</span>'
        '<input type="checkbox" name="tick" value="{}"></label></td>',
        words,
        value,
    )


def system_cell(slug: str) -> SafeString:
    """A system in a row: its mark, and its name where there is room for it."""
    name = system_name(slug)
    return format_html('<td class="wide party" title="{}">{}<span>{}</span></td>', name, mark(slug), name)


def tick_bar(content: str, words: str = "With ticked rows") -> SafeString:
    """The bar inside the form `data-ticks` around a table: buttons of what can be done, as content."""
    return format_html(
        '<div class="tick-bar" role="group" aria-label="{}"><span data-ticked>{}</span>{}<span class="grow"></span>'
        '<button class="button quiet" type="button" data-untick>Untick all</button></div>',
        words,
        words,
        content,
    )
