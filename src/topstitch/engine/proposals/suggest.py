"""Suggestions for fields that no tag joins: by their names, where they stand, their types, and the values in samples.

Names are compared word by word: `shipAddr1`, `shipping_address_line_1` and `ShippingAddressLine1` are the same words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from topstitch.engine.proposals.words import CONTEXTS, EMPTY_WORDS, PHRASES, SAME
from topstitch.sdk.fields import Field
from topstitch.values.paths import compile_get

MAX_SAMPLES = 20
#: Below this a suggestion costs more to read than it helps.
LEAST = 0.45


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A source field that may be what a destination field wants; the score is 0 to 1."""

    field: Field
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class _Words:
    """What a field is called: words of its own, words of what it stands in, and whose it is (billing, shipping...)."""

    own: tuple[str, ...]
    around: frozenset[str]
    whose: frozenset[str]


def suggest(
    source: Sequence[Field],
    destination: Sequence[Field],
    samples: Sequence[Mapping[str, Any]] | None = None,
    *,
    most: int = 3,
) -> list[tuple[Field, list[Suggestion]]]:
    """For every writable field of the destination the readable fields of the source that are most like it, best first."""
    have = [
        (field, _words(field), _seen(field, samples or ())) for field in source if field.readable and _is_value(field)
    ]
    found = []
    for field in destination:
        if field.writable and _is_value(field):
            words = _words(field)
            scored = (_score(field, words, *each) for each in have)
            good = sorted((each for each in scored if each and each.score >= LEAST), key=lambda each: -each.score)
            found.append((field, good[:most]))
    return found


def _is_value(field: Field) -> bool:
    return field.type not in ("array", "object")


def _score(field: Field, words: _Words, other: Field, others: _Words, seen: Sequence[Any]) -> Suggestion | None:
    if "[*]" in other.path and "[*]" not in field.path:
        return None
    if words.whose and others.whose and not words.whose & others.whose:
        return None
    if _numbers(words.own) and _numbers(others.own) and _numbers(words.own) != _numbers(others.own):
        return None
    name, common = _alike(_without(words.own, others), _without(others.own, words))
    if not common:
        return None
    fit, doubt = _fit(field, other, seen)
    if fit == 0:
        return None
    place = _place(words, others, field, other)
    if words.whose != others.whose:
        fit *= _OF_NOBODY
    said = [f"both say {' '.join(common)}"]
    if words.whose & others.whose:
        said.append(f"both are of {' and '.join(sorted(words.whose & others.whose))}")
    score = round(min(name * (0.85 + 0.15 * place), 1) * fit, 3)
    return Suggestion(other, score, ", ".join([*said, *([doubt] if doubt else [])]))


def _without(own: Sequence[str], other: _Words) -> list[str]:
    """The words of the one but for what the other stands in: `customer_name` is the `name` of a `customer`."""
    return [word for word in own if word not in other.around or word in other.own] or list(own)


def _numbers(words: Sequence[str]) -> set[str]:
    return {word for word in words if word.isdigit()}


def _alike(ours: Sequence[str], theirs: Sequence[str]) -> tuple[float, list[str]]:
    """(0 to 1, the words in common): twice the words in common by all there are, nearly equal ones counting a little less."""
    waiting = list(theirs)
    total, common = 0.0, []
    for word in ours:
        best = max(waiting, key=lambda other: _near(word, other), default="")
        if best and (near := _near(word, best)):
            waiting.remove(best)
            total += near
            common.append(word)
    return 2 * total / (len(ours) + len(theirs)) if common else 0, common


@lru_cache(maxsize=50_000)
def _near(one: str, other: str) -> float:
    """1 for the same word, a little less for one of another ending or with a slip, else 0."""
    if one == other or {one, other} in _TWO_MEANINGS:
        return 1
    if min(len(one), len(other)) < _LONG or one[0] != other[0]:
        return 0
    ratio = SequenceMatcher(None, one, other).ratio()
    return ratio if ratio >= _ALMOST else 0


_TWO_MEANINGS = ({"state", "region"}, {"state", "status"})
_LONG = 4
_ALMOST = 0.8


def _place(words: _Words, others: _Words, field: Field, other: Field) -> float:
    """0 to 1: whether they stand in the like: the same list or part of the record."""
    lists = 1.0 if ("[*]" in field.path) == ("[*]" in other.path) else 0.0
    if not words.around and not others.around and not words.whose and not others.whose:
        return lists
    shared = (words.around | words.whose) & (others.around | others.whose)
    return (lists + (1 if shared else 0)) / 2


