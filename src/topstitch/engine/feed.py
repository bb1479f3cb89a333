"""What waits to be pushed: taken by many threads, filled by one that prepares more."""

from __future__ import annotations

import queue
import threading
from collections import deque
from contextlib import suppress

from topstitch.engine.work import Task

#: How long preparing makes way for pushing at once, in seconds.
MOMENT = 0.005


class Feed:
    """Chunks of tasks, first come first served, but those to be tried again before anything newer.

    More than two chunks for each of `threads` are plenty.
    """

    def __init__(self, threads: int) -> None:
        self._chunks: queue.SimpleQueue[list[Task] | None] = queue.SimpleQueue()
        #: Who puts something here comes by to take it.
        self._again: deque[list[Task]] = deque()
        self._plenty = 2 * threads
        #: While somebody watches, `_few` tells when there is plenty no more.
        self._watched = False
        self._few = threading.Event()

    def put(self, chunk: list[Task] | None) -> None:
        """Queue a chunk, or None for one thread that is to end."""
        self._chunks.put(chunk)

    def put_back(self, chunk: list[Task]) -> None:
        """To be tried again; by a thread that will ask for its next chunk."""
        self._again.append(chunk)

    def next(self) -> list[Task] | None:
        """The next chunk, waited for."""
        if self._again:
            with suppress(IndexError):
                return self._again.popleft()
        chunk = self._chunks.get()
        if self._watched and self._chunks.qsize() <= self._plenty:
            self._watched = False
            self._few.set()
        return chunk

    def make_way(self) -> None:
        """For the thread that prepares, every few records: where there is plenty to push, that goes first for a moment.

        Both need the interpreter, and at the same time they take it from each other at every answer, which costs more
        than the work. Where pushing is slow and preparing too, such moments pass while nothing else is to be done.
        """
        self._few.clear()
        self._watched = True
        if self._chunks.qsize() > self._plenty:
            self._few.wait(MOMENT)
        self._watched = False
