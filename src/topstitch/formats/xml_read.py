"""Reading XML piece by piece: finds the record elements, turns them into values, drops the tree behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Literal, cast

from lxml import etree
from lxml.etree import XMLPullParser

from topstitch.errors import FormatError, LimitExceeded
from topstitch.formats.base import CHUNK, MAX_DEPTH, MAX_RECORD, BadRow, Row, over_limit
from topstitch.formats.xml_values import TooDeep, Values

if TYPE_CHECKING:
    from topstitch.formats.xml import XmlFormat

#: What libxml2 adds to its messages: the place, which we give in our way, and advice to programmers.
_POSITION = re.compile(r"(, use XML_PARSE_HUGE option)?, line \d+, column \d+.*")
_MAX_PROLOG = 16 * CHUNK
#: libxml2 counts lines no further than this.
_MAX_LINE = 65_535


class XmlReader:
    """One reading of one stream."""

    def __init__(self, settings: XmlFormat, stream: BinaryIO) -> None:
        self._set, self._stream = settings, stream
        self._values = Values(settings.list_elements, strip=settings.strip_namespaces)
        self._path = settings.path
        self._number = 0
        self._root: etree._Element | None = None
        self._parent: etree._Element | None = None  # of the record element seen last
        self._done: etree._Element | None = None  # the record element seen last
        self._parent_ended = False
        self._strangers: list[str] = []  # names met where record elements should be
        self._open_size = 0

    def rows(self) -> Iterator[Row | BadRow]:
        data = self._checked_head()
        if not data:
            return
        # There is no DTD here any more, so these are just &amp; and its like; False would hide an undefined entity.
        parser = self._parser(("start", "end"), self._tags(), entities="internal")
        while data:
            failure = self._feed(parser, data)
            for event, element in _events(parser):
                if event == "start":
                    self._root = element if self._root is None else self._root
                elif self._is_record(element):
                    yield self._row(element)
                else:
                    self._note(element)
            if failure:
                raise failure
            self._forget(len(data))
            data = self._stream.read(CHUNK)
        self._finish(parser)

    def _parser(
        self,
        events: tuple[Literal["start", "end"], ...],
        tag: list[str] | None,
        entities: Literal["internal", False],
    ) -> XMLPullParser:
        return XMLPullParser(
            events=events,
            tag=tag,
            encoding=self._set.declared if self._set.encoding else None,
            resolve_entities=entities,  # type: ignore[arg-type]  # the stubs know booleans only
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )

    def _tags(self) -> list[str] | None:
        if "*" in self._path:
            return None
        return ["{*}" + step.rpartition(":")[2] for step in self._path]

    def _checked_head(self) -> bytes:
        """Read up to the root element and refuse a DTD or another root before anything is parsed in earnest."""
        probe, head = self._parser(("start",), None, entities=False), b""
        while len(head) < _MAX_PROLOG and (data := self._stream.read(CHUNK)):
            # Blanks before the declaration are against the rules and harmless.
            data = data if head else data.lstrip(b" \t\r\n")
            head += data
            failure = self._feed(probe, data) if data else None
            for _, root in _events(probe):
                if root.getroottree().docinfo.internalDTD is not None:
                    hint = "Ask the sender for XML without <!DOCTYPE ...>: it can pull in files and grow without end."
                    raise FormatError("the file has a DTD, which is not accepted", place="line 1", hint=hint)
                if self._path[0] not in ("*", name := self._values.name_of(root)):
                    raise FormatError(f"the root element is {name!r}; the record path begins with {self._path[0]!r}")
                return head
            if failure:
                raise failure
        if head:
            self._finish(probe)
            raise FormatError(f"there is no root element in the first {_MAX_PROLOG:,} bytes", place="line 1")
        return head

    def _feed(self, parser: XMLPullParser, data: bytes) -> FormatError | None:
        try:
            parser.feed(data)
        except etree.XMLSyntaxError as error:
            return self._no_xml(error)
        return None

    def _finish(self, parser: XMLPullParser) -> None:
        try:
            parser.close()
        except etree.XMLSyntaxError as error:
            raise self._no_xml(error) from error
        path = self._set.record_path
        if self._strangers and not self._number:
            raise FormatError(f"there is no {path}; in its place there is {', '.join(self._strangers)}")
        if not self._parent_ended and not self._number:
            raise FormatError(f"the record path {path!r} does not occur")

    def _is_record(self, element: etree._Element) -> bool:
        parent = element.getparent()
        if parent is not None and parent is self._parent:
            return self._path[-1] in ("*", self._values.name_of(element))
        if not self._on_path(element, self._path):
            return False
        self._parent = parent
        return True

    def _on_path(self, element: etree._Element, path: tuple[str, ...]) -> bool:
        names = [self._values.name_of(element), *map(self._values.name_of, element.iterancestors())]
        steps = zip(reversed(names), path, strict=False)
        return len(names) == len(path) and all(step in ("*", name) for name, step in steps)

    def _row(self, element: etree._Element) -> Row | BadRow:
        self._number += 1
        line = cast(int, element.sourceline)
        place = f"record {self._number}" + (f", line {line}" if line < _MAX_LINE else "")
        try:
            return Row(self._values.record(element), place)
        except TooDeep:
            raw = etree.tostring(element, encoding="unicode", with_tail=False)
            return over_limit(f"nested deeper than {MAX_DEPTH} levels", raw, place)
        finally:
            self._drop(element)

    def _drop(self, element: etree._Element) -> None:
        """Empty a record that is read and remove those before it; itself it stays, as the parser may still hold it."""
        element.clear()
        parent = element.getparent()
        while parent is not None and (previous := element.getprevious()) is not None:
            parent.remove(previous)
        self._done = element

    def _note(self, element: etree._Element) -> None:
        """Remember what stood in the place of records, for the message when there are none."""
        if not self._number and self._on_path(element, self._path[:-1]):
            self._parent_ended = True
            names = dict.fromkeys(map(self._values.name_of, element))
            self._strangers += [name for name in names if name not in self._strangers][:20]

    def _forget(self, size: int) -> None:
        """Drop what the parser has finished outside of records, and bound the record it is in the middle of."""
        node, depth = self._root, 1
        on_path = True
        while node is not None and not (on_path and depth == len(self._path)):
            if not len(node):
                self._open_size = 0
                return
            del node[:-1]
            node, depth = node[-1], depth + 1
            on_path = (
                on_path and depth <= len(self._path) and self._path[depth - 1] in ("*", self._values.name_of(node))
            )
        if node is None or node is self._done:
            self._open_size = 0
            return
        self._open_size += size
        if self._open_size > MAX_RECORD + CHUNK:
            place = f"line {node.sourceline}"
            raise LimitExceeded(f"{place}: the record that begins here is longer than {MAX_RECORD:,} bytes")

    def _no_xml(self, error: etree.XMLSyntaxError) -> FormatError:
        line, column = error.position
        message = _POSITION.sub("", error.msg or "there is nothing in it")
        hint = ""
        if "ncod" in message or "nvalid bytes" in message:
            hint = "Set the encoding the file is really in (cp1252?): it overrides what the file declares."
        elif "remature end" in message or "EndTag" in message:
            hint = "The file was cut off, or not written to its end; ask the sender for the whole file."
        return FormatError(f"this is no XML: {message}", place=f"line {line}, column {column}", hint=hint)


def _events(parser: XMLPullParser) -> Iterator[tuple[str, etree._Element]]:
    for event, element in parser.read_events():
        if isinstance(element, etree._Element):
            yield event, element
