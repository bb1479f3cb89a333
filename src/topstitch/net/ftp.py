"""FTP, and FTPS in both kinds (RFC 959, 2428, 3659, 4217). The data connection always goes to the host we signed in to."""

from __future__ import annotations

import ftplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import BinaryIO, ClassVar, Literal

from topstitch.errors import AuthError, RemoteRejected, TemporaryError, TopstitchError, Unreachable
from topstitch.net.files import BLOCK, Account, RemoteFile, RemoteFiles, no_such_file, permission_denied
from topstitch.net.ftp_listing import from_list, from_mlsd, stamp
from topstitch.net.ftp_wire import UNKNOWN, Control, FtpSession, farewell, features, said, wants_encryption
from topstitch.net.hostkeys import HostKeys, fingerprint

#: Seconds of rest after which the connection is tried with NOOP before it is used: nothing else tells that it is dead.
_REST = 5.0
#: Replies after which a new connection is needed.
_CLOSING = ("421", "425", "426")


@dataclass(frozen=True, slots=True, kw_only=True)
class FtpAccount(Account):
    """An account. `tls` is empty, `explicit` (AUTH TLS) or `implicit`; `fingerprint` then pins the certificate.

    Without a fingerprint the certificate must be issued to the host by a known authority. `zone` is that of the times the
    server tells: UTC by the standard (RFC 3659, 2.3), its own with some. Those take the offset of today for all times.
    """

    tls: Literal["", "explicit", "implicit"] = ""
    passive: bool = True
    zone: tzinfo = UTC


