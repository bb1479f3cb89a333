"""Differences: two JSON values or texts line by line, or two JSON values field by field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from topstitch.web.components.icons import icon
from topstitch.web.components.jsonview import plain_json
from topstitch.web.components.words import counted

#: Lines that stay around a change.
AROUND = 3
#: Beyond this the lines are compared as two blocks: finding the smallest difference would take too long.
MOST_LINES = 4000
MOST_CHANGES = 500
KINDS = {
    "added": ("plus", "Added", "ok"),
    "changed": ("pencil", "Changed", "pending"),
    "removed": ("cross", "Removed", "failed"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A field that differs. `kind`: added, changed, removed."""

    path: str
    kind: str
    before: Any = None
    after: Any = None


def changes(before: Any, after: Any, path: str = "") -> Iterator[Change]:
    """The fields that differ, in the order of the record. Lists are compared place by place."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from _side(before, after, key, f"{path}.{key}" if path else str(key))
    elif isinstance(before, list) and isinstance(after, list):
        old, new = dict(enumerate(before)), dict(enumerate(after))
        for place in range(max(len(before), len(after))):
            yield from _side(old, new, place, f"{path}[{place}]")
    elif before != after or type(before) is not type(after):
        yield Change(path or "the whole", "changed", before, after)


def _side(before: dict[Any, Any], after: dict[Any, Any], key: Any, path: str) -> Iterator[Change]:
    if key not in after:
        yield Change(path, "removed", before[key])
    elif key not in before:
        yield Change(path, "added", None, after[key])
    else:
        yield from changes(before[key], after[key], path)


def change_table(before: Any, after: Any) -> SafeString:
    """Field by field: what it was, what it is."""
    found = list(changes(before, after))
    if not found:
        return format_html('<p class="empty">{}</p>', "Nothing differs.")
    rows = format_html_join("", "{}", ((_row(change),) for change in found[:MOST_CHANGES]))
    rest = len(found) - MOST_CHANGES
    return format_html(
        '<div class="scroll" role="group" aria-label="Fields that differ" tabindex="0">'
        '<table class="list changes"><thead><tr><th>Field</th><th>What</th><th>Before</th><th>After</th>'
        "</tr></thead><tbody>{}</tbody></table></div>{}",
        rows,
        format_html('<p class="muted">… and {} more</p>', counted(rest, "field")) if rest > 0 else "",
    )


def _row(change: Change) -> SafeString:
    sign, word, kind = KINDS[change.kind]
    return format_html(
        '<tr class="{}"><td class="mono">{}</td><td><span class="status is-{}">{}{}</span></td>'
        '<td class="{}">{}</td><td class="{}">{}</td></tr>',
        change.kind,
        change.path,
        kind,
        icon(sign),
        word,
        "" if change.kind == "added" else "was",
        "–" if change.kind == "added" else _short(change.before),
        "" if change.kind == "removed" else "now",
        "–" if change.kind == "removed" else _short(change.after),
    )


def _short(value: Any) -> str:
    text = plain_json(value)
    return text if len(text) <= 400 else f"{text[:399]}…"


def json_diff(before: Any, after: Any, words: str = "Differences") -> SafeString:
    """Line by line, what is the same folded away."""
    return text_diff(plain_json(before), plain_json(after), words)


def text_diff(before: str, after: str, words: str = "Differences") -> SafeString:
    """The same of texts, such as code."""
    old, new = before.split("\n"), after.split("\n")
    parts = list(_parts(old, new))
    added, removed = (sum(len(lines) for sign, lines in parts if sign == kind) for kind in "+−")
    if not added and not removed:
        return format_html('<p class="empty">{}</p>', "Nothing differs.")
    body = format_html_join("", "{}", ((_block(sign, lines),) for sign, lines in parts))
    return format_html(
        '<div><p class="diff-words"><span class="status is-ok">{}{} added</span><span class="status is-failed">{}{} removed'
        '</span></p><div class="diff" role="group" aria-label="{}" tabindex="0">{}</div></div>',
        icon("plus"),
        counted(added, "line"),
        icon("cross"),
        counted(removed, "line"),
        words,
        body,
    )


def _parts(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    if len(old) + len(new) > MOST_LINES:
        yield "−", old
        yield "+", new
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "", old[a:b]
        if a < b and tag != "equal":
            yield "−", old[a:b]
        if c < d and tag != "equal":
            yield "+", new[c:d]


def _block(sign: str, lines: Sequence[str]) -> SafeString:
    if sign:
        element, style = ("ins", "added") if sign == "+" else ("del", "removed")
        rows = ((element, style, sign, line, element) for line in lines)
        return format_html_join("", '<{} class="part {}" data-sign="{}">{}</{}>', rows)
    if len(lines) <= 2 * AROUND + 1:
        return format_html_join("", '<div class="part">{}</div>', ((line,) for line in lines))
    return format_html(
        '{}<div class="same">{} the same</div>{}',
        format_html_join("", '<div class="part">{}</div>', ((line,) for line in lines[:AROUND])),
        counted(len(lines) - 2 * AROUND, "line"),
        format_html_join("", '<div class="part">{}</div>', ((line,) for line in lines[-AROUND:])),
    )
