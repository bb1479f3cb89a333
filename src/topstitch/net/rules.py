"""What one system says in its own way: error rules that come before the default table, and where its message is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import orjson

from topstitch.errors import TopstitchError
from topstitch.net.message import Response, snippet

#: Where vendors put their message, tried in this order. `field` paths beside it name the field at fault.
MESSAGE_PATHS = (
    "error.message.value",
    "error.message",
    "error_description",
    "errors[0].message",
    "errors[0].detail",
    "errors[0].description",
    "message",
    "detail",
    "errors",
    "error",
    "title",
    "Message",
    "errors[0]",
    "[0].message",
)
_LONGEST_MESSAGE = 300
_TITLE = re.compile(r"<(?:title|h1)[^>]*>([^<]+)</", re.IGNORECASE)
_STEP = re.compile(r"[^.\[\]]+|\[\d+\]")


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """Recognise an answer and say what it means. Every condition that is set must hold.

    `status`: one or several; without it any status outside 2xx (an error hidden in a 200 needs 200 here).
    `body`: a regular expression searched in the text. `header`: (name, regular expression). `json_path`: a value in the
    body (`errors[0].code`) which exists, equals one of `equals`, and has `contains` in its text, where these are set.
    `raise_as`: the error; RateLimited and TemporaryError say that nothing was executed, so it is sent again.
    `wait`: seconds to pause, or a regular expression whose first group finds them in the text.
    `message` replaces the default sentence; what the system itself said stays behind it.
    """

    raise_as: type[TopstitchError]
    status: int | Collection[int] | None = None
    body: str = ""
    header: tuple[str, str] | None = None
    json_path: str = ""
    equals: Collection[object] = ()
    contains: str = ""
    message: str = ""
    key: str = ""
    hint: str = ""
    wait: float | str | None = None

    def covers(self, status: int) -> bool:
        if self.status is None:
            return not 200 <= status < 300
        return status == self.status if isinstance(self.status, int) else status in self.status

    def matches(self, response: Response) -> bool:
        return (
            self.covers(response.status)
            and (not self.body or _pattern(self.body).search(response.text) is not None)
            and (
                self.header is None or _pattern(self.header[1]).search(response.headers.get(self.header[0])) is not None
            )
            and (not self.json_path or self._matches_json(response))
        )

    def _matches_json(self, response: Response) -> bool:
        value = pluck(parsed(response), self.json_path)
        if value is None:
            return False
        if self.equals and value not in self.equals:
            return False
        return not self.contains or self.contains in str(value)

    def pause(self, response: Response) -> float | None:
        """Give the seconds to wait that this rule knows of."""
        if not isinstance(self.wait, str):
            return self.wait
        found = _pattern(self.wait).search(response.text)
        return float(found[1]) if found else None


def first_match(rules: Sequence[ErrorRule], response: Response) -> ErrorRule | None:
    return next((rule for rule in rules if rule.matches(response)), None)


def covers_success(rules: Sequence[ErrorRule]) -> bool:
    """Say whether any rule looks at answers of 2xx, which otherwise need no second look."""
    return any(rule.covers(status) for rule in rules for status in range(200, 300))


def pluck(value: object, path: str) -> object:
    """Read `a.b[0].c` in a JSON structure; None where anything is missing."""
    for step in _STEP.findall(path):
        if step.startswith("["):
            index = int(step[1:-1])
            value = value[index] if isinstance(value, list) and index < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def parsed(response: Response) -> object:
    """Give the body as JSON, or None when it is something else."""
    try:
        return orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return None


def vendor_message(response: Response, paths: Sequence[str] = MESSAGE_PATHS) -> str:
    """Find what the system itself said, on one line; empty when it said nothing a person can read."""
    body = parsed(response)
    if body is not None:
        return next((text for path in paths if (text := _say(pluck(body, path)))), "")
    text = response.text.lstrip()
    if text.startswith("<"):
        title = _TITLE.search(text)
        return snippet(title[1], _LONGEST_MESSAGE) if title else ""
    return snippet(text, _LONGEST_MESSAGE) if text else ""


def _say(value: object) -> str:
    return snippet("; ".join(_words(value)), _LONGEST_MESSAGE) if value else ""


def _words(value: object, name: str = "") -> Iterator[str]:
    """Turn `{"email": ["is taken"]}` into `email is taken`, and lists of texts into one text."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _words(member, str(key))
    elif isinstance(value, list):
        for member in value:
            yield from _words(member, name)
    elif value is not None and value != "":
        yield f"{name} {value}" if name else str(value)


@lru_cache(maxsize=512)
def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE)