def _fit(field: Field, other: Field, seen: Sequence[Any]) -> tuple[float, str]:
    """(0 to 1, a doubt in words): whether values of the one can be values of the other, by type and by samples."""
    if field.type == "id" and other.type == "id" and not field.path.endswith("[*]"):
        return _ANOTHERS_ID, "but it is the source's own id"
    if not seen:
        alike = field.type == other.type or _GROUPS.get(field.type) == _GROUPS.get(other.type)
        return (1, "") if alike or "text" in (field.type, other.type) else (_OTHER_TYPE, f"but it is {other.type}")
    looks = _LOOKS.get(field.type)
    if field.choices:
        known = {choice.casefold() for choice in field.choices}
        hits = sum(str(value).casefold() in known for value in seen) / len(seen)
        return (1, "the samples have its words") if hits == 1 else (_OTHER_TYPE, "but the samples have other words")
    if looks is None:
        return 1, ""
    hits = sum(bool(looks(value)) for value in seen) / len(seen)
    if hits == 1:
        return 1, f"the samples look like {_named(field.type)}"
    return (0, "") if hits == 0 else (hits / 2, f"but not all samples look like {_named(field.type)}")


_ANOTHERS_ID, _OTHER_TYPE, _OF_NOBODY = 0.6, 0.7, 0.85
_GROUPS = {"integer": "number", "decimal": "number", "money": "number", "weight": "number", "length": "number"}
_GROUPS |= {"datetime": "date", "date": "date"}


def _named(kind: str) -> str:
    return {"datetime": "dates", "date": "dates", "boolean": "yes or no", "email": "e-mail addresses"}.get(
        kind, f"{_GROUPS.get(kind, kind)}s"
    )


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and re.fullmatch(r"\s*-?\d{1,20}([.,]\d{1,20})?\s*", str(value)) is not None


def _is_date(value: Any) -> bool:
    return re.match(r"\s*(\d{4}-\d\d-\d\d|\d\d?[./]\d\d?[./]\d{2,4}|\d{9,13}$)", str(value)) is not None


def _is_truth(value: Any) -> bool:
    return str(value).strip().casefold() in ("true", "false", "yes", "no", "y", "n", "1", "0", "on", "off")


_LOOKS = {
    "email": lambda value: "@" in str(value),
    "url": lambda value: re.match(r"https?://", str(value)) is not None,
    "currency": lambda value: re.fullmatch(r"\s*[A-Za-z]{3}\s*", str(value)) is not None,
    "boolean": _is_truth,
    "datetime": _is_date,
    "date": _is_date,
    **dict.fromkeys(("integer", "decimal", "money", "weight", "length"), _is_number),
}


def _seen(field: Field, samples: Sequence[Mapping[str, Any]]) -> list[Any]:
    get = compile_get(field.path)
    values: list[Any] = []
    for sample in samples[:MAX_SAMPLES]:
        value = get(sample)
        values += value if isinstance(value, list) else [value]
    return [value for value in values if value not in (None, "") and not isinstance(value, dict | list)][:MAX_SAMPLES]


_UPPER, _LOWER = "A-ZÀ-ÖØ-Þ", "a-zß-öø-ÿ"
_SPLIT = re.compile(rf"[{_UPPER}]+(?![{_LOWER}])|[{_UPPER}]?[{_LOWER}]+|\d+|[^\W\d_{_UPPER}{_LOWER}]+")
_VERSION = re.compile(r"(?<=[a-z])V\d+$")


@lru_cache(maxsize=20_000)
def split_words(name: str) -> tuple[str, ...]:
    """The words of a name in any notation, abbreviations written out: `custShipAddr1` is customer, ship, address, line, 1."""
    raw = [word.casefold() for word in _SPLIT.findall(_VERSION.sub("", name))]
    words: list[str] = []
    while raw:
        length = next((n for n in (3, 2) if tuple(raw[:n]) in PHRASES), 0)
        if length:
            words += PHRASES[tuple(raw[:length])]
        else:
            words += SAME.get(raw[0]) or SAME.get(raw[0].removesuffix("s")) or (raw[0],)
        raw = raw[length or 1 :]
    if "address" in words and ("line" in words or any(word.isdigit() for word in words)):
        words += ["line"] if any(word.isdigit() for word in words) else ["line", "1"]
    return tuple(dict.fromkeys(word for word in words if word not in EMPTY_WORDS))


def _words(field: Field) -> _Words:
    """By path; a path that says nothing (`Attribute1`, `x_4711`) is helped by the label."""
    *above, last = [part for part in re.split(r"\.|\[[^\]]*\]", field.path) if part] or [field.path]
    own, around = list(split_words(last)), [word for part in above for word in split_words(part)]
    if not own or all(word in _SAY_NOTHING for word in own):
        own = [*split_words(field.label)]
    whose = frozenset(CONTEXTS[word] for word in (*own, *around) if word in CONTEXTS)
    if set(own) <= _NEED_A_NOUN:
        noun = next((words for part in reversed(above) if (words := split_words(part))), ())
        own = own if any(word in CONTEXTS for word in noun) else list(dict.fromkeys([*noun, *own]))
    bare = tuple(word for word in own if word not in CONTEXTS) or tuple(own)
    return _Words(bare, frozenset(word for word in around if word not in CONTEXTS), whose)


_SAY_NOTHING = frozenset(["attribute", "field", "x", "custom", "value", "text", *"0123456789"])
#: Words that mean something only with what they are of: an id, a name, a number.
_NEED_A_NOUN = frozenset(["id", "name", "number", "date", "amount", "value", "type", "status"])
