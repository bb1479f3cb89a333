"""What a function may say instead of giving a value. None of it is an error."""

from __future__ import annotations


class Signal(Exception):
    """Base: passes by the policies for errors of a row."""


class Wanted(Signal):
    """The value is not known yet. The question is noted; once it is answered the record is mapped again."""


class SkipField(Signal):
    """Leave the field out."""


class SkipRecord(Signal):
    """Leave the record out, as a filter would; the text says why."""


class Ended:
    """A value with which its chain ends: the functions behind are passed by."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value
