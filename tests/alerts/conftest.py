"""A company that is told things by a mail server of its own."""

from __future__ import annotations

import pytest
from tests.alerts.mail_server import MailServer
from tests.alerts.world import World


@pytest.fixture
def server():
    with MailServer() as started:
        yield started


@pytest.fixture
def use_mail(server, settings):
    """Mails go to that server."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.DEFAULT_FROM_EMAIL = "Topstitch <alerts@topstitch.example>"
    settings.BASE_URL = "https://sync.example.com"


@pytest.fixture
def world(db, use_mail, server):
    return World(server)


@pytest.fixture
def lasting_world(transactional_db, use_mail, server):
    """One that other processes see."""
    return World(server)
