"""SFTP: files over SSH. Host keys are checked before anything is said about us; a wrong password is never repeated."""

from __future__ import annotations

import errno
import logging
import posixpath
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO, ClassVar

import paramiko
from paramiko.sftp import SFTPError
from paramiko.sftp_attr import SFTPAttributes
from paramiko.ssh_exception import (
    AuthenticationException,
    BadAuthenticationType,
    IncompatiblePeer,
    SSHException,
)

from topstitch.errors import AuthError, ConfigError, RemoteRejected, TopstitchError, Unreachable
from topstitch.net.files import (
    BLOCK,
    Account,
    RemoteFile,
    RemoteFiles,
    file_exists,
    no_such_file,
    permission_denied,
)
from topstitch.net.guard import Guard
from topstitch.net.hostkeys import HostKeys, fingerprint
from topstitch.net.retry import Stop
from topstitch.net.sftp_wire import NamesClient, OldTransport, SshTransport, synced
from topstitch.net.sshkeys import private_key, public_line
from topstitch.net.tokens import TokenStore

#: Asked of a server that did not say which key it would show.
_KEY_KINDS = (
    ("ssh-ed25519",),
    ("rsa-sha2-512", "rsa-sha2-256"),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
)
#: One request of the protocol carries this much; every server must take it.
_PIECE = 32_768
_KEEPALIVE = 30
# The library writes tracebacks of lost connections; all that matters is raised here in our own words.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class SshAccount(Account):
    """An account with a password (also used where the server asks for it in a dialogue) or a private key.

    `sha1` permits ssh-rsa with SHA-1, for servers that offer nothing better.
    """

    private_key: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)
    sha1: bool = False


@dataclass(frozen=True, slots=True)
class SshSession:
    """A signed-in connection."""

    transport: paramiko.Transport
    client: NamesClient
    shown: str


