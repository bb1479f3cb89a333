"""What a system's code is given at run time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.fakes.far_end import system

from topstitch.sdk.connection import Connection
from topstitch.sdk.file import system_from_data


@pytest.fixture
def connection(far):
    return far.connect({"things": {"read": {"path": "/all", "paging": {"none": {}}}}})


def test_a_remembered_value_is_made_once_though_many_threads_need_it(connection):
    made, together = [], threading.Barrier(8)

    def make():
        made.append(1)
        # Whoever else would make it comes now, while this one is at it.
        threading.Event().wait(0.05)
        return len(made)

    def work(_):
        together.wait(5)
        return connection.remember("location", make)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(work, range(8))) == [1] * 8


def test_a_value_that_could_not_be_made_is_tried_again(connection):
    tries = iter([ZeroDivisionError, None])

    def make():
        if error := next(tries):
            raise error
        return "found"

    with pytest.raises(ZeroDivisionError):
        connection.remember("location", make)

    assert connection.remember("location", make) == "found"


def test_a_value_may_need_another(connection):
    assert connection.remember("outer", lambda: connection.remember("inner", lambda: 1) + 1) == 2


def test_private_addresses_are_asked_as_the_installation_permits_and_in_practice_only_the_practice_servers():
    entry, permitted = system_from_data(system()), ["10.1.0.0/16"]
    live = Connection(entry=entry, settings={}, private_hosts=permitted).guard
    assert live.permits("10.1.0.7")
    assert not live.permits("127.0.0.1")
    servers = {"origin": "http://127.0.0.1:8077/far", "practice_sftp": "[::1]:8078"}
    practice = Connection(entry=entry, settings={}, environment="practice", private_hosts=permitted, **servers).guard
    assert practice.permits("127.0.0.1")
    assert practice.permits("::1")
    assert not practice.permits("10.1.0.7")
