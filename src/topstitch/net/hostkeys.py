"""Whose server this is: fingerprints of host keys and certificates, and trust on first use."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass

from topstitch.errors import AuthError, ConfigError
from topstitch.net.tokens import Token, TokenStore

_HEX = {32: "md5", 64: "sha256", 128: "sha512"}
_PREFIX = re.compile(r"(MD5|SHA256|SHA512):(.+)", re.IGNORECASE | re.DOTALL)


def fingerprint(blob: bytes) -> str:
    """The usual form of today, as OpenSSH prints it: `SHA256:...`."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def matches(given: str, blob: bytes) -> bool:
    """Whether a fingerprint that a person entered is that of `blob`, a public key or certificate as bytes.

    Accepted: md5, sha256 and sha512 as hex digits of any case, with or without colons and with or without the name in
    front; `SHA256:` and `SHA512:` with base64; a whole public key line. Raises ConfigError for anything else.
    """
    expected = _parsed(given)
    if isinstance(expected, bytes):
        return hmac.compare_digest(expected, blob)
    name, digest = expected
    return hmac.compare_digest(hashlib.new(name, blob, usedforsecurity=False).digest(), digest)


def _parsed(given: str) -> bytes | tuple[str, bytes]:
    text = given.strip()
    words = text.split()
    if len(words) > 1 and words[0].startswith(("ssh-", "ecdsa-")):
        return _base64(words[1], given)
    named = _PREFIX.fullmatch(text)
    name, value = (named[1].lower(), named[2]) if named else ("", text)
    digits = re.sub(r"[:\s]", "", value)
    found = _HEX.get(len(digits), "")
    if found and name in ("", found) and re.fullmatch(r"[0-9a-fA-F]+", digits):
        return found, bytes.fromhex(digits)
    if name in ("sha256", "sha512"):
        digest = _base64(value.strip(), given)
        if len(digest) == hashlib.new(name).digest_size:
            return name, digest
    raise _unreadable(given)


def _base64(text: str, given: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise _unreadable(given) from None


def _unreadable(given: str) -> ConfigError:
    return ConfigError(
        f"the fingerprint {given[:60]!r} is neither md5, sha256 or sha512 in hex digits, nor SHA256:... in base64",
        key="fingerprint",
        hint="ssh-keyscan HOST | ssh-keygen -lf -  prints the fingerprints of a server.",
    )


@dataclass(frozen=True, slots=True)
class HostKeys:
    """The rule for one server: a given fingerprint must fit; without one the first key is trusted, stored and compared.

    Without a `store` nothing is remembered and any key goes.
    """

    place: str
    given: str = ""
    store: TokenStore | None = None

    @property
    def _name(self) -> str:
        return f"host key of {self.place}"

    def known_kind(self) -> str:
        """The kind of the stored key (`ssh-ed25519`), to ask the server for the same one; "" when none is stored."""
        token = self.store.get(self._name) if self.store and not self.given else None
        return token.extra.get("kind", "") if token else ""

    def accepts(self, kind: str, blob: bytes) -> bool:
        """Whether this key is the server's; the first one ever seen is stored. Raises ConfigError, see `matches`."""
        if self.given:
            return matches(self.given, blob)
        if self.store is None:
            return True
        with self.store.lock(self._name):
            token = self.store.get(self._name)
            if token is None:
                self.store.put(self._name, Token(fingerprint(blob), extra={"kind": kind}))
                return True
        return hmac.compare_digest(token.value, fingerprint(blob))

    def refusal(self, shown: list[str]) -> AuthError:
        """The error for a server whose keys, by fingerprint, are none of ours."""
        keys = " and ".join(shown)
        if self.given:
            message = (
                f"{self.place} is not the server expected: its fingerprint is {keys}, the setting says {self.given}."
            )
        else:
            message = f"{self.place} shows another host key than before: now {keys}. Nothing was sent to it."
        return AuthError(
            message,
            key="host_key",
            hint="Ask the owner of the server whether its key was changed. If so, enter the new fingerprint in the "
            "connector; if not, somebody may be in between: do not go on.",
        )
