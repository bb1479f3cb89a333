"""A connection: what a system's code is given at run time, one per connector and run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from topstitch.errors import ConfigError, TopstitchError
from topstitch.net.guard import Guard
from topstitch.net.http import Exchange, HttpClient, Retries, Timeouts
from topstitch.net.limits import Budget, LocalBudget
from topstitch.net.retry import Deadline
from topstitch.net.tokens import MemoryTokenStore, TokenStore
from topstitch.redact import Redactor
from topstitch.sdk.settings import checked_settings

if TYPE_CHECKING:
    from topstitch.sdk.catalogue import Entry

Log = Callable[[str, str], None]
#: Before a deadline. It is what bounds the whole.
HASTY = Timeouts(connect=8)


def _silent(level: str, message: str) -> None:
    """The log of a connection that nobody listens to."""


@dataclass(kw_only=True)
class Connection:
    """One connector's live link: checked settings, HTTP client, tokens, a cache for this run.

    `settings[...]` holds every declared setting, secrets in clear, defaults filled in.
    """

    entry: Entry
    settings: Mapping[str, Any] = field(repr=False)
    #: live, test or practice
    environment: str = "live"
    #: Replaces scheme and host of the vendor's address (practice servers, proxies, test servers).
    origin: str = ""
    #: host:port of the practice SFTP server, in the practice environment.
    practice_sftp: str = ""
    #: Hosts, addresses and networks that may be asked although they are private.
    private_hosts: Collection[str] = ()
    #: The connector's own zone and date format, for systems that speak local time.
    zone: str = "UTC"
    date_format: str = ""
    tokens: TokenStore = field(default_factory=MemoryTokenStore)
    budget: Budget | None = None
    log: Log = _silent
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    #: Set when the run must end: long waits give up at once. A Deadline: somebody waits, so nothing is tried again.
    stop: threading.Event | None = None
    #: Refuse every write and show it instead (dry run).
    dry: bool = False
    #: Told of every HTTP exchange, from whichever thread made it.
    observer: Callable[[Exchange], None] | None = None
    #: Free for the system's code: resolved ids, open sessions. Lives as long as the connection, shared by its threads.
    cache: dict[str, Any] = field(default_factory=dict, repr=False)
    #: Undo on close: handles that the system opened.
    closers: list[Callable[[], None]] = field(default_factory=list)
    _making: dict[str, threading.RLock] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.settings = checked_settings(self.entry.system.settings, self.settings, place=self.entry.name)

    def __getitem__(self, name: str) -> Any:
        return self.settings[name]

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """The secret values, for redaction."""
        return tuple(
            str(self.settings[s.name]) for s in self.entry.system.settings if s.secret and self.settings[s.name]
        )

    @cached_property
    def redactor(self) -> Redactor:
        """Masks this connector's secrets in whatever is shown or stored."""
        return Redactor(self.secrets)

    def mask(self, error: TopstitchError) -> None:
        """Take secrets out of an error that is to be shown or stored: the words are the system's, which may repeat them."""
        error.message, error.hint = self.redactor.exact(error.message), self.redactor.exact(error.hint)
        error.detail = self.redactor.text(error.detail)

    @cached_property
    def guard(self) -> Guard:
        """Which addresses may be asked; of practice connectors nothing private but their own servers."""
        if self.environment != "practice":
            return Guard(allow=self.private_hosts)
        servers = (urlsplit(self.origin).hostname, self.practice_sftp.rpartition(":")[0].strip("[]"))
        return Guard(allow=[server for server in servers if server])

    @cached_property
    def http(self) -> HttpClient:
        """The client for the system's base address."""
        spec = self.entry.system.http
        if spec is None:
            raise ConfigError(f"{self.entry.name} is not reached over HTTP", key="http")
        hasty = isinstance(self.stop, Deadline)
        client = HttpClient(
            spec.base_url(self.settings, self.origin),
            auth=spec.auth(self) if spec.auth else None,
            guard=self.guard,
            budget=self.budget or LocalBudget(spec.limits_for(self.settings)),
            rules=spec.rules,
            message_paths=spec.message_paths,
            field_paths=spec.field_paths,
            timeouts=HASTY if hasty else spec.timeouts,
            retries=Retries.off() if hasty else spec.retries,
            verify_tls=bool(self.settings[spec.verify_setting]) if spec.verify_setting else True,
            headers=spec.headers,
            redactor=self.redactor,
            stop=self.stop,
            observer=self.observer,
        )
        return client.dry() if self.dry else client

    def remember(self, key: str, make: Callable[[], Any]) -> Any:
        """A value of this run, made once: `conn.remember("location", lambda: first_location(conn))`.

        Threads that need it meanwhile wait for it, so that the vendor is asked once.
        """
        if key not in self.cache:
            with self._making.setdefault(key, threading.RLock()):
                if key not in self.cache:
                    self.cache[key] = make()
        return self.cache[key]

    def close(self) -> None:
        """Close what was opened, newest first."""
        while self.closers:
            self.closers.pop()()
