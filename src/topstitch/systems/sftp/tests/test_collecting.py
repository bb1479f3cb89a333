"""One file for each run: parts, crashes at every step, and records that were sent twice."""

from __future__ import annotations

import contextlib
import itertools
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from topstitch.sdk import AnswerLost, ConfigError, DuplicateRecord, Outcome, RemoteRejected
from topstitch.systems.sftp.connect import files

RUN = {"granularity": "each run", "file_name": "stock_{timestamp}.csv", "folder": "in"}


class Clock:
    """Every look at it is a second later."""

    def __init__(self):
        self.now = datetime(2024, 5, 3, 7, 0, 0, tzinfo=UTC)

    def __call__(self):
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def shop(connect, clock):
    return connect(now=clock)


def levels(*skus, **more):
    return [{"sku": sku, "quantity": number, **more} for number, sku in enumerate(skus)]


def made(shop):
    """The files that a receiver sees, and their SKUs."""
    found = {}
    for path in sorted((shop.folder / "in").glob("*")):
        if path.is_file() and not path.name.startswith("."):
            found[path.name] = [line.split(",")[0] for line in path.read_text().splitlines()[1:]]
    return found


def test_a_run_makes_one_file_when_it_ends(shop):
    verdicts = shop.push(levels("A", "B"), "stock", **RUN) + shop.push(levels("C"), "stock", **RUN)
    assert {verdict.outcome for verdict in verdicts} == {Outcome.SENT}
    assert made(shop) == {}

    shop.finish("stock", **RUN)

    assert list(made(shop).values()) == [["A", "B", "C"]]
    assert [path.name for path in (shop.folder / "in").iterdir()] == list(made(shop))
    assert any("3 records in one file" in text for _, text in shop.logged)


def test_ending_twice_makes_one_file(shop):
    shop.push(levels("A"), "stock", **RUN)
    shop.finish("stock", **RUN)
    before = made(shop)
    shop.finish("stock", **RUN)

    assert made(shop) == before


def test_a_lost_answer_is_settled_by_looking_into_the_parts(shop):
    assert shop.find(levels("A"), "stock", **RUN) == [None]
    (sent, _) = shop.push(levels("A", "B"), "stock", **RUN)

    found = shop.find([*levels("A"), {"sku": "B", "quantity": 9}, *levels("C")], "stock", **RUN)

    assert found == [sent.remote_id, None, None]


def test_the_answer_is_the_file_that_will_be(shop):
    named = {**RUN, "file_name": "stock_{original_filename}"}
    (plain,) = shop.push(levels("A"), "stock", **{**RUN, "file_name": "stock.csv"})
    (field,) = shop.push(levels("A", original_filename="one.csv"), "stock", **named)
    (timed,) = shop.push(levels("A"), "stock", **RUN)

    assert [plain.remote_id, field.remote_id] == ["in/stock.csv", "in/stock_one.csv"]
    assert timed.remote_id == "in/stock_{timestamp}.csv"
    assert shop.find(levels("A"), "stock", **RUN) == [timed.remote_id]


def test_parts_that_vanish_are_not_passed_over(shop):
    shop.push(levels("A"), "stock", **RUN)
    shutil.rmtree(shop.folder / "in/topstitch-stock.parts")

    with pytest.raises(RemoteRejected, match="1 part of this run is gone"):
        shop.finish("stock", **RUN)


def test_a_part_that_vanished_does_not_keep_back_the_others(shop):
    shop.push(levels("A"), "stock", **RUN)
    shop.push(levels("B"), "stock", **RUN)
    first, _ = sorted((shop.folder / "in/topstitch-stock.parts/open").iterdir())
    first.unlink()

    with pytest.raises(RemoteRejected, match="gone"):
        shop.finish("stock", **RUN)

    assert list(made(shop).values()) == [["B"]]
    shop.finish("stock", **RUN)


def test_a_run_without_records_makes_no_file(shop):
    (shop.folder / "in").mkdir()
    shop.finish("stock", **RUN)

    assert made(shop) == {}


def test_a_record_sent_twice_stands_in_the_file_once_and_the_later_counts(shop):
    shop.push(levels("A", "B"), "stock", **RUN)
    shop.push([{"sku": "A", "quantity": 7}], "stock", **RUN)
    shop.finish("stock", **RUN)

    (name,) = made(shop)
    assert shop.text(f"in/{name}").splitlines() == ["sku,quantity", "B,1", "A,7"]


def test_columns_that_only_some_records_have_are_in_the_header(shop):
    shop.push([{"sku": "A"}], "stock", **RUN)
    shop.push([{"sku": "B", "note": "x"}], "stock", **RUN)
    shop.finish("stock", **RUN)

    (name,) = made(shop)
    assert shop.text(f"in/{name}").splitlines() == ["sku,note", "A,", "B,x"]


def test_a_record_that_does_not_fit_is_refused_at_once(shop):
    verdicts = shop.push([{"sku": "A", "deep": [1]}, {"sku": "B"}], "stock", **RUN)
    shop.finish("stock", **RUN)

    assert [verdict.outcome for verdict in verdicts] == [Outcome.REJECTED, Outcome.SENT]
    assert list(made(shop).values()) == [["B"]]


