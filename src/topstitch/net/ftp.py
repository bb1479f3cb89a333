"""FTP, and FTPS in both kinds (RFC 959, 2428, 3659, 4217). The data connection always goes to the host we signed in to."""

from __future__ import annotations

import ftplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO, ClassVar, Literal

from topstitch.errors import AuthError, RemoteRejected, TemporaryError, TopstitchError, Unreachable
from topstitch.net.files import BLOCK, Account, RemoteFile, RemoteFiles, no_such_file, permission_denied
from topstitch.net.ftp_listing import from_list, from_mlsd, stamp
from topstitch.net.hostkeys import HostKeys, fingerprint

#: Seconds of rest after which the connection is tried with NOOP before it is used: nothing else tells that it is dead.
_REST = 5.0
#: Replies to a command that the server does not have (RFC 959, 4.2).
_UNKNOWN = ("500", "501", "502", "504")
#: Replies after which a new connection is needed.
_CLOSING = ("421", "425", "426")


@dataclass(frozen=True, slots=True, kw_only=True)
class FtpAccount(Account):
    """An account. `tls` is empty, `explicit` (AUTH TLS) or `implicit`; `fingerprint` then pins the certificate.

    Without a fingerprint the certificate must be issued to the host by a known authority.
    """

    tls: Literal["", "explicit", "implicit"] = ""
    passive: bool = True


class _Control(ftplib.FTP_TLS):
    """ftplib with our own socket, our own check of certificates, and TLS sessions reused for data."""

    check: Callable[[ssl.SSLSocket], None]

    def attach(self, connection: socket.socket, account: FtpAccount, check: Callable[[ssl.SSLSocket], None]) -> None:
        """Take over a connection; greets, and encrypts it as the account says."""
        self.check, self.timeout = check, account.timeout
        self.sock, self.af, self.host = connection, connection.family, account.host
        if account.tls == "implicit":
            self._encrypt()
        self._reread()
        self.welcome = self.getresp()
        if account.tls == "explicit":
            self.voidcmd("AUTH TLS")
            self._encrypt()
            self._reread()
        self.set_pasv(account.passive)

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
    """A signed-in connection, what its server can do, and the folder it began in."""

    control: _Control
    shown: str = "no encryption"
    features: frozenset[str] = field(default_factory=frozenset)
    home: str = "/"


