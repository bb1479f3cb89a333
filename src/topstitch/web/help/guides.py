"""The guides and the reference as pages: they ship with the package, and are found by their words."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.urls import reverse

import topstitch
from topstitch.web.components.markdown import Article, Section, article
from topstitch.web.help.words import GUIDES, REFERENCE

PACKAGE = Path(topstitch.__file__).parent
RECIPES = "recipes"
#: Sections that a search shows, and letters of each.
MOST_FOUND, EXCERPT = 40, 160


@dataclass(frozen=True, slots=True)
class Guide:
    """One page. `source`: its path below the folder of documents, as guides refer to each other."""

    slug: str
    name: str
    about: str
    source: str

    @property
    def address(self) -> str:
        """Of its page."""
        return reverse("guide", args=[self.slug])


@dataclass(frozen=True, slots=True)
class Found:
    """A section that has all words that were looked for."""

    guide: Guide
    section: Section
    excerpt: str


def _named() -> Iterator[Guide]:
    for folder, pages in (("guide", GUIDES), ("reference", REFERENCE)):
        for slug, name, about in pages:
            yield Guide(slug, name, about, f"{folder}/{slug}" + ("" if slug == RECIPES else ".md"))


ALL = {guide.slug: guide for guide in _named()}
_BY_SOURCE = {guide.source: guide for guide in ALL.values()}


def documents() -> Path:
    """Within an installed package; in a checkout, the folder in which they are written."""
    installed = PACKAGE / "docs"
    return installed if installed.is_dir() else PACKAGE.parents[1] / "docs"


@lru_cache(maxsize=64)
def read(guide: Guide) -> Article:
    """A guide to be shown."""
    return article(_text(guide), lambda href: _here(guide, href))


def _text(guide: Guide) -> str:
    path = documents() / guide.source
    if path.is_dir():
        return f"# {guide.name}\n\n{guide.about.capitalize()}.\n" + "".join(map(_recipe, sorted(path.glob("*.yaml"))))
    return re.sub(r"\A<!--.*?-->\s*", "", path.read_text("utf-8"), flags=re.DOTALL)


def _recipe(path: Path) -> str:
    return f"\n## {path.stem.replace('-', ' ').capitalize()}\n\n```yaml\n{path.read_text('utf-8')}\n```\n"


def _here(guide: Guide, href: str) -> str:
    """Where a link of a guide leads in the product: to another guide, or out of it."""
    path, mark, fragment = href.partition("#")
    other = _BY_SOURCE.get(posixpath.normpath(posixpath.join(posixpath.dirname(guide.source), path)))
    return f"{other.address}{mark}{fragment}" if other else href


def search(asked: str) -> list[Found]:
    """The sections that have all these words; those that have them in their headings first."""
    words = asked.casefold().split()
    if not words:
        return []
    ranked = [
        (
            not all(word in section.words.casefold() for word in words),
            Found(guide, section, _excerpt(section.text, words)),
        )
        for guide in ALL.values()
        for section in read(guide).sections
        if all(word in f"{section.words} {section.text}".casefold() for word in words)
    ]
    return [found for _, found in sorted(ranked, key=lambda each: each[0])][:MOST_FOUND]


def _excerpt(text: str, words: list[str]) -> str:
    """The text around the first of the words that is in it."""
    places = [at for word in words if (at := text.casefold().find(word)) >= 0]
    start = max(min(places, default=0) - EXCERPT // 4, 0)
    part = text[start : start + EXCERPT]
    return f"{'…' if start else ''}{part}{'…' if start + EXCERPT < len(text) else ''}"
