"""The feed: what is tried again goes first, and who prepares more makes way while there is plenty."""

from __future__ import annotations

import threading

import pytest

from topstitch.engine import feed as module
from topstitch.engine.feed import Feed


def filled(chunks, threads=1):
    feed = Feed(threads)
    for chunk in chunks:
        feed.put([chunk])
    return feed


def test_chunks_come_in_their_order_but_those_to_be_tried_again_first():
    feed = filled("abc")
    assert feed.next() == ["a"]
    feed.put_back(["a"])
    assert [feed.next() for _ in range(3)] == [["a"], ["b"], ["c"]]


@pytest.fixture
def long_moment(monkeypatch):
    """Only what ends it sooner ends it within a test."""
    monkeypatch.setattr(module, "MOMENT", 60.0)


@pytest.fixture
def making_way(long_moment):
    """Let a thread make way; gives what is set when it goes on."""

    def begin(feed):
        goes_on = threading.Event()
        threading.Thread(target=lambda: (feed.make_way(), goes_on.set()), daemon=True).start()
        return goes_on

    return begin


@pytest.mark.parametrize("threads", [1, 4])
def test_it_makes_way_until_there_is_plenty_no_more(making_way, threads):
    feed = filled(range(2 * threads + 3), threads)
    goes_on = making_way(feed)
    for _ in range(2):
        feed.next()
    assert not goes_on.is_set()
    feed.next()
    assert goes_on.wait(10)


def test_it_makes_no_way_where_little_waits(making_way):
    assert making_way(filled("ab")).wait(10)


def test_it_makes_way_for_a_moment_only(monkeypatch):
    monkeypatch.setattr(module, "MOMENT", 0.01)
    filled("abcdef").make_way()
