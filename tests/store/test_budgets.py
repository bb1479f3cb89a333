"""A connector's budget shared by processes: never more in a window, never more at once, pauses told to all."""

from __future__ import annotations

import threading
import time

import pytest

from topstitch.net.limits import Limits
from topstitch.net.retry import Stopped
from topstitch.store.actions.companies import create_company
from topstitch.store.budgets import SharedBudget, budget_of
from topstitch.store.database import connect
from topstitch.store.models import Connector

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def connector():
    return Connector.objects.create(group=create_company("Acme"), name="shop", system="woocommerce")


@pytest.fixture
def shared(connector):
    """Makes budgets as different processes have them: each with a connection and a local budget of its own."""
    made = []

    def make(**limits):
        made.append(SharedBudget(connector.pk, Limits(**limits)))
        return made[-1]

    yield make
    for budget in made:
        budget.close()


def test_two_processes_together_keep_to_the_window(shared):
    one, other = shared(requests=4, per=0.6), shared(requests=4, per=0.6)
    times = []
    for n in range(10):
        budget = (one, other)[n % 2]
        budget.acquire()
        times.append(time.monotonic())
        budget.release()

    for first, fifth in zip(times, times[4:], strict=False):
        assert fifth - first >= 0.6


def test_two_processes_together_keep_to_the_places(shared):
    one, other = shared(concurrency=2), shared(concurrency=2)
    one.acquire()
    other.acquire()
    taken = threading.Event()

    def third():
        one.acquire()
        taken.set()
        one.release()

    thread = threading.Thread(target=third)
    thread.start()
    assert not taken.wait(0.3)
    other.release()
    assert taken.wait(5)
    thread.join()
    one.release()


def test_the_places_of_a_process_that_dies_are_free_again(shared):
    dead, alive = shared(concurrency=1), shared(concurrency=1)
    dead.acquire()
    dead._connection.close()  # as a killed process's connection is
    alive.acquire()
    alive.release()


def test_a_pause_told_to_one_process_holds_for_all(shared):
    one, other = shared(requests=100, per=1), shared(requests=100, per=1)
    one.penalise(0.5)
    began = time.monotonic()
    other.acquire()
    other.release()
    assert time.monotonic() - began >= 0.45


def test_a_waiting_request_ends_when_it_is_stopped(shared):
    budget = shared(requests=1, per=30)
    budget.acquire()
    budget.release()
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    with pytest.raises(Stopped):
        shared(requests=1, per=30).acquire(stop=stop)


def test_services_of_one_process_share_one_budget(connector):
    assert budget_of(connector.pk, Limits(requests=3)) is budget_of(connector.pk, Limits(requests=3))


def test_a_connector_that_was_removed_costs_no_connection_a_request(shared, connector):
    budget = shared(requests=100, per=1, concurrency=2)
    Connector.objects.filter(pk=connector.pk).delete()
    for _ in range(5):
        budget.acquire()
        budget.release()
    with connect() as looking:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'topstitch budget'"
        assert looking.execute(asked).fetchone()[0] <= 1
