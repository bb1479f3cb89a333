"""Testing a connection step by step, as people are told of it: what was reached, shown and allowed, and what stopped it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from topstitch.errors import AuthError, TopstitchError, Unreachable
from topstitch.net.trace import Exchange
from topstitch.sdk.connection import Connection
from topstitch.sdk.model import Check


@dataclass(frozen=True, slots=True)
class Trial:
    """What a test found. Steps that are not `ok` beside no error are what the connector may not do: it works otherwise."""

    checks: Sequence[Check]
    #: What stopped it; the last step says the same.
    error: TopstitchError | None = None
    took_ms: int = 0

    @property
    def passed(self) -> bool:
        """Whether the system was reached and let us in."""
        return self.error is None

    @property
    def lacking(self) -> list[Check]:
        """What it may not do."""
        return [check for check in self.checks if not check.ok] if self.passed else []


def try_out(conn: Connection) -> Trial:
    """Run the system's own test. Raises nothing that a system or a setting is to blame for."""
    answers: list[Exchange] = []
    conn.observer, began = answers.append, time.monotonic()
    error: TopstitchError | None = None
    found: list[Check] = []
    try:
        found = list(conn.entry.system.test(conn))
    except TopstitchError as stopped:
        error = stopped
        conn.mask(error)
        found = [failed_step(error)]
    way = _way(conn, any(answer.status for answer in answers), error)
    # The words are the vendor's, who may repeat what was sent.
    steps = [
        Check(conn.redactor.exact(check.label), check.ok, conn.redactor.exact(check.detail)) for check in (*way, *found)
    ]
    return Trial(steps, error, round((time.monotonic() - began) * 1000))


#: Which step an error stops.
_STOPS = ((Unreachable, "Connection"), (AuthError, "Sign-in"))


def failed_step(error: TopstitchError) -> Check:
    """An error as the last step of a test: the one that it stopped, and why."""
    stopped = (
        "Certificate" if error.key == "tls" else next((said for kind, said in _STOPS if isinstance(error, kind)), "")
    )
    if not stopped:
        return Check(error.message, ok=False, detail=error.hint)
    return Check(stopped, ok=False, detail=f"{error.message.rstrip('.')}. {error.hint}".strip())


def _way(conn: Connection, answered: bool, error: TopstitchError | None) -> Iterator[Check]:
    """The steps before the system's own, for systems that are reached over HTTP."""
    spec = conn.entry.system.http
    broken = error is not None and error.key == "tls"
    if spec is None or not (answered or broken):
        return
    address = urlsplit(spec.base_url(conn.settings, conn.origin))
    yield Check("Address reached", detail=address.netloc)
    verified = not spec.verify_setting or conn.settings[spec.verify_setting]
    if address.scheme == "https" and not broken:
        yield Check("Certificate", detail="valid" if verified else "not checked, as the settings say")
