"""How a system's HTTP calls are made, as data: address, sign-in, limits, meaning of errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from topstitch.errors import ConfigError
from topstitch.net.http import ErrorRule, Retries, Timeouts
from topstitch.net.limits import Limits

if TYPE_CHECKING:
    from topstitch.net.auth import Auth
    from topstitch.sdk.connection import Connection

Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """The HTTP side of a system."""

    #: "https://{store}/admin/api/{version}" over the settings, or a function of them.
    base: str | Callable[[Settings], str]
    #: Builds the sign-in from a connection (its settings and its token store).
    auth: Callable[[Connection], Auth | None] | None = None
    limits: Limits | Callable[[Settings], Limits] = field(default_factory=Limits)
    rules: Sequence[ErrorRule] = ()
    #: Where the vendor puts its own words in an error body: "message", "errors[0].message"...
    message_paths: Sequence[str] = ("message", "error.message", "errors[0].message", "error")
    #: Where an error body names the field at fault.
    field_paths: Sequence[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    timeouts: Timeouts = field(default_factory=Timeouts)
    retries: Retries = field(default_factory=Retries)
    #: Name of a boolean setting that switches certificate checking off, "" when there is none.
    verify_setting: str = ""

    def base_url(self, settings: Settings, origin: str = "") -> str:
        """The base address; `origin` (scheme, host and any prefix) replaces the live one and the path is kept.

        That is how practice servers, proxies and test servers are put in place of the vendor.
        """
        try:
            url = self.base(settings) if callable(self.base) else self.base.format_map(settings)
        except (KeyError, ValueError) as error:
            raise ConfigError(f"the address cannot be built from the settings ({error})", key="base_url") from error
        url = url.rstrip("/")
        if not origin:
            return url
        parts = urlsplit(url)
        return origin.rstrip("/") + parts.path + (f"?{parts.query}" if parts.query else "")

    def limits_for(self, settings: Settings) -> Limits:
        """The limits, which may depend on the plan chosen in the settings."""
        return self.limits(settings) if callable(self.limits) else self.limits
