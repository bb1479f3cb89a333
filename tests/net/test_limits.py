"""Budgets: exact, in turn, shared by threads."""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import pytest

from topstitch.errors import RateLimited
from topstitch.net.cost import CostBudget
from topstitch.net.limits import Limits, LocalBudget, Window
from topstitch.net.retry import Stopped


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def most_in_any_window(starts, per):
    window, most = deque(), 0
    for start in sorted(starts):
        window.append(start)
        while start - window[0] >= per:
            window.popleft()
        most = max(most, len(window))
    return most


def test_a_window_lets_the_next_through_only_when_the_oldest_has_left():
    window = Window(3, 10.0)
    for at in (0.0, 4.0, 9.0):
        assert window.delay(at) <= 0
        window.take(at)

    assert window.delay(9.5) == 0.5
    assert window.delay(10.0) == 0.0
    window.take(10.0)
    assert window.delay(10.0) == 4.0


def test_a_greedy_caller_never_exceeds_a_window():
    window, now, starts = Window(5, 1.0), 0.0, []
    for step in range(200):
        now += max(0.0, window.delay(now)) + (0.07 if step % 7 else 0.0)
        window.take(now)
        starts.append(now)

    assert most_in_any_window(starts, 1.0 - 1e-9) == 5


def test_several_limits_hold_together():
    clock = Clock()
    budget = LocalBudget(Limits(2, per=1), Limits(3, per=60), slack=0, clock=clock)
    budget.acquire()
    budget.acquire()
    clock.now += 1
    budget.acquire()

    stop = threading.Event()
    stop.set()
    clock.now += 1
    with pytest.raises(Stopped):
        budget.acquire(stop=stop)


def test_threads_never_start_more_than_allowed_in_any_window():
    budget, starts = LocalBudget(Limits(10, per=0.2)), []

    def work(_):
        budget.acquire()
        starts.append(time.monotonic())
        budget.release()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(45)))

    assert most_in_any_window(starts, 0.2) == 10
    assert max(starts) - min(starts) < 2


def test_threads_never_run_more_than_allowed_at_once():
    budget, lock = LocalBudget(Limits(concurrency=3)), threading.Lock()
    active = most = 0

    def work(_):
        nonlocal active, most
        budget.acquire()
        with lock:
            active += 1
            most = max(most, active)
        time.sleep(0.002)
        with lock:
            active -= 1
        budget.release()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(100)))

    assert most == 3


def test_the_server_never_sees_more_at_once_than_allowed(make_client, server, reply):
    server.answers(reply(delay=0.005))
    client = make_client(budget=LocalBudget(Limits(concurrency=4)))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: client.get("/x"), range(60)))

    assert server.most_active == 4


def test_who_came_first_goes_first():
    budget, order = LocalBudget(Limits(concurrency=1)), []
    budget.acquire()
    threads = []
    for number in range(8):
        thread = threading.Thread(target=lambda n=number: (budget.acquire(), order.append(n), budget.release()))
        thread.start()
        threads.append(thread)
        while len(budget._queue) <= number:
            time.sleep(0.0005)

    budget.release()
    for thread in threads:
        thread.join()

    assert order == list(range(8))


def test_who_came_first_goes_first_through_a_window_too():
    budget, order = LocalBudget(Limits(1, per=0.03), slack=0), []
    budget.acquire()
    threads = []
    for number in range(6):
        thread = threading.Thread(target=lambda n=number: (budget.acquire(), order.append(n), budget.release()))
        thread.start()
        threads.append(thread)
        while len(budget._queue) + len(order) <= number:
            time.sleep(0.0005)

    for turn in list(budget._queue):
        turn.set()  # everybody wakes at once, and still only the first may go
    for thread in threads:
        thread.join()

    assert order == list(range(6))


def test_a_penalty_holds_everybody_back_for_its_time():
    budget = LocalBudget()
    budget.penalise(0.15)
    began = time.monotonic()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: budget.acquire(), range(4)))

    assert 0.15 <= time.monotonic() - began < 1


def test_a_shorter_penalty_does_not_end_a_longer_one():
    clock = Clock()
    budget = LocalBudget(clock=clock)
    budget.penalise(50)
    budget.penalise(1)

    with pytest.raises(RateLimited) as caught:
        budget.acquire(patience=10)

    assert caught.value.retry_after == 50


def test_a_penalty_above_their_patience_reaches_those_who_wait_already():
    budget = LocalBudget(Limits(concurrency=1))
    budget.acquire()
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(budget.acquire, patience=5) for _ in range(2)]
        while len(budget._queue) < 2:
            time.sleep(0.001)
        budget.penalise(100)

        for each in waiting:
            assert isinstance(each.exception(timeout=2), RateLimited)

    assert not budget._queue


def test_a_stopped_waiter_leaves_its_place_to_the_next():
    budget, stop = LocalBudget(Limits(concurrency=1)), threading.Event()
    budget.acquire()
    with ThreadPoolExecutor(2) as pool:
        stopped = pool.submit(budget.acquire, stop=stop)
        while not budget._queue:
            time.sleep(0.001)
        patient = pool.submit(budget.acquire)
        stop.set()
        assert isinstance(stopped.exception(timeout=2), Stopped)
        budget.release()

        assert patient.result(timeout=2) is None


def test_a_cost_budget_waits_until_the_points_have_come_back():
    clock = Clock()
    budget = CostBudget(1000, 100, clock=clock)

    budget.spend(900)
    assert budget.wait_for(200) == 1.0
    clock.now += 1
    assert budget.wait_for(200) == 0.0


def test_a_cost_budget_believes_the_answer_but_holds_back_what_is_under_way():
    clock = Clock()
    budget = CostBudget(1000, 100, clock=clock)
    budget.spend(300)
    budget.spend(300)

    budget.settle(300, available=1500, maximum=2000, restore_rate=50)

    assert budget.wait_for(1200) == 0.0
    assert budget.wait_for(1250) == 1.0


def test_a_price_above_the_bucket_waits_for_a_full_bucket():
    clock = Clock()
    budget = CostBudget(100, 10, clock=clock)
    budget.spend(50)

    assert budget.wait_for(500) == 5.0
