"""JSON for reading: indented, with names, texts and other values told apart."""

from __future__ import annotations

import re
from typing import Any

import orjson
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

#: Characters that are still shown on a page; the whole of it can be downloaded.
LONGEST = 200_000
# After escaping, quotes are entities.
_TOKEN = re.compile(r"(?P<name>^\s*&quot;.*?&quot;)(?=: )|(?P<text>&quot;.*?&quot;)(?=,?$)", re.MULTILINE)


def plain_json(value: Any) -> str:
    """Two blanks an indent, as given."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode()


def json_view(value: Any) -> SafeString:
    """As a block that can be scrolled and copied."""
    text = plain_json(value)
    cut = text[:LONGEST]
    shown = _TOKEN.sub(lambda match: f'<span class="{match.lastgroup}">{match[0]}</span>', escape(cut))
    rest = '<span class="rest">\n… the rest is in the download</span>' if len(text) > LONGEST else ""
    return mark_safe(f'<pre class="json" tabindex="0">{shown}{rest}</pre>')  # escaped above
