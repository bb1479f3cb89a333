"""The guard against misuse of our position (SSRF): which addresses may be asked at all."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from pyreqwest.http import Url

from topstitch.errors import ConfigError, Unreachable

Resolver = Callable[[str, int], Collection[str]]

#: Cloud metadata and host agents that do not look private; reachable only when named one by one.
_METADATA = frozenset(
    map(ipaddress.ip_address, ("169.254.169.254", "fd00:ec2::254", "168.63.129.16", "100.100.100.200"))
)
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.IPv6Network("::/96")


@dataclass(frozen=True, slots=True)
class Target:
    """A checked destination. `addresses` are the permitted ones, in the order DNS gave them."""

    scheme: str
    host: str
    port: int
    addresses: tuple[str, ...]


def system_resolver(host: str, port: int) -> list[str]:
    """Ask the operating system; every address once, in its order."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class Guard:
    """Decides where requests may go: everywhere on the internet, and nowhere else but to what is named.

    `allow` names hosts, addresses and networks (`erp.local`, `10.1.0.7`, `10.1.0.0/16`) of one's own. A network does not let
    metadata services through that are in it: these are named one by one.
    """

    def __init__(self, *, allow: Collection[str] = (), resolver: Resolver = system_resolver) -> None:
        self._networks: list[IPv4Network | IPv6Network] = []
        self._hosts: set[str] = set()
        self._resolver = resolver
        for entry in allow:
            try:
                self._networks.append(ipaddress.ip_network(entry, strict=False))
            except ValueError:
                self._hosts.add(entry.lower().rstrip("."))

    def check(self, url: str) -> Target:
        """Resolve the host of an absolute URL and refuse what may not be asked.

        Raises ConfigError for a URL or address that is not permitted, Unreachable when the name has no address.
        """
        parsed = parse_url(url)
        scheme, host, port = parsed.scheme, parsed.host_str or "", parsed.port_or_known_default or 0
        bare = host.strip("[]")
        literal = _literal(bare)
        found = [bare] if literal else self._resolve(bare, port)
        named = bare.lower().rstrip(".") in self._hosts
        permitted = tuple(address for address in found if named or self.permits(address))
        if not permitted:
            raise ConfigError(
                f"{host} is an address of a private or reserved network ({', '.join(found)}), which is not permitted.",
                key="address_refused",
                hint="If this system is on your own network, whoever runs this installation can permit its address.",
            )
        return Target(scheme, host, port, permitted)

    def permits(self, address: str) -> bool:
        """Say whether one address may be asked."""
        ip = _literal(address)
        if ip is None:
            return False
        return self._is_named(ip) or all(self._is_named(each) or _is_public(each) for each in _faces(ip))

    def _is_named(self, ip: IPv4Address | IPv6Address) -> bool:
        return any(
            ip.version == network.version and ip in network and (network.num_addresses == 1 or ip not in _METADATA)
            for network in self._networks
        )

    def _resolve(self, host: str, port: int) -> list[str]:
        try:
            found = list(self._resolver(host, port))
        except (OSError, UnicodeError) as error:
            raise _no_address(host, str(error)) from error
        if not found:
            raise _no_address(host, "empty answer")
        return found


def parse_url(url: str) -> Url:
    """Parse with the very parser that connects, so that both see one host. ConfigError when it is not for us."""
    try:
        parsed = Url(url)
    except ValueError as error:
        raise ConfigError(
            f"This is not a web address: {error}.", key="bad_url", detail=url.partition("?")[0]
        ) from error
    if parsed.scheme not in ("http", "https") or not parsed.host_str:
        raise ConfigError("Only http and https addresses can be used.", key="bad_url")
    if parsed.username or parsed.password:
        raise ConfigError(
            "The address contains a user name or password.",
            key="bad_url",
            hint="Put the credentials in their own fields of the connector.",
        )
    return parsed


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    if ip in _METADATA or ip.is_multicast or ip.is_link_local or ip.is_unspecified:
        return False
    if isinstance(ip, IPv6Address) and (ip.is_site_local or ip.teredo):
        return False
    return ip.is_global


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _faces(ip: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """Give the address and every IPv4 address that hides in it: each of them might be where the packets go."""
    if isinstance(ip, IPv4Address):
        yield ip
        return
    hidden = [ip.ipv4_mapped, ip.sixtofour]
    if any(ip in network for network in _NAT64) or (ip in _COMPATIBLE and int(ip) > 1):
        hidden.append(IPv4Address(int(ip) & 0xFFFFFFFF))
    known = [each for each in hidden if each is not None]
    yield from known
    if ip.ipv4_mapped is None and not any(ip in network for network in _NAT64[:1]):
        yield ip


def _no_address(host: str, detail: str) -> Unreachable:
    return Unreachable(
        f"The name {host} has no address.",
        key="dns",
        hint="Check the spelling of the address in the connector; if it is right, work resumes by itself.",
        detail=detail,
    )
