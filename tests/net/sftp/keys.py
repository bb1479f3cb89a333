"""Keys as people have them in files."""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization


def pem(key, *, form="OpenSSH", passphrase=b""):
    hidden = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, getattr(serialization.PrivateFormat, form), hidden).decode()
