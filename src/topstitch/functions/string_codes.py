"""Text functions that write a value in another code, or read it: HTML entities, URLs, Base64, JSON, digests."""

from __future__ import annotations

import binascii
import hashlib
import html
import uuid
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from topstitch.errors import FormatError, MappingError
from topstitch.functions.registry import VALUE, Example, Param, function
from topstitch.functions.support import Apply, decode_json, on_text
from topstitch.values.json_text import json_bytes
from topstitch.values.text import show

_NAMESPACES = {
    "url": uuid.NAMESPACE_URL,
    "dns": uuid.NAMESPACE_DNS,
    "oid": uuid.NAMESPACE_OID,
    "x500": uuid.NAMESPACE_X500,
}
_PLUS = Param("plus", "A space is a plus sign", bool, default=False, help="as in the fields of a form")
_URL_SAFE = Param(
    "url_safe", "For addresses", bool, default=False, help="- and _ in place of + and /, nothing at the end"
)


def on_bytes(change: Callable[[bytes], object]) -> Apply:
    """Cast to text, then change its UTF-8 bytes."""

    def apply(text: str) -> object:
        try:
            data = text.encode()
        except UnicodeEncodeError as error:
            raise MappingError(f"{show(text)} holds half a character, which has no UTF-8 bytes", value=text) from error
        return change(data)

    return on_text(apply)


@function(
    "string.encode_entities",
    title="Encode HTML entities",
    group="string",
    summary="Text that may stand in HTML: & < > and both quotes as entities.",
    takes=VALUE,
    gives="text",
    examples=[
        Example(input='Size < 40 & "wide"', output="Size &lt; 40 &amp; &quot;wide&quot;"),
        Example(input="O'Neil", output="O&#x27;Neil"),
        Example(input="&amp;", output="&amp;amp;"),
    ],
)
def encode_entities() -> Apply:
    return on_text(html.escape)


@function(
    "string.decode_entities",
    title="Decode HTML entities",
    group="string",
    summary="Characters in place of HTML entities, by name or number; tags stay.",
    takes=VALUE,
    gives="text",
    examples=[
        Example(input="Caf&eacute; &amp; Bar &#8364;5", output="Café & Bar €5"),
        Example(input="AT&T &unknown; <b>", output="AT&T &unknown; <b>"),
    ],
)
def decode_entities() -> Apply:
    def decode(text: str) -> str:
        try:
            return html.unescape(text)
        except ValueError as error:
            raise MappingError(f"{show(text)} has an entity whose number is too long", value=text) from error

    return on_text(decode)


@function(
    "string.url_encode",
    title="URL encode",
    group="string",
    summary="Text as a part of an address (RFC 3986): all but letters, digits and -._~ as %XX of its UTF-8 bytes.",
    takes=VALUE,
    gives="text",
    params=[_PLUS],
    examples=[
        Example(input="blue hat/M&S é", output="blue%20hat%2FM%26S%20%C3%A9"),
        Example(input="blue hat", args={"plus": True}, output="blue+hat"),
        Example(input="a-b_c.d~e", output="a-b_c.d~e"),
    ],
)
def url_encode(plus: bool) -> Apply:
    write = quote_plus if plus else quote
    return on_bytes(lambda data: write(data, safe=""))


@function(
    "string.url_decode",
    title="URL decode",
    group="string",
    summary="The text behind %XX in a part of an address.",
    takes=VALUE,
    gives="text",
    params=[_PLUS],
    examples=[
        Example(input="blue%20hat%2FM%26S%20%C3%A9", output="blue hat/M&S é"),
        Example(input="blue+hat", args={"plus": True}, output="blue hat"),
        Example(input="100%", output="100%"),
        Example(input="%E9", fails="'%E9' holds bytes that are not UTF-8"),
    ],
)
def url_decode(plus: bool) -> Apply:
    read = unquote_plus if plus else unquote

    def decode(text: str) -> str:
        try:
            return read(text, errors="strict")
        except UnicodeDecodeError as error:
            raise MappingError(f"{show(text)} holds bytes that are not UTF-8", value=text) from error

    return on_text(decode)


@function(
    "string.base64_encode",
    title="Base64 encode",
    group="string",
    summary="The UTF-8 bytes of the text as Base64 (RFC 4648).",
    takes=VALUE,
    gives="text",
    params=[_URL_SAFE],
    examples=[
        Example(input="user:päss", output="dXNlcjpww6Rzcw=="),
        Example(input="user:päss", args={"url_safe": True}, output="dXNlcjpww6Rzcw"),
        Example(input=" ", output="IA=="),
    ],
)
def base64_encode(url_safe: bool) -> Apply:
    if url_safe:
        return on_bytes(lambda data: urlsafe_b64encode(data).decode().rstrip("="))
    return on_bytes(lambda data: b64encode(data).decode())


