"""What a file server does for us, whatever its protocol: list, fetch, put atomically, rename, remove.

One connection for each object, made when first needed, shared by threads one operation at a time, and made anew when it
was lost. What repeats harmlessly is repeated once after a loss; a rename or removal never is.
"""

from __future__ import annotations

import secrets
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, ClassVar, Generic, TypeVar, cast

from topstitch.errors import (
    AnswerLost,
    AuthError,
    Bug,
    DuplicateRecord,
    RemoteRejected,
    TemporaryError,
    TopstitchError,
    Unreachable,
)
from topstitch.net.guard import Guard
from topstitch.net.retry import Retries, Stop, pause, within


def _every(name: str) -> bool:
    return True


S = TypeVar("S")
T = TypeVar("T")
#: A fetched file is held in memory up to this size, then on disk.
SPOOL = 4 * 1024 * 1024
BLOCK = 1024 * 1024
#: Seconds for which a refused sign-in is not tried again: servers lock out those who insist.
EMBARGO = 300.0
#: Failures to connect that another attempt would not mend, or that may have been a refusal of the password.
_AT_ONCE = ("dns", "sign_in_cut")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file or folder on the server. `mtime` in whole Unix seconds. `is_link`: one that nobody followed yet."""

    path: str
    size: int
    mtime: int
    is_folder: bool = False
    is_link: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rstrip("/").rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where to connect and who we are. `timeout` in seconds, for each step; `tries` counts connection attempts.

    `fingerprint` pins the server's identity. The modes (0o644...) are set on what we create, None leaves the server's.
    """

    host: str
    port: int
    username: str
    password: str = field(default="", repr=False)
    fingerprint: str = ""
    timeout: float = 30.0
    tries: int = 3
    file_mode: int | None = None
    folder_mode: int | None = None

    @property
    def place(self) -> str:
        """The address as people write it."""
        return f"{self.host}:{self.port}"


