"""The vendor's search syntax for `query:` arguments: terms, AND, OR, NOT, quotes, comparators; text matched by words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

Doc = dict[str, Any]
#: Name of a search field -> (kind, what of the document). Kinds: text, word, lacks, id, time, number, flag.
Fields = Mapping[str, tuple[str, Callable[[Doc], Any]]]
_LEXEME = re.compile(
    r"\s+|(?P<mark>[()])|(?P<not>-(?=\S)|NOT\b)|(?P<join>AND\b|OR\b)"
    r"|(?:(?P<field>[\w.]+):\s*)?(?P<op>>=|<=|>|<)?(?P<value>'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|(?:\\.|[^\s()\\])+)"
)


def search(docs: list[Doc], text: str | None, fields: Fields, warnings: list[Doc]) -> list[Doc]:
    """The documents that match. A field the vendor does not know is ignored, with a warning, as the vendor does."""
    if not text or not text.strip():
        return docs
    matches = _Query(text, fields, warnings).parse()
    return [doc for doc in docs if matches(doc)]


class _Query:
    def __init__(self, text: str, fields: Fields, warnings: list[Doc]) -> None:
        self.fields, self.warnings = fields, warnings
        self.lexemes = [found for found in _LEXEME.finditer(text) if found[0].strip()]
        self.at = 0

    def parse(self) -> Callable[[Doc], bool]:
        """Alternatives of AND groups."""
        choices = [self._group()]
        while self._joined("OR"):
            choices.append(self._group())
        return lambda doc: any(choice(doc) for choice in choices)

    def _group(self) -> Callable[[Doc], bool]:
        terms = []
        while self.at < len(self.lexemes) and self.lexemes[self.at]["mark"] != ")":
            if self.lexemes[self.at]["join"] == "OR":
                break
            if not self._joined("AND"):
                terms.append(self._term())
        return lambda doc: all(term(doc) for term in terms)

    def _joined(self, word: str) -> bool:
        if self.at < len(self.lexemes) and self.lexemes[self.at]["join"] == word:
            self.at += 1
            return True
        return False

    def _term(self) -> Callable[[Doc], bool]:
        found = self.lexemes[self.at]
        self.at += 1
        if found["not"]:
            inner = self._term()
            return lambda doc: not inner(doc)
        if found["mark"]:
            group = self.parse()
            self.at += 1
            return group
        return self._compare(found["field"] or "", found["op"] or "", _unquoted(found["value"]))

    def _compare(self, name: str, op: str, value: str) -> Callable[[Doc], bool]:
        if not name:
            return lambda doc: _has_words(str(doc), value)
        if name not in self.fields:
            self.warnings.append(
                {"field": name, "message": "Invalid search field for this query.", "code": "invalid_field"}
            )
            return lambda doc: True
        kind, get = self.fields[name]
        return lambda doc: _TESTS[kind](get(doc), op, value)


def _unquoted(value: str) -> str:
    if value[0] in "'\"" and value[-1] == value[0] and len(value) > 1:
        value = value[1:-1]
    return re.sub(r"\\(.)", r"\1", value)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _has_words(text: str, value: str) -> bool:
    if value.endswith("*"):
        return text.lower().startswith(value[:-1].lower())
    return set(_words(value)) <= set(_words(text))


def _text(have: Any, op: str, value: str) -> bool:
    return any(
        _has_words(str(each), value) for each in (have if isinstance(have, list) else [have]) if each is not None
    )


def _word(have: Any, op: str, value: str) -> bool:
    wanted = {each.strip().lower() for each in value.split(",")}
    values = {str(each).lower() for each in (have if isinstance(have, list | set) else [have])}
    return bool(wanted & values)


def _lacks(have: Any, op: str, value: str) -> bool:
    return not _word(have, op, value)


def _ordered(have: Any, op: str, value: Any) -> bool:
    if have is None:
        return False
    tests = {">=": have >= value, "<=": have <= value, ">": have > value, "<": have < value, "": have == value}
    return bool(tests[op])


def _id(have: Any, op: str, value: str) -> bool:
    number = re.search(r"(\d+)\D*$", value)
    mine = re.search(r"/(\d+)(?:\?.*)?$", str(have or ""))
    return bool(number and mine) and _ordered(int(mine[1] if mine else 0), op, int(number[1] if number else 0))


def _time(have: Any, op: str, value: str) -> bool:
    return have is not None and _ordered(_moment(str(have)), op, _moment(value))


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _number(have: Any, op: str, value: str) -> bool:
    return have is not None and _ordered(float(have), op, float(value))


def _flag(have: Any, op: str, value: str) -> bool:
    return bool(have) == (value.lower() == "true")


_TESTS: Mapping[str, Callable[[Any, str, str], bool]] = {
    "text": _text,
    "word": _word,
    "lacks": _lacks,
    "id": _id,
    "time": _time,
    "number": _number,
    "flag": _flag,
}
