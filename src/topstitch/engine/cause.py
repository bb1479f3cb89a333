"""The cause of a problem: what many records that failed alike have in common, whatever their own values are.

Two problems have one cause when class, key, place (field or row) and sentence are the same, and the service is. The
sentence is the message with whatever differs from record to record left out: quoted values, numbers, ids, addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from topstitch.engine.identity import storable
from topstitch.engine.ports import Problem

LEFT_OUT = "…"
MAX_MESSAGE = 2000
MAX_SENTENCE = 300
#: What is said several times over has no more words than that.
MAX_REPEATED = 40
#: Names are positive and short enough to be written in an address as a number.
_BITS = 59

_VARIES = re.compile(
    r"""
      (?P<code>\b(?:HTTP|status|code|error)[ :=]{1,2}[1-5]\d\d\b)       # HTTP 503 says what it is, whoever is refused
    | (?P<quoted>"[^"\n]{0,300}"|“[^”\n]{0,300}”|`[^`\n]{0,300}`|(?<!\w)'[^'\n]{0,300}'(?!\w)|‘[^’\n]{0,300}’(?!\w))
    | (?P<url>\b[a-z][a-z0-9+.\-]{1,20}://\S+)
    | (?P<mail>[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63})+)
    | (?P<id>\#?\b[\w\-./:+]*\d[\w\-./:+]*)                             # a number, a date, a SKU, a UUID
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ENDS = ".,:;"
#: A place in a list, of which there are many: `lines[3].sku`, `lines.3.sku`.
_IN_LIST = re.compile(r"(?<=\[)\d+(?=\])|(?<=\.)\d+(?=\.|$)")
#: Never read as a record: its row is where the record stands in its page or file.
BROKEN = ("broken_record", "record_gone")


@dataclass(frozen=True, slots=True)
class Cause:
    """What a problem is counted under. `id` is its name with this service, `kin` the same whatever the service."""

    id: int
    kin: int
    sentence: str
    #: Field or mapping row.
    place: str


def cause_of(service_id: int, problem: Problem, *, row: str = "", values: tuple[str, ...] = ()) -> Cause:
    """The cause of a problem; `values` are the record's own that may stand in the message unquoted: key, reference."""
    own = tuple(sorted({v for v in values if len(v) > 2 and v in problem.message}, key=len, reverse=True))
    place = "" if problem.key in BROKEN else problem.field or row
    return _cause(service_id, problem.desk_class, problem.key, problem.message[:MAX_MESSAGE], place, own)


def row_of(evidence: Mapping[str, Any] | None) -> str:
    """The mapping row that evidence names."""
    return str((evidence or {}).get("row") or "")


@lru_cache(maxsize=2048)
def _cause(service_id: int, desk_class: str, key: str, message: str, place: str, own: tuple[str, ...]) -> Cause:
    for value in own:
        message = message.replace(value, LEFT_OUT)
    said, where = sentence(message), _IN_LIST.sub(LEFT_OUT, place)[:MAX_SENTENCE]
    kin = _name(desk_class, key, where, said)
    return Cause(_name(str(service_id), str(kin)), kin, storable(said), storable(where))


def sentence(message: str) -> str:
    """A message without what differs from record to record."""
    plain = _VARIES.sub(_left_out, " ".join(message.split()))
    plain = re.sub(rf"{LEFT_OUT}(?:(?:, | and | or ){LEFT_OUT})+", LEFT_OUT, plain)
    plain = " ".join(_said_once(plain.split(), cut=len(message) >= MAX_MESSAGE or message.endswith(LEFT_OUT)))
    return plain if len(plain) <= MAX_SENTENCE else plain[: MAX_SENTENCE - 1] + LEFT_OUT


def _said_once(words: list[str], *, cut: bool) -> Iterator[str]:
    """Of what is said again and again, for each line of an order say, the first; of a message that was cut, no bit of a last."""
    plain = [word.rstrip(_ENDS) for word in words]
    at = 0
    while at < len(words):
        size = _repeated(plain, at)
        yield from words[at : at + max(size, 1)]
        if not size:
            at += 1
            continue
        said = plain[at : at + size]
        while plain[at : at + size] == said:
            at += size
        if cut and " ".join(said).startswith(" ".join(plain[at:]).rstrip(LEFT_OUT)):
            return


def _repeated(words: list[str], at: int) -> int:
    """How many words from there on are said twice in a row; 0 if none are."""
    longest = min(MAX_REPEATED, (len(words) - at) // 2)
    for size in range(1, longest + 1):
        if words[at] == words[at + size] and words[at : at + size] == words[at + size : at + 2 * size]:
            return size
    return 0


def _left_out(match: re.Match[str]) -> str:
    text = match.group()
    if match.lastgroup == "code":
        return text
    if match.lastgroup == "quoted":
        return f"{text[0]}{LEFT_OUT}{text[-1]}"
    # The end of the sentence is not part of the number before it.
    end = text[len(text.rstrip(_ENDS)) :]
    return LEFT_OUT + end


def _name(*parts: str) -> int:
    digest = blake2b("\0".join(parts).encode("utf-8", "backslashreplace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (64 - _BITS)
