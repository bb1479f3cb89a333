"""A real SFTP server over one folder, on loopback: OpenSSH's own, or asyncssh (the extra `demo`), which needs no system user."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, Protocol

import psutil
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from topstitch.errors import ConfigError
from topstitch.net.hostkeys import fingerprint

Kind = Literal["auto", "openssh", "asyncssh"]
_PATIENCE = 10.0


class _Server(Protocol):
    def start(self) -> int: ...
    def stop(self) -> None: ...
    def drop(self) -> None: ...


class FileServer:
    """Serves `folder` by SFTP. Use as a context manager; `settings` are the connector settings that fit.

    `kind` auto takes asyncssh for sign-in with a password and OpenSSH without one, whichever is there; OpenSSH signs in
    the current user of this machine by key only. Keys are kept in the folder `keys`, so that the server shows the same
    host key after a restart; without it they are made anew. `authorized` are more public keys, one a line. `old` leaves
    out the extensions of the protocol, and `dialogue` asks for the password by keyboard-interactive only (both
    asyncssh). Raises ConfigError when neither server is installed.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        user: str = "practice",
        password: str = "practice",  # noqa: S107  # of a practice server on loopback, and no secret
        kind: Kind = "auto",
        keys: Path | None = None,
        authorized: str = "",
        old: bool = False,
        dialogue: bool = False,
    ) -> None:
        self.folder, self.host, self.port = folder.resolve(), host, port
        self.kind = _chosen(kind, password)
        self.user = _me() if self.kind == "openssh" else user
        self.password = "" if self.kind == "openssh" else password
        self._temporary = None if keys else tempfile.TemporaryDirectory(prefix="topstitch-sftp-")
        self.keys = keys or Path(self._temporary.name if self._temporary else "")
        self.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._authorized = authorized
        self._host_key, self._client_key = _key(self.keys / "host_key"), _key(self.keys / "client_key")
        self._server: _Server
        if self.kind == "openssh":
            self._server = _OpenSsh(self)
        else:
            self._server = _AsyncSsh(self, old=old, dialogue=dialogue)

    @property
    def address(self) -> str:
        """host:port."""
        return f"{self.host}:{self.port}"

    @property
    def private_key(self) -> str:
        """A private key that may sign in."""
        return (self.keys / "client_key").read_text("utf-8")

    @property
    def public_key(self) -> str:
        """Its public half, as a line of `authorized_keys`."""
        return _public_line(self._client_key)

    @property
    def authorized_keys(self) -> str:
        """All public keys that may sign in, one a line."""
        return f"{self.public_key}\n{self._authorized}".rstrip() + "\n"

    @property
    def host_key(self) -> str:
        """The server's public key, as a line of `known_hosts`."""
        return _public_line(self._host_key)

    @property
    def fingerprint(self) -> str:
        """The host key's fingerprint."""
        public = self._host_key.public_key().public_bytes_raw()
        name = b"ssh-ed25519"
        return fingerprint(b"".join(len(part).to_bytes(4, "big") + part for part in (name, public)))

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of an SFTP connector that reach this server, by password where it has one."""
        reach = {"protocol": "sftp", "host": self.host, "port": self.port, "username": self.user}
        # OpenSSH shows the whole machine, beginning in our folder; so the root is where a session begins.
        reach["root"] = "."
        if self.password:
            return {**reach, "auth": "password", "password": self.password}
        return {**reach, "auth": "key", "private_key": self.private_key}

    def start(self) -> FileServer:
        """Serve in the background."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self._server.start()
        return self

    def stop(self) -> None:
        """Stop, and cut what is connected."""
        self._server.stop()
        if self._temporary:
            self._temporary.cleanup()

    def drop(self) -> None:
        """Cut every connection, as a network does that fails; new ones are taken."""
        self._server.drop()

    def __enter__(self) -> FileServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class _OpenSsh:
    """The system's sshd with a configuration of its own, as the current user."""

    def __init__(self, owner: FileServer) -> None:
        self._owner = owner
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> int:
        owner = self._owner
        port = owner.port or _free_port(owner.host)
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        (owner.keys / "authorized_keys").write_text(owner.authorized_keys, "utf-8")
        (owner.keys / "sshd_config").write_text(self._configuration(port), "utf-8")
        command = [_sshd() or "sshd", "-D", "-e", "-f", str(owner.keys / "sshd_config")]
        with (owner.keys / "sshd.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._wait(port)
        return port

    def _configuration(self, port: int) -> str:
        owner = self._owner
        if any(letter.isspace() for letter in str(owner.folder)):
            raise ConfigError(f"OpenSSH cannot begin in a folder with blanks: {owner.folder}", key="practice_files")
        lines = {
            "ListenAddress": owner.host,
            "Port": str(port),
            "HostKey": str(owner.keys / "host_key"),
            "AuthorizedKeysFile": str(owner.keys / "authorized_keys"),
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "PermitRootLogin": "prohibit-password",
            "Subsystem": "sftp internal-sftp",
            # A percent sign stands for itself only when doubled.
            "ForceCommand": f"internal-sftp -d {str(owner.folder).replace('%', '%%')}",
        }
        return "".join(f"{name} {value}\n" for name, value in lines.items())

    def _wait(self, port: int) -> None:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection((self._owner.host, port), 1) as probe:
                if probe.recv(4) == b"SSH-":
                    return
            time.sleep(0.02)
        said = (self._owner.keys / "sshd.log").read_text("utf-8", "replace").strip()
        self.stop()
        raise ConfigError(f"sshd did not start: {said[-500:]}", key="practice_files")

    def stop(self) -> None:
        self.drop()
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_PATIENCE)

    def drop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        for child in psutil.Process(self._process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()


class _AsyncSsh:
    """asyncssh in a thread of its own; the folder is all there is for a client."""

    def __init__(self, owner: FileServer, *, old: bool, dialogue: bool) -> None:
        self._owner, self._old, self._dialogue = owner, old, dialogue
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="practice-sftp", daemon=True)
        self._connections: set[Any] = set()
        self._acceptor: Any = None

    def start(self) -> int:
        self._thread.start()
        self._acceptor = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(_PATIENCE)
        return int(self._acceptor.get_port())

    async def _listen(self) -> Any:
        asyncssh, owner = _asyncssh(), self._owner
        return await asyncssh.listen(
            owner.host,
            owner.port,
            server_host_keys=[asyncssh.import_private_key(_pem(owner._host_key))],
            authorized_client_keys=asyncssh.import_authorized_keys(owner.authorized_keys),
            server_factory=lambda: _gate(asyncssh, owner, self._connections, self._dialogue),
            sftp_factory=lambda channel: _view(asyncssh, channel, owner.folder, self._old),
            allow_scp=False,
        )

    def stop(self) -> None:
        if not self._thread.is_alive():
            self._loop.close()
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(_PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()

    async def _close(self) -> None:
        if self._acceptor is not None:
            self._acceptor.close()
        open_ones = list(self._connections)
        for connection in open_ones:
            connection.abort()
        for connection in open_ones:
            await connection.wait_closed()
        if self._acceptor is not None:
            await self._acceptor.wait_closed()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def drop(self) -> None:
        async def cut() -> None:
            for connection in list(self._connections):
                connection.abort()

        asyncio.run_coroutine_threadsafe(cut(), self._loop).result(_PATIENCE)


def _gate(asyncssh: ModuleType, owner: FileServer, connections: set[Any], dialogue: bool) -> Any:
    """Who may come in: the user with the password, or with the key."""

    class Gate(asyncssh.SSHServer):  # type: ignore[misc, name-defined]  # optional, so unknown here
        def connection_made(self, conn: Any) -> None:
            self._connection = conn
            connections.add(conn)

        def connection_lost(self, exc: Exception | None) -> None:
            connections.discard(self._connection)

        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return bool(owner.password) and not dialogue

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == (owner.user, owner.password)

        def kbdint_auth_supported(self) -> bool:
            return dialogue

        def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
            return "", "", lang, [("Password: ", False)]

        def validate_kbdint_response(self, username: str, responses: list[str]) -> bool:
            return list(responses) == [owner.password] and username == owner.user

    return Gate()


def _view(asyncssh: ModuleType, channel: Any, folder: Path, old: bool) -> Any:
    """What a client sees: the folder as the root, with or without the extensions."""

    class View(asyncssh.SFTPServer):  # type: ignore[misc, name-defined]  # as above
        def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
            if old:
                raise asyncssh.SFTPOpUnsupported("no such extension")
            super().posix_rename(oldpath, newpath)

        def fsync(self, file_obj: object) -> None:
            if old:
                raise asyncssh.SFTPOpUnsupported("no such extension")
            super().fsync(file_obj)

    return View(channel, chroot=os.fsencode(folder))


def _chosen(kind: Kind, password: str) -> Literal["openssh", "asyncssh"]:
    there: Mapping[str, bool] = {
        "asyncssh": importlib.util.find_spec("asyncssh") is not None,
        "openssh": _sshd() is not None,
    }
    order = ("asyncssh", "openssh") if password else ("openssh", "asyncssh")
    wanted = order if kind == "auto" else (kind,)
    for name in wanted:
        if there[name]:
            return "openssh" if name == "openssh" else "asyncssh"
    raise ConfigError(
        f"there is no {' and no '.join(wanted)} on this machine to serve files with",
        key="practice_files",
        hint="Install the extra: pip install 'topstitch[demo]', or OpenSSH's server.",
    )


def _asyncssh() -> ModuleType:
    import asyncssh

    module: ModuleType = asyncssh
    return module


def _sshd() -> str | None:
    """The path of sshd, which must be called by its whole path."""
    return shutil.which("sshd", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin")))


def _me() -> str:
    import pwd  # not on Windows, where this server is not used

    return pwd.getpwuid(os.getuid()).pw_name


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _key(path: Path) -> Ed25519PrivateKey:
    """The key in this file, made if there is none."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(_pem(Ed25519PrivateKey.generate()))
    key = serialization.load_ssh_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"{path} is no Ed25519 key", key="practice_files")
    return key


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )


def _public_line(key: Ed25519PrivateKey) -> str:
    line = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return f"{line.decode()} practice"
