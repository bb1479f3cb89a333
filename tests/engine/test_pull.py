"""Pulling: pages one ahead, the place to go on after trouble, and records of earlier runs first."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
from tests.fakes.rig import MemoryLedger, until

from topstitch.engine.breaker import Breaker
from topstitch.engine.identity import identity
from topstitch.engine.ports import Counts, Due, PageStart, Position
from topstitch.engine.pull import Puller
from topstitch.engine.spec import Source
from topstitch.engine.window import RunOptions, window
from topstitch.errors import AuthError, RemoteRejected, TemporaryError, Unreachable
from topstitch.net.retry import Stopped
from topstitch.sdk.model import BadRecord, Entity, Page, Raw, Read, Stamp

WHOLE = RunOptions()
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


class Shop:
    """A source of numbered pages; `trouble` is raised, once each, before the page of that number."""

    def __init__(self, pages=3, size=2, trouble=()):
        self.total, self.size, self.trouble = pages, size, dict(trouble)
        self.asked, self.ids_asked, self.probes, self.up = [], [], 0, True

    def pages(self, connection, query, cursor):
        for number in range(cursor or 1, self.total + 1):
            self.asked.append(number)
            if error := self.trouble.pop(number, None):
                raise error
            if not self.up:
                raise Unreachable("connection refused")
            first = (number - 1) * self.size
            records = [{"id": first + n + 1, "at": f"2026-03-{number:02d}T00:00:00Z"} for n in range(self.size)]
            raw = Raw(orjson.dumps(records), "", records)
            yield Page(records=records, raw=raw, next=number + 1 if number < self.total else None)

    def by_ids(self, connection, ids, options):
        self.ids_asked.append(list(ids))
        return [{"id": int(id)} for id in ids if id != "404"]

    def probe(self):
        self.probes += 1
        if not self.up:
            raise Unreachable("connection refused")


class Ledger(MemoryLedger):
    def __init__(self, due=(), stored=()):
        super().__init__()
        self.opened: list[PageStart] = []
        self.waiting, self.payloads = list(due), dict(stored)

    def open_page(self, page):
        self.opened.append(page)

    def due(self, limit, max_attempts, *, after=0, settles=False):
        return [item for item in self.waiting if item.place > after][:limit]

    def stored(self, run_id, page):
        return self.payloads.get((run_id, page), [])


class Rig:
    def __init__(self, shop=None, ledger=None, *, position=None, options=WHOLE, by_ids=True, patience=60.0, **source):
        self.shop, self.ledger, self.stop = shop or Shop(), ledger or Ledger(), threading.Event()
        read = Read(pages=self.shop.pages, by_ids=self.shop.by_ids if by_ids else None, since=True, page_size=2)
        spec = Source(connector="a", entity="orders", **source)
        entity = Entity(name="orders", label="Orders", key="id", modified=Stamp(path="at"))
        self.breaker = Breaker(
            "Shop",
            self.shop.probe,
            stop=self.stop,
            tell=self.ledger.paused,
            patience=patience,
            first_wait=0.02,
            longest_wait=0.05,
        )
        self.puller = Puller(
            read,
            None,
            window=window(spec, read, now=NOW, watermark=None, covered=None, options=options, settings={}),
            identity=identity(entity, spec, {}),
            own_keys=not spec.key,
            options=options,
            position=position or Position(),
            max_attempts=4,
            settles=True,
            ledger=self.ledger,
            log=lambda *args, **named: None,
            breaker=self.breaker,
            clock=lambda: NOW,
        )

    def all(self):
        pages = []
        while (page := self.puller.next()) is not None:
            pages.append(page)
            assert len(pages) < 100, "it never ends"
        self.puller.close()
        return pages


def keys(pages):
    return [[record["id"] for record in page.records] for page in pages]


def test_pages_come_in_order_each_stored_before_it_is_given():
    rig = Rig()
    pages = rig.all()
    assert keys(pages) == [[1, 2], [3, 4], [5, 6]]
    assert [(p.number, p.cursor, p.next, p.last) for p in pages] == [
        (1, None, 2, False),
        (2, 2, 3, False),
        (3, 3, None, True),
    ]
    assert rig.ledger.opened == pages
    assert rig.puller.next() is None


def test_the_next_page_is_pulled_and_stored_while_this_one_is_worked_on():
    rig = Rig()
    rig.puller.next()
    until(lambda: len(rig.ledger.opened) == 2)
    assert rig.shop.asked == [1, 2]
    rig.all()


def test_a_run_goes_on_behind_the_last_page_stored():
    rig = Rig(position=Position(next_pull=3, cursor=3))
    (page,) = rig.all()
    assert (page.number, keys([page])) == (3, [[5, 6]])


def test_pages_left_open_come_first_and_nothing_is_pulled_after_the_last():
    left = PageStart(number=3, cursor=3, next=None, records=[{"id": 5}], last=True)
    rig = Rig(position=Position(open=[left], next_pull=4, finished=True))
    assert rig.all() == [left]
    assert rig.shop.asked == []


@pytest.mark.parametrize(
    "trouble",
    [Unreachable("refused"), TemporaryError("500"), AuthError("expired"), TemporaryError("429", retry_after=0.05)],
)
@pytest.mark.parametrize("at", [1, 2, 3])
def test_after_an_outage_pulling_goes_on_where_it_was(trouble, at):
    rig = Rig(Shop(trouble={at: trouble}))
    assert keys(rig.all()) == [[1, 2], [3, 4], [5, 6]]
    assert len(rig.ledger.pauses) == 2


def test_too_long_an_outage_ends_the_run_with_its_reason():
    rig = Rig(patience=0.1)
    rig.shop.up = False
    with pytest.raises(Unreachable, match="connection refused"):
        rig.all()
    rig.puller.close()


def test_a_page_that_always_fails_although_the_test_passes_ends_the_run_too():
    class Broken(Shop):
        def pages(self, connection, query, cursor):
            self.asked.append(1)
            assert len(self.asked) < 200, "it goes round for ever"
            raise TemporaryError("500 for this page")
            yield

    rig = Rig(Broken(), patience=0.3)
    with pytest.raises(TemporaryError, match="500 for this page"):
        rig.all()
    rig.puller.close()


@pytest.mark.parametrize("trouble", [RemoteRejected("bad filter"), AuthError("no", key="forbidden"), KeyError("items")])
def test_what_waiting_does_not_heal_ends_the_run_at_once(trouble):
    rig = Rig(Shop(trouble={2: trouble}))
    assert rig.puller.next() is not None
    with pytest.raises(type(trouble)):
        rig.puller.next()
    rig.puller.close()


def test_a_stop_ends_the_waiting_for_a_source_that_is_away():
    rig = Rig()
    rig.shop.up = False
    threading.Timer(0.2, rig.stop.set).start()
    with pytest.raises(Stopped):
        rig.all()
    rig.puller.close()


def test_closing_does_not_wait_for_an_outage_to_end():
    rig = Rig()
    rig.puller.next()
    rig.shop.up = False
    closing = threading.Thread(target=rig.puller.close, daemon=True)
    closing.start()
    closing.join(10)
    assert not closing.is_alive()


@pytest.mark.parametrize(
    ("limit", "pulled"), [(1, [[1]]), (2, [[1, 2]]), (3, [[1, 2], [3]]), (100, [[1, 2], [3, 4], [5, 6]]), (0, [])]
)
def test_a_limit_counts_records(limit, pulled):
    pages = Rig(options=RunOptions(limit=limit)).all()
    assert keys(pages) == pulled
    assert not pages or pages[-1].last


def test_what_was_read_is_stored_only_where_it_is_all_of_the_page():
    rig = Rig(options=RunOptions(limit=3))

    rig.all()

    assert [page.raw is not None for page in rig.ledger.opened] == [True, False]


def test_what_was_read_is_not_stored_for_records_made_of_it():
    class Changed(Shop):
        def pages(self, connection, query, cursor):
            for page in super().pages(connection, query, cursor):
                yield replace(page, records=[{**record, "more": 1} for record in page.records])

    rig = Rig(Changed())

    rig.all()

    assert [page.raw for page in rig.ledger.opened] == [None] * 3


def test_a_limit_counts_what_was_pulled_before_a_crash():
    left = PageStart(number=2, cursor=2, next=3, records=[{"id": 3}, {"id": 4}])
    position = Position(open=[left], next_pull=3, cursor=3, counts=Counts(pulled=2))
    assert keys(Rig(position=position, options=RunOptions(limit=5)).all()) == [[3, 4], [5]]


def test_ids_are_asked_for_directly_or_looked_for_among_all():
    assert keys(Rig(options=RunOptions(ids=["4", "404"])).all()) == [[4]]
    among = Rig(options=RunOptions(ids=["4", "5"]), by_ids=False).all()
    assert keys(among) == [[], [4], [5]]
    other_key = Rig(options=RunOptions(ids=["4"]), key="id")
    assert keys(other_key.all()) == [[], [4], []]
    assert other_key.shop.ids_asked == []


def test_records_without_an_id_do_not_break_the_search_for_ids():
    class Nameless(Shop):
        def pages(self, connection, query, cursor):
            yield Page(records=[{"name": "x"}, {"id": 4}])

    assert keys(Rig(Nameless(), options=RunOptions(ids=["4"]), by_ids=False).all()) == [[4]]


def test_the_highest_change_is_kept_but_never_one_of_the_future():
    pages = Rig(Shop(pages=1)).all()
    assert pages[0].high == datetime(2026, 3, 1, tzinfo=UTC)

    class Ahead(Shop):
        def pages(self, connection, query, cursor):
            yield Page(records=[{"id": 1, "at": "2999-01-01T00:00:00Z"}, {"id": 2, "at": "nonsense"}, {"id": 3}])

    assert Rig(Ahead()).all()[0].high == NOW


def test_parts_that_are_no_records_go_along():
    class Lines(Shop):
        def pages(self, connection, query, cursor):
            yield Page(
                records=[], bad=[BadRecord("a.csv line 2", "3 cells", "x")], ack="a.csv", state={"done": ["a.csv"]}
            )

    (page,) = Rig(Lines()).all()
    assert page.bad == [{"place": "a.csv line 2", "reason": "3 cells", "raw": "x"}]
    assert (page.ack, page.state) == ("a.csv", {"done": ["a.csv"]})


# -- records of earlier runs ----------------------------------------------------------------------------------------


def due(*keys):
    return [Due(str(key), "earlier", 1, f"#{key}", place) for place, key in enumerate(keys, 1)]


def test_records_of_earlier_runs_come_first_pulled_anew():
    rig = Rig(ledger=Ledger(due(41, 42, 43)))
    pages = rig.all()
    assert [(page.number, keys([page])[0]) for page in pages] == [
        (-1, [41, 42]),
        (-2, [43]),
        (1, [1, 2]),
        (2, [3, 4]),
        (3, [5, 6]),
    ]
    assert rig.shop.ids_asked == [["41", "42"], ["43"]]


def test_they_come_once_whatever_becomes_of_them():
    ledger = Ledger(due(41, 42, 43))
    assert [page.number for page in Rig(Shop(pages=0), ledger).all()] == [-1, -2]
    assert len(ledger.waiting) == 3


def test_what_the_source_no_longer_has_is_taken_as_it_was_stored_else_it_is_bad():
    stored = {("earlier", 1): [{"id": 404, "stored": True}, {"id": 7}, {"no": "id"}]}
    (page, *_) = Rig(ledger=Ledger(due(404), stored)).all()
    assert page.records == [{"id": 404, "stored": True}]
    (page, *_) = Rig(ledger=Ledger(due(404))).all()
    assert (page.records, page.bad[0]["place"], page.bad[0]["reference"]) == ([], "404", "#404")


def test_a_source_that_cannot_be_asked_by_id_gives_the_stored_copies():
    stored = {("earlier", 1): [{"id": 41}, {"id": 42}]}
    (page, *_) = Rig(ledger=Ledger(due(41, 42), stored), by_ids=False).all()
    assert keys([page]) == [[41, 42]]


def test_a_record_that_comes_back_without_an_id_does_no_harm():
    class Nameless(Shop):
        def by_ids(self, connection, ids, options):
            return [{"name": "x"}]

    (page, *_) = Rig(Nameless(), Ledger(due(41), {("earlier", 1): [{"id": 41}]})).all()
    assert keys([page]) == [[41]]


@pytest.mark.parametrize("options", [RunOptions(ids=["1"]), RunOptions(limit=2), RunOptions(since=NOW)])
def test_a_run_with_options_tries_nothing_else_again(options):
    assert all(page.number > 0 for page in Rig(ledger=Ledger(due(41)), options=options).all())


def test_numbers_go_on_below_those_of_before_the_crash():
    pages = Rig(Shop(pages=0), Ledger(due(41)), position=Position(next_retry=-3)).all()
    assert [page.number for page in pages] == [-3]