class FtpFiles(RemoteFiles[FtpSession]):
    """Files of an FTP server."""

    account: FtpAccount
    library_errors: ClassVar[tuple[type[Exception], ...]] = (OSError, EOFError, ftplib.Error)

    # -- connecting ------------------------------------------------------------------------------------------------

    def _open(self) -> FtpSession:
        control = _Control(context=self._context(), encoding="utf-8")
        session = FtpSession(control)
        connection = self._socket()
        control.sock = connection
        try:
            control.attach(connection, self.account, lambda secure: self._check(session, secure))
            self._sign_in(session)
        except TopstitchError:
            control.close()
            raise
        except ssl.SSLError as error:
            control.close()
            raise self._no_trust(error) from error
        except (OSError, EOFError, ftplib.Error) as error:
            control.close()
            raise self._not_connected(error) from error
        return session

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.account.fingerprint:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def _check(self, session: FtpSession, secure: ssl.SSLSocket) -> None:
        certificate = secure.getpeercert(binary_form=True) or b""
        keys = HostKeys(self.account.place, self.account.fingerprint)
        if not keys.accepts("certificate", certificate):
            raise keys.refusal([fingerprint(certificate)])
        session.shown = f"certificate {fingerprint(certificate)}"

    def _sign_in(self, session: FtpSession) -> None:
        control, account = session.control, self.account
        try:
            control.login(account.username, account.password, secure=False)
        except ftplib.error_perm as error:
            raise self._refusal(str(error)) from error
        if account.tls:
            control.protect()
        session.features = _features(control)
        if "UTF8" in session.features:
            with suppress(ftplib.Error):
                control.sendcmd("OPTS UTF8 ON")
        with suppress(ftplib.Error):
            session.home = control.pwd()

    def _refusal(self, said: str) -> TopstitchError:
        account = self.account
        if not account.tls and any(word in said.upper() for word in ("TLS", "SSL", "SECURE")):
            return AuthError(
                f"{account.place} takes sign-ins over an encrypted connection only.",
                hint="Choose FTPS in the connector.",
                detail=said,
            )
        return AuthError(
            f"{account.place} refuses the user name or password of {account.username}.",
            hint="Check user name and password. Some servers lock an account after a few wrong ones.",
            detail=said,
        )

    def _no_trust(self, error: ssl.SSLError) -> TopstitchError:
        if not isinstance(error, ssl.SSLCertVerificationError):
            return Unreachable(
                f"{self.account.place} does not agree on encryption.",
                key="tls",
                hint="Check the protocol (explicit or implicit FTPS) and the port.",
                detail=repr(error),
            )
        return AuthError(
            f"The certificate of {self.account.place} is not to be trusted: {error.verify_message}.",
            key="certificate",
            hint="If the server makes its own certificate, ask its owner for the SHA-256 fingerprint and enter it as host "
            "fingerprint.",
            detail=repr(error),
        )

    def _not_connected(self, error: Exception) -> TopstitchError:
        if isinstance(error, ftplib.error_temp):
            return Unreachable(
                f"{self.account.place} has no connection free: {_said(error)}.", key="busy", detail=str(error)
            )
        if isinstance(error, ftplib.Error):
            hint = "Check protocol and port: the server may not know this kind of encryption."
            return Unreachable(
                f"{self.account.place} does not let us in: {_said(error)}.", hint=hint, detail=str(error)
            )
        return self._unreachable(error)

    def _shut(self, session: FtpSession) -> None:
        with suppress(OSError, EOFError, ftplib.Error):
            session.control.quit()
        session.control.close()

    def _drop(self) -> None:
        # A broken connection is closed without a word: QUIT would wait for an answer.
        session, self._session = self._session, None
        if session is not None:
            session.control.close()

    def close(self) -> None:
        """Sign out."""
        with self._lock:
            session, self._session = self._session, None
            if session is not None:
                self._shut(session)

    def _alive(self, session: FtpSession, idle: float) -> bool:
        if idle < _REST:
            return True
        try:
            session.control.voidcmd("NOOP")
        except (OSError, EOFError, ftplib.Error):
            return False
        return True

    # -- operations ------------------------------------------------------------------------------------------------

    def _identity(self, session: FtpSession) -> str:
        return session.shown

    def _list(self, session: FtpSession, folder: str) -> list[RemoteFile]:
        if "MLST" in session.features:
            found = [from_mlsd(line, folder) for line in self._lines(session, f"MLSD {folder}")]
            return [each for each in found if each is not None and each.name not in (".", "..")]
        now = datetime.now(UTC)
        listed = [from_list(line, folder, now) for line in self._lines(session, f"LIST {folder}")]
        files = [each for each in listed if each is not None]
        if not files:
            self._enter(session, folder)
        return [self._timed(session, each) for each in files]

    def _enter(self, session: FtpSession, folder: str) -> None:
        """Some servers list a folder that does not exist as an empty one; stepping into it tells."""
        session.control.cwd(folder)
        session.control.cwd(session.home)

    def _timed(self, session: FtpSession, listed: RemoteFile) -> RemoteFile:
        """LIST has no seconds, often no year, and local time: MDTM knows better."""
        if listed.is_folder or "MDTM" not in session.features:
            return listed
        try:
            reply = session.control.sendcmd(f"MDTM {listed.path}")
        except ftplib.error_perm:
            return listed
        return RemoteFile(listed.path, listed.size, stamp(reply[4:].strip()) or listed.mtime)

    def _lines(self, session: FtpSession, command: str) -> list[str]:
        session.control.voidcmd("TYPE A")
        data = bytearray()
        self._receive(session, command, data.extend)
        return data.decode("utf-8", "replace").splitlines()

    def _receive(self, session: FtpSession, command: str, take: Callable[[bytes], object]) -> None:
        with session.control.transfercmd(command) as connection:
            while piece := connection.recv(BLOCK):
                take(piece)
            _farewell(connection)
        session.control.voidresp()

    def _stat(self, session: FtpSession, path: str) -> RemoteFile | None:
        if path.rstrip("/") in ("", "."):
            return RemoteFile(path, 0, 0, is_folder=True)
        if "MLST" not in session.features:
            return self._found(session, path)
        try:
            reply = session.control.sendcmd(f"MLST {path}")
        except ftplib.error_perm as error:
            if str(error).startswith("550"):
                return None
            raise
        found = next((from_mlsd(line, "") for line in reply.splitlines()[1:-1]), None)
        return found and RemoteFile(path, found.size, found.mtime, found.is_folder)

    def _found(self, session: FtpSession, path: str) -> RemoteFile | None:
        """Without MLST: by listing the folder around it."""
        folder, _, name = path.rstrip("/").rpartition("/")
        try:
            listed = self._list(session, folder or ("/" if path.startswith("/") else "."))
        except ftplib.error_perm:
            return None
        return next((each for each in listed if each.name == name), None)

    def _read(self, session: FtpSession, path: str, target: BinaryIO) -> None:
        session.control.voidcmd("TYPE I")
        self._receive(session, f"RETR {path}", target.write)

    def _write(self, session: FtpSession, path: str, source: BinaryIO) -> None:
        session.control.voidcmd("TYPE I")
        with session.control.transfercmd(f"STOR {path}") as connection:
            while piece := source.read(BLOCK):
                connection.sendall(piece)
            _farewell(connection)
        session.control.voidresp()
        self._complete(session, path, source.tell())
        if self.account.file_mode is not None:
            self._chmod(session, path, self.account.file_mode)

    def _complete(self, session: FtpSession, path: str, wanted: int) -> None:
        if "SIZE" not in session.features:
            return
        written = session.control.size(path)
        if written is not None and written != wanted:
            raise RemoteRejected(
                f"Of {wanted:,} bytes of {path} the server kept {written:,}.",
                key="incomplete",
                hint="The server's disk or the quota of the account may be full.",
            )

    def _chmod(self, session: FtpSession, path: str, mode: int) -> None:
        try:
            session.control.sendcmd(f"SITE CHMOD {mode:o} {path}")
        except ftplib.error_perm as error:
            if not str(error).startswith(_UNKNOWN):
                raise

    def _publish(self, session: FtpSession, temporary: str, path: str) -> None:
        try:
            session.control.rename(temporary, path)
        except ftplib.error_perm:
            # Servers differ on whether a rename replaces what is there.
            if self._stat(session, path) is None:
                raise
            session.control.delete(path)
            session.control.rename(temporary, path)

    def _rename(self, session: FtpSession, source: str, target: str) -> None:
        session.control.rename(source, target)

    def _remove(self, session: FtpSession, path: str) -> None:
        session.control.delete(path)

    def _remove_folder(self, session: FtpSession, path: str) -> None:
        session.control.rmd(path)

    def _make_folder(self, session: FtpSession, path: str) -> None:
        session.control.mkd(path)
        if self.account.folder_mode is not None:
            self._chmod(session, path, self.account.folder_mode)

    def _judge(self, session: FtpSession, error: Exception, what: str, path: str) -> TopstitchError | None:
        if not isinstance(error, ftplib.error_perm):
            # A lost connection, 421, 425, 426, or an answer to another question: a new connection is clean.
            return None if not isinstance(error, ftplib.error_temp) else self._busy(error, what, path)
        code, said = str(error)[:3], str(error).lower()
        if code == "530":
            return None
        if code == "550" and any(word in said for word in ("denied", "permission", "not allowed", "access")):
            return permission_denied(what, path, str(error))
        if code == "550":
            return no_such_file(path, str(error))
        hint = "The disk or the quota of the account is full." if code in ("552", "452") else ""
        return RemoteRejected(f"The server could not {what} {path}: {_said(error)}.", key=f"ftp_{code}", hint=hint)

    def _busy(self, error: ftplib.error_temp, what: str, path: str) -> TopstitchError | None:
        if str(error).startswith(_CLOSING):
            return None
        return TemporaryError(f"The server cannot {what} {path} now: {_said(error)}.", detail=str(error))


def _features(control: _Control) -> frozenset[str]:
    """The commands listed by FEAT; `MLST` stands for MLSD too (RFC 3659, 7.8)."""
    try:
        reply = control.sendcmd("FEAT")
    except ftplib.Error:
        return frozenset()
    return frozenset(line.split()[0].upper() for line in reply.splitlines()[1:-1] if line.strip())


def _farewell(connection: socket.socket) -> None:
    """End TLS in form: strict servers take a file without that for cut off."""
    if isinstance(connection, ssl.SSLSocket):
        with suppress(OSError, ValueError):
            connection.unwrap()


def _said(error: Exception) -> str:
    return str(error)[4:].splitlines()[0].strip().rstrip(".") if str(error) else "no reason given"
