"""One call through the door: the request, and what its caller said about it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from topstitch.errors import TopstitchError
from topstitch.net.auth import Auth
from topstitch.net.message import Prepared, Response
from topstitch.net.transport import Sink

#: Looks at an answer and gives the error it hides, or None. Asked after the rules and before the default table.
Judge = Callable[[Response], TopstitchError | None]


@dataclass(slots=True)
class Call:
    """`repeatable`: sending it twice does what sending it once does. `expect`: wanted statuses outside 2xx."""

    request: Prepared
    origin: str
    repeatable: bool
    expect: Collection[int]
    judge: Judge | None
    timeout: float | None
    sink: Sink | None
    auth: Auth | None
    signed: Prepared | None = None
    hops: int = 0
    refreshed: bool = False
