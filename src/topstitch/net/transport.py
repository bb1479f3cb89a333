"""The only importer of the HTTP client library: one exchange, on a connection to an address the guard has checked.

Faults are told apart by what matters later: did the request leave or not.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Protocol

from pyreqwest.client import SyncClient, SyncClientBuilder
from pyreqwest.exceptions import DecodeError, PoolTimeoutError, PyreqwestError
from pyreqwest.request import SyncRequestBuilder
from pyreqwest.response import SyncResponse

from topstitch.errors import ConfigError, LimitExceeded, Unreachable
from topstitch.net.guard import Guard, Target
from topstitch.net.message import Headers, Prepared, Response

MEBIBYTE = 1 << 20
_FIRST_READ = 1 << 16
#: Many servers close idle connections after five seconds; a request sent into a closing one is lost.
_IDLE = timedelta(seconds=4)
#: For how long an old address may be used while DNS is asked again, in seconds.
_GRACE = 10.0


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, without any byte arriving, for everything. `connect` is kept below the other two."""

    connect: float = 10.0
    read: float = 60.0
    total: float = 300.0


class Fault(Enum):
    """What can happen instead of an answer. The first four: nothing was sent."""

    REFUSED = "refused"
    TLS = "tls"
    CONNECT_TIMEOUT = "connect_timeout"
    NO_ADDRESS = "no_address"
    TIMEOUT = "timeout"
    DROPPED = "dropped"
    GARBLED = "garbled"


NEVER_SENT = frozenset({Fault.REFUSED, Fault.TLS, Fault.CONNECT_TIMEOUT, Fault.NO_ADDRESS})


class Sink(Protocol):
    """Where a large body goes: a file opened for writing bytes, rewound for each attempt."""

    def write(self, data: bytes, /) -> object: ...
    def seek(self, position: int, /) -> object: ...
    def truncate(self) -> object: ...


class WireError(Exception):
    """One exchange failed. Never leaves the door: verdicts turn it into an error of ours."""

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail


@dataclass(slots=True)
class _Pin:
    client: SyncClient
    address: str
    expires: float
    failures: int = 0


class Transport:
    """Connections by origin, each pinned to a checked address; DNS is asked again after `dns_ttl` seconds."""

    def __init__(
        self,
        guard: Guard,
        timeouts: Timeouts,
        *,
        verify_tls: bool = True,
        ca_pem: bytes | None = None,
        dns_ttl: float = 60.0,
    ) -> None:
        self._guard = guard
        self._timeouts = timeouts
        self._verify_tls = verify_tls
        self._ca_pem = ca_pem
        self._dns_ttl = dns_ttl
        self._pins: dict[str, _Pin] = {}
        self._lock = threading.Lock()

    def send(
        self, request: Prepared, origin: str, timeout: float | None, max_body: int, sink: Sink | None = None
    ) -> Response:
        """Exchange one request for one complete answer; a 2xx body goes to `sink` where one is given.

        Raises WireError, ConfigError (refused by the guard) or LimitExceeded (body).
        """
        began = time.monotonic()
        pin = self._pins.get(origin)
        if pin is None or began >= pin.expires:
            pin = self._pin(origin, began)
        builder = _build(pin.client, request)
        if timeout is not None:
            builder = builder.timeout(timedelta(seconds=timeout))
        exchange = builder.build_streamed()
        try:
            answer = exchange.__enter__()
            status = answer.status
            body = _read(answer, max_body, sink if sink is not None and 200 <= status < 300 else None)
            return Response(status, Headers(answer.headers), body, request.url, time.monotonic() - began)
        except PyreqwestError as error:
            fault, detail = _classify(error)
            if fault in NEVER_SENT:  # resolve again, and try the next address of the name
                pin.failures += 1
                pin.expires = 0.0
            raise WireError(fault, detail) from error
        except BaseException:
            # A body not read to its end. After one that was, there is nothing to leave, and leaving costs time.
            exchange.__exit__(None, None, None)
            raise

    def _pin(self, origin: str, now: float) -> _Pin:
        """Give a pin that is good for now. While one thread asks DNS again, the others go on with the old address."""
        with self._lock:
            old = self._pins.get(origin)
            if old is None:
                return self._renew(origin, None, now)
            if now < old.expires:
                return old
            old.expires = now + _GRACE
        return self._renew(origin, old, now)

    def _renew(self, origin: str, old: _Pin | None, now: float) -> _Pin:
        try:
            target = self._guard.check(origin)
        except Unreachable as error:
            if old is None:
                raise WireError(Fault.NO_ADDRESS, error.detail) from error
            return old  # a hiccup of DNS: the address checked before still holds
        except ConfigError:
            self._pins.pop(origin, None)
            raise
        address = target.addresses[(old.failures if old else 0) % len(target.addresses)]
        if old is not None and old.address == address:
            old.expires = now + self._dns_ttl
            return old
        pin = _Pin(self._client(target, address), address, now + self._dns_ttl, old.failures if old else 0)
        self._pins[origin] = pin
        return pin

    def _client(self, target: Target, address: str) -> SyncClient:
        times = self._timeouts
        builder = (
            SyncClientBuilder()
            .no_proxy()
            .follow_redirects(False)
            .referer(False)
            .pool_idle_timeout(_IDLE)
            .connect_timeout(timedelta(seconds=min(times.connect, times.read * 0.9, times.total * 0.9)))
            .read_timeout(timedelta(seconds=times.read))
            .timeout(timedelta(seconds=times.total))
        )
        if target.host.strip("[]") != address:
            builder = builder.resolve(target.host, address, target.port)
        if self._ca_pem is not None:
            builder = builder.add_root_certificate_pem(self._ca_pem)
        return builder.danger_accept_invalid_certs(not self._verify_tls).build()


