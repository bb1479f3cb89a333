"""The FTP client against aioftp, and against a small server that can be as odd as the servers out there."""

from __future__ import annotations

import asyncio
import datetime
import io
import os
import socket
import ssl
import threading
import time
from contextlib import suppress
from pathlib import Path

import aioftp
import pytest
from tests.net.certificates import self_signed

from topstitch.errors import AuthError, DuplicateRecord, RemoteRejected, TemporaryError, Unreachable
from topstitch.net.files import RemoteFile
from topstitch.net.ftp import FtpAccount, FtpFiles
from topstitch.net.ftp_listing import from_list, from_mlsd
from topstitch.net.guard import Guard

NOW = datetime.datetime(2024, 5, 2, 12, tzinfo=datetime.UTC)


class OddServer:
    """A real FTP server of one thread a connection. `features` are the commands it has; `replies` come out of turn.

    An empty reply leaves the command its usual one.
    """

    def __init__(self, folder: Path, *, features="MLST MDTM SIZE UTF8", tls=None, implicit=False, reuse=False):
        self.folder, self.features, self.tls = folder, features.split(), tls
        self.implicit, self.reuse = implicit, reuse
        self.replies: dict[str, list[str]] = {}
        self.seen: list[str] = []
        self.replaces, self.done = True, "226 done"
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def port(self):
        return self._listener.getsockname()[1]

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()
        for thread in self._threads:
            thread.join()

    def drop(self):
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection):
        self._open.add(connection)
        plain = connection
        try:
            if self.implicit:
                connection = self.tls.wrap_socket(connection, server_side=True)
            Visit(self, connection).run()
        except (OSError, EOFError):
            pass
        finally:
            self._open.discard(plain)
            connection.close()


