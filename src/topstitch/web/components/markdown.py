"""Markdown as HTML: the README of a system, of which a user-made one may say anything."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

#: HTML in the text is shown as text, pictures are not loaded, and links that run something are no links.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


@lru_cache(maxsize=128)
def markdown(text: str) -> SafeString:
    """A text below the title of a page: its own title is left out, tables scroll by themselves."""
    tokens = _without_title(_MARKDOWN.parse(text))
    for token in (*tokens, *(child for each in tokens for child in each.children or ())):
        # Tables are aligned by inline styles otherwise, which the pages' policy forbids.
        token.attrs.pop("style", None)
        if token.type == "link_open":
            token.attrs["rel"] = "noreferrer noopener"
        if token.type == "table_open":
            token.attrs["class"] = "list"
    body = str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))
    framed = body.replace("<table", '<div class="scroll" role="group" aria-label="Table" tabindex="0"><table').replace(
        "</table>", "</table></div>"
    )
    return mark_safe(f'<div class="prose">{framed}</div>')  # made by the renderer, which escapes all text


def _without_title(tokens: Sequence[Token]) -> list[Token]:
    if len(tokens) > 2 and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        return list(tokens[3:])
    return list(tokens)
