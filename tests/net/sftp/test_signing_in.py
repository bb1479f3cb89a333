"""Passwords and private keys: of every kind, wrong ones, and ones that are none."""

from __future__ import annotations

import threading

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from paramiko.auth_handler import AuthHandler
from paramiko.common import cMSG_USERAUTH_REQUEST
from tests.net.sftp.keys import pem

from topstitch.errors import AuthError, ConfigError
from topstitch.net.sftp_wire import SshTransport
from topstitch.net.sshkeys import private_key, public_line
from topstitch.sdk.practice.files import FileServer


@pytest.fixture
def answers_at_once(monkeypatch):
    """The server's answer to a sign-in is there before the line after the sending runs."""
    answered = threading.Event()
    send = SshTransport._send_message

    def send_and_wait(transport, message):
        asks = message.asbytes()[:1] == cMSG_USERAUTH_REQUEST
        answered.clear()
        send(transport, message)
        assert not asks or answered.wait(5)

    def heard_by(parse):
        def heard(handler, message):
            parse(handler, message)
            answered.set()

        return heard

    monkeypatch.setattr(SshTransport, "_send_message", send_and_wait)
    for name in ("_parse_userauth_success", "_parse_userauth_failure"):
        monkeypatch.setattr(AuthHandler, name, heard_by(getattr(AuthHandler, name)))


def test_an_answer_that_comes_at_once_is_heard(connect, passwords, answers_at_once):
    assert connect(passwords).listing(".") == []

    with pytest.raises(AuthError, match="password"):
        connect(passwords, password="wrong").listing(".")


def test_a_key_signs_in(connect, passwords):
    assert connect(passwords, password="", private_key=passwords.private_key).listing(".") == []


def test_the_password_is_also_given_in_a_dialogue(connect, tmp_path):
    with FileServer(tmp_path, kind="asyncssh", dialogue=True) as server:
        assert connect(server).listing(".") == []


def test_a_wrong_password_is_given_once(connect, passwords):
    files = connect(passwords, password="wrong", tries=3)

    with pytest.raises(AuthError, match="refuses the password of practice"):
        files.listing(".")
    passwords._server.stop()
    with pytest.raises(AuthError):  # without asking: nobody listens any more
        files.listing(".")


def test_a_refused_key_is_shown_so_that_it_can_be_installed(connect, passwords):
    stranger = pem(ed25519.Ed25519PrivateKey.generate())

    with pytest.raises(AuthError) as caught:
        connect(passwords, password="", private_key=stranger).listing(".")

    assert public_line(stranger) in caught.value.hint


@pytest.mark.parametrize(
    "make",
    [
        lambda: pem(ed25519.Ed25519PrivateKey.generate()),
        lambda: pem(ec.generate_private_key(ec.SECP256R1())),
        lambda: pem(rsa.generate_private_key(65537, 2048)),
        lambda: pem(rsa.generate_private_key(65537, 2048), form="TraditionalOpenSSL"),
        lambda: pem(rsa.generate_private_key(65537, 2048), form="PKCS8"),
    ],
    ids=["ed25519", "ecdsa", "rsa openssh", "rsa pem", "rsa pkcs8"],
)
def test_keys_of_every_kind_sign_in(connect, tmp_path, make):
    text = make()
    with FileServer(tmp_path, kind="asyncssh", authorized=public_line(text)) as server:
        assert connect(server, password="", private_key=text.replace("\n", "\r\n")).listing(".") == []


@pytest.mark.parametrize("form", ["OpenSSH", "PKCS8", "TraditionalOpenSSL"])
def test_a_passphrase_opens_a_key_and_a_wrong_one_is_told(form):
    text = pem(rsa.generate_private_key(65537, 2048), form=form, passphrase=b"open sesame")

    assert private_key(text, "open sesame").get_name() == "ssh-rsa"
    with pytest.raises(ConfigError, match="passphrase"):
        private_key(text, "wrong")
    with pytest.raises(ConfigError, match="protected"):
        private_key(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("PuTTY-User-Key-File-3: ssh-ed25519", "PuTTY"),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me", "public half"),
        ("hello", "cannot be read"),
    ],
)
def test_what_is_no_private_key_is_explained(text, says):
    with pytest.raises(ConfigError, match=says):
        private_key(text)
