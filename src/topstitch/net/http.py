"""The HTTP client everything outgoing uses: one call in, one answer or one error of ours out.

Thread-safe: one client per connector, shared by all its threads. The path of an ordinary request is kept short.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping, Sequence
from time import monotonic
from typing import NoReturn, TypedDict, Unpack

from topstitch import __version__
from topstitch.errors import ConfigError, RateLimited, TopstitchError
from topstitch.net.auth import Auth
from topstitch.net.call import Call, Judge
from topstitch.net.guard import Guard, parse_url
from topstitch.net.judgement import Failure, Judgement
from topstitch.net.limits import Budget, LocalBudget
from topstitch.net.message import CapturedRequest, Headers, Prepared, Response
from topstitch.net.redirects import follow, points_elsewhere
from topstitch.net.retry import Retries, Stop, pause, spread, within
from topstitch.net.rules import MESSAGE_PATHS, ErrorRule
from topstitch.net.trace import Exchange, Recorder, Recording
from topstitch.net.transport import MEBIBYTE, Sink, Timeouts, Transport, WireError
from topstitch.net.urls import Params, encode, with_params
from topstitch.net.verdicts import Action
from topstitch.redact import Redactor
from topstitch.values.json_text import json_bytes

__all__ = ["CapturedRequest", "ErrorRule", "Exchange", "Headers", "HttpClient", "Response", "Retries", "Timeouts"]

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_IDEMPOTENT = _SAFE | {"PUT", "DELETE"}
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_NOTHING = frozenset[int]()
_TIMEOUTS, _RETRIES = Timeouts(), Retries()
_USER_AGENT = f"Topstitch/{__version__}"


class Options(TypedDict, total=False):
    """The keywords of `HttpClient.request`."""

    params: Params | None
    json: object
    body: bytes | None
    form: Params | None
    headers: Mapping[str, str] | None
    idempotent: bool | None
    safe: bool | None
    expect: Collection[int] | None
    judge: Judge | None
    timeout: float | None
    sink: Sink | None


class HttpClient:
    """A system's API at `base_url`.

    `allow_hosts` (`cdn.example.com`, `*.example.com`) may be asked by absolute address too, without our credentials.
    `stop` interrupts waiting, and a deadline exchanges too. `message_paths` and `field_paths` say where its words are
    (`errors[0].field`). `max_body` bounds an answer in bytes, `ca_pem` trusts a further certificate authority.
    """

    def __init__(
        self,
        base_url: str,
        *,
        auth: Auth | None = None,
        guard: Guard | None = None,
        budget: Budget | None = None,
        rules: Sequence[ErrorRule] = (),
        timeouts: Timeouts = _TIMEOUTS,
        retries: Retries = _RETRIES,
        verify_tls: bool = True,
        ca_pem: bytes | None = None,
        headers: Mapping[str, str] = {},
        allow_hosts: Collection[str] = (),
        message_paths: Sequence[str] = MESSAGE_PATHS,
        field_paths: Sequence[str] = (),
        max_body: int = 64 * MEBIBYTE,
        stop: Stop | None = None,
        redactor: Redactor | None = None,
        observer: Callable[[Exchange], None] | None = None,
    ) -> None:
        parsed = parse_url(base_url)
        if parsed.query_string or parsed.fragment:
            raise ConfigError("The base address must have no ? or # part.", key="bad_url")
        self._base = str(parsed).rstrip("/")
        self._origin = parsed.origin_ascii
        self._auth = auth
        self._budget = budget or LocalBudget()
        self._retries = retries
        self._headers = _manners() | _lower(headers)
        self._allow_hosts: Collection[str] | None = tuple(host.lower() for host in allow_hosts)
        self._max_body = max_body
        self._stop = stop
        self._observer = observer
        self._recorder = Recorder()
        self._dry = False
        self._transport = Transport(guard or Guard(), timeouts, verify_tls=verify_tls, ca_pem=ca_pem)
        self.redactor = redactor or Redactor()
        self._judgement = Judgement(parsed.host_str or "", rules, message_paths, field_paths, self.redactor)
        if auth is not None:
            self.redactor.add(*auth.secrets())
            auth.attach(self)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: object = ...,
        body: bytes | None = None,
        form: Params | None = None,
        headers: Mapping[str, str] | None = None,
        idempotent: bool | None = None,
        safe: bool | None = None,
        expect: Collection[int] | None = None,
        judge: Judge | None = None,
        timeout: float | None = None,
        sink: Sink | None = None,
    ) -> Response:
        """Send one request and give its answer of 2xx (or of a status in `expect`); raise an error of ours otherwise.

        `path` is below the base address, or an absolute address of the same origin or a host of `allow_hosts`.
        `safe`: changes nothing (default for GET and HEAD), so it is sent even by a dry client. `idempotent`: may be
        repeated (default for PUT and DELETE too). `timeout`: seconds for the whole exchange. `judge` finds errors that
        hide in answers. A body of 2xx goes to `sink` where one is given.

        Raises Unreachable, RateLimited, TemporaryError, AnswerLost, AuthError, RemoteRejected and its kinds,
        LimitExceeded, ConfigError, Stopped; CapturedRequest when dry.
        """
        url, origin = self._locate(path)
        if params:
            url = with_params(url, params)
        at_home = origin == self._origin
        sent = self._headers.copy() if at_home else _manners()
        if json is not ...:
            body = json_bytes(json)
            sent.setdefault("content-type", "application/json")
        elif form is not None:
            body = encode(form, form=True).encode()
            sent["content-type"] = "application/x-www-form-urlencoded"
        elif body is None and method in _WITH_BODY:
            body = b""
        if headers:
            sent |= _lower(headers)
        if safe is None:
            safe = method in _SAFE
        if idempotent is None:
            idempotent = method in _IDEMPOTENT
        auth = self._auth if at_home else None
        request = Prepared(method, url, sent, body)
        call = Call(request, origin, safe or idempotent, expect or _NOTHING, judge, timeout, sink, auth)
        if self._dry and not safe:
            self._capture(call)
        return self._run(call)

    def get(self, path: str, **options: Unpack[Options]) -> Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Unpack[Options]) -> Response:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Unpack[Options]) -> Response:
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Unpack[Options]) -> Response:
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Unpack[Options]) -> Response:
        return self.request("DELETE", path, **options)

    def dry(self) -> HttpClient:
        """Give a view that sends only what is safe and raises CapturedRequest for the rest."""
        return self._view(_dry=True)

    def with_stop(self, stop: Stop | None) -> HttpClient:
        """Give a view whose waiting ends as soon as `stop` is set."""
        return self._view(_stop=stop)

    def without_auth(self) -> HttpClient:
        """Give a view for asking for tokens: any host the guard permits, no credentials, a budget of its own."""
        judgement = self._judgement.without_rules()
        return self._view(
            _auth=None,
            _headers=_manners(),
            _budget=LocalBudget(),
            _allow_hosts=None,
            _recorder=Recorder(),
            _judgement=judgement,
            _dry=False,
        )

    def record(self) -> Recording:
        """Collect the exchanges this thread makes inside the `with` block: `with client.record() as exchanges:`."""
        return Recording(self._recorder)

    def _view(self, **changes: object) -> HttpClient:
        view = copy.copy(self)
        view.__dict__.update(changes)
        return view

    def _locate(self, path: str) -> tuple[str, str]:
        if "://" not in path[:8]:
            return (f"{self._base}/{path.lstrip('/')}" if path and path[0] != "?" else self._base + path), self._origin
        parsed = parse_url(path)
        origin, host = parsed.origin_ascii, parsed.host_str or ""
        if origin != self._origin and self._allow_hosts is not None and not _listed(host, self._allow_hosts):
            raise ConfigError(
                f"{host} is not a host of this connector.",
                key="foreign_host",
                hint="Only the system's own address and the hosts its manifest permits can be asked.",
            )
        return str(parsed), origin

    def _run(self, call: Call) -> Response:
        attempt = tries = 0
        while True:
            attempt += 1
            tries += 1
            answer = self._attempt(call, attempt)
            if isinstance(answer, Failure):
                if answer.action is Action.REFRESH and _refreshed(call):
                    tries -= 1
                else:
                    self._wait_or_raise(call, answer, tries)
            elif 300 <= answer.status < 400 and points_elsewhere(call, answer):
                call, tries = follow(call, answer, may_carry_body_to=self._origin), 0
            else:
                return answer

    def _attempt(self, call: Call, attempt: int) -> Response | Failure:
        """Send once. Whatever an answer or its absence means comes back as a value; what never left is raised."""
        sent = call.request
        if call.sink is not None:
            call.sink.seek(0)
            call.sink.truncate()
        self._budget.acquire(stop=self._stop, patience=self._retries.longest_wait)
        began = monotonic()
        response: Response | None = None
        error: TopstitchError | None = None
        try:
            if call.auth is not None:
                sent = call.signed = sent.copy()
                call.auth.apply(sent)
            timeout = within(self._stop, call.timeout)
            response = self._transport.send(sent, call.origin, timeout, self._max_body, call.sink)
        except WireError as fault:
            failure = self._judgement.of_fault(call, fault)
            error = failure.error
            return failure
        except TopstitchError as raised:
            error = raised
            raise
        finally:
            self._budget.release()
            if self._observer is not None or self._recorder.threads:
                self._note(Exchange(sent, response, error, attempt, monotonic() - began, self.redactor))
        response.url, response.repeatable = call.request.url, call.repeatable
        if 300 <= response.status < 400 and points_elsewhere(call, response):
            return response
        return self._judgement.of_answer(call, response) or response

    def _wait_or_raise(self, call: Call, failure: Failure, tries: int) -> None:
        again = failure.action is Action.RETRY or (failure.action is Action.REPEAT and call.repeatable)
        named = failure.wait
        seconds = self._retries.backoff(tries) if named is None else named
        if isinstance(failure.error, RateLimited) or (again and named is not None):
            self._budget.penalise(seconds)
        too_long = named is not None and named > self._retries.longest_wait
        if not again or too_long or tries >= self._retries.attempts:
            raise failure.error
        pause(seconds if named is None else spread(seconds), self._stop)

    def _note(self, exchange: Exchange) -> None:
        self._recorder.note(exchange)
        if self._observer is not None:
            self._observer(exchange)

    def _capture(self, call: Call) -> NoReturn:
        sent = call.request.copy()
        if call.auth is not None:
            call.auth.apply(sent)
        mask = self.redactor
        body = mask.exact((sent.body or b"").decode("utf-8", "replace"))
        raise CapturedRequest(sent.method, mask.url(sent.url), mask.headers(sent.headers), body)


def _refreshed(call: Call) -> bool:
    """Renew the credentials, once for each call."""
    if call.refreshed or call.auth is None or call.signed is None:
        return False
    call.refreshed = True
    return call.auth.refresh(call.signed)


def _manners() -> dict[str, str]:
    return {"accept": "application/json", "user-agent": _USER_AGENT}


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _listed(host: str, hosts: Collection[str]) -> bool:
    return any(host == each or (each.startswith("*.") and host.endswith(each[1:])) for each in hosts)
