"""Who works: a worker is seen only once it is locked, and cannot come back when it was taken for dead."""

from __future__ import annotations

import pytest
from psycopg import OperationalError
from tests.runtime.world import until

from topstitch.runtime import workers
from topstitch.store.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker():
    made = []

    def make():
        made.append(workers.Me())
        return made[-1]

    yield make
    for me in made:
        me.leave()


def lose_connection(me):
    before = workers.alive_count()
    me._lock.close()
    until(lambda: workers.alive_count() < before, what="the server to notice")


def test_a_worker_lives_as_long_as_its_connection(worker):
    first, second = worker(), worker()
    assert workers.alive_count() == 2
    workers.bury_dead(first)
    assert workers.names() == {first.name, second.name}
    lose_connection(second)
    assert workers.alive_count() == 1
    workers.bury_dead(first)
    assert workers.names() == {first.name}


def test_its_row_is_not_seen_before_it_is_locked(worker, monkeypatch):
    other = worker()

    real, looking = workers._taken, []

    def look(connection, pk):
        looking.append(pk)
        # Another connection than ours, as another worker has: it must not see the row yet.
        with workers.connect("another") as another:
            seen = {row[0] for row in another.execute("SELECT name FROM store_worker").fetchall()}
        assert seen == {other.name}
        return real(connection, pk)

    monkeypatch.setattr(workers, "_taken", look)
    young = worker()
    monkeypatch.setattr(workers, "_taken", real)
    assert looking == [young.row.pk]
    workers.bury_dead(other)
    assert young.name in workers.names()


def test_a_worker_that_lost_the_database_for_a_moment_comes_back(worker):
    me, other = worker(), worker()
    lose_connection(me)
    with pytest.raises(OperationalError):
        me.ask("SELECT 1")
    assert me.revive()
    assert me.ask("SELECT 1") == (1,)
    workers.bury_dead(other)
    assert me.name in workers.names()


def test_a_worker_that_was_buried_does_not_come_back(worker):
    me, other = worker(), worker()
    lose_connection(me)
    workers.bury_dead(other)
    assert not me.revive()
    assert not Worker.objects.filter(name=me.name).exists()


def test_a_worker_does_not_come_back_while_it_is_being_buried(worker):
    me = worker()
    lose_connection(me)
    with workers.connect("reaper") as reaper:
        assert workers._taken(reaper, me.row.pk)
        assert not me.revive()
