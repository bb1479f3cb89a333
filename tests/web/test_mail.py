"""Sending messages: by a mail server, or into a folder."""

from __future__ import annotations

import email
import logging
import os
import socketserver
import stat
import threading

import pytest
from django.core.mail import EmailMultiAlternatives

from topstitch.errors import ConfigError
from topstitch.web import mail


@pytest.fixture
def message():
    return EmailMultiAlternatives("Hello", "Body\n", "from@example.com", ["to@example.com"])


@pytest.fixture
def real(settings, tmp_path):
    settings.EMAIL_BACKEND = "topstitch.web.mail.Mail"
    settings.MAIL_FOLDER = tmp_path / "mail"
    return settings


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail.example", 587, True, False),
        ("smtps://mail.example", 465, False, True),
        ("smtp+plain://mail.example", 25, False, False),
        ("smtp://mail.example:2525", 2525, True, False),
    ],
)
def test_the_address_says_how(url, port, tls, ssl):
    options = mail.smtp_options(url)
    assert (options["host"], options["port"], options["use_tls"], options["use_ssl"]) == (
        "mail.example",
        port,
        tls,
        ssl,
    )


def test_names_and_passwords_may_hold_anything():
    options = mail.smtp_options("smtp://me%40example.com:p%3Aa%2Fss@mail.example")
    assert (options["username"], options["password"]) == ("me@example.com", "p:a/ss")


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp:"])
def test_what_is_no_address_says_how_one_looks(url):
    with pytest.raises(ConfigError, match="TOPSTITCH_EMAIL_URL") as caught:
        mail.smtp_options(url)
    assert "smtp://user:password@" in caught.value.hint


def test_without_a_server_messages_are_kept_for_our_eyes_only(real, message, caplog):
    mail.post(message)
    with caplog.at_level(logging.WARNING, "topstitch.mail"):
        mail.settle()
    (path,) = real.MAIL_FOLDER.iterdir()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(real.MAIL_FOLDER).st_mode) == 0o700
    assert email.message_from_bytes(path.read_bytes())["To"] == "to@example.com"


def test_old_messages_go(real, message, monkeypatch):
    monkeypatch.setattr(mail, "KEPT", 3)
    for _ in range(5):
        mail.post(message)
    mail.settle()
    assert len(list(real.MAIL_FOLDER.iterdir())) == 3


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


class Handler(socketserver.StreamRequestHandler):
    """As much SMTP as it takes to be given a message."""

    def handle(self):
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line.split()[0].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while (part := self.rfile.readline()) != b".\r\n":
                    self.server.got.append(part)
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")


def test_a_mail_server_is_given_the_message(real, message):
    with Server(("127.0.0.1", 0), Handler) as server:
        server.got = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        real.EMAIL_URL = f"smtp+plain://127.0.0.1:{server.server_address[1]}"
        mail.post(message)
        mail.settle()
        server.shutdown()
    assert b"Subject: Hello\r\n" in server.got
    assert not real.MAIL_FOLDER.exists()


def test_a_server_that_is_away_stops_nobody_and_is_in_the_log(real, message, caplog):
    real.EMAIL_URL = "smtp+plain://127.0.0.1:9"
    mail.post(message)
    mail.settle()
    assert "a message to to@example.com could not be sent" in caplog.text


def test_html_is_made_of_the_text_and_nothing_gets_through_it():
    html = mail.as_html('A <script>alert("x")</script> & more\n\nhttps://topstitch.example/a?b=1&c=2')
    assert "<script>" not in html
    assert '<a href="https://topstitch.example/a?b=1&amp;c=2">' in html


def test_a_subject_is_one_line(tmp_path):
    message = mail.compose(
        "mail/security", "to@example.com", {"done": "did\nBcc: all@example.com", "person": "x", "base_url": "y"}
    )
    assert "\n" not in message.subject
    assert "Bcc" not in message.message()