class Visit:
    """One control connection."""

    def __init__(self, server, connection):
        self.server, self.connection = server, connection
        self.lines = connection.makefile("r", encoding="utf-8", newline="\r\n")
        self.data, self.private, self.source, self.cwd = None, server.implicit, "", "/"

    def run(self):
        self.say("220 odd server")
        try:
            while line := self.lines.readline():
                self.server.seen.append(line.strip())
                command, _, rest = line.strip().partition(" ")
                waiting = self.server.replies.get(command.upper())
                if reply := waiting.pop(0) if waiting else "":
                    self.say(reply)
                else:
                    getattr(self, f"do_{command.lower()}", self.unknown)(rest)
        finally:
            self.lines.close()
            self.forget_data()
            self.connection.close()

    def say(self, text):
        self.connection.sendall(text.encode() + b"\r\n")

    def path(self, name):
        return self.server.folder / (name if name.startswith("/") else f"{self.cwd}/{name}").lstrip("/")

    def unknown(self, rest):
        self.say("502 not here")

    def do_auth(self, rest):
        if not self.server.tls:
            self.unknown(rest)
            return
        self.say("234 go on")
        self.lines.close()
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.lines = self.connection.makefile("r", encoding="utf-8", newline="\r\n")

    def do_pbsz(self, rest):
        self.say("200 ok")

    def do_prot(self, rest):
        self.private = rest == "P"
        self.say("200 ok")

    def do_user(self, rest):
        self.say("331 password please")

    def do_pass(self, rest):
        self.say("230 in" if rest == "practice" else "530 Login incorrect.")

    def do_feat(self, rest):
        self.say("211-these:")
        for feature in self.server.features:
            self.say(f" {feature}")
        self.say("211 end")

    def do_pwd(self, rest):
        self.say(f'257 "{self.cwd}" is it')

    def do_cwd(self, rest):
        self.say("250 ok" if self.path(rest).is_dir() else "550 no such folder")
        if self.path(rest).is_dir():
            self.cwd = rest

    def do_type(self, rest):
        self.say("200 ok")

    def do_noop(self, rest):
        self.say("200 ok")

    def do_quit(self, rest):
        self.say("221 bye")
        raise EOFError

    def do_pasv(self, rest):
        self.forget_data()
        self.data = socket.create_server(("127.0.0.1", 0))
        port = self.data.getsockname()[1]
        # What a server behind a router tells: the address of its private network.
        self.say(f"227 here (10,1,2,3,{port // 256},{port % 256})")

    def do_port(self, rest):
        self.forget_data()
        *host, high, low = rest.split(",")
        self.data = ".".join(host), int(high) * 256 + int(low)
        self.say("200 ok")

    def forget_data(self):
        if isinstance(self.data, socket.socket):
            self.data.close()
        self.data = None

    def transfer(self, work):
        self.say("150 coming")
        if isinstance(self.data, socket.socket):
            connection, _ = self.data.accept()
        else:
            connection = socket.create_connection(self.data)
        self.forget_data()
        if self.private:
            connection = self.server.tls.wrap_socket(connection, server_side=True)
            if self.server.reuse and not connection.session_reused:
                connection.close()
                self.say("425 the session of the control connection must be reused")
                return
        with connection:
            work(connection)
            if self.private:
                with suppress(OSError):
                    connection.unwrap()
        self.say(self.server.done)

    def do_mlsd(self, rest):
        if not self.path(rest).is_dir():
            self.say("550 no such folder")
            return
        lines = "".join(f"{facts(path, 'OS.unix=symlink')} {path.name}\r\n" for path in self.path(rest).iterdir())
        self.transfer(lambda connection: connection.sendall(lines.encode()))

    def do_mlst(self, rest):
        path = self.path(rest)
        self.say(f"250-it is\r\n {facts(path)} {rest}\r\n250 end" if path.exists() else "550 no such file")

    def do_list(self, rest):
        path = self.path(rest)
        entries = path.iterdir() if path.is_dir() else [path] if path.is_file() else []  # a missing folder looks empty
        lines = "".join(
            f"{'d' if e.is_dir() else '-'}rw-r--r--  1 shop shop {e.stat().st_size:8} "
            f"{time.strftime('%b %d %H:%M', time.gmtime(e.stat().st_mtime))} {e.name}\r\n"
            for e in entries
        )
        self.transfer(lambda connection: connection.sendall(lines.encode()))

    def do_mdtm(self, rest):
        self.tell("MDTM", rest, lambda path: time.strftime("%Y%m%d%H%M%S", time.gmtime(path.stat().st_mtime)))

    def do_size(self, rest):
        self.tell("SIZE", rest, lambda path: path.stat().st_size)

    def tell(self, feature, rest, what):
        if feature not in self.server.features:
            self.unknown(rest)
        else:
            self.say(f"213 {what(self.path(rest))}" if self.path(rest).is_file() else "550 not a plain file")

    def do_retr(self, rest):
        if not self.path(rest).exists():
            self.say("550 No such file")
            return
        data = self.path(rest).read_bytes()
        self.transfer(lambda connection: connection.sendall(data))

    def do_stor(self, rest):
        if not self.path(rest).parent.is_dir():
            self.say("550 No such folder")
            return

        def take(connection):
            with self.path(rest).open("wb") as file:
                while piece := connection.recv(65536):
                    file.write(piece)

        self.transfer(take)

    def do_rnfr(self, rest):
        self.source = rest
        self.say("350 and now?" if self.path(rest).exists() else "550 No such file")

    def do_rnto(self, rest):
        if self.path(rest).exists() and not self.server.replaces:
            self.say("550 File exists")
            return
        self.path(self.source).replace(self.path(rest))
        self.say("250 ok")

    def do_dele(self, rest):
        self.path(rest).unlink()
        self.say("250 ok")

    def do_mkd(self, rest):
        if not self.path(rest).parent.is_dir():
            self.say("550 No such folder")
            return
        self.path(rest).mkdir()
        self.say(f'257 "{rest}"')

    def do_rmd(self, rest):
        self.path(rest).rmdir()
        self.say("250 ok")

    def do_site(self, rest):
        _, mode, name = rest.split(" ", 2)
        self.path(name).chmod(int(mode, 8))
        self.say("200 ok")


def facts(path, link="file"):
    """As ProFTPD tells them: of the link itself, and only MLSD calls it one."""
    found = path.lstat()
    stamp = datetime.datetime.fromtimestamp(found.st_mtime, datetime.UTC)
    kind = link if path.is_symlink() else "dir" if path.is_dir() else "file"
    return f"type={kind};size={found.st_size};modify={stamp:%Y%m%d%H%M%S};"


