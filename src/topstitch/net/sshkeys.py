"""Private keys as people paste them: PEM, PKCS #8 and OpenSSH format, RSA, ECDSA and Ed25519, with a passphrase or not."""

from __future__ import annotations

import io
from typing import TypeAlias

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from topstitch.errors import ConfigError

_Private: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class Sha1RsaKey(paramiko.RSAKey):
    """An RSA key that may also sign and be verified the old way, `ssh-rsa`: for servers that know nothing else."""

    HASHES = {**paramiko.RSAKey.HASHES, "ssh-rsa": hashes.SHA1}  # type: ignore[misc]  # final in the stubs only


def private_key(text: str, passphrase: str = "", *, sha1: bool = False) -> paramiko.PKey:
    """The key to sign in with. `sha1` permits the old RSA signatures. Raises ConfigError saying what is wrong."""
    key = _load(text, passphrase)
    if isinstance(key, rsa.RSAPrivateKey):
        return Sha1RsaKey(key=key) if sha1 else paramiko.RSAKey(key=key)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return paramiko.ECDSAKey(vals=(key, key.public_key()))
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    return paramiko.Ed25519Key(file_obj=io.StringIO(plain.decode()))


def public_line(text: str, passphrase: str = "") -> str:
    """The public half as one line of an `authorized_keys` file, for the owner of the server. Raises ConfigError."""
    public = _load(text, passphrase).public_key()
    return public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()


def _load(text: str, passphrase: str) -> _Private:
    data = (text.strip() + "\n").replace("\r\n", "\n").encode()
    secret = passphrase.encode() or None
    if b"PuTTY-User-Key-File" in data:
        raise _wrong("is in PuTTY's own format", "Convert it with PuTTYgen: Conversions, Export OpenSSH key.")
    if data.startswith((b"ssh-", b"ecdsa-")) or b"PUBLIC KEY-----" in data:
        raise _wrong("is the public half", "Paste the private key: the file without .pub.")
    openssh = b"BEGIN OPENSSH PRIVATE KEY" in data
    try:
        load = serialization.load_ssh_private_key if openssh else serialization.load_pem_private_key
        key = load(data, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unreadable(error, secret) from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise _wrong("is of a kind that is out of use (DSA?)", "Make an Ed25519 or RSA key.")
    return key


def _unreadable(error: Exception, secret: bytes | None) -> ConfigError:
    said = str(error).lower()
    if secret is None and ("password" in said or "encrypted" in said):
        return _wrong("is protected", "Enter its passphrase too.")
    if secret is not None and "not encrypted" in said:
        return _wrong("has no passphrase, but one is entered", "Leave the passphrase empty.")
    if secret is not None:
        return _wrong("cannot be opened with this passphrase", "Check the passphrase.")
    return _wrong("cannot be read", "Paste the whole file, with the lines -----BEGIN and -----END.", str(error))


def _wrong(what: str, hint: str, detail: str = "") -> ConfigError:
    return ConfigError(f"the private key {what}", key="private_key", hint=hint, detail=detail)