def test_parts_of_a_run_that_never_ended_go_into_the_next_file(shop, connect, clock):
    shop.push(levels("A"), "stock", **RUN)
    later = connect(now=clock)
    later.push(levels("B"), "stock", **RUN)
    later.finish("stock", **RUN)

    assert list(made(shop).values()) == [["A", "B"]]


STEPS = ("rename", "put", "remove", "remove_folder")


@pytest.mark.parametrize("existing", ["overwrite", "append", "fail"])
@pytest.mark.parametrize("file_name", ["stock_{timestamp}.csv", "stock.csv"])
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_crash_at_any_step_of_the_end_neither_loses_nor_doubles(shop, existing, file_name, done):
    """The end is broken off before (or after) its first step, then its second, and so on; each time it is repeated."""
    options = {**RUN, "file_name": file_name, "existing": existing}
    old = ["OLD"] if existing == "append" and file_name == "stock.csv" else []
    for step in itertools.count():
        shop.put("in/stock.csv", "sku,quantity\nOLD,1\n" if old else "sku,quantity\nZ,0\nY,1\nX,2\n")
        if existing == "fail":
            (shop.folder / "in/stock.csv").unlink()
        shop.push(levels("A", "B", "C"), "stock", **options)
        with broken(files(shop.conn), at=step, done=done) as broke:
            shop.finish("stock", **options)
        shop.finish("stock", **options)

        if file_name != "stock.csv":
            (shop.folder / "in/stock.csv").unlink(missing_ok=True)
        assert list(made(shop).values()) == [[*old, "A", "B", "C"]], (step, broke)
        assert not (shop.folder / "in/topstitch-stock.parts").exists()
        for path in (shop.folder / "in").glob("*.csv"):
            path.unlink()
        if not broke:
            assert step > 5
            return


class Crash(BaseException):
    """The process dies here."""


@contextlib.contextmanager
def broken(server, *, at, done):
    """The server's step number `at` is the last thing this process does."""
    count, broke = [0], []

    def wrap(name):
        original = getattr(server, name)

        def step(*args, **options):
            count[0] += 1
            if count[0] - 1 != at:
                return original(*args, **options)
            broke.append(name)
            if done:
                original(*args, **options)
            raise Crash

        setattr(server, name, step)

    for name in STEPS:
        wrap(name)
    with contextlib.suppress(Crash):
        yield broke
    for name in STEPS:
        delattr(server, name)


def test_a_lost_answer_at_the_end_is_settled_by_looking(shop, monkeypatch):
    shop.push(levels("A"), "stock", **RUN)
    server = files(shop.conn)
    original, puts = server.put, []

    def put(path, data, **options):
        original(path, data, **options)
        if path.endswith(".csv"):
            puts.append(path)
            raise AnswerLost("gone")

    monkeypatch.setattr(server, "put", put)
    shop.finish("stock", **RUN)

    assert list(made(shop).values()) == [["A"]]
    assert len(puts) == 1


def test_a_protected_file_keeps_the_records_for_the_next_run(shop):
    options = {**RUN, "file_name": "stock.csv", "existing": "fail"}
    theirs = shop.put("in/stock.csv", "sku\nX\n")
    shop.push(levels("A"), "stock", **options)
    with pytest.raises(DuplicateRecord, match="kept"):
        shop.finish("stock", **options)
    theirs.unlink()
    shop.finish("stock", **options)

    assert made(shop) == {"stock.csv": ["A"]}


def test_a_name_with_fields_makes_a_file_for_each_value(shop):
    options = {**RUN, "file_name": "{original_filename}"}
    shop.push(levels("A", original_filename="one.csv") + levels("B", original_filename="two.csv"), "stock", **options)
    shop.push(levels("C", original_filename="one.csv"), "stock", **options)
    shop.finish("stock", **options)

    assert made(shop) == {"one.csv": ["A", "C"], "two.csv": ["B"]}


def test_a_name_for_each_record_is_refused_in_bulk(shop):
    options = {**RUN, "file_name": "{sku}.csv"}
    shop.push(levels(*(f"S{n}" for n in range(101))), "stock", **options)

    with pytest.raises(ConfigError, match="more than 100 files"):
        shop.finish("stock", **options)


def test_orders_keep_their_lines(shop):
    options = {"granularity": "each run", "file_name": "all.csv"}
    order = {"order_number": "SO-1", "lines": [{"sku": "A", "quantity": "1"}, {"sku": "B", "quantity": "2"}]}
    shop.push([order, {**order, "order_number": "SO-2"}], **options)
    shop.finish(**options)

    (first, second) = shop.records(pattern="all.csv")
    assert first["lines"] == order["lines"] and second["order_number"] == "SO-2"


def test_services_with_a_file_for_each_record_have_nothing_to_end(shop):
    shop.push(levels("A"), "stock")
    shop.finish("stock")

    assert shop.files() == ["stock_A.csv"]