@function(
    "string.base64_decode",
    title="Base64 decode",
    group="string",
    summary="The text behind Base64, in either alphabet, with or without = at the end.",
    takes=VALUE,
    gives="text",
    examples=[
        Example(input="dXNlcjpww6Rzcw==", output="user:päss"),
        Example(input="dXNlcjpww6Rzcw", output="user:päss"),
        Example(input="not base64!", fails="'not base64!' is not Base64"),
        Example(input="/w==", fails="'/w==' is Base64 of bytes that are no text"),
    ],
)
def base64_decode() -> Apply:
    def decode(text: str) -> str:
        code = "".join(text.split()).translate(_STANDARD).rstrip("=")
        try:
            data = b64decode(code + "=" * (-len(code) % 4), validate=True)
        except (binascii.Error, ValueError) as error:
            raise MappingError(f"{show(text)} is not Base64", value=text) from error
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise MappingError(f"{show(text)} is Base64 of bytes that are no text", value=text) from error

    return on_text(decode)


_STANDARD = str.maketrans("-_", "+/")


@function(
    "string.hash",
    title="Hash",
    group="string",
    summary="The digest of the text's UTF-8 bytes, in hex digits. Not for passwords.",
    takes=VALUE,
    gives="text",
    params=[Param("algorithm", "Algorithm", str, default="sha256", choices=("md5", "sha1", "sha256", "sha512"))],
    examples=[
        Example(input="abc", output="ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        Example(input="abc", args={"algorithm": "md5"}, output="900150983cd24fb0d6963f7d28e17f72"),
        Example(input=1001, args={"algorithm": "sha1"}, output="dd01903921ea24941c26a48f2cec24e0bb0e8cc7"),
    ],
)
def hash_(algorithm: str) -> Apply:
    return on_bytes(lambda data: hashlib.new(algorithm, data, usedforsecurity=False).hexdigest())


@function(
    "string.uuid",
    title="UUID",
    group="string",
    summary="The UUID of a text (RFC 9562, version 5): the same for the same text, so that a record sent again is the same.",
    takes=VALUE,
    gives="text",
    params=[Param("namespace", "Namespace", str, default="url", choices=tuple(_NAMESPACES))],
    examples=[
        Example(input="www.example.com", args={"namespace": "dns"}, output="2ed6657d-e927-568b-95e1-2665a8aea6a2"),
        Example(input=1001, output="dacca10a-9ec0-5e4c-8c61-9f73c4f826bf"),
    ],
)
def uuid_(namespace: str) -> Apply:
    return on_bytes(lambda data: str(uuid.uuid5(_NAMESPACES[namespace], data.decode())))


@function(
    "string.json_encode",
    title="JSON encode",
    group="string",
    summary="Any value as JSON text, compact.",
    takes=VALUE,
    gives="text",
    examples=[
        Example(input={"sku": "A", "qty": 2}, output='{"sku":"A","qty":2}'),
        Example(input=["é", None, True], output='["é",null,true]'),
        Example(input="10", output='"10"'),
    ],
)
def json_encode() -> Apply:
    def encode(value: object) -> str:
        try:
            return json_bytes(value).decode()
        except FormatError as error:
            raise MappingError(f"{show(value)} cannot be written as JSON: {error.message}", value=value) from error

    return encode


@function(
    "string.json_decode",
    title="JSON decode",
    group="string",
    summary="The value in JSON text: an object, a list, a text, a number, true, false or null.",
    takes=VALUE,
    gives="any",
    examples=[
        Example(input='{"sku": "A", "qty": 2}', output={"sku": "A", "qty": 2}),
        Example(input="null", output=None),
        Example(input="{'sku': 'A'}", fails="is not JSON"),
    ],
)
def json_decode() -> Apply:
    return on_text(decode_json)


@function(
    "string.remove_non_ascii",
    title="Remove non-ASCII",
    group="string",
    summary="Takes away, or replaces, every character beyond ASCII; strip accents first to keep the letters.",
    takes=VALUE,
    gives="text",
    params=[Param("replacement", "In their place", str, default="", maximum=10)],
    examples=[
        Example(input="Crème 東京 €5", output="Crme  5"),
        Example(input="Crème", args={"replacement": "?"}, output="Cr?me"),
    ],
)
def remove_non_ascii(replacement: str) -> Apply:
    return on_text(lambda text: "".join(letter if letter.isascii() else replacement for letter in text))