class SftpFiles(RemoteFiles[SshSession]):
    """Files of an SFTP server. `keys` is where a host key trusted on first use is stored, None to trust any."""

    account: SshAccount
    library_errors: ClassVar[tuple[type[Exception], ...]] = (OSError, EOFError, SSHException, SFTPError)

    def __init__(
        self, account: SshAccount, *, guard: Guard, keys: TokenStore | None = None, stop: Stop | None = None
    ) -> None:
        super().__init__(account, guard=guard, stop=stop)
        self._keys = HostKeys(account.place, account.fingerprint, keys)
        self._private = (
            private_key(account.private_key, account.passphrase, sha1=account.sha1) if _keyed(account) else None
        )

    # -- connecting ------------------------------------------------------------------------------------------------

    def _open(self) -> SshSession:
        transport, shown = self._trusted()
        try:
            self._sign_in(transport)
            client = NamesClient.from_transport(transport)
            if client is None:
                raise SSHException("no channel")
        except TopstitchError:
            transport.close()
            raise
        except (SSHException, EOFError, OSError) as error:
            transport.close()
            raise Unreachable(
                f"{self.account.place} closed the connection during sign-in or offers no SFTP.",
                key="sign_in_cut",
                hint="It may allow fewer connections than are open now; otherwise ask whether the account may use SFTP.",
                detail=repr(error),
            ) from error
        channel = client.get_channel()
        if channel is not None:
            channel.settimeout(self.account.timeout)
        return SshSession(transport, client, shown)

    def _trusted(self) -> tuple[SshTransport, str]:
        """A connection to a server whose key is the right one; a server may have several keys, so each is asked for."""
        shown: list[str] = []
        for kinds in self._kinds():
            transport = self._negotiated(kinds)
            if transport is None:
                continue
            key = transport.get_remote_server_key()
            try:
                accepted = self._keys.accepts(key.get_name(), key.asbytes())
            except BaseException:
                transport.close()
                raise
            if accepted:
                return transport, f"{key.get_name()} {fingerprint(key.asbytes())}"
            transport.close()
            shown.append(fingerprint(key.asbytes()))
        raise self._keys.refusal(list(dict.fromkeys(shown)))

    def _kinds(self) -> tuple[tuple[str, ...], ...]:
        """Kinds of keys to ask for, in turn: all at once, and one by one where a certain key is wanted."""
        every: tuple[str, ...] = ()
        known = self._keys.known_kind()
        if known:
            wanted = next((kinds for kinds in _KEY_KINDS if known in kinds), _KEY_KINDS[1])
            return (wanted, every)
        return (every, *_KEY_KINDS) if self.account.fingerprint else (every,)

    def _negotiated(self, kinds: tuple[str, ...]) -> SshTransport | None:
        """A connection up to the point where the server has shown its key; None when it has no key of these kinds."""
        kind = OldTransport if self.account.sha1 else SshTransport
        connection = self._socket()
        transport = kind(connection)
        transport.banner_timeout = transport.auth_timeout = self.account.timeout
        old = ("ssh-rsa",) if self.account.sha1 and "rsa-sha2-512" in kinds else ()
        if kinds:
            transport.get_security_options().key_types = (*kinds, *old)
        try:
            transport.start_client(timeout=self.account.timeout)
            transport.set_keepalive(_KEEPALIVE)
            return transport
        except IncompatiblePeer as error:
            transport.close()
            if kinds:
                return None
            raise self._incompatible(error) from error
        except (SSHException, EOFError, OSError) as error:
            transport.close()
            raise Unreachable(
                f"{self.account.place} answers, but not as an SSH server does.",
                hint="Check host and port. A server with too many connections open behaves like this too.",
                detail=repr(error),
            ) from error

    def _incompatible(self, error: Exception) -> ConfigError:
        hint = "Ask the owner of the server to update it."
        if "host key" in str(error) and not self.account.sha1:
            hint = "It may be an old one: permit ssh-rsa with SHA-1 in the connector, if you accept that risk."
        return ConfigError(
            f"{self.account.place} and we have no safe algorithm in common ({error})", key="algorithms", hint=hint
        )

    def _sign_in(self, transport: SshTransport) -> None:
        try:
            if self._private is not None:
                further = self._show_key(transport, self._private)
            else:
                further = self._tell_password(transport)
        except BadAuthenticationType as error:
            raise self._refusal(f"it only takes {', '.join(error.allowed_types)}", error) from error
        except AuthenticationException as error:
            if not transport.is_active() or "timeout" in str(error):
                raise SSHException(str(error)) from error
            raise self._refusal("", error) from error
        if further:
            raise self._refusal(f"it wants another step as well ({', '.join(further)})", None)

    def _show_key(self, transport: SshTransport, key: paramiko.PKey) -> list[str]:
        """A server that does not tell which signatures it takes is given the newest first; the old one where permitted."""
        try:
            return transport.auth_publickey(self.account.username, key)
        except AuthenticationException:
            old = self.account.sha1 and key.get_name() == "ssh-rsa" and transport.is_active()
            if not old or transport.tells_signatures:
                raise
        transport.sign_as_of_old()
        return transport.auth_publickey(self.account.username, key)

    def _tell_password(self, transport: paramiko.Transport) -> list[str]:
        """Some servers ask for the password in a dialogue only; a wrong one is given once all the same."""
        account = self.account
        try:
            return transport.auth_password(account.username, account.password, fallback=False)
        except BadAuthenticationType as error:
            if "keyboard-interactive" not in error.allowed_types:
                raise
        return transport.auth_interactive(
            account.username, lambda title, instructions, prompts: [account.password for _ in prompts]
        )

    def _refusal(self, why: str, error: Exception | None) -> AuthError:
        account = self.account
        what = "private key" if self._private is not None else "password"
        hint = "Check user name and password. Some servers lock an account after a few wrong ones."
        if self._private is not None:
            line = public_line(account.private_key, account.passphrase)
            hint = f"Ask the owner of the server to install this public key for the account: {line}"
        message = f"{account.place} refuses the {what} of {account.username}" + (f": {why}." if why else ".")
        return AuthError(message, hint=hint, detail=repr(error))

    def _shut(self, session: SshSession) -> None:
        with suppress(Exception):
            session.client.close()
        with suppress(Exception):
            session.transport.close()

    def _alive(self, session: SshSession, idle: float) -> bool:
        channel = session.client.get_channel()
        return session.transport.is_active() and channel is not None and not channel.closed

    # -- operations ------------------------------------------------------------------------------------------------

    def _identity(self, session: SshSession) -> str:
        return session.shown

    def _list(self, session: SshSession, folder: str, dated: Callable[[str], bool]) -> list[RemoteFile]:
        found = []
        for attributes in session.client.listdir_attr(folder):
            path = posixpath.join(folder, attributes.filename) if folder != "." else attributes.filename
            link = stat.S_ISLNK(attributes.st_mode or 0)
            resolved = self._followed(session, path) if link else _file(path, attributes)
            if resolved is not None:
                found.append(resolved)
        return found

    def _followed(self, session: SshSession, path: str) -> RemoteFile | None:
        """What a link points to; None for one that points nowhere, in a circle, or where this account may not look."""
        try:
            return self._stat(session, path)
        except OSError:
            if not self._alive(session, 0):
                raise
            return None

    def _stat(self, session: SshSession, path: str) -> RemoteFile | None:
        try:
            return _file(path, session.client.stat(path))
        except OSError as error:
            if error.errno == errno.ENOENT:
                return None
            raise

    def _read(self, session: SshSession, path: str, target: BinaryIO) -> None:
        with session.client.open(path, "rb") as source:
            size = source.stat().st_size or 0
            for start in range(0, size, BLOCK):
                length = min(BLOCK, size - start)
                pieces = [(start + at, min(_PIECE, length - at)) for at in range(0, length, _PIECE)]
                for piece in source.readv(pieces) if len(pieces) > 1 else [source.read(length)]:
                    target.write(piece)

    def _write(self, session: SshSession, path: str, source: BinaryIO) -> None:
        with session.client.open(path, "wb") as target:
            target.set_pipelined(True)
            shutil.copyfileobj(source, target, _PIECE)
            target.flush()
            synced(session.client, target)
        written, wanted = session.client.stat(path).st_size, source.tell()
        if written is not None and written != wanted:
            raise RemoteRejected(
                f"Of {wanted:,} bytes of {path} the server kept {written:,}.",
                key="incomplete",
                hint="The server's disk or the quota of the account may be full.",
            )
        if self.account.file_mode is not None:
            session.client.chmod(path, self.account.file_mode)

    def _publish(self, session: SshSession, temporary: str, path: str) -> None:
        if session.client.renames_over:
            try:
                session.client.posix_rename(temporary, path)
                return
            except OSError as error:
                if error.errno != errno.EOPNOTSUPP:
                    raise
        # Without that extension, a rename fails where the target exists.
        if self._stat(session, path) is not None:
            self._replace(session, temporary, path)
        else:
            session.client.rename(temporary, path)

    def _rename(self, session: SshSession, source: str, target: str) -> None:
        session.client.rename(source, target)

    def _remove(self, session: SshSession, path: str) -> None:
        session.client.remove(path)

    def _remove_folder(self, session: SshSession, path: str) -> None:
        session.client.rmdir(path)

    def _make_folder(self, session: SshSession, path: str) -> None:
        session.client.mkdir(path)
        if self.account.folder_mode is not None:
            session.client.chmod(path, self.account.folder_mode)

    def _judge(self, session: SshSession, error: Exception, what: str, path: str) -> TopstitchError | None:
        if not isinstance(error, OSError) or isinstance(error, ConnectionError | TimeoutError):
            return None
        if error.errno == errno.ENOENT:
            return no_such_file(path, repr(error))
        if error.errno == errno.EACCES:
            return permission_denied(what, path, repr(error))
        if error.errno not in (None, errno.EOPNOTSUPP) or not self._alive(session, 0):
            return None
        return _failure(error, what, path)


def _file(path: str, attributes: SFTPAttributes) -> RemoteFile:
    long = str(getattr(attributes, "longname", ""))
    folder = stat.S_ISDIR(attributes.st_mode) if attributes.st_mode else long.startswith("d")
    return RemoteFile(path, attributes.st_size or 0, int(attributes.st_mtime or 0), folder)


def _keyed(account: SshAccount) -> bool:
    return bool(account.private_key.strip())


def _failure(error: OSError, what: str, path: str) -> TopstitchError:
    """Status 4, which servers give for whatever has no status of its own."""
    said = error.strerror or str(error) or "Failure"
    if "exist" in said.lower() and "no such" not in said.lower():
        return file_exists(path)
    return RemoteRejected(
        f"The server could not {what} {path}: {said}.",
        key="failure",
        hint="This may be a file of the same name, a folder that is not empty, or a full disk or quota.",
    )
