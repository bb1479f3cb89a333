"""What goes out and what comes back: headers, the prepared request, the response, the request a dry run captured."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import orjson

from topstitch.errors import AnswerLost, FormatError

_SNIPPET = 120
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:\-]+)", re.IGNORECASE)


class HeaderSource(Protocol):
    """The little we need of the client library's header map (`get` ignores case, keys repeat)."""

    def get(self, key: str, /) -> str | None: ...
    def getall(self, key: str, /) -> list[str]: ...
    def keys(self) -> Iterable[str]: ...


class Headers:
    """Response headers; names in any case. Read lazily, since most answers are never asked for theirs."""

    __slots__ = ("_source",)

    def __init__(self, source: HeaderSource) -> None:
        self._source = source

    def get(self, name: str, default: str = "") -> str:
        """Give the first value of a header, or `default`."""
        try:
            value = self._source.get(name)
        except ValueError:  # bytes that are no text
            return default
        return default if value is None else value

    def get_all(self, name: str) -> list[str]:
        """Give every value of a header, for `Set-Cookie` and `Link`."""
        try:
            return list(self._source.getall(name))
        except (KeyError, ValueError):
            return []

    def as_dict(self) -> dict[str, str]:
        """Give the headers with lower-case names, repeated ones joined by a comma."""
        return {name: ", ".join(self.get_all(name)) for name in dict.fromkeys(self._source.keys())}

    def __contains__(self, name: str) -> bool:
        return bool(self.get(name))

    def __repr__(self) -> str:
        return f"Headers({list(self.as_dict())})"


class MappingSource:
    """Headers from a plain mapping, for tests and for answers of our own making."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {name.lower(): value for name, value in values.items()}

    def get(self, key: str, /) -> str | None:
        return self._values.get(key.lower())

    def getall(self, key: str, /) -> list[str]:
        return [self._values[key.lower()]]

    def keys(self) -> Iterable[str]:
        return self._values


class Prepared:
    """One request about to be sent. Auth may change any part of it; header names are lower case."""

    __slots__ = ("body", "credential", "headers", "method", "url")

    def __init__(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        #: The token this request was signed with, so that a refusal is blamed on the right one.
        self.credential = ""

    def copy(self) -> Prepared:
        return Prepared(self.method, self.url, self.headers.copy(), self.body)


class Response:
    """One complete answer. `elapsed` is in seconds, `url` the address asked, without what auth added to it.

    `repeatable` is False after a write that must not be sent twice.
    """

    __slots__ = ("body", "elapsed", "headers", "repeatable", "status", "url")

    def __init__(self, status: int, headers: Headers, body: bytes, url: str, elapsed: float) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.url = url
        self.elapsed = elapsed
        self.repeatable = True

    @property
    def text(self) -> str:
        """The body as text, by its declared charset (UTF-8 when none or unknown), never failing."""
        declared = _CHARSET.search(self.headers.get("content-type"))
        try:
            return self.body.decode(declared[1] if declared else "utf-8-sig", "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    def json(self) -> object:
        """Parse the body; when it is not JSON, FormatError with the place and how the body begins.

        After a write that must not be sent twice it is AnswerLost: what came back does not say what became of it.
        """
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            if self.body.startswith(b"\xef\xbb\xbf"):  # a byte order mark, which some .NET systems send
                self.body = self.body[3:]
                return self.json()
            if not self.repeatable and 200 <= self.status < 300:
                raise AnswerLost(f"The answer is not JSON: {snippet(self.text)}", detail=str(error)) from error
            raise FormatError(
                f"the answer is not JSON: {snippet(self.text)}",
                place=f"line {error.lineno}, column {error.colno}",
                key="not_json",
                hint="Check the address of the connector: a login or error page often answers in place of the API.",
                detail=f"{self.url} -> {self.status} {self.headers.get('content-type')}: {error}",
            ) from error

    def __repr__(self) -> str:
        return f"<Response {self.status} {len(self.body)} bytes>"


class CapturedRequest(Exception):
    """Raised by a dry client instead of sending: this is what would have left. Not an error; secrets are masked."""

    def __init__(self, method: str, url: str, headers: Mapping[str, str], body: str) -> None:
        super().__init__(f"{method} {url}")
        self.request = CapturedDetails(method, url, dict(headers), body)


@dataclass(frozen=True, slots=True)
class CapturedDetails:
    """The exact request of a dry run, for the eyes of the user."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str


def snippet(text: str, length: int = _SNIPPET) -> str:
    """Give the beginning of a text on one line."""
    line = " ".join(text[: length * 4].split())
    return (line[: length - 1] + "…" if len(line) > length else line) or "(empty)"
