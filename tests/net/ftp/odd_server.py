"""A small FTP server that can be as odd as the servers out there."""

from __future__ import annotations

import datetime
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path


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