class FtpFiles(RemoteFiles[FtpSession]):
    """Files of an FTP server."""

    account: FtpAccount
    library_errors: ClassVar[tuple[type[Exception], ...]] = (OSError, EOFError, ftplib.Error)

    # -- connecting ------------------------------------------------------------------------------------------------

    def _open(self) -> FtpSession:
        account = self.account
        control = Control(context=self._context(), encoding="utf-8")
        control.host, session, connection = account.host, FtpSession(control), self._socket()
        control.sock = connection
        try:
            control.attach(
                connection,
                tls=account.tls,
                passive=account.passive,
                timeout=account.timeout,
                check=lambda secure: self._check(session, secure),
            )
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
        except ftplib.Error as error:
            raise self._refusal(error) from error
        if account.tls:
            control.protect()
        session.features = features(control)
        if "UTF8" in session.features:
            with suppress(ftplib.Error):
                control.sendcmd("OPTS UTF8 ON")
        with suppress(ftplib.Error):
            session.home = control.pwd()
        session.zone = timezone(datetime.now(account.zone).utcoffset() or timedelta())

    def _refusal(self, error: ftplib.Error) -> TopstitchError:
        account = self.account
        if not account.tls and wants_encryption(error):
            return AuthError(
                f"{account.place} takes sign-ins over an encrypted connection only.",
                key="encryption",
                hint="Choose FTPS in the connector.",
                detail=str(error),
            )
        if isinstance(error, ftplib.error_temp):
            return self._not_connected(error)
        if not str(error).startswith("530"):
            return Unreachable(
                f"{account.place} fails at the sign-in of {account.username}: {said(error)}.",
                key="sign_in_cut",
                hint="These are the server's own words: ask its owner what they mean.",
                detail=str(error),
            )
        return AuthError(
            f"{account.place} refuses the user name or password of {account.username}: {said(error)}.",
            hint="Check user name and password. Some servers lock an account after a few wrong ones.",
            detail=str(error),
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
                f"{self.account.place} has no connection free: {said(error)}.", key="busy", detail=str(error)
            )
        if isinstance(error, ftplib.Error):
            hint = "Check protocol and port: the server may not know this kind of encryption."
            return Unreachable(f"{self.account.place} does not let us in: {said(error)}.", hint=hint, detail=str(error))
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

    def _list(self, session: FtpSession, folder: str, dated: Callable[[str], bool]) -> list[RemoteFile]:
        if "MLST" in session.features:
            lines, _ = self._lines(session, f"MLSD {folder}")
            found = [from_mlsd(line, folder, session.zone) for line in lines]
        else:
            now, found = datetime.now(UTC), []
            lines, reply = self._lines(session, f"LIST {folder}")
            found = [from_list(line, folder, now, session.zone) for line in lines]
            if not any(found):
                self._demand(session, folder, reply)
        listed = [each for each in found if each is not None]
        settled = [self._settled(session, each) if dated(each.name) else each for each in listed]
        return [each for each in settled if each is not None]

    def _demand(self, session: FtpSession, folder: str, reply: str) -> None:
        """Some servers list a folder that does not exist, or may not be read, as an empty one."""
        if "fail" in reply.lower():
            raise permission_denied("list", folder, reply, said=reply[4:].strip().rstrip("."))
        session.control.cwd(folder)
        session.control.cwd(session.home)

    def _settled(self, session: FtpSession, listed: RemoteFile) -> RemoteFile | None:
        """A listed file with its exact time, and what a link points to. None for one that points nowhere."""
        if listed.is_link:
            return self._found(session, listed.path)
        if listed.is_folder or "MLST" in session.features:
            return listed
        # LIST has no seconds, often no year, and local time: MDTM knows better.
        return replace(listed, mtime=self._changed(session, listed.path) or listed.mtime)

    def _changed(self, session: FtpSession, path: str) -> int:
        """When a file was changed; 0 when the server does not tell."""
        if "MDTM" not in session.features:
            return 0
        return stamp(session.asked(f"MDTM {path}") or "", session.zone)

    def _lines(self, session: FtpSession, command: str) -> tuple[list[str], str]:
        """The lines of a listing, and what the server says at its end."""
        session.control.voidcmd("TYPE A")
        data = bytearray()
        reply = self._receive(session, command, data.extend)
        return data.decode("utf-8", "replace").splitlines(), reply

    def _receive(self, session: FtpSession, command: str, take: Callable[[bytes], object]) -> str:
        with session.control.transfercmd(command) as connection:
            while piece := connection.recv(BLOCK):
                take(piece)
            farewell(connection)
        return session.control.voidresp()

    def _stat(self, session: FtpSession, path: str) -> RemoteFile | None:
        if path.rstrip("/") in ("", "."):
            return RemoteFile(path, 0, 0, is_folder=True)
        told = self._facts(session, path) if "MLST" in session.features else None
        if told is None or told.is_link:
            return self._found(session, path)
        # ProFTPD calls a link a file, of the link's own size and time.
        if not told.is_folder and self._size(session, path) not in (None, told.size):
            return self._found(session, path)
        return replace(told, path=path)

    def _facts(self, session: FtpSession, path: str) -> RemoteFile | None:
        facts = (session.asked(f"MLST {path}") or "").splitlines()[1:-1]
        return next((from_mlsd(line, "", session.zone) for line in facts), None)

    def _size(self, session: FtpSession, path: str) -> int | None:
        session.control.voidcmd("TYPE I")
        size = session.asked(f"SIZE {path}") or ""
        return int(size) if size.isdigit() else None

    def _found(self, session: FtpSession, path: str) -> RemoteFile | None:
        """What has a size is a file, what can be stepped into is a folder: neither needs the folder around it."""
        size = self._size(session, path)
        changed = self._changed(session, path) if size is not None else 0
        if size is not None and changed:
            return RemoteFile(path, size, changed)
        if size is None and self._enters(session, path):
            return RemoteFile(path, 0, 0, is_folder=True)
        if size is None and "SIZE" in session.features:
            return None
        return self._alone(session, path)

    def _enters(self, session: FtpSession, path: str) -> bool:
        if session.asked(f"CWD {path}") is None:
            return False
        session.control.cwd(session.home)
        return True

    def _alone(self, session: FtpSession, path: str) -> RemoteFile | None:
        """For servers without SIZE or MDTM: as it stands in the listing of the folder around it."""
        folder, _, name = path.rstrip("/").rpartition("/")
        around = folder or ("/" if path.startswith("/") else ".")
        try:
            listed = self._list(session, around, lambda other: other == name)
        except ftplib.error_perm:
            return None
        return next((replace(each, path=path) for each in listed if each.name == name), None)

    def _read(self, session: FtpSession, path: str, target: BinaryIO) -> None:
        session.control.voidcmd("TYPE I")
        self._receive(session, f"RETR {path}", target.write)

    def _write(self, session: FtpSession, path: str, source: BinaryIO) -> None:
        session.control.voidcmd("TYPE I")
        with session.control.transfercmd(f"STOR {path}") as connection:
            while piece := source.read(BLOCK):
                connection.sendall(piece)
            farewell(connection)
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
            if not str(error).startswith(UNKNOWN):
                raise

    def _publish(self, session: FtpSession, temporary: str, path: str) -> None:
        try:
            session.control.rename(temporary, path)
        except ftplib.error_perm:
            # Servers differ on whether a rename replaces what is there.
            if self._stat(session, path) is None:
                raise
            self._replace(session, temporary, path)

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
        code = str(error)[:3]
        if code == "530":
            return None
        if code in ("550", "553"):
            return self._explained(session, error, what, path)
        hint = "The disk or the quota of the account is full." if code in ("552", "452") else ""
        return RemoteRejected(f"The server could not {what} {path}: {said(error)}.", key=f"ftp_{code}", hint=hint)

    def _explained(self, session: FtpSession, error: Exception, what: str, path: str) -> TopstitchError:
        """Such a reply may mean anything, and its words too: so look whether there is what it is about.

        For something new that is the folder around it; those around a new folder were seen to before.
        """
        about = path
        if what in ("write", "publish"):
            about = path.rpartition("/")[0]
        try:
            there = what == "make the folder" or self._stat(session, about) is not None
        except self.library_errors:
            there = True
        return permission_denied(what, path, str(error), said=said(error)) if there else no_such_file(about, str(error))

    def _busy(self, error: ftplib.error_temp, what: str, path: str) -> TopstitchError | None:
        if str(error).startswith(_CLOSING):
            return None
        return TemporaryError(f"The server cannot {what} {path} now: {said(error)}.", detail=str(error))
