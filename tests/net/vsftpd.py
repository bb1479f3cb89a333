"""A real vsftpd of the tests' own: in the foreground, as the user who runs the tests, on a free port of loopback."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from tests.net.certificates import self_signed

PROGRAM = shutil.which("vsftpd", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin")))
needs_vsftpd = pytest.mark.skipif(PROGRAM is None, reason="vsftpd is not installed")
USER, PASSWORD = "ftp", "practice"
_PATIENCE = 10.0
# The one kind of sign-in that needs neither root nor a user of the machine: "anonymous", with a list of passwords.
_SETTINGS = {
    "listen": "YES",
    "listen_address": "127.0.0.1",
    "background": "NO",
    "run_as_launching_user": "YES",
    "one_process_model": "YES",
    "seccomp_sandbox": "NO",
    "anonymous_enable": "YES",
    "local_enable": "NO",
    "secure_email_list_enable": "YES",
    "write_enable": "YES",
    "anon_upload_enable": "YES",
    "anon_mkdir_write_enable": "YES",
    "anon_other_write_enable": "YES",
    "anon_world_readable_only": "NO",
    "anon_umask": "022",
    "connect_from_port_20": "NO",
    "xferlog_enable": "YES",
    "xferlog_std_format": "NO",
    "log_ftp_protocol": "YES",
}
_TLS = {
    "ssl_enable": "YES",
    "allow_anon_ssl": "YES",
    "force_anon_logins_ssl": "YES",
    "force_anon_data_ssl": "YES",
    "require_ssl_reuse": "YES",
}


class Vsftpd:
    """Serves `folder`. `tls` is empty, `explicit` or `implicit`, and then forced; `more` are vsftpd's own settings."""

    def __init__(self, folder: Path, *, tls: str = "", **more: str) -> None:
        self.folder, self.tls = folder, tls
        folder.mkdir(exist_ok=True)
        # What belongs to the server lies beside the folder, as no client shall see it.
        self._own = folder.with_name(f"{folder.name}-vsftpd")
        self._own.mkdir()
        self.fingerprint = self_signed(self._own / "both.pem") if tls else ""
        self._more = {**(_TLS if tls else {}), "implicit_ssl": "YES" if tls == "implicit" else "NO", **more}
        self.port = _free_port()
        self._process = self._started()

    @property
    def seen(self) -> list[str]:
        """The commands that came, without the passwords."""
        lines = (self._own / "log").read_text("utf-8", "replace").splitlines()
        return [line.split('"')[-2] for line in lines if "FTP command" in line]

    def stop(self) -> None:
        """End it, and cut what is connected."""
        self.drop()
        self._process.terminate()
        self._process.wait(_PATIENCE)

    def forget_passwords(self) -> None:
        """Make every sign-in end in trouble of the server's own."""
        (self._own / "passwords").unlink()

    def drop(self) -> None:
        """Cut every connection; new ones are taken."""
        for child in psutil.Process(self._process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()

    def _started(self) -> subprocess.Popen[bytes]:
        (self._own / "passwords").write_text(f"{PASSWORD}\n")
        places = {
            "listen_port": str(self.port),
            "anon_root": str(self.folder),
            "email_password_file": str(self._own / "passwords"),
            "secure_chroot_dir": str(self._own),
            "vsftpd_log_file": str(self._own / "log"),
            "rsa_cert_file": str(self._own / "both.pem"),
        }
        lines = {**_SETTINGS, **places, **self._more}
        (self._own / "conf").write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        with (self._own / "said").open("wb") as said:
            # For those settings that make it tell local times; India has no summer time.
            process = subprocess.Popen(
                [PROGRAM or "vsftpd", str(self._own / "conf")],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env={**os.environ, "TZ": "Asia/Kolkata"},
            )
        deadline = time.monotonic() + _PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return process
            time.sleep(0.02)
        process.kill()
        process.wait()
        raise AssertionError(f"vsftpd did not start: {(self._own / 'said').read_text('utf-8', 'replace')}")


@contextlib.contextmanager
def servers(folder: Path) -> Iterator[Callable[..., Vsftpd]]:
    """What starts servers of one folder, which are stopped in the end."""
    with contextlib.ExitStack() as running:

        def start(**settings: str) -> Vsftpd:
            server = Vsftpd(folder, **settings)
            running.callback(server.stop)
            return server

        yield start


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
