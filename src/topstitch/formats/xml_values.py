"""XML elements as values, by the rules at the top of `xml`."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from topstitch.formats.base import MAX_COLUMNS, MAX_DEPTH
from topstitch.formats.xml_names import Lists

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_XML = "{http://www.w3.org/XML/1998/namespace}"


class TooDeep(Exception):
    """An element lies deeper than `MAX_DEPTH` in its record. Caught by the reader."""


class Values:
    """Turns elements into records."""

    def __init__(self, list_elements: tuple[str, ...], *, strip: bool) -> None:
        self._lists = Lists(list_elements)
        self._strip = strip
        self._names: dict[tuple[str, str | None], str] = {}

    def name_of(self, element: etree._Element) -> str:
        """Return the name of an element: local, or `prefix:local` when prefixes are kept."""
        key = (element.tag, element.prefix)
        name = self._names.get(key)
        if name is None:
            local = key[0].rpartition("}")[2]
            name = local if self._strip or not key[1] else f"{key[1]}:{local}"
            if len(self._names) < MAX_COLUMNS:
                self._names[key] = name
        return name

    def record(self, element: etree._Element) -> dict[str, object]:
        """Return a record element's fields; it is an object even if it looks like a list or text.

        Raises `TooDeep`.
        """
        value = self._fields(element, self.name_of(element), 1)
        if text := _text(element):
            value["#text"] = text
        return value

    def _value(self, element: etree._Element, depth: int) -> object:
        name = self.name_of(element)
        if not len(element):
            return self._leaf(element, name)
        if depth > MAX_DEPTH:
            raise TooDeep
        fields = self._fields(element, name, depth)
        text = _text(element)
        if len(fields) == 1 and not text:
            (only, items), *_ = fields.items()
            if self._lists.holds(name, only) and isinstance(items, list):
                return items
        if text:
            fields["#text"] = text
        return fields

    def _leaf(self, element: etree._Element, name: str) -> object:
        text = element.text or ""
        if text.isspace():
            text = ""
        if not element.attrib:
            return [] if not text and self._lists.is_declared(name) else text
        if element.attrib.get(_NIL) in ("true", "1"):
            return None
        fields: dict[str, object] = dict(self._attributes(element))
        if text:
            fields["#text"] = text
        return fields

    def _fields(self, element: etree._Element, name: str, depth: int) -> dict[str, object]:
        fields: dict[str, object] = dict(self._attributes(element)) if element.attrib else {}
        lists: dict[str, list[object]] = {}
        for child in element:
            key, value = self.name_of(child), self._value(child, depth + 1)
            if key in lists:
                lists[key].append(value)
            elif key in fields:
                fields[key] = lists[key] = [fields[key], value]
            elif self._lists.repeats(name, key):
                fields[key] = lists[key] = [value]
            else:
                fields[key] = value
        return fields

    def _attributes(self, element: etree._Element) -> Iterator[tuple[str, str]]:
        for full, value in element.attrib.items():
            space, _, local = str(full).rpartition("}")
            prefix = f"{_prefix(element, space)}:" if space and not self._strip else ""
            yield f"@{prefix}{local}", str(value)


def _prefix(element: etree._Element, space: str) -> str:
    if space + "}" == _XML:
        return "xml"
    return next((prefix for prefix, address in element.nsmap.items() if prefix and address == space[1:]), "ns")


def _text(element: etree._Element) -> str:
    """Return the text between the children, empty when there are only blanks."""
    if not len(element):
        text = element.text or ""
    else:
        text = (element.text or "") + "".join(child.tail or "" for child in element)
    return "" if not text or text.isspace() else text
