"""Markdown as HTML: READMEs of systems, of which a user-made one may say anything, and the guides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

#: HTML in the text is shown as text, pictures are not loaded, and links that run something are no links.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of an article, and the plain text between it and the next."""

    level: int
    #: The fragment of its address.
    id: str
    words: str
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """A text with its headings; `body` is without the title, which is the first of them."""

    sections: Sequence[Section]
    body: SafeString

    @property
    def title(self) -> str:
        """Its first heading."""
        return self.sections[0].words


@lru_cache(maxsize=128)
def markdown(text: str) -> SafeString:
    """A text below the title of a page: its own title is left out, tables scroll by themselves."""
    return _rendered(_MARKDOWN.parse(text))


def article(text: str, link: Callable[[str], str]) -> Article:
    """A text that begins with a title. `link`: where a link of the text leads here."""
    tokens = _MARKDOWN.parse(text)
    sections = list(_sections(tokens))
    for token in _all(tokens):
        if token.type == "link_open":
            token.attrs["href"] = link(str(token.attrs["href"]))
    return Article(sections, _rendered(tokens))


def _sections(tokens: Sequence[Token]) -> Iterator[Section]:
    """The sections, whose headings get their ids with it."""
    starts = [at for at, token in enumerate(tokens) if token.type == "heading_open"]
    taken: set[str] = set()
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        heading, words = tokens[start], _plain(tokens[start + 1])
        name = _free(slugify(words) or "part", taken)
        heading.attrs["id"] = name
        text = " ".join(_plain(token) for token in tokens[start + 2 : end] if token.content)
        yield Section(int(heading.tag[1:]), name, words, text)


def _plain(token: Token) -> str:
    """What a reader sees of it."""
    if token.children is None:
        return token.content
    return "".join(child.content if child.type != "softbreak" else " " for child in token.children)


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free)
    return free


def _all(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _rendered(tokens: Sequence[Token]) -> SafeString:
    tokens = _without_title(tokens)
    for token in _all(tokens):
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
