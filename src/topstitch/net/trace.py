"""What was said on the wire, for the log and the report of a failed record. Masked when read, not before."""

from __future__ import annotations

from threading import get_ident
from types import TracebackType

from topstitch.net.message import Prepared, Response
from topstitch.redact import Redactor

#: The most characters kept of a body.
LONGEST_TEXT = 8192
_LONGEST_LOOK = 1 << 20


class Exchange:
    """One request and what became of it. `attempt` counts from 1, `elapsed` in seconds, `status` 0 without answer."""

    __slots__ = ("_redactor", "_request", "_response", "attempt", "elapsed", "error", "method", "status")

    def __init__(
        self,
        request: Prepared,
        response: Response | None,
        error: BaseException | None,
        attempt: int,
        elapsed: float,
        redactor: Redactor,
    ) -> None:
        self._request = request
        self._response = response
        self._redactor = redactor
        self.method = request.method
        self.status = 0 if response is None else response.status
        self.error = error
        self.attempt = attempt
        self.elapsed = elapsed

    @property
    def url(self) -> str:
        return self._redactor.url(self._request.url)

    @property
    def sent_bytes(self) -> int:
        return len(self._request.body or b"")

    @property
    def received_bytes(self) -> int:
        return len(self._response.body) if self._response else 0

    @property
    def request_headers(self) -> dict[str, str]:
        return self._redactor.headers(self._request.headers)

    @property
    def response_headers(self) -> dict[str, str]:
        return self._redactor.headers(self._response.headers.as_dict()) if self._response else {}

    def request_text(self) -> str:
        """The body sent, masked, at most 8 KB of it."""
        return _shown((self._request.body or b"").decode("utf-8", "replace"), self._redactor)

    def response_text(self) -> str:
        """The body received, masked, at most 8 KB of it."""
        return _shown(self._response.text, self._redactor) if self._response else ""

    def __repr__(self) -> str:
        return f"<Exchange {self.method} {self.url} {self.status or self.error!r} attempt {self.attempt}>"


class Recorder:
    """Collects exchanges by thread. Recordings may be nested; the outer one gets everything."""

    __slots__ = ("threads",)

    def __init__(self) -> None:
        #: By thread; empty when nobody records, which costs a request nothing.
        self.threads: dict[int, list[Exchange]] = {}

    def note(self, exchange: Exchange) -> None:
        exchanges = self.threads.get(get_ident())
        if exchanges is not None:
            exchanges.append(exchange)


class Recording:
    """`with client.record() as exchanges:`"""

    __slots__ = ("_exchanges", "_outer", "_threads")

    def __init__(self, recorder: Recorder) -> None:
        self._threads = recorder.threads
        self._exchanges: list[Exchange] = []
        self._outer: list[Exchange] | None = None

    def __enter__(self) -> list[Exchange]:
        self._outer = self._threads.get(get_ident())
        self._threads[get_ident()] = self._exchanges
        return self._exchanges

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._outer is None:
            del self._threads[get_ident()]
        else:
            self._threads[get_ident()] = self._outer
            self._outer.extend(self._exchanges)


def _shown(text: str, redactor: Redactor) -> str:
    # Masked before it is cut, so that no half of a secret is left at the edge.
    masked = redactor.text(text[:_LONGEST_LOOK])
    return masked if len(masked) <= LONGEST_TEXT else masked[: LONGEST_TEXT - 1] + "…"
