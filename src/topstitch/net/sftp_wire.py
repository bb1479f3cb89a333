"""What the SSH library keeps to itself: sign-in, old signatures, extensions of SFTP, names that are not UTF-8, fsync."""

# The library's stubs leave out what begins with an underscore, and this module is where we use such names.
# mypy: disable-error-code="attr-defined"

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import paramiko
from paramiko.auth_handler import AuthOnlyHandler
from paramiko.common import cMSG_SERVICE_REQUEST, cMSG_USERAUTH_REQUEST
from paramiko.message import Message
from paramiko.sftp import (
    _VERSION,
    CMD_CLOSE,
    CMD_EXTENDED,
    CMD_HANDLE,
    CMD_INIT,
    CMD_NAME,
    CMD_OPENDIR,
    CMD_READDIR,
    CMD_VERSION,
    SFTP_OP_UNSUPPORTED,
    SFTPError,
)
from paramiko.sftp_attr import SFTPAttributes
from paramiko.sftp_client import SFTPClient
from paramiko.sftp_file import SFTPFile
from paramiko.ssh_exception import SSHException
from paramiko.transport import ServiceRequestingTransport

from topstitch.net.sshkeys import Sha1RsaKey


class SignIn(AuthOnlyHandler):
    """Listens for the answer before it asks: the library misses answers that come faster than its next line runs."""

    def send_auth_request(
        self, username: str, method: str, finish_message: Callable[[Message], None] | None = None
    ) -> list[str]:
        self.auth_method, self.username = method, username
        request = Message()
        request.add_byte(cMSG_USERAUTH_REQUEST)
        for text in (username, "ssh-connection", method):
            request.add_string(text)
        if finish_message is not None:
            finish_message(request)
        self.auth_event = threading.Event()
        with self.transport.lock:
            self.transport._send_message(request)
        answer: list[str] = self.wait_for_response(self.auth_event)
        return answer


class SshTransport(ServiceRequestingTransport):
    """Asks for the sign-in service once, as servers expect, and not for ever as the library does when they vanish."""

    def ensure_session(self) -> None:
        if self._service_userauth_accepted:
            return
        request = Message()
        request.add_byte(cMSG_SERVICE_REQUEST)
        request.add_string("ssh-userauth")
        self._send_message(request)
        deadline = time.monotonic() + self.auth_timeout
        while not self._service_userauth_accepted:
            if not self.is_active() or time.monotonic() > deadline:
                raise SSHException("the server did not begin the sign-in")
            time.sleep(0.01)
        self.auth_handler = self.get_auth_handler()

    def get_auth_handler(self) -> SignIn:
        return SignIn(self)

    @property
    def tells_signatures(self) -> bool:
        """Whether the server said which signatures it takes (RFC 8308, 3.1)."""
        return bool(self.server_extensions.get("server-sig-algs"))

    def sign_as_of_old(self) -> None:
        """Sign with ssh-rsa and SHA-1 from now on."""
        self._preferred_pubkeys = ("ssh-rsa",)


class OldTransport(SshTransport):
    """Knows ssh-rsa with SHA-1, as its last choice."""

    _key_info = {**paramiko.Transport._key_info, "ssh-rsa": Sha1RsaKey}
    _preferred_keys = (*paramiko.Transport._preferred_keys, "ssh-rsa")
    _preferred_pubkeys = (*paramiko.Transport._preferred_pubkeys, "ssh-rsa")


class NamesClient(SFTPClient):
    """Knows the server's extensions and all codes of failure, and lists folders that hold names of another encoding.

    Odd letters of such names become U+FFFD. Failure without a code of its own is an OSError without `errno`.
    """

    #: Whether the server announces a rename that replaces what is there.
    renames_over = False

    def _send_version(self) -> int:
        greeting = Message()
        greeting.add_int(_VERSION)
        self._send_packet(CMD_INIT, greeting)
        kind, data = self._read_packet()
        if kind != CMD_VERSION:
            raise SFTPError("the server does not speak SFTP")
        answer = Message(data)
        version = answer.get_int()
        while answer.get_remainder():
            name, _ = answer.get_binary(), answer.get_binary()
            self.renames_over = self.renames_over or name == b"posix-rename@openssh.com"
        return version

    def _convert_status(self, answer: Message) -> None:
        if Message(answer.get_remainder()).get_int() == SFTP_OP_UNSUPPORTED:
            raise OSError(errno.EOPNOTSUPP, "the server does not support this")
        SFTPClient._convert_status(self, answer)

    def listdir_attr(self, path: str = ".") -> list[SFTPAttributes]:
        kind, answer = self._request(CMD_OPENDIR, self._adjust_cwd(path))
        if kind != CMD_HANDLE:
            raise SSHException("the server did not open the folder")
        handle = answer.get_binary()
        found: list[SFTPAttributes] = []
        try:
            while True:
                found.extend(self._names(handle))
        except EOFError:
            self._request(CMD_CLOSE, handle)
            return found

    def _names(self, handle: bytes) -> list[SFTPAttributes]:
        kind, answer = self._request(CMD_READDIR, handle)
        if kind != CMD_NAME:
            raise SSHException("the server did not list the folder")
        entries = [_entry(answer) for _ in range(answer.get_int())]
        return [entry for entry in entries if entry.filename not in (".", "..")]


def _entry(answer: Message) -> SFTPAttributes:
    name, long = (answer.get_string().decode("utf-8", "replace") for _ in range(2))
    attributes: SFTPAttributes = SFTPAttributes._from_msg(answer, name, long)
    return attributes


def synced(client: SFTPClient, target: SFTPFile) -> None:
    """Ask for the bytes to be on disk, where the server offers that."""
    with suppress(OSError):
        client._request(CMD_EXTENDED, "fsync@openssh.com", target.handle)
