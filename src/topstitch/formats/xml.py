"""XML files: each element at a path is a record. No DTD, no entities, no network, bounded depth.

How an element becomes a value, in both directions where possible:

    <sku>A-1</sku>                        "A-1"      text stays text, blanks and all
    <note/>, <note> </note>               ""         there is no null in XML; None is written like this
    <note xsi:nil="true"/>                None
    <a><b>1</b><c>2</c></a>               {"b": "1", "c": "2"}
    <a><b>1</b><b>2</b></a>               {"b": ["1", "2"]}
    <a id="7"><b>1</b></a>                {"@id": "7", "b": "1"}
    <price currency="GBP">4</price>       {"@currency": "GBP", "#text": "4"}
    <lines><line>..</line></lines>        [..]       also when there is one: a container, named by the plural of its
                                                     only kind of child, without attributes, is the list itself

`list_elements` settles what names do not tell: `street` makes `street` a list wherever it occurs, `Rows/Item` makes
`Rows` the list of its `Item` elements, also when it is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from topstitch.formats import checks
from topstitch.formats.base import BadRow, Row
from topstitch.formats.xml_names import is_name, split_prefix
from topstitch.formats.xml_read import XmlReader
from topstitch.formats.xml_write import XmlWriter

#: Accepted encodings and the names they are declared with.
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "iso-8859-1": "ISO-8859-1",
    "iso-8859-15": "ISO-8859-15",
    "cp1252": "windows-1252",
    "windows-1252": "windows-1252",
    "ascii": "US-ASCII",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlFormat:
    """Settings of an XML file.

    `record_path` leads from the root to the record element: `orders/order`, `export/*/order`; a single name takes the
    whole file as one record. `root` and `row` replace its first names and its last one on writing. An empty `encoding`
    reads what the file declares and writes UTF-8. Prefixes are dropped on reading unless `strip_namespaces` is false:
    then names are `g:price`. `namespaces` (prefix to address, "" for the default) are declared on writing.
    """

    record_path: str
    root: str = ""
    row: str = ""
    encoding: str = ""
    list_elements: tuple[str, ...] = ()
    strip_namespaces: bool = True
    namespaces: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key in ("record_path", "root", "row"):
            self._check_path(key, getattr(self, key), optional=key != "record_path")
        if "/" in self.row:
            checks.refuse("row", self.row, "a single element name")
        if self.encoding:
            checks.one_of("encoding", self.encoding.lower(), ENCODINGS)
        object.__setattr__(self, "list_elements", checks.names("list_elements", self.list_elements))
        for name in self.list_elements:
            self._check_path("list_elements", name, optional=False)
        checks.boolean("strip_namespaces", self.strip_namespaces)
        self._check_namespaces()

    def read(self, stream: BinaryIO) -> Iterator[Row | BadRow]:
        """Yield the records; `place` counts them and names the line.

        Raises `FormatError` with line and column for broken XML, a DTD, and a path that does not occur. Records before
        the broken place have been yielded by then.
        """
        return XmlReader(self, stream).rows()

    def write(self, records: Iterable[Mapping[str, object]], stream: BinaryIO) -> int:
        """Write the records one a line inside the root; return how many.

        Raises `FormatError` naming record and field for names and characters that XML does not allow, and for lists
        directly in lists.
        """
        return XmlWriter(self, stream).write_all(records)

    @property
    def path(self) -> tuple[str, ...]:
        """The steps of `record_path`."""
        return tuple(self.record_path.split("/"))

    @property
    def written_path(self) -> tuple[str, ...]:
        """The element names around a written record, and its own."""
        outer = tuple(self.root.split("/")) if self.root else self.path[:-1]
        return (*outer, self.row or self.path[-1])

    @property
    def declared(self) -> str:
        """The encoding as the XML declaration names it."""
        return ENCODINGS[self.encoding.lower() or "utf-8"]

    def _check_path(self, key: str, value: object, *, optional: bool) -> None:
        checks.text(key, value, empty=optional)
        for step in str(value).split("/") if value else ():
            if not (step == "*" and key == "record_path") and not is_name(split_prefix(step)[1]):
                checks.refuse(key, value, "element names with / between them, like orders/order")

    def _check_namespaces(self) -> None:
        if not isinstance(self.namespaces, Mapping):
            checks.refuse("namespaces", self.namespaces, "a table of prefixes and addresses")
        for prefix, address in self.namespaces.items():
            if (prefix and not is_name(prefix)) or not isinstance(address, str) or not address:
                checks.refuse("namespaces", {prefix: address}, "a table of prefixes and addresses")
