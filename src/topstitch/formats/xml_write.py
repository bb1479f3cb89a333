"""Writing XML: the same record always gives the same text, one record a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO

from topstitch.errors import FormatError
from topstitch.formats import cells, encodings
from topstitch.formats.base import MAX_DEPTH
from topstitch.formats.sink import Sink
from topstitch.formats.xml_names import Lists, is_name, split_prefix

if TYPE_CHECKING:
    from topstitch.formats.xml import XmlFormat

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPECIAL = re.compile('[&<>"\r\n\t]')
_IN_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
# A reader turns these into blanks in an attribute, unless they are written as numbers.
_IN_ATTRIBUTE = {**_IN_TEXT, '"': "&quot;", "\n": "&#10;", "\t": "&#9;"}


class XmlWriter:
    """One writing to one stream."""

    def __init__(self, settings: XmlFormat, stream: BinaryIO) -> None:
        self._set = settings
        self._encoding = settings.encoding or "utf-8"
        self._sink = Sink(stream, self._encoding, errors="xmlcharrefreplace")
        self._lists = Lists(settings.list_elements)
        self._prefixes = frozenset(settings.namespaces) | {"xml"}
        self._good: set[str] = set()

    def write_all(self, records: Iterable[Mapping[str, object]]) -> int:
        """Write declaration, root and records and return the number of records."""
        *outer, row = self._set.written_path
        spaces = "".join(self._namespaces())
        self._sink.write(f'<?xml version="1.0" encoding="{self._set.declared}"?>\n')
        for at, name in enumerate(outer):
            self._sink.write(f"<{self._name(name, name)}{'' if at else spaces}>\n")
        for record in records:
            self._sink.number += 1
            if self._sink.number > 1 and not outer:
                message = f"the file holds one record, as its path is just {row!r}"
                raise FormatError(message, place="record 2", hint="Set root, or write one file a record.")
            self._record(row, record, "" if outer else spaces)
        for name in reversed(outer):
            self._sink.write(f"</{name}>\n")
        self._sink.flush()
        return self._sink.number

    def _namespaces(self) -> Iterator[str]:
        for prefix, address in self._set.namespaces.items():
            yield f' xmlns{":" if prefix else ""}{prefix}="{_escaped(address, _IN_ATTRIBUTE)}"'

    def _record(self, row: str, record: Mapping[str, object], spaces: str) -> None:
        try:
            self._sink.write("".join(self._element(row, record, "", spaces=spaces)) + "\n")
        except _Unfit as error:
            raise cells.does_not_fit(f"field {error.path!r}", self._sink.number, error) from error

    def _element(self, name: str, value: object, path: str, *, depth: int = 0, spaces: str = "") -> Iterator[str]:
        name = self._name(name, path)
        if depth > MAX_DEPTH:
            raise _Unfit(path, f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, list | tuple):
            raise _Unfit(path, "a list directly in a list")
        attributes, content = spaces, [_plain(value, path, _IN_TEXT)] if not isinstance(value, Mapping) else []
        if isinstance(value, Mapping):
            attributes += "".join(self._attributes(value, path))
            content = list(self._children(value, path, depth))
        inner = "".join(content)
        yield f"<{name}{attributes}>{inner}</{name}>" if inner else f"<{name}{attributes}/>"

    def _attributes(self, fields: Mapping[str, object], path: str) -> Iterator[str]:
        for key, value in fields.items():
            if key.startswith("@"):
                here = f"{path}.{key}" if path else key
                yield f' {self._name(key[1:], here)}="{_plain(value, here, _IN_ATTRIBUTE)}"'

    def _children(self, fields: Mapping[str, object], path: str, depth: int) -> Iterator[str]:
        for key, value in fields.items():
            here = f"{path}.{key}" if path else key
            if key == "#text":
                yield _plain(value, here, _IN_TEXT)
            elif isinstance(value, list | tuple):
                yield from self._list(key, value, here, depth + 1)
            elif not key.startswith("@"):
                yield from self._element(key, value, here, depth=depth + 1)

    def _list(self, key: str, items: Iterable[object], path: str, depth: int) -> Iterator[str]:
        item_name = self._lists.item_of(key)
        name = self._name(key, path)
        inner = (
            part
            for at, item in enumerate(items)
            for part in self._element(item_name or name, item, f"{path}[{at}]", depth=depth)
        )
        if not item_name:
            yield from inner
            return
        text = "".join(inner)
        yield f"<{name}>{text}</{name}>" if text else f"<{name}/>"

    def _name(self, name: str, path: str) -> str:
        """Return `name` when XML allows it here."""
        if name in self._good:
            return name
        prefix, local = split_prefix(name)
        if not is_name(local) or (prefix and prefix not in self._prefixes):
            known = "" if not prefix or prefix in self._prefixes else f": the prefix {prefix!r} is not in namespaces"
            raise _Unfit(path, f"under the name {name!r}, which XML does not allow{known}")
        try:
            name.encode(encodings.codec(self._encoding))
        except UnicodeEncodeError as error:
            raise _Unfit(path, f"under the name {name!r}, which {self._encoding} cannot write") from error
        self._good.add(name)
        return name


class _Unfit(ValueError):
    """What cannot be written, and its path. Caught by the writer."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(why)
        self.path = path


def _plain(value: object, path: str, escapes: Mapping[str, str]) -> str:
    try:
        text = cells.plain(value)
    except ValueError as error:
        raise _Unfit(path, str(error)) from error
    if found := _FORBIDDEN.search(text):
        raise _Unfit(path, f"text with the character U+{ord(found[0]):04X}, which XML does not allow")
    return _escaped(text, escapes)


def _escaped(text: str, escapes: Mapping[str, str]) -> str:
    return _SPECIAL.sub(lambda found: escapes.get(found[0], found[0]), text)
