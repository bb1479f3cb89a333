"""The readable text of HTML."""

from __future__ import annotations

import re

from lxml import etree

from topstitch.errors import MappingError
from topstitch.values.text import show

_BLOCKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "figcaption",
        "footer",
        "h1",
        "h2",
        "h3",
    }
    | {
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    }
)
_UNSEEN = frozenset({"script", "style", "head", "template", "noscript"})
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LINES = re.compile(r"[^\S\n]*\n\s*")
_SPACES = re.compile(r"[^\S\n]+")


def strip_html(html: str) -> str:
    """Text without tags, comments, scripts and styles, entities decoded; a block or line break becomes a new line.

    Raises MappingError for what no HTML parser can read.
    """
    if "<" not in html and "&" not in html:
        return html
    parser = etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        root = etree.fromstring(b"<div>" + _UNREADABLE.sub("", html).encode() + b"</div>", parser)
    except (etree.LxmlError, ValueError) as error:
        raise MappingError(f"{show(html)} cannot be read as HTML: {error}", value=html) from error
    text = _SPACES.sub(" ", "".join(_pieces(root)))
    return _LINES.sub("\n", text).strip()


def _pieces(root: etree._Element) -> list[str]:
    pieces: list[str] = []
    unseen = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if element.tag in _UNSEEN:
            unseen += 1 if event == "start" else -1
        elif element.tag in _BLOCKS:
            pieces.append("\n")
        source = element.text if event == "start" else element.tail
        if source and not unseen:
            # In the source a line break is a space; in <pre> too, which record fields hardly have.
            pieces.append(source.replace("\n", " "))
    return pieces
