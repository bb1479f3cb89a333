"""A small HTTP server on loopback that can misbehave in every way a connector meets, and clients that talk to it."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from topstitch.net.guard import Guard
from topstitch.net.http import HttpClient
from topstitch.net.retry import Retries

QUICK = Retries(attempts=3, base=0.01, cap=0.02, longest_wait=2.0)


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    def json(self) -> object:
        return json.loads(self.body)


@dataclass
class Reply:
    """One scripted behaviour: an answer, or raw bytes, perhaps late, perhaps followed by a broken connection."""

    status: int = 200
    body: bytes = b'{"ok":true}'
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    delay: float = 0.0
    then: str = "keep"  # keep, close, reset

    def payload(self) -> bytes:
        if self.raw is not None:
            return self.raw
        lines = {"Content-Type": "application/json", "Content-Length": str(len(self.body)), **self.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"HTTP/1.1 {self.status} Whatever\r\n{head}\r\n".encode("latin-1") + self.body


class FaultServer:
    """Answers from a script: each request takes the next reply, the last one stays. A reply may be a function."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.active = self.most_active = 0
        self._script: list[Reply | Callable[[Seen], Reply]] = [Reply()]
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._socket.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self, *script: Reply | Callable[[Seen], Reply]) -> FaultServer:
        self._script = list(script)
        return self

    def answers_json(self, *values: object) -> FaultServer:
        return self.answers(*(Reply(body=json.dumps(value).encode()) for value in values))

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with self._lock:
            for connection in self._open:
                connection.close()
        self._thread.join(2)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as lines:
                while (seen := _read(lines)) is not None and self._answer(connection, seen):
                    pass
        except (OSError, ValueError):
            pass  # the client went away, which some tests want

    def _answer(self, connection: socket.socket, seen: Seen) -> bool:
        with self._lock:
            self.seen.append(seen)
            self.active += 1
            self.most_active = max(self.most_active, self.active)
            reply = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if callable(reply):
            reply = reply(seen)
        time.sleep(reply.delay)
        with self._lock:
            self.active -= 1
        connection.sendall(reply.payload())
        if reply.then == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return reply.then == "keep"


def _read(lines) -> Seen | None:
    first = lines.readline().decode("latin-1").split()
    if not first:
        return None
    headers: dict[str, str] = {}
    while line := lines.readline().decode("utf-8").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Seen(first[0], first[1], headers, lines.read(int(headers.get("content-length", 0))))


@pytest.fixture
def server() -> Iterator[FaultServer]:
    server = FaultServer()
    yield server
    server.close()


@pytest.fixture
def other_server() -> Iterator[FaultServer]:
    server = FaultServer()
    yield server
    server.close()


@pytest.fixture
def reply() -> type[Reply]:
    return Reply


@pytest.fixture
def make_client(server: FaultServer) -> Callable[..., HttpClient]:
    def make(**options: object) -> HttpClient:
        base = options.pop("base_url", server.url)
        return HttpClient(base, **{"guard": Guard(allow=["127.0.0.0/8"]), "retries": QUICK, **options})

    return make


@pytest.fixture
def client(make_client: Callable[..., HttpClient]) -> HttpClient:
    return make_client()
