"""What masks secrets and personal data, in text, headers, URLs and JSON.

Two nets: names (`password`, `access_token`, `x-api-key`...) and the exact secret values of one connector, which are
found raw and in their JSON, XML, URL and base64 spellings.
"""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape
from json import dumps
from urllib.parse import quote, quote_plus

MASK = "***"

#: Shorter values would mask innocent text everywhere; a key name still masks them.
_SHORTEST_SECRET = 4
#: Base64 hides a secret at three alignments; below this length what is left of it is too common a string.
_SHORTEST_BASE64 = 6

_WORDS = (
    "password",
    "passwd",
    "passphrase",
    "secret",
    "authorization",
    "authorisation",
    "apikey",
    "accesskey",
    "privatekey",
    "subscriptionkey",
    "credential",
    "signature",
    "cookie",
    "wsse",
    "hmac",
    "accountkey",
)
_NAMES = frozenset(
    {"pwd", "pass", "sign", "sig", "auth", "session", "sessionid", "b1session", "pin", "otp", "cvv", "cvc", "jwt"}
)
#: Names that only look like secrets: places in a list, and what kind of secret is meant.
_INNOCENT = frozenset(
    {"pagetoken", "nextpagetoken", "nexttoken", "synctoken", "continuationtoken", "cursortoken", "skiptoken"}
)
_INNOCENT_ENDINGS = ("method", "type", "algorithm", "version", "expiresin", "expirein", "expires", "hint", "url")

_SCHEMES = r"(?:(?:Bearer|Basic|Token|OAuth|Digest|ApiKey|Zoho-oauthtoken)\s+)?"
_KEY = re.compile(r"(?<![\w.\-])(?P<key>[A-Za-z_][\w.\-]{1,63})\\?[\"']?\s{0,9}[:=]\s{0,9}")
_VALUE = re.compile(
    r"\\\"(?P<escaped>(?:[^\"\\]|\\[^\"])*)\\\"|\"(?P<double>(?:[^\"\\]|\\.)*)\"|'(?P<single>(?:[^'\\]|\\.)*)'"
    rf"|(?P<bare>{_SCHEMES}[^\s&,;\"'<>{{}}\[\]]+)"
)
_MARKS = {"escaped": '\\"', "double": '"', "single": "'", "bare": ""}
_ELEMENT = re.compile(r"<(?P<key>[A-Za-z_][\w.:\-]{1,63})(?P<rest>(?:\s[^<>]*)?)>(?P<value>[^<>]+)(?=</)")
_HEADER_LINE = re.compile(
    r"^(?P<key>authorization|proxy-authorization|cookie|set-cookie|x-wsse)(?P<between>\s*:\s*).+$",
    re.IGNORECASE | re.MULTILINE,
)
_USERINFO = re.compile(r"(?<=://)[^/?#@\s]*@")
_QUERY_VALUE = re.compile(r"(?P<key>[^?&=#]+)=(?P<value>[^&#]*)")


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Say whether a field, header, parameter or element of this name holds a secret."""
    plain = re.sub(r"[^a-z0-9]", "", name.rpartition(":")[2].lower())
    if plain in _INNOCENT or plain.endswith(_INNOCENT_ENDINGS):
        return False
    return plain in _NAMES or plain.endswith("token") or any(word in plain for word in _WORDS)


class Redactor:
    """Masks the secrets of one connector. Safe to share between threads."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._known: set[str] = set()
        self._exact: re.Pattern[str] | None = None
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Learn more secret values, such as a fresh access token."""
        new = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET} - self._known
        if not new:
            return
        with self._lock:
            self._known |= new
            forms = {form for secret in self._known for form in _spellings(secret)}
            longest_first = sorted(forms, key=len, reverse=True)
            self._exact = re.compile("|".join(map(re.escape, longest_first)))

    def exact(self, text: str) -> str:
        """Mask the known values only; leave everything else as it is."""
        return text if self._exact is None else self._exact.sub(MASK, text)

    def text(self, text: str) -> str:
        """Mask known values, and the values beside secret names in JSON, XML, form, header and log text."""
        text = _HEADER_LINE.sub(_mask_line, self.exact(text))
        text = _mask_pairs(text)
        return _ELEMENT.sub(_mask_element, text) if "</" in text else text

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Mask headers by name and by value."""
        return {name: MASK if is_secret_name(name) else self.exact(value) for name, value in headers.items()}

    def url(self, url: str) -> str:
        """Mask userinfo, secret query parameters and known values anywhere in a URL."""
        if "@" in url:
            url = _USERINFO.sub(MASK + "@", url)
        path, mark, query = url.partition("?")
        if mark:
            url = path + mark + _QUERY_VALUE.sub(_mask_parameter, query)
        return self.exact(url)

    def json(self, value: object) -> object:
        """Return a masked copy of a JSON structure."""
        if isinstance(value, str):
            return self.exact(value)
        if isinstance(value, Mapping):
            return {key: self._member(key, member) for key, member in value.items()}
        if isinstance(value, list | tuple):
            return [self.json(member) for member in value]
        return value

    def _member(self, key: object, value: object) -> object:
        if value not in (None, "") and isinstance(key, str) and is_secret_name(key):
            return MASK
        return self.json(value)