class RemoteFiles(ABC, Generic[S]):
    """The operations, over the primitives of a protocol. Paths are the server's, with `/`; relative ones are allowed.

    All raise Unreachable, AuthError, TemporaryError (the connection was lost), and RemoteRejected with key
    `no_such_file`, `permission_denied` or another one of the protocol.
    """

    #: What the protocol's library raises; nothing else is translated.
    library_errors: ClassVar[tuple[type[Exception], ...]] = (OSError, EOFError)

    def __init__(self, account: Account, *, guard: Guard, stop: Stop | None = None) -> None:
        self.account = replace(account, timeout=within(stop, account.timeout) or account.timeout)
        self._guard, self._stop = guard, stop
        self._lock = threading.RLock()
        self._session: S | None = None
        self._used = 0.0
        self._refused: tuple[float, AuthError] | None = None

    def connect(self) -> str:
        """Connect and sign in if that is not done; returns what identified the server, for people."""
        return self._do("sign in to", self.account.place, self._identity)

    def listing(self, folder: str, *, dated: Callable[[str], bool] = _every) -> list[RemoteFile]:
        """Files and folders directly in `folder`, links as what they point to.

        `dated` says of which names the time must be exact and links be followed: some servers are asked for each.
        """
        return self._do("list", folder, lambda session: self._list(session, folder or ".", dated))

    def stat(self, path: str) -> RemoteFile | None:
        """The file or folder at `path`, None when there is none."""
        return self._do("look at", path, lambda session: self._stat(session, path))

    def open(self, path: str) -> BinaryIO:
        """A complete copy of the file as it was just now, ready for reading; close it.

        It is a copy because a run may rest for hours between two pages, and no server keeps a transfer open so long.
        """

        def fetch(session: S) -> BinaryIO:
            copy = cast(BinaryIO, SpooledTemporaryFile(max_size=SPOOL))  # noqa: SIM115  # the caller closes it
            try:
                self._read(session, path, copy)
            except BaseException:
                copy.close()
                raise
            copy.seek(0)
            return copy

        return self._do("read", path, fetch)

    def put(self, path: str, data: BinaryIO, *, overwrite: bool = True) -> None:
        """Write `data` from its beginning to `path`, which shows the old file or the whole new one, nothing between.

        Raises DuplicateRecord (key `file_exists`) when it exists and may not be overwritten, AnswerLost when the
        connection broke in the very moment of publishing.
        """
        temporary = temporary_name(path)

        def write(session: S) -> None:
            data.seek(0)
            self._write(session, temporary, data)

        def publish(session: S) -> None:
            if not overwrite and self._stat(session, path) is not None:
                raise file_exists(path)
            self._publish(session, temporary, path)

        try:
            self._do("write", path, write)
            self._do("publish", path, publish, repeat=False)
        except TopstitchError as error:
            self._discard(temporary)
            if error.key == "publish_lost":
                raise AnswerLost(f"The connection broke while {path} was being put in its place.") from error
            raise

    def rename(self, source: str, target: str) -> None:
        """Move a file or folder. Raises DuplicateRecord when `target` exists."""

        def work(session: S) -> None:
            if self._stat(session, target) is not None:
                raise file_exists(target)
            self._rename(session, source, target)

        self._do("rename", source, work, repeat=False)

    def remove(self, path: str) -> None:
        """Delete a file."""
        self._do("delete", path, lambda session: self._remove(session, path), repeat=False)

    def remove_folder(self, path: str) -> None:
        """Delete an empty folder."""
        self._do("delete", path, lambda session: self._remove_folder(session, path), repeat=False)

    def make_folder(self, path: str) -> None:
        """Make the folder and those above it, where they are missing."""
        self._do("make the folder", path, lambda session: self._make_missing(session, path.rstrip("/")))

    def close(self) -> None:
        """Sign out."""
        with self._lock:
            self._drop()

    # -- the protocol's part --------------------------------------------------------------------------------------

    @abstractmethod
    def _open(self) -> S:
        """Connect and sign in, once."""

    @abstractmethod
    def _shut(self, session: S) -> None:
        """Close without complaint."""

    @abstractmethod
    def _alive(self, session: S, idle: float) -> bool:
        """Whether the session can be used after so many idle seconds."""

    @abstractmethod
    def _identity(self, session: S) -> str: ...
    @abstractmethod
    def _list(self, session: S, folder: str, dated: Callable[[str], bool]) -> list[RemoteFile]: ...
    @abstractmethod
    def _stat(self, session: S, path: str) -> RemoteFile | None: ...
    @abstractmethod
    def _read(self, session: S, path: str, target: BinaryIO) -> None: ...
    @abstractmethod
    def _write(self, session: S, path: str, source: BinaryIO) -> None: ...
    @abstractmethod
    def _publish(self, session: S, temporary: str, path: str) -> None:
        """Rename, replacing what is there."""

    @abstractmethod
    def _rename(self, session: S, source: str, target: str) -> None: ...
    @abstractmethod
    def _remove(self, session: S, path: str) -> None: ...
    @abstractmethod
    def _remove_folder(self, session: S, path: str) -> None: ...
    @abstractmethod
    def _make_folder(self, session: S, path: str) -> None: ...
    @abstractmethod
    def _judge(self, session: S, error: Exception, what: str, path: str) -> TopstitchError | None:
        """What an exception of the library means; None: the connection is lost."""

    # -- machinery -------------------------------------------------------------------------------------------------

    def _do(self, what: str, path: str, work: Callable[[S], T], *, repeat: bool = True) -> T:
        with self._lock:
            while True:
                within(self._stop, self.account.timeout)
                session = self._ready()
                try:
                    result = work(session)
                except self.library_errors as error:
                    found = self._judge(session, error, what, path)
                    if found is not None:
                        raise found from error
                    self._drop()
                    if not repeat:
                        raise lost(what, path, error, key="publish_lost" if what == "publish" else "") from error
                    repeat = False
                    continue
                self._used = time.monotonic()
                return result

    def _ready(self) -> S:
        """The session, made anew when there is none that works."""
        if self._session is not None and not self._alive(self._session, time.monotonic() - self._used):
            self._drop()
        if self._session is None:
            self._session = self._connected()
            self._used = time.monotonic()
        return self._session

    def _connected(self) -> S:
        if self._refused and time.monotonic() < self._refused[0]:
            raise self._refused[1]
        patience = Retries()
        for attempt in range(1, max(1, self.account.tries) + 1):
            try:
                return self._open()
            except AuthError as error:
                if error.key != "encryption":
                    self._refused = (time.monotonic() + EMBARGO, error)
                raise
            except Unreachable as error:
                if attempt >= self.account.tries or error.key in _AT_ONCE:
                    raise
                pause(patience.backoff(attempt), self._stop)
        raise Bug("no attempt was made to connect")

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            self._shut(session)

    def _discard(self, temporary: str) -> None:
        """Take a half-written file away if that is possible; its name says what it is if not."""
        with self._lock:
            if self._session is None:
                return
            try:
                self._remove(self._session, temporary)
            except self.library_errors:
                return  # the error that matters is on its way to the caller

    def _make_missing(self, session: S, path: str) -> None:
        if path in ("", ".") or self._stat(session, path) is not None:
            return
        try:
            # First without those above it: they may be there, and hidden from this account.
            self._make_folder(session, path)
            return
        except self.library_errors:
            self._make_missing(session, path.rpartition("/")[0])
        try:
            self._make_folder(session, path)
        except self.library_errors:
            # Somebody else was faster?
            if self._stat(session, path) is None:
                raise

    def _replace(self, session: S, temporary: str, path: str) -> None:
        """Where renaming does not replace: the old file steps aside, and comes back if the new one cannot take its place."""
        aside = temporary_name(path)
        self._rename(session, path, aside)
        try:
            self._rename(session, temporary, path)
        except self.library_errors:
            self._rename(session, aside, path)
            raise
        self._remove(session, aside)

    def _socket(self) -> socket.socket:
        """A connection to an address that the guard permits."""
        account = self.account
        host = f"[{account.host}]" if ":" in account.host else account.host
        target = self._guard.check(f"http://{host}:{account.port}")
        failure: OSError | None = None
        for address in target.addresses:
            try:
                return socket.create_connection((address, account.port), timeout=account.timeout)
            except OSError as error:
                failure = error
        raise self._unreachable(failure)

    def _unreachable(self, error: Exception | None) -> Unreachable:
        if isinstance(error, ConnectionRefusedError):
            why = "refuses the connection"
        elif isinstance(error, TimeoutError):
            why = f"does not answer within {self.account.timeout:g} seconds"
        else:
            why = "cannot be reached"
        return Unreachable(f"{self.account.place} {why}.", detail=repr(error))