def _build(client: SyncClient, request: Prepared) -> SyncRequestBuilder:
    try:
        builder = client.request(request.method, request.url).headers(request.headers)
        return builder if request.body is None else builder.body_bytes(request.body)
    except ValueError as error:
        # The library's own words repeat the value, which may be a secret.
        raise ConfigError(
            "The request cannot be written: its method, address or a header has characters that HTTP forbids.",
            key="bad_request_parts",
            hint="Look for line breaks or other stray characters in the credentials and settings of the connector.",
            detail=f"{request.method}; headers {', '.join(request.headers)}; {type(error).__name__}",
        ) from None


def _read(answer: SyncResponse, max_body: int, sink: Sink | None) -> bytes:
    """Read the decoded body, never holding more than `max_body` of it: that stops decompression bombs too."""
    length = answer.get_header("content-length")
    if sink is None and length is not None and length.isdecimal() and int(length) < _FIRST_READ:
        # The length of what is on the wire is the length of what we get: of a compressed body it is not told.
        return answer.bytes().to_bytes()
    reader = answer.body_reader
    chunk = reader.read(_FIRST_READ)
    if chunk is None:
        return b""
    if sink is None and len(chunk) < _FIRST_READ:
        return chunk.to_bytes()
    parts: list[bytes] = []
    size = 0
    while chunk is not None:
        size += len(chunk)
        if size > max_body:
            raise LimitExceeded(
                f"The answer is larger than {max_body / MEBIBYTE:.0f} MiB.",
                key="answer_too_large",
                hint="Ask for smaller pages or fewer fields, or raise the limit of the connector.",
            )
        (parts.append if sink is None else sink.write)(chunk.to_bytes())
        chunk = reader.read(MEBIBYTE)
    return b"".join(parts)


def _classify(error: PyreqwestError) -> tuple[Fault, str]:
    """Tell whether the request left. The class alone does not: a lost answer is a ConnectError there as well."""
    details = getattr(error, "details", None) or {}
    causes = [str(cause["message"]) for cause in details.get("causes") or ()]
    detail = "; ".join(causes[1:] or causes or [str(error)])
    if "client error (Connect)" in causes:
        return _connect_fault(error, detail), detail
    if isinstance(error, PoolTimeoutError):
        return Fault.CONNECT_TIMEOUT, detail
    if isinstance(error, TimeoutError):
        return Fault.TIMEOUT, detail
    cut_short = "end of file" in detail or "connection" in detail
    return Fault.GARBLED if isinstance(error, DecodeError) and not cut_short else Fault.DROPPED, detail


def _connect_fault(error: PyreqwestError, detail: str) -> Fault:
    if isinstance(error, TimeoutError):
        return Fault.CONNECT_TIMEOUT
    if "dns error" in detail:
        return Fault.NO_ADDRESS
    return Fault.REFUSED if "tcp connect error" in detail else Fault.TLS