def mask_personal(value: object) -> object:
    """Mask personal data so that one can still tell two people apart: `a***@example.com`, `***42`, `J***`."""
    if isinstance(value, Mapping):
        return {key: mask_personal(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [mask_personal(member) for member in value]
    if value is None or isinstance(value, bool) or value == "":
        return value
    text = str(value)
    name, at, domain = text.rpartition("@")
    if at and name and "." in domain:
        return f"{name[0]}{MASK}@{domain}"
    if sum(character.isdigit() for character in text) * 2 > len(text):
        return MASK + (text[-2:] if len(text) > 4 else "")
    return text[0] + MASK


def _spellings(secret: str) -> set[str]:
    forms = {secret, quote(secret, safe=""), quote_plus(secret), quote(secret), escape(secret), escape(secret, False)}
    forms |= {dumps(secret)[1:-1], dumps(secret, ensure_ascii=False)[1:-1]}
    if len(secret) >= _SHORTEST_BASE64:
        for standard in _base64_cores(secret.encode()):
            forms |= {standard, standard.replace("+", "-").replace("/", "_"), quote(standard, safe="")}
    return {form for form in forms if len(form) >= _SHORTEST_SECRET}


def _base64_cores(raw: bytes) -> list[str]:
    """Give the part of the base64 text that depends on `raw` alone, for each of its three alignments."""
    cores = []
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode()
        first = (0, 2, 3)[shift]
        last = len(encoded) - (0, 3, 2)[(shift + len(raw)) % 3]
        cores.append(encoded[first:last])
    return cores


def _mask_line(match: re.Match[str]) -> str:
    return f"{match['key']}{match['between']}{MASK}"


def _mask_pairs(text: str) -> str:
    """Mask the value after each secret name. Innocent values are searched in turn: they may hold further pairs."""
    done, parts = 0, []
    for key in _KEY.finditer(text):
        value = _VALUE.match(text, key.end()) if key.start() >= done and is_secret_name(key["key"]) else None
        kind = value.lastgroup if value else None
        if value and kind and value[kind] not in ("", "null", "true", "false"):
            mark = _MARKS[kind]
            parts += [text[done : key.end()], mark, MASK, mark]
            done = value.end()
    return "".join([*parts, text[done:]]) if parts else text


def _mask_element(match: re.Match[str]) -> str:
    return f"<{match['key']}{match['rest']}>{MASK}" if is_secret_name(match["key"]) else match[0]


def _mask_parameter(match: re.Match[str]) -> str:
    return f"{match['key']}={MASK}" if match["value"] and is_secret_name(match["key"]) else match[0]