def temporary_name(path: str) -> str:
    """A name beside `path`, of this attempt only. Its ending keeps it from those who read by pattern, such as *.csv.

    It begins with no dot: some servers forbid that, and others hide such files, so that nobody could take them away.
    """
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name[:200]}.{secrets.token_hex(4)}.tmp"


def lost(what: str, path: str, error: Exception, *, key: str = "") -> TemporaryError:
    """The connection broke during an operation."""
    return TemporaryError(
        f"The connection was lost (attempt to {what} {path}).", key=key or "connection_lost", detail=repr(error)
    )


def file_exists(path: str) -> DuplicateRecord:
    """There is a file of this name."""
    return DuplicateRecord(f"{path} exists already.", key="file_exists")


def no_such_file(path: str, detail: str = "") -> RemoteRejected:
    """There is nothing at this path."""
    return RemoteRejected(
        f"{path} does not exist on the server.",
        key="no_such_file",
        hint="Check the folder and the file name; capital letters count on most servers.",
        detail=detail,
    )


def permission_denied(what: str, path: str, detail: str = "", *, said: str = "") -> RemoteRejected:
    """The account may not do this; `said` are the server's own words."""
    return RemoteRejected(
        f"The server does not permit this account to {what} {path}" + (f": {said}." if said else "."),
        key="permission_denied",
        hint="Ask the owner of the server for the right on this folder.",
        detail=detail,
    )
