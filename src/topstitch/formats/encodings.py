"""Text encodings of files: the ones accepted, byte order marks, and a guess when bytes do not fit."""

from __future__ import annotations

import codecs

from topstitch.formats import checks

#: Accepted settings, and the codec each stands for.
ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8-sig",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "ascii": "ascii",
    "cp1252": "cp1252",
    "windows-1252": "cp1252",
    "iso-8859-1": "iso-8859-1",
    "latin-1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "cp850": "cp850",
    "cp437": "cp437",
    "mac-roman": "mac-roman",
}

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def check(key: str, value: object) -> None:
    """Raise `ConfigError` unless `value` is an encoding of the table, in any case."""
    checks.one_of(key, value.lower() if isinstance(value, str) else value, ENCODINGS)


def codec(name: str) -> str:
    return ENCODINGS[name.lower()]


def without_mark(head: bytes, encoding: str) -> tuple[str, bytes]:
    """Return the codec to read with and `head` without its byte order mark.

    A mark is proof, so it wins over the setting: a file saved again by a spreadsheet still reads right.
    """
    for mark, marked in _MARKS:
        if head.startswith(mark):
            return marked, head[len(mark) :]
    return {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(codec(encoding), codec(encoding)), head


def guess(data: bytes) -> str:
    """Return the likeliest encoding of `data`, which may be cut in the middle of a character."""
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return "utf-8-sig" if marked == "utf-8" else "utf-16"
    if data.count(0) > len(data) // 4:
        return "utf-16-le" if data[1::2].count(0) >= data[0::2].count(0) else "utf-16-be"
    if _fits(data, "utf-8"):
        return "utf-8"
    return "cp1252" if _fits(data, "cp1252") else "cp850"


def _fits(data: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def advice(raw: bytes, encoding: str) -> str:
    """Say which encoding `raw`, which does not fit `encoding`, looks like; empty when nothing better is known."""
    likely = guess(raw)
    if codec(likely) == codec(encoding):
        return ""
    return f"The text looks like {likely}: set the encoding to that, or ask the sender for {encoding}."
