"""The HTTP server behind the practice servers: every system below its slug, `/{slug}/...`, on loopback.

Beside each system's own paths, `/{slug}/_practice/` offers: GET `requests` (what came in), POST `faults` (switch one on:
{"kind": "429", "count": 3}), DELETE `faults`, POST `reset` (forget everything and seed anew).
"""

from __future__ import annotations

import socket
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from topstitch.sdk.practice.app import Practice, Reply, Request, json_reply
from topstitch.sdk.practice.store import Snapshot, Store

MAX_BODY = 64 * 1024 * 1024


class PracticeServer:
    """Serves practice systems. With `folder` their state is kept in files there, else in memory.

    Use as a context manager in tests; `url` is the base address, `{url}/{slug}` that of a system.
    """

    def __init__(
        self, systems: Iterable[Practice], *, port: int = 0, folder: Path | None = None, host: str = "127.0.0.1"
    ) -> None:
        self.systems = {practice.slug: practice for practice in systems}
        self.stores: dict[str, Store] = {}
        self.counts: dict[str, Counter[str]] = {}
        self._sown: dict[str, Snapshot] = {}
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        for slug, practice in self.systems.items():
            self.stores[slug] = Store(folder / f"{slug}.sqlite" if folder else ":memory:")
            self.counts[slug] = Counter()
            practice.fill(self.stores[slug])
        self._http = _Server((host, port), self)
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The base address."""
        host, port = self._http.server_address[:2]
        return f"http://{host!s}:{port}"

    def start(self) -> PracticeServer:
        """Serve in a thread, which looks often whether it is to stop: tests start and stop hundreds."""
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), name="practice", daemon=True)
        self._thread.start()
        return self

    def serve(self) -> None:
        """Serve until `stop()`."""
        self._http.serve_forever(poll_interval=0.1)

    def stop(self) -> None:
        """Stop serving and close the stores."""
        self._http.shutdown()
        self._http.server_close()
        if self._thread:
            self._thread.join()
        for store in self.stores.values():
            store.close()

    def __enter__(self) -> PracticeServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def rewind(self, slug: str) -> None:
        """As after a reset, but quicker: what was sown the first time is laid back."""
        if slug not in self._sown:
            self.control(slug, "POST", "reset", b"")
            self._sown[slug] = self.stores[slug].snapshot()
            return
        self.systems[slug].faults.clear()
        self.counts[slug].clear()
        self.stores[slug].restore(self._sown[slug])

    def control(self, slug: str, method: str, what: str, body: bytes) -> Reply:
        """Answer `/{slug}/_practice/{what}`."""
        practice, store = self.systems[slug], self.stores[slug]
        if (method, what) == ("GET", "requests"):
            return json_reply({"counts": self.counts[slug], "faults": practice.faults.struck})
        if (method, what) == ("POST", "faults"):
            try:
                practice.faults.add(**orjson.loads(body))
            except (TypeError, ValueError) as error:
                return json_reply({"error": str(error)}, 422)
            return json_reply({"ok": True}, 201)
        if (method, what) == ("DELETE", "faults"):
            practice.faults.clear()
            return json_reply({"ok": True})
        if (method, what) == ("POST", "reset"):
            practice.faults.clear()
            self.counts[slug].clear()
            store.clear()
            practice.fill(store)
            return json_reply({"ok": True})
        return json_reply({"error": "not found"}, 404)


def _answer_or_failure(practice: Practice, request: Request) -> Reply:
    """A handler's own failure is an HTTP 500 that says what it was: the author of the practice server reads it."""
    try:
        return practice.answer(request)
    except Exception as error:  # noqa: BLE001  # handlers are anybody's code, and their client must get an answer
        place = traceback.extract_tb(error.__traceback__)[-1]
        said = f"practice server failed: {type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
        return json_reply({"error": said, "message": said}, 500)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], practice: PracticeServer) -> None:
        self.practice = practice
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is shown by the handler itself."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    # Answers are written in one piece; Nagle would hold the second small write of a keep-alive connection.
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle_any(self) -> None:
        parts = urlsplit(self.path)
        slug, _, rest = parts.path.lstrip("/").partition("/")
        body = self._body()
        if body is None:
            return
        practice = self.server.practice.systems.get(slug)
        if practice is None:
            known = ", ".join(self.server.practice.systems)
            self._send(json_reply({"error": f"no practice system {slug!r}; there are {known}"}, 404))
        elif rest.startswith("_practice/"):
            self._send(self.server.practice.control(slug, self.command, rest.removeprefix("_practice/"), body))
        else:
            self._answer(practice, unquote(f"/{rest}"), parts.query, body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = handle_any

    def _answer(self, practice: Practice, path: str, query: str, body: bytes) -> None:
        fault = practice.faults.next(self.command, self.path, body)
        if fault and fault.kind == "drop":
            self._hang_up()
            return
        host = self.headers.get("X-Forwarded-Host") or self.headers.get("Host") or ""
        scheme = self.headers.get("X-Forwarded-Proto") or "http"
        request = Request(
            method=self.command,
            path=path,
            url=f"{scheme}://{host}{self.path}",
            query=parse_qsl(query, keep_blank_values=True),
            headers={k.lower(): v for k, v in self.headers.items()},
            body=body,
            store=self.server.practice.stores[practice.slug],
        )
        self.server.practice.counts[practice.slug][f"{self.command} {path}"] += 1
        if fault and fault.kind not in ("slow", "lost"):
            self._send(practice.fault_reply(fault, request))
            return
        reply = _answer_or_failure(practice, request)
        if fault and fault.kind == "lost":
            self._hang_up()
            return
        if fault:
            time.sleep(fault.seconds)
        self._send(reply)

    def _body(self) -> bytes | None:
        """The request's body; None when it was refused and answered."""
        if "chunked" in (self.headers.get("Transfer-Encoding") or ""):
            return self._chunks()
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            self._send(json_reply({"error": "too large"}, 413))
            return None
        return self.rfile.read(length)

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the counts tell what came in."""
