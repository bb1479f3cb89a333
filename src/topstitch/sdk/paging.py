"""How lists are paged, one small class a way. A pager says what to add to the first request and to the next one.

A pager's state is a JSON value: it is the cursor that a page carries, enough to go on in another process.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from topstitch.net.message import Response
from topstitch.sdk.model import Record
from topstitch.values.paths import compile_get


class Pager(Protocol):
    """Three questions: where to begin, what to ask, what comes after an answer."""

    def first(self) -> Any:
        """The state of the first request."""

    def params(self, state: Any, size: int) -> dict[str, str]:
        """Query parameters for a state."""

    def after(self, state: Any, size: int, response: Response, body: Any, records: Sequence[Record]) -> Any:
        """The state of the next request, None when this was the last page."""


@dataclass(frozen=True, slots=True)
class OnePage:
    """Everything in one answer."""

    def first(self) -> Any:
        """Nothing to say."""
        return 0

    def params(self, state: Any, size: int) -> dict[str, str]:
        """Nothing to add."""
        return {}

    def after(self, state: Any, size: int, response: Response, body: Any, records: Sequence[Record]) -> Any:
        """There is no next page."""
        return None


@dataclass(frozen=True, slots=True)
class PageNumber:
    """`?page=2&per_page=100`; ends by a header or path with the number of pages, else at a short page."""

    param: str = "page"
    size: str = "per_page"
    start: int = 1
    pages_header: str = ""
    pages: str = ""

    def first(self) -> Any:
        """The first page's number."""
        return self.start

    def params(self, state: Any, size: int) -> dict[str, str]:
        """Number and size."""
        return {self.param: str(state)} | ({self.size: str(size)} if self.size else {})

    def after(self, state: Any, size: int, response: Response, body: Any, records: Sequence[Record]) -> Any:
        """The next number while there are pages."""
        total = response.headers.get(self.pages_header) if self.pages_header else None
        total = compile_get(self.pages)(body) if self.pages else total
        more = int(state) - self.start + 1 < int(total) if total is not None else len(records) >= size
        return int(state) + 1 if more and records else None


@dataclass(frozen=True, slots=True)
class Offset:
    """`?offset=200&limit=100`; ends at a short page, or at a path with the total."""

    param: str = "offset"
    size: str = "limit"
    total: str = ""

    def first(self) -> Any:
        """From the beginning."""
        return 0

    def params(self, state: Any, size: int) -> dict[str, str]:
        """Offset and size."""
        return {self.param: str(state), self.size: str(size)}

    def after(self, state: Any, size: int, response: Response, body: Any, records: Sequence[Record]) -> Any:
        """As far as we have come."""
        reached = int(state) + len(records)
        total = compile_get(self.total)(body) if self.total else None
        more = reached < int(total) if total is not None else len(records) >= size
        return reached if more and records else None


@dataclass(frozen=True, slots=True)
class BodyCursor:
    """The answer holds a cursor (`next`) that the next request sends as `param`; empty at the end."""

    next: str = "next_cursor"
    param: str = "cursor"
    size: str = "limit"

    def first(self) -> Any:
        """No cursor yet."""
        return ""

    def params(self, state: Any, size: int) -> dict[str, str]:
        """Cursor and size."""
        return ({self.size: str(size)} if self.size else {}) | ({self.param: str(state)} if state else {})

    def after(self, state: Any, size: int, response: Response, body: Any, records: Sequence[Record]) -> Any:
        """The cursor of the answer."""
        return compile_get(self.next)(body) or None


_NEXT_LINK = re.compile(r'<([^>]+)>\s*;[^,]*\brel="?next"?')


@dataclass(frozen=True, slots=True)
class NextLink:
    """The next page's address, in the Link header (RFC 8288) or at a path of the answer. Only its parameters are taken."""

    path: str = ""
    size: str = ""

    def first(self) -> Any:
        """No link yet."""
        return {}

    def params(self, state: Any, size: int) -> dict[str, str]:
        """The parameters of the link, or the size."""
        return dict(state) or ({self.size: str(size)} if self.size else {})

    def after(self, state: Any, size: int, response: Response, body: Any, records: Sequence[Record]) -> Any:
        """The parameters of the next link."""
        if self.path:
            link = compile_get(self.path)(body)
        else:
            found = _NEXT_LINK.search(response.headers.get("link") or "")
            link = found[1] if found else None
        return dict(parse_qsl(urlsplit(str(link)).query, keep_blank_values=True)) or None if link else None


PAGERS: dict[str, type[Any]] = {
    "none": OnePage,
    "page": PageNumber,
    "offset": Offset,
    "cursor": BodyCursor,
    "link": NextLink,
}
