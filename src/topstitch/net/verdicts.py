"""The default table: what an HTTP status or a failed exchange means, and what to do about it. Data, no logic."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from topstitch.errors import (
    AuthError,
    ConfigError,
    DuplicateRecord,
    LimitExceeded,
    MissingReference,
    RateLimited,
    RemoteRejected,
    TemporaryError,
    TopstitchError,
    Unreachable,
)
from topstitch.net.transport import Fault


class Action(Enum):
    """What the door does next."""

    RETRY = "retry"  # it was not executed: send again whatever it was
    REPEAT = "repeat"  # it may have been executed: send again only what may be repeated, else the answer is lost
    REFRESH = "refresh"  # renew the credentials once and send again
    FAIL = "fail"  # nothing to gain from sending again


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row. The sentence may name `{host}`, `{status}`; what the system itself said is put behind it."""

    action: Action
    error: type[TopstitchError]
    sentence: str
    key: str = ""
    hint: str = ""


_RETRY, _REPEAT, _REFRESH, _FAIL = Action.RETRY, Action.REPEAT, Action.REFRESH, Action.FAIL

FAULTS: dict[Fault, Verdict] = {
    Fault.REFUSED: Verdict(_RETRY, Unreachable, "{host} takes no connection"),
    Fault.NO_ADDRESS: Verdict(_RETRY, Unreachable, "The name {host} has no address", "dns"),
    Fault.CONNECT_TIMEOUT: Verdict(_RETRY, Unreachable, "{host} did not take the connection in time"),
    Fault.TLS: Verdict(
        _RETRY,
        Unreachable,
        "No secure connection to {host} could be made",
        "tls",
        "Check the certificate of the system (expired, self-signed, wrong name) and that the address speaks https.",
    ),
    Fault.TIMEOUT: Verdict(_REPEAT, TemporaryError, "{host} did not answer in time", "timeout"),
    Fault.DROPPED: Verdict(_REPEAT, TemporaryError, "{host} closed the connection before its answer was complete"),
    Fault.GARBLED: Verdict(_REPEAT, TemporaryError, "{host} gave an answer that cannot be read", "garbled"),
}

_MISSING_HINT = "Check that the record it belongs to exists in the destination, and the address of the connector."
_REDIRECT_HINT = "Use the address it points to in the connector (often https in place of http, or a missing www)."

STATUSES: dict[int, Verdict] = {
    400: Verdict(_FAIL, RemoteRejected, "{host} refused the record (HTTP 400)"),
    401: Verdict(_REFRESH, AuthError, "{host} does not accept the credentials (HTTP 401)"),
    403: Verdict(
        _FAIL,
        AuthError,
        "{host} does not permit this (HTTP 403)",
        "forbidden",
        "Give the account or app of the connector the permission that is missing, then test it.",
    ),
    404: Verdict(_FAIL, MissingReference, "{host} has no such record (HTTP 404)", "not_found", _MISSING_HINT),
    407: Verdict(_FAIL, ConfigError, "A proxy in front of {host} asks for credentials (HTTP 407)", "proxy"),
    408: Verdict(_RETRY, TemporaryError, "{host} waited too long for the request (HTTP 408)", "timeout"),
    409: Verdict(_FAIL, DuplicateRecord, "{host} has this record already, or it is in conflict (HTTP 409)"),
    410: Verdict(_FAIL, MissingReference, "{host} has this record no more (HTTP 410)", "gone", _MISSING_HINT),
    413: Verdict(_FAIL, LimitExceeded, "The record is too large for {host} (HTTP 413)", "too_large"),
    414: Verdict(_FAIL, LimitExceeded, "The address is too long for {host} (HTTP 414)", "too_large"),
    422: Verdict(_FAIL, RemoteRejected, "{host} refused the record (HTTP 422)"),
    425: Verdict(_RETRY, TemporaryError, "{host} is not ready for the request (HTTP 425)"),
    429: Verdict(_RETRY, RateLimited, "{host} asks us to slow down (HTTP 429)"),
    431: Verdict(_FAIL, LimitExceeded, "The headers are too long for {host} (HTTP 431)", "too_large"),
    501: Verdict(_FAIL, RemoteRejected, "{host} cannot do this (HTTP 501)", "not_supported"),
    503: Verdict(_RETRY, TemporaryError, "{host} is not available at the moment (HTTP 503)", "unavailable"),
}

#: By the first digit, for what is not in the table.
CLASSES: dict[int, Verdict] = {
    1: Verdict(_REPEAT, TemporaryError, "{host} gave no final answer (HTTP {status})", "garbled"),
    3: Verdict(_FAIL, ConfigError, "{host} points somewhere else (HTTP {status})", "redirected", _REDIRECT_HINT),
    4: Verdict(_FAIL, RemoteRejected, "{host} refused the request (HTTP {status})"),
    5: Verdict(_REPEAT, TemporaryError, "{host} failed (HTTP {status})", "server_error"),
}


def for_status(status: int) -> Verdict:
    """Find the row of a status that is no success."""
    return STATUSES.get(status) or CLASSES.get(status // 100) or CLASSES[5]
