"""Record values on their way into the sandbox and out of it: copied, checked, measured.

JSON values, Decimal, datetime, date and time pass as what they are, in both directions; a tuple becomes a list. Sharing
ends here: the sandbox keeps two places that hold one list as one list, so a copy is made for each, and what comes back
is counted as it would be written out, so that a small value cannot stand for an endless one.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite

from topstitch.errors import ScriptError
from topstitch.scripts.model import MOST_DEPTH, MOST_OUTPUT

#: What a number, a list or an object counts for beside its characters.
WEIGHT = 16
_PASSED = (bool, int, datetime, date, time)


class Meter:
    """Measures values while it copies them; what is larger than `most` raises ScriptError."""

    __slots__ = ("left",)

    def __init__(self, most: int = MOST_OUTPUT) -> None:
        self.left = most

    def into(self, value: object, depth: int = 0) -> object:
        """A copy for the sandbox. Raises ScriptError for what has no place there."""
        kind = type(value)
        if kind is str:
            assert isinstance(value, str)
            return self._text(value)
        if value is None or kind in _PASSED or kind in (float, Decimal):
            self._take(WEIGHT)
            return value
        if depth > MOST_DEPTH:
            raise _refused(f"it is nested more than {MOST_DEPTH} deep")
        if isinstance(value, dict):
            self._take(WEIGHT)
            return {self._key(key): self.into(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple):
            self._take(WEIGHT)
            return [self.into(item, depth + 1) for item in value]
        return self._unusual(value)

    def out(self, value: object, depth: int = 0) -> object:
        """A copy for the host. Raises ScriptError for what is no record data."""
        kind = type(value)
        if kind is str:
            assert isinstance(value, str)
            self._take(len(value))
            return value
        if value is None or kind in _PASSED:
            self._take(WEIGHT)
            return value
        if isinstance(value, float | Decimal):
            return self._number(value)
        if depth > MOST_DEPTH:
            raise _refused(f"it is nested more than {MOST_DEPTH} deep")
        if kind is dict:
            assert isinstance(value, dict)
            self._take(WEIGHT)
            return {self._key(key): self.out(item, depth + 1) for key, item in value.items()}
        if kind is list or kind is tuple:
            assert isinstance(value, list | tuple)
            self._take(WEIGHT)
            return [self.out(item, depth + 1) for item in value]
        return self._unusual(value)

    def _number(self, value: float | Decimal) -> object:
        self._take(WEIGHT)
        if not isfinite(value):
            raise _refused(f"{value} is no number that can be written")
        return value

    def _text(self, value: str) -> str:
        self._take(len(value))
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError as error:
                raise _refused("it holds half a character (a lone surrogate)") from error
        return value

    def _key(self, key: object) -> str:
        if not isinstance(key, str):
            raise _refused(f"an object has the key {key!r:.80}, and keys are text", "Write str(key).")
        return self._text(key)

    def _unusual(self, value: object) -> object:
        """Numbers and texts of classes of their own become plain ones; nothing else passes."""
        for plain in (str, bool, int, float, Decimal):
            if isinstance(value, plain):
                return self.into(plain(value))
        kind = getattr(value, "name", "") or type(value).__name__
        hints = {"set": "Write sorted(...) or list(...).", "frozenset": "Write sorted(...) or list(...)."}
        raise _refused(
            f"{kind} is no record data", hints.get(str(kind), "Use text, numbers, dates, lists and objects.")
        )

    def _take(self, amount: int) -> None:
        self.left -= amount
        if self.left < 0:
            raise ScriptError(
                "the value is too large",
                key="script_output",
                hint=f"At most {MOST_OUTPUT // 1_000_000} MB go into and out of a call.",
            )


def _refused(message: str, hint: str = "") -> ScriptError:
    return ScriptError(message, key="script_value", hint=hint)
