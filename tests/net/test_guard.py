"""Addresses that may be asked and those that may not, by name, by number and by trick."""

from __future__ import annotations

import socket

import pytest

from topstitch.errors import ConfigError, Unreachable
from topstitch.net.guard import Guard

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fd12::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
]
NEVER = [
    "169.254.169.254",
    "fd00:ec2::254",
    "168.63.129.16",
    "100.100.100.200",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "ff02::1",
    "fe80::1",
    "fec0::1",
    "255.255.255.255",
    "240.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "2002:a9fe:a9fe::",
    "::169.254.169.254",
    "2001:0:a00:1::f5ff:fffe",
]
NETWORKS = ["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1", "fc00::/7"]
PUBLIC = ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]


@pytest.mark.parametrize("address", PRIVATE + NEVER)
def test_private_and_reserved_addresses_are_refused(address):
    assert not Guard().permits(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_permitted(address):
    assert Guard().permits(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_networks_can_be_opened(address):
    assert Guard(allow=NETWORKS).permits(address)


@pytest.mark.parametrize("address", NEVER)
def test_metadata_and_reserved_addresses_stay_closed_even_then(address):
    assert not Guard(allow=NETWORKS).permits(address)


def test_a_metadata_service_is_opened_by_its_own_address_alone():
    assert Guard(allow=["100.100.100.200"]).permits("100.100.100.200")
    assert not Guard(allow=["100.100.100.200/31"]).permits("100.100.100.200")


def test_single_networks_and_hosts_can_be_opened():
    guard = Guard(allow=["10.1.0.0/16", "erp.local"], resolver=lambda host, port: ["192.168.0.9"])

    assert guard.permits("10.1.2.3")
    assert not guard.permits("10.2.2.3")
    assert guard.check("https://ERP.local/x").addresses == ("192.168.0.9",)
    with pytest.raises(ConfigError, match="private or reserved network") as caught:
        guard.check("https://other.local/x")
    assert "can permit its address" in caught.value.hint


@pytest.mark.parametrize("host", ["0x7f.1", "2130706433", "127.1", "[::ffff:127.0.0.1]", "017700000001"])
def test_odd_spellings_of_loopback_are_seen_through(host):
    with pytest.raises(ConfigError, match="private or reserved"):
        Guard().check(f"http://{host}/")


def test_only_the_permitted_addresses_of_a_name_are_used():
    guard = Guard(resolver=lambda host, port: ["10.0.0.1", "93.184.216.34"])

    target = guard.check("https://mixed.example:8443/x")

    assert (target.addresses, target.port, target.host) == (("93.184.216.34",), 8443, "mixed.example")


@pytest.mark.parametrize(
    "url", ["ftp://a.example/", "file:///etc/passwd", "gopher://a.example/", "https://", "javascript:1"]
)
def test_other_schemes_are_refused(url):
    with pytest.raises(ConfigError):
        Guard().check(url)


@pytest.mark.parametrize("url", ["https://user:pass@a.example/", "https://user@a.example/", "https://:pass@a.example/"])
def test_credentials_in_addresses_are_refused(url):
    with pytest.raises(ConfigError, match="user name or password"):
        Guard().check(url)


def test_a_name_without_address_is_unreachable():
    with pytest.raises(Unreachable):
        Guard(resolver=lambda host, port: []).check("https://nobody.example/")


def test_a_second_dns_answer_cannot_be_swapped_in(make_client, server):
    asked = []

    def rebinding(host, port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    guard = Guard(allow=["127.0.0.1"], resolver=rebinding)
    client = make_client(base_url=f"http://rebind.example:{server.port}", guard=guard)

    client.get("/a")
    client.get("/b")

    assert asked == ["rebind.example"]
    assert [seen.headers["host"] for seen in server.seen] == [f"rebind.example:{server.port}"] * 2


def test_a_new_dns_answer_is_checked_again_when_the_old_one_has_aged(make_client, server):
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    guard = Guard(allow=["127.0.0.1"], resolver=lambda host, port: next(answers))
    client = make_client(base_url=f"http://rebind.example:{server.port}", guard=guard)
    client._transport._dns_ttl = 0.0
    client.get("/a")

    with pytest.raises(ConfigError, match="private or reserved"):
        client.get("/b")

    assert len(server.seen) == 1


def test_a_hiccup_of_dns_does_not_end_a_working_connection(make_client, server):
    answers = iter([["127.0.0.1"], socket.gaierror(-3, "Temporary failure")])

    def resolve(host, port):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = make_client(
        base_url=f"http://shop.example:{server.port}", guard=Guard(allow=["127.0.0.0/8"], resolver=resolve)
    )
    client._transport._dns_ttl = 0.0
    client.get("/a")

    client.get("/b")

    assert len(server.seen) == 2


def test_the_next_address_of_a_name_is_tried_when_one_takes_no_connection(make_client, server):
    guard = Guard(allow=["127.0.0.0/8"], resolver=lambda host, port: ["127.0.0.2", "127.0.0.1"])
    client = make_client(base_url=f"http://two.example:{server.port}", guard=guard)

    assert client.post("/orders", json={}).status == 200


@pytest.mark.parametrize("host", ["Shop.Example", "shop.example.", "bücher.example"])
def test_every_spelling_of_a_name_stays_pinned(make_client, server, host):
    guard = Guard(allow=["127.0.0.0/8"], resolver=lambda host, port: ["127.0.0.1"])

    assert make_client(base_url=f"http://{host}:{server.port}", guard=guard).get("/x").status == 200


def test_a_name_that_turns_private_is_closed_to_all_threads(make_client, server):
    answers = [["127.0.0.1"]]
    guard = Guard(allow=["127.0.0.1"], resolver=lambda host, port: answers[-1])
    client = make_client(base_url=f"http://rebind.example:{server.port}", guard=guard)
    client.get("/a")
    answers.append(["10.0.0.1"])
    client._transport._pins[client._origin].expires = 0.0

    for _ in range(2):
        with pytest.raises(ConfigError):
            client.get("/b")

    assert len(server.seen) == 1