@pytest.fixture
def odd(tmp_path):
    servers = []

    def start(**options):
        folder = tmp_path / "files"
        folder.mkdir(exist_ok=True)
        servers.append(OddServer(folder, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def connect():
    opened = []

    def make(port, **settings):
        given = {"host": "127.0.0.1", "username": "practice", "password": "practice", "tries": 1, "timeout": 5}
        opened.append(FtpFiles(FtpAccount(**{**given, "port": port, **settings}), guard=Guard(allow=["127.0.0.0/8"])))
        return opened[-1]

    yield make
    for files in opened:
        files.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate: (context of a server, its fingerprint)."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    shown = self_signed(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, shown


@pytest.fixture
def aio(tmp_path):
    """aioftp over a folder; gives its port."""
    (tmp_path / "aio").mkdir()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = aioftp.Server([aioftp.User("practice", "practice", base_path=tmp_path / "aio")])
    asyncio.run_coroutine_threadsafe(server.start("127.0.0.1", 0), loop).result(5)
    yield server.server_port
    asyncio.run_coroutine_threadsafe(server.close(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def content(files, path):
    with files.open(path) as stream:
        return stream.read()


def work_through(files):
    """All that the interface offers, with another server behind it each time."""
    data = bytes(range(256)) * 3_000
    files.make_folder("out/2024")
    files.put("out/a b ü.bin", io.BytesIO(data))
    files.put("out/a b ü.bin", io.BytesIO(data + b"!"))
    assert content(files, "out/a b ü.bin") == data + b"!"
    with pytest.raises(DuplicateRecord):
        files.put("out/a b ü.bin", io.BytesIO(b"no"), overwrite=False)
    files.rename("out/a b ü.bin", "out/2024/b.bin")
    listed = {file.path: (file.size, file.is_folder) for file in files.listing("out")}
    assert set(listed) == {"out/2024"} and listed["out/2024"][1]
    found = files.stat("out/2024/b.bin")
    assert found.size == len(data) + 1
    assert abs(found.mtime - time.time()) < 60
    with pytest.raises(RemoteRejected) as caught:
        files.open("out/none")
    assert caught.value.key == "no_such_file"
    with pytest.raises(RemoteRejected):
        files.listing("nowhere")
    files.remove("out/2024/b.bin")
    files.remove_folder("out/2024")
    assert files.listing("out") == []
    assert files.stat("out/none") is None


def test_aioftp_serves_everything(aio, connect):
    work_through(connect(aio))


def test_plain_ftp_serves_everything(odd, connect):
    work_through(connect(odd().port))


@pytest.mark.parametrize("features", ["SIZE MDTM", "MDTM", "SIZE", ""])
def test_servers_with_only_list_serve_everything(odd, connect, features):
    work_through(connect(odd(features=features).port))


@pytest.mark.parametrize("kind", ["explicit", "implicit"])
def test_ftps_serves_everything(odd, connect, certificate, kind):
    context, pin = certificate
    server = odd(tls=context, implicit=kind == "implicit", reuse=True)

    files = connect(server.port, tls=kind, fingerprint=pin)

    work_through(files)
    assert files.connect() == f"certificate {pin}"
    assert "PROT P" in server.seen


def test_the_password_is_sent_only_after_encryption(odd, connect, certificate):
    server = odd(tls=certificate[0])

    connect(server.port, tls="explicit", fingerprint=certificate[1]).listing(".")

    assert server.seen.index("AUTH TLS") < server.seen.index("PASS practice")


def test_an_unknown_certificate_is_refused_with_its_remedy(odd, connect, certificate):
    server = odd(tls=certificate[0])

    with pytest.raises(AuthError, match="not to be trusted") as caught:
        connect(server.port, tls="explicit").listing(".")

    assert caught.value.key == "certificate" and "fingerprint" in caught.value.hint
    assert not any(line.startswith(("USER", "PASS")) for line in server.seen)


def test_another_certificate_than_the_pinned_is_refused(odd, connect, certificate):
    server = odd(tls=certificate[0])

    with pytest.raises(AuthError) as caught:
        connect(server.port, tls="explicit", fingerprint="SHA256:" + "A" * 43).listing(".")

    assert caught.value.key == "host_key"
    assert not any(line.startswith("PASS") for line in server.seen)


def test_a_server_without_encryption_is_told_apart(odd, connect):
    with pytest.raises(Unreachable, match="does not let us in") as caught:
        connect(odd().port, tls="explicit").listing(".")
    assert "encryption" in caught.value.hint


def test_links_are_followed_alike_in_listings_and_alone(odd, connect):
    server = odd()
    (server.folder / "real.csv").write_text("12345")
    os.utime(server.folder / "real.csv", (1_714_557_600, 1_714_557_600))
    (server.folder / "link.csv").symlink_to("real.csv")
    (server.folder / "dangling.csv").symlink_to("gone.csv")
    files = connect(server.port)

    expected = RemoteFile("link.csv", 5, 1_714_557_600)
    assert {file.name: file for file in files.listing(".")} == {
        "link.csv": expected,
        "real.csv": RemoteFile("real.csv", 5, 1_714_557_600),
    }
    assert files.stat("link.csv") == expected


def test_a_file_is_replaced_where_renaming_does_not_do_it(odd, connect):
    server = odd()
    server.replaces = False
    files = connect(server.port)
    files.put("stock.csv", io.BytesIO(b"old"))
    files.put("stock.csv", io.BytesIO(b"new"))

    assert content(files, "stock.csv") == b"new"
    assert [path.name for path in server.folder.iterdir()] == ["stock.csv"]


def test_no_file_is_lost_when_the_new_one_cannot_take_the_place_of_the_old(odd, connect):
    server = odd()
    files = connect(server.port)
    files.put("stock.csv", io.BytesIO(b"old"))
    server.replies["RNTO"] = ["550 File exists", "", "550 disk failure"]

    with pytest.raises(RemoteRejected, match="disk failure"):
        files.put("stock.csv", io.BytesIO(b"new"))

    assert content(files, "stock.csv") == b"old"
    assert [path.name for path in server.folder.iterdir()] == ["stock.csv"]


@pytest.mark.parametrize(
    ("command", "reply"), [("RETR", "550 Failed to open file."), ("DELE", "550 Delete operation failed.")]
)
def test_what_is_there_and_refused_is_a_matter_of_rights(odd, connect, command, reply):
    server = odd(features="SIZE MDTM")
    server.replies[command] = [reply]
    (server.folder / "a.csv").write_text("x")
    act = {"RETR": FtpFiles.open, "DELE": FtpFiles.remove}[command]

    with pytest.raises(RemoteRejected, match=reply[4:-1]) as caught:
        act(connect(server.port), "a.csv")

    assert caught.value.key == "permission_denied"


def test_a_folder_that_may_not_be_read_is_not_an_empty_one(odd, connect):
    server = odd(features="SIZE MDTM")
    server.done = "226 Transfer done (but failed to open directory)."

    with pytest.raises(RemoteRejected, match="failed to open directory") as caught:
        connect(server.port).listing(".")

    assert caught.value.key == "permission_denied"


@pytest.mark.parametrize(
    "reply",
    [
        "421 Sorry, cleartext sessions are not accepted on this server. Please reconnect using TLS.",
        "503 Use AUTH first.",
        "530 Non-anonymous sessions must use encryption.",
        "534 Policy requires SSL.",
        "550 SSL/TLS required on the control channel",
    ],
)
def test_a_server_that_wants_encryption_says_so_in_many_ways(odd, connect, reply):
    server = odd()
    server.replies["USER"] = [reply]
    files = connect(server.port, tries=3)

    with pytest.raises(AuthError, match="over an encrypted connection only") as caught:
        files.listing(".")

    assert "FTPS" in caught.value.hint
    assert files.listing(".") == []


def test_a_wrong_password_is_given_once(odd, connect):
    server = odd()
    files = connect(server.port, password="wrong", tries=3)

    for _ in range(2):
        with pytest.raises(AuthError, match="refuses the user name or password"):
            files.listing(".")

    assert [line for line in server.seen if line.startswith("PASS")] == ["PASS wrong"]


@pytest.mark.parametrize("reply", ["421 too many connections", "425 no data connection", "426 cut off"])
def test_a_cut_transfer_is_repeated_on_a_new_connection(odd, connect, reply):
    server = odd()
    server.replies["RETR"] = [reply]
    (server.folder / "a.csv").write_text("whole")

    assert content(connect(server.port), "a.csv") == b"whole"
    assert server.seen.count("PASS practice") == 2


def test_a_server_that_stays_busy_is_tried_later(odd, connect):
    server = odd()
    server.replies["RETR"] = ["425 no data connection"] * 2
    (server.folder / "a.csv").write_text("whole")

    with pytest.raises(TemporaryError):
        connect(server.port).open("a.csv")


def test_too_many_connections_is_unreachable(odd, connect):
    server = odd()
    server.replies["USER"] = ["421 Too many users"]

    with pytest.raises(Unreachable, match="no connection free: Too many users"):
        connect(server.port).listing(".")


def test_a_refused_write_says_why_and_leaves_nothing(odd, connect):
    server = odd()
    server.replies["STOR"] = ["552 Quota exceeded"]

    with pytest.raises(RemoteRejected, match="Quota exceeded") as caught:
        connect(server.port).put("a.csv", io.BytesIO(b"x"))

    assert "quota" in caught.value.hint
    assert list(server.folder.iterdir()) == []


def test_a_lost_connection_is_made_anew(odd, connect):
    server = odd()
    files = connect(server.port)
    files.put("a.csv", io.BytesIO(b"x"))
    server.drop()

    assert [file.name for file in files.listing(".")] == ["a.csv"]


def test_active_mode_works_too(odd, connect):
    server = odd()

    work_through(connect(server.port, passive=False))

    assert "PASV" not in server.seen


def test_modes_are_set_where_the_server_can(odd, connect):
    server = odd()
    files = connect(server.port, file_mode=0o600, folder_mode=0o700)
    files.make_folder("out")
    files.put("out/a", io.BytesIO(b"1"))
    assert (server.folder / "out/a").stat().st_mode & 0o777 == 0o600

    server.replies["SITE"] = ["502 no"]
    files.put("out/b", io.BytesIO(b"1"))
    assert content(files, "out/b") == b"1"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-rw-r--r--   1 shop shop  120 May  1 10:23 a b.csv", ("in/a b.csv", 120, "2024-05-01T10:23", False)),
        ("-rw-r--r--   1 shop shop  120 Nov 30  2023 a.csv", ("in/a.csv", 120, "2023-11-30T00:00", False)),
        ("-rw-r--r--   1 shop shop  120 Nov 30 10:23 a.csv", ("in/a.csv", 120, "2023-11-30T10:23", False)),
        ("drwxr-xr-x+  2 0 0 4096 Feb 29 00:00 out", ("in/out", 4096, "2024-02-29T00:00", True)),
        ("lrwxrwxrwx   1 a a 7 May  1 10:23 l.csv -> r.csv", ("in/l.csv", 7, "2024-05-01T10:23", False)),
        ("05-01-24  10:23AM   1,234 a.csv", ("in/a.csv", 1234, "2024-05-01T10:23", False)),
        ("05-01-2024  12:05PM  <DIR> out", ("in/out", 0, "2024-05-01T12:05", True)),
        ("total 12", None),
        ("-rw-r--r--   1 shop shop  120 Xxx  1 10:23 a.csv", None),
    ],
)
def test_lines_of_list_are_understood(line, expected):
    found = from_list(line, "in", NOW)
    if expected is None:
        assert found is None
        return
    path, size, when, folder = expected
    stamp = datetime.datetime.fromisoformat(when).replace(tzinfo=datetime.UTC).timestamp()
    assert found == RemoteFile(path, size, int(stamp), folder, is_link=line.startswith("l"))


def test_lines_of_mlsd_are_understood():
    line = "Type=file;Size=12;Modify=20240501102300.123;Perm=r; a; b=c.csv"
    assert from_mlsd(line, "/in/") == RemoteFile("/in/a; b=c.csv", 12, 1714558980, False)
    assert from_mlsd("type=cdir;modify=20240501102300; .", "/in") is None
    assert from_mlsd("Type=OS.unix=slink:/far/a.csv;Size=8; a.csv", "in") == RemoteFile("in/a.csv", 8, 0, is_link=True)
