"""What counts as empty, and what as true or false."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from topstitch.errors import MappingError
from topstitch.values.text import show

TRUE_WORDS = frozenset({"true", "yes", "y", "1", "on"})
FALSE_WORDS = frozenset({"false", "no", "n", "0", "off"})


def is_empty(value: object) -> bool:
    """Whether a value is null, empty text, or a list or object without anything in it. 0 and False are not empty."""
    return value is None or value == "" or value == [] or value == {}


def as_boolean(
    value: object, true_words: Collection[str] = TRUE_WORDS, false_words: Collection[str] = FALSE_WORDS
) -> bool:
    """Cast to a boolean: words in any case, the numbers 1 and 0. The words given must be lower case.

    Raises MappingError for anything else.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        # A signalling NaN raises when it is compared.
        signals = isinstance(value, Decimal) and value.is_snan()
        if not signals and (value == 1 or value == 0):
            return value == 1
    elif isinstance(value, str):
        word = value.strip().lower()
        if word in true_words:
            return True
        if word in false_words:
            return False
    raise MappingError(f"{show(value)} is neither true nor false", value=value)
