"""A workshop for systems that tests make, in a folder that Python can import from."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.sdk.shop import shop
from tests.sdk.support import Workshop

from topstitch.sdk.connection import Connection
from topstitch.sdk.file import system_from_data
from topstitch.sdk.practice import Practice, PracticeServer


@dataclass
class Far:
    """A running shop, and connections of systems made from data to it."""

    practice: Practice
    server: PracticeServer

    @property
    def store(self):
        return self.server.stores["shop"]

    @property
    def asked(self):
        return self.practice.asked

    def connect(self, entities, **changes):
        settings = changes.pop("given", self.practice.settings)
        data = {
            "slug": "my-shop",
            "name": "My shop",
            "settings": {"url": {"kind": "url", "required": True}, "token": {"secret": True}},
            "base": "{url}",
            "auth": {"bearer": "token"},
            "test": "/me",
            "entities": entities,
            **changes,
        }
        entry = system_from_data(data)
        return Connection(
            entry=entry, settings=settings, environment="practice", origin=f"{self.server.url}/{self.practice.slug}"
        )


@pytest.fixture
def workshop(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    return Workshop(tmp_path)


@pytest.fixture
def far():
    """The shop and its server."""
    practice = shop()
    with PracticeServer([practice]) as server:
        yield Far(practice, server)
