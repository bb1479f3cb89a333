"""What is said before a server lets us in: encryption, certificates, passwords."""

from __future__ import annotations

import pytest

from topstitch.errors import AuthError, Unreachable


def test_the_password_is_sent_only_after_encryption(odd, connect, certificate):
    server = odd(tls=certificate[0])

    connect(server.port, tls="explicit", fingerprint=certificate[1]).listing(".")

    assert server.seen.index("AUTH TLS") < server.seen.index("PASS practice")


def test_an_unknown_certificate_is_refused_with_its_remedy(odd, connect, certificate):
    server = odd(tls=certificate[0])

    with pytest.raises(AuthError, match="not to be trusted") as caught:
        connect(server.port, tls="explicit").listing(".")

    assert caught.value.key == "certificate" and "fingerprint" in caught.value.hint
    assert not any(line.startswith(("USER", "PASS")) for line in server.seen)


def test_another_certificate_than_the_pinned_is_refused(odd, connect, certificate):
    server = odd(tls=certificate[0])

    with pytest.raises(AuthError) as caught:
        connect(server.port, tls="explicit", fingerprint="SHA256:" + "A" * 43).listing(".")

    assert caught.value.key == "host_key"
    assert not any(line.startswith("PASS") for line in server.seen)


def test_a_server_without_encryption_is_told_apart(odd, connect):
    with pytest.raises(Unreachable, match="does not let us in") as caught:
        connect(odd().port, tls="explicit").listing(".")
    assert "encryption" in caught.value.hint


@pytest.mark.parametrize(
    "reply",
    [
        "421 Sorry, cleartext sessions are not accepted on this server. Please reconnect using TLS.",
        "503 Use AUTH first.",
        "530 Non-anonymous sessions must use encryption.",
        "534 Policy requires SSL.",
        "550 SSL/TLS required on the control channel",
    ],
)
def test_a_server_that_wants_encryption_says_so_in_many_ways(odd, connect, reply):
    server = odd()
    server.replies["USER"] = [reply]
    files = connect(server.port, tries=3)

    with pytest.raises(AuthError, match="over an encrypted connection only") as caught:
        files.listing(".")

    assert "FTPS" in caught.value.hint
    assert files.listing(".") == []


def test_a_wrong_password_is_given_once(odd, connect):
    server = odd()
    files = connect(server.port, password="wrong", tries=3)

    for _ in range(2):
        with pytest.raises(AuthError, match="refuses the user name or password"):
            files.listing(".")

    assert [line for line in server.seen if line.startswith("PASS")] == ["PASS wrong"]


def test_too_many_connections_is_unreachable(odd, connect):
    server = odd()
    server.replies["USER"] = ["421 Too many users"]

    with pytest.raises(Unreachable, match="no connection free: Too many users"):
        connect(server.port).listing(".")
