"""Numbers of sequences: each record its own, for good, whoever else asks at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from topstitch.errors import ConfigError
from topstitch.store.models import Sequence
from topstitch.store.sequences import numbers_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(world):
    service = world.service()
    return lambda name="invoices", start=1, step=1, **more: numbers_of(
        service.group.company_id, service.pk, name, start, step, **more
    )


def test_records_get_the_next_numbers_and_keep_them(ask):
    answer = ask(start=1000, step=5)
    assert answer(["a", "b", "a"]) == [1000, 1005, 1000]
    assert answer(["c", "b"]) == [1010, 1005]
    assert ask(start=1000, step=5)(["c"]) == [1010]


def test_a_later_start_jumps_and_an_earlier_one_never_goes_back(ask):
    assert ask(start=1)(["a"]) == [1]
    assert ask(start=500)(["b"]) == [500]
    assert ask(start=1)(["c"]) == [501]


def test_a_dry_run_shows_the_numbers_and_gives_none(ask):
    assert ask()(["a"]) == [1]
    assert ask(dry=True)(["a", "b", "c"]) == [1, 2, 3]
    assert ask(dry=True)(["z"]) == [2]
    assert ask("new", dry=True)(["z"]) == [1]
    assert not Sequence.objects.filter(name="new").exists()
    assert ask()(["d"]) == [2]


def test_the_end_of_all_numbers_is_told(ask):
    with pytest.raises(ConfigError, match="has come to its end"):
        ask(start=2**63 - 1)(["a", "b"])
    assert ask(start=2**63 - 1)(["a"]) == [2**63 - 1]


def test_two_runs_at_the_same_time_never_give_the_same_number(ask):
    def work(first):
        try:
            return [number for n in range(first, first + 300, 10) for number in ask()([str(n + k) for k in range(10)])]
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        numbers = [number for given in threads.map(work, (0, 1000, 2000)) for number in given]
    assert sorted(numbers) == list(range(1, 901))


def test_a_dry_run_shows_no_number_twice(ask):
    answer = ask(dry=True)
    assert answer(["a", "b"]) == [1, 2]
    assert answer(["c", "a"]) == [3, 1]
