"""One practice server's description: routes, sign-in, seeds. It is written from the vendor's facts, never from our connector."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson

from topstitch.sdk.practice.faults import Fault, Faults
from topstitch.sdk.practice.store import Store


@dataclass(frozen=True, slots=True)
class Request:
    """What the server received. `path` is below the system's prefix; `url` is the full address as the client saw it."""

    method: str
    path: str
    url: str
    #: Query parameters in order, repeated names kept.
    query: Sequence[tuple[str, str]]
    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes
    store: Store
    #: Parts of the path named in the route.
    args: Mapping[str, str] = field(default_factory=dict)

    @property
    def params(self) -> dict[str, str]:
        """Query parameters, the last of a repeated name."""
        return dict(self.query)

    def json(self) -> Any:
        """The body as JSON; raises ValueError."""
        return orjson.loads(self.body)

    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answers."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A JSON answer."""
    return Reply(status, orjson.dumps(data), {"Content-Type": "application/json", **(headers or {})})


def text_reply(text: str, status: int = 200, kind: str = "text/plain; charset=utf-8") -> Reply:
    """A text answer."""
    return Reply(status, text.encode(), {"Content-Type": kind})


def html_reply(text: str, status: int = 200) -> Reply:
    """An HTML answer, as error pages of proxies are."""
    return text_reply(text, status, "text/html; charset=utf-8")


def xml_reply(text: str | bytes, status: int = 200) -> Reply:
    """An XML answer."""
    body = text.encode() if isinstance(text, str) else text
    return Reply(status, body, {"Content-Type": "text/xml; charset=utf-8"})


Handler = Callable[[Request], Reply]
Gate = Callable[[Request], Reply | None]
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Practice:
    """A practice server: `@practice.route("GET", "/orders/{id}")`, `@practice.gate` for sign-in, `@practice.seed`.

    `settings` are the connector settings that work with it, shown and prefilled in the practice environment.
    """

    def __init__(self, slug: str, settings: Mapping[str, Any], *, ignore_case: bool = False) -> None:
        self.slug, self.settings = slug, dict(settings)
        self.faults = Faults()
        self._flags = re.IGNORECASE if ignore_case else 0
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []
        self._gates: list[Gate] = []
        self._seeds: list[Callable[[Store], None]] = []
        self._expired: Callable[[Request], Reply] = lambda _: json_reply({"error": "expired"}, 401)
        self._fault_reply: Callable[[Fault], Reply] = _plain_fault
        self._missing: Callable[[Request], Reply] = lambda _: json_reply({"error": "not found"}, 404)

    def route(self, method: str, path: str) -> Callable[[Handler], Handler]:
        """Answer `method path`; `{name}` in the path matches one part, `{name...}` is not offered."""
        pieces = _PLACEHOLDER.split(path)
        shown = [re.escape(piece) if at % 2 == 0 else f"(?P<{piece}>[^/]+)" for at, piece in enumerate(pieces)]
        pattern = re.compile("".join(shown), self._flags)

        def register(handler: Handler) -> Handler:
            self._routes.append((method, pattern, handler))
            return handler

        return register

    def gate(self, check: Gate) -> Gate:
        """Run before every route; a reply ends the request (credentials, signatures, throttling)."""
        self._gates.append(check)
        return check

    def seed(self, fill: Callable[[Store], None]) -> Callable[[Store], None]:
        """Fill an empty store with invented data."""
        self._seeds.append(fill)
        return fill

    def on_expired(self, reply: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
        """How this vendor says that a token has expired (fault `expired`)."""
        self._expired = reply
        return reply

    def on_fault(self, reply: Callable[[Fault], Reply]) -> Callable[[Fault], Reply]:
        """How this vendor words 429, 500 and 503."""
        self._fault_reply = reply
        return reply

    def on_missing(self, reply: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
        """How this vendor answers an unknown path."""
        self._missing = reply
        return reply

    def fill(self, store: Store) -> None:
        """Seed a store that was never seeded."""
        if store.get("_practice", "seeded") is None:
            with store.transaction():
                for seed in self._seeds:
                    seed(store)
                store.put("_practice", "seeded", {"seeded": True})

    def answer(self, request: Request) -> Reply:
        """The reply to a request, faults aside."""
        for gate in self._gates:
            refused = gate(request)
            if refused is not None:
                return refused
        for method, pattern, handler in self._routes:
            if method == request.method and (found := pattern.fullmatch(request.path)):
                return handler(_with_args(request, found.groupdict()))
        return self._missing(request)

    def fault_reply(self, fault: Fault, request: Request) -> Reply:
        """The reply of a fault that answers."""
        if fault.kind == "expired":
            return self._expired(request)
        reply = self._fault_reply(fault)
        if fault.retry_after is None:
            return reply
        return Reply(reply.status, reply.body, {**reply.headers, "Retry-After": f"{fault.retry_after:g}"})


def _with_args(request: Request, args: Mapping[str, str]) -> Request:
    return Request(
        request.method, request.path, request.url, request.query, request.headers, request.body, request.store, args
    )


def _plain_fault(fault: Fault) -> Reply:
    return json_reply({"error": f"practice fault {fault.kind}"}, int(fault.kind))
