"""Reading XML from strangers: no document type, no entities, no network; size and depth are bounded."""

from __future__ import annotations

import re

from lxml import etree

from topstitch.errors import FormatError, LimitExceeded

#: What XML 1.0 cannot carry, not even escaped.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def parse(data: bytes, *, max_bytes: int = 64 << 20) -> etree._Element:
    """Parse a document and give its root. FormatError with the line when it is broken or carries a document type.

    Depth is bounded by the parser itself (256 levels).
    """
    if len(data) > max_bytes:
        raise LimitExceeded(f"The XML document is larger than {max_bytes >> 20} MiB.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise FormatError(f"this is not XML: {error.msg}", place=f"line {error.lineno}", key="not_xml") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise FormatError("the XML document has a document type, which is refused.", key="xml_doctype")
    return root


def local(element: etree._Element) -> str:
    """Give the name of an element without its namespace."""
    return etree.QName(element).localname
