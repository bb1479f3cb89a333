"""JSON for reading: a tree that folds, long values cut, names and kinds of values told apart. It folds without JavaScript.

Requests are read the same way, also those whose body is XML or another text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from topstitch.web.components.controls import icon_button
from topstitch.web.components.icons import icon
from topstitch.web.components.words import counted

#: Lines that a page shows; the whole of it can be downloaded.
MOST_LINES = 4000
#: Characters of a value before the rest is folded.
LONG = 400
#: A value is never shown beyond this.
LONGEST = 50_000
#: Larger trees begin with everything below this depth folded.
FEW_LINES, SHALLOW = 300, 2


def plain_json(value: Any) -> str:
    """Two blanks an indent, as given."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode()


@dataclass(frozen=True, slots=True)
class _Way:
    """How a tree is drawn."""

    open_to: int
    marks: Mapping[str, str] = field(default_factory=dict)


def json_view(value: Any, words: str = "JSON", marks: Mapping[str, str] | None = None) -> SafeString:
    """A tree with a search, folding and copying. `words` name it for those who listen.

    `marks`: values that are lit, by path (`lines[0].sku`): made, or wrong.
    """
    lines = plain_json(value).count("\n") + 1
    way = _Way(99 if lines <= FEW_LINES else SHALLOW, marks or {})
    return _frame(
        _value("", value, "", 0, "", way),
        words,
        icon_button(f"Fold or unfold all of {words}", "sort", data_json_fold=True, aria_pressed="false"),
    )


def request_view(request: Mapping[str, Any]) -> SafeString:
    """A request as previews show it: method and address, and its body, a text with its own lines."""
    body, words = request.get("body"), "the request"
    line = format_html('<p class="mono request-line">{} {}</p>', request["method"], request["url"])
    if not body:
        return line
    return line + (_frame(_lines(body), words) if isinstance(body, str) else json_view(body, words))


def _lines(text: str) -> Iterator[str]:
    """A text line by line; XML on one line is broken between its tags."""
    whole = re.sub(r">\s*<", ">\n<", text) if text.lstrip().startswith("<") else text
    for line in whole[:LONGEST].splitlines():
        yield f'<div class="line" data-depth="0">{escape(line) or "&nbsp;"}</div>'


def _frame(pieces: Iterator[str], words: str, folding: str = "") -> SafeString:
    """What was drawn, line by line, with a search and copying."""
    shown = list(islice(pieces, MOST_LINES + 1))
    cut = len(shown) > MOST_LINES
    return format_html(
        '<div class="json-view"><div class="json-tools" hidden>'
        '<input type="search" data-json-find placeholder="Search" aria-label="Search in {0}">'
        '<span data-json-count role="status"></span><span class="grow"></span>{1}{2}</div>'
        '<div class="json" role="group" aria-label="{0}" tabindex="0">{3}{4}</div></div>',
        words,
        folding,
        icon_button(f"Copy {words}", "copy", kind="copy", data_copy_near=True, hidden=True),
        mark_safe(_closed(shown[:MOST_LINES])),  # every piece is escaped where it is made
        mark_safe('<div class="rest">… the rest is in the download</div>') if cut else "",  # a constant
    )


def _closed(pieces: Iterable[str]) -> str:
    """The pieces, with what was left open by a cut closed."""
    text = "".join(pieces)
    return text + "</div></details>" * (
        text.count("<details open") + text.count("<details c") - text.count("</details>")
    )


def _value(name: str, value: Any, comma: str, depth: int, path: str, way: _Way) -> Iterator[str]:
    """One piece a line, so that a cut falls between lines."""
    if isinstance(value, dict) and value:
        begin = f"{path}." if path else ""
        inner = [(f"{_name(str(key))}: ", child, f"{begin}{key}") for key, child in value.items()]
        yield from _branch(name, inner, "{}", counted(len(inner), "field"), comma, depth, way)
    elif isinstance(value, list) and value:
        inner = [("", child, f"{path}[{place}]") for place, child in enumerate(value)]
        yield from _branch(name, inner, "[]", counted(len(inner), "element"), comma, depth, way)
    else:
        mark = f" {mark}" if (mark := way.marks.get(path)) else ""
        yield f'<div class="line{mark}" data-depth="{depth}">{name}{_leaf(value)}{comma}</div>'


def _branch(
    name: str, inner: list[tuple[str, Any, str]], ends: str, count: str, comma: str, depth: int, way: _Way
) -> Iterator[str]:
    state = "open" if depth < way.open_to else 'class="folded"'
    yield (
        f'<details {state}><summary class="line" data-depth="{depth}" data-folded=" {count} {ends[1]}{comma}">'
        f'{icon("right")}{name}{ends[0]}</summary><div class="in">'
    )
    last = len(inner) - 1
    for place, (key, child, path) in enumerate(inner):
        yield from _value(key, child, "" if place == last else ",", depth + 1, path, way)
    yield f'</div></details><div class="line end" data-depth="{depth}">{ends[1]}{comma}</div>'


def _name(key: str) -> str:
    return f'<span class="name">{escape(orjson.dumps(key).decode())}</span>'


def _leaf(value: Any) -> str:
    text = orjson.dumps(value, default=str).decode()
    kind = "text" if isinstance(value, str) else "value"
    if len(text) <= LONG:
        return f'<span class="{kind}">{escape(text)}</span>'
    more = f"… {counted(len(text) - LONG, 'character')} more"
    return (
        f'<span class="{kind}">{escape(text[:LONG])}</span><details class="cut"><summary>{more}</summary>'
        f'<span class="long">{escape(text[LONG:LONGEST])}</span></details>'
    )
