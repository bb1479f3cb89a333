"""Where an answer points to: followed by hand, since each hop must pass the guard, without our credentials."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urljoin

from topstitch.errors import ConfigError
from topstitch.net.call import Call
from topstitch.net.guard import parse_url
from topstitch.net.message import Prepared, Response

MOST_HOPS = 5
_KEEPS_METHOD = (307, 308)
_REDIRECTS = (301, 302, 303, *_KEEPS_METHOD)
#: All that another origin needs to know of us.
_HARMLESS = ("accept", "accept-language", "content-type", "user-agent")


def points_elsewhere(call: Call, response: Response) -> bool:
    """Say whether this answer is to be followed: reads always, the rest only where the method is kept."""
    if response.status not in _REDIRECTS or response.status in call.expect or not response.headers.get("location"):
        return False
    return call.request.method in ("GET", "HEAD") or response.status in _KEEPS_METHOD


def follow(call: Call, response: Response, *, may_carry_body_to: str) -> Call:
    """Give the call of the next hop.

    Credentials stay behind when the origin changes. ConfigError: too many hops, from https to http, or a body that
    would leave `may_carry_body_to` (the origin of the connector).
    """
    if call.hops >= MOST_HOPS:
        raise ConfigError(f"{_host(call)} redirects more than {MOST_HOPS} times.", key="redirect_loop")
    parsed = parse_url(urljoin(call.request.url, response.headers.get("location")))
    origin = parsed.origin_ascii
    if call.origin.startswith("https:") and parsed.scheme == "http":
        raise ConfigError(f"{_host(call)} redirects from https to plain http, which is refused.", key="redirected")
    request, auth = call.request.copy(), call.auth
    request.url = str(parsed.with_fragment(None))
    if origin != call.origin:
        if request.body and origin != may_carry_body_to:
            raise ConfigError(
                f"{_host(call)} redirects to {parsed.host_str}, another system: nothing was sent there.",
                key="redirected",
                hint="If that is the right address, use it in the connector.",
            )
        request = Prepared(request.method, request.url, _harmless(request.headers), request.body)
        auth = None
    return replace(call, request=request, origin=origin, auth=auth, hops=call.hops + 1)


def _harmless(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name in _HARMLESS}


def _host(call: Call) -> str:
    return call.origin.partition("://")[2]
