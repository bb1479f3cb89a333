"""The control connection of FTP: ftplib with our own sockets and checks, and what a server says of itself."""

from __future__ import annotations

import ftplib
import re
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

#: Replies to a command that the server does not have (RFC 959, 4.2).
UNKNOWN = ("500", "501", "502", "504")
#: What servers say that take sign-ins over encrypted connections only, with codes of every kind.
_WANTS_TLS = re.compile(r"\b(TLS|SSL)\b|secure|encrypt|cleartext|use auth", re.IGNORECASE)


class Control(ftplib.FTP_TLS):
    """ftplib with our own socket, our own check of certificates, and TLS sessions reused for data."""

    check: Callable[[ssl.SSLSocket], None]

    def attach(
        self,
        connection: socket.socket,
        *,
        tls: str,
        passive: bool,
        timeout: float,
        check: Callable[[ssl.SSLSocket], None],
    ) -> None:
        """Take over a connection; greets, and encrypts it: `tls` is empty, `explicit` or `implicit`."""
        self.check, self.timeout = check, timeout
        self.sock, self.af = connection, connection.family
        if tls == "implicit":
            self._encrypt()
        self._reread()
        self.welcome = self.getresp()
        if tls == "explicit":
            self.voidcmd("AUTH TLS")
            self._encrypt()
            self._reread()
        self.set_pasv(passive)

    def protect(self) -> None:
        """Encrypt the data connections too."""
        self.voidcmd("PBSZ 0")
        self.voidcmd("PROT P")
        self._prot_p = True

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        if not self._prot_p or not isinstance(self.sock, ssl.SSLSocket):
            return connection, size
        # Many servers refuse data connections that do not continue the session of the control connection.
        secure = self.context.wrap_socket(connection, server_hostname=self.host, session=self.sock.session)
        if not secure.session_reused:
            self.check(secure)
        return secure, size

    def _encrypt(self) -> None:
        assert self.sock is not None
        secure = self.context.wrap_socket(self.sock, server_hostname=self.host)
        self.sock = secure
        self.check(secure)

    def _reread(self) -> None:
        """Read replies anew: what stands in them besides digits is of any encoding."""
        assert self.sock is not None
        self.file = self.sock.makefile("r", encoding=self.encoding, errors="replace")


@dataclass(slots=True)
class FtpSession:
    """A signed-in connection, what its server can do, the folder it began in, and the zone of the times it tells."""

    control: Control
    shown: str = "no encryption"
    features: frozenset[str] = field(default_factory=frozenset)
    home: str = "/"
    zone: tzinfo = UTC

    def asked(self, command: str) -> str | None:
        """What the server answers to a question about a file, without the code; None when it refuses."""
        try:
            return self.control.sendcmd(command)[4:].strip()
        except ftplib.error_perm as error:
            if str(error).startswith("530"):  # the server has forgotten who we are
                raise
            return None


def features(control: Control) -> frozenset[str]:
    """The commands listed by FEAT; `MLST` stands for MLSD too (RFC 3659, 7.8)."""
    try:
        reply = control.sendcmd("FEAT")
    except ftplib.Error:
        return frozenset()
    return frozenset(line.split()[0].upper() for line in reply.splitlines()[1:-1] if line.strip())


def farewell(connection: socket.socket) -> None:
    """End TLS in form: strict servers take a file without that for cut off."""
    if isinstance(connection, ssl.SSLSocket):
        with suppress(OSError, ValueError):
            connection.unwrap()


def said(error: Exception) -> str:
    """The server's own words, without the code."""
    return str(error)[4:].splitlines()[0].strip().rstrip(".") if str(error) else "no reason given"


def wants_encryption(error: Exception) -> bool:
    """Whether a refused sign-in asks for TLS."""
    return _WANTS_TLS.search(str(error)) is not None
