"""Large lookup tables: the index file answers as the table in memory does, and survives damage, rivals and a full disk."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from topstitch.errors import ConfigError, MappingError
from topstitch.functions.lookup import MATCHES, Table
from topstitch.functions.registry import MISSING
from topstitch.store.actions.companies import create_company
from topstitch.store.actions.lookups import save_lookup
from topstitch.store.lookups import index, reading
from topstitch.store.lookups.index import FileTable

AT = datetime(2026, 1, 1, tzinfo=UTC)
EXACT = {"reverse": False, "match": "exact"}
TEXT = st.text("aAbBß .\u2028", max_size=4)
FIELDS = st.sampled_from(["", "f", "g"])
ROWS = st.lists(st.tuples(TEXT, TEXT, st.sampled_from(["", *MATCHES]), FIELDS), max_size=30)


class Rows:
    """A table's rows, and how often they were read."""

    def __init__(self, rows):
        self.rows, self.reads = rows, 0

    def __call__(self):
        self.reads += 1
        return iter(self.rows)


def pairs(count):
    return [(f"k{n}", f"v{n}", "", "") for n in range(count)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    ROWS,
    st.lists(st.text("aAbBß .\0\ud800", max_size=8), max_size=5),
    st.booleans(),
    st.sampled_from([*MATCHES, "row"]),
    FIELDS,
    st.integers(),
)
def test_a_file_answers_as_memory_does(tmp_path, rows, values, reverse, match, field, number):
    asked = {"reverse": reverse, "match": match, "field": field}
    folder = tmp_path / str(number)
    found = FileTable(folder, (1, 1, AT), Rows(rows))
    for path in folder.glob("*") if folder.exists() else ():
        path.unlink()
    for value in values:
        assert found.find(value, **asked) == Table(rows).find(value, **asked)


def test_an_index_is_made_once_and_then_only_opened(tmp_path):
    rows = Rows(pairs(1000))
    for _ in range(3):
        assert FileTable(tmp_path, (1, 1, AT), rows).find("k7", **EXACT) == "v7"
    assert rows.reads == 1
    assert FileTable(tmp_path, (1, 1, AT), rows).find("v7", reverse=True, match="exact") == "k7"
    assert rows.reads == 2


def test_of_the_same_text_the_first_row_counts(tmp_path):
    rows = [("a", "1", "", ""), ("b", "2", "", ""), ("a", "3", "", ""), ("b", "0", "", "")]
    table = FileTable(tmp_path, (1, 1, AT), Rows(rows))
    assert [table.find(text, **EXACT) for text in "ab"] == ["1", "2"]
    assert table.find("xbxa", reverse=False, match="contains") == "1"


def test_another_version_is_another_file_and_the_old_one_goes(tmp_path):
    old = FileTable(tmp_path, (1, 1, AT), Rows(pairs(10)))
    other = FileTable(tmp_path, (2, 1, AT), Rows(pairs(10)))
    for table in (old, other):
        table.find("k1", **EXACT)
    new = FileTable(tmp_path, (1, 2, AT), Rows([("k1", "new", "", "")]))
    assert new.find("k1", **EXACT) == "new"
    assert sorted(path.name.rsplit("-", 1)[0] for path in tmp_path.iterdir()) == ["lookup-1-2", "lookup-2-1"]
    assert old.find("k2", **EXACT) == "v2"


@pytest.mark.parametrize("damage", [b"", b"not a database at all", None])
def test_a_damaged_file_is_made_again(tmp_path, damage):
    rows = Rows(pairs(5000))
    FileTable(tmp_path, (1, 1, AT), rows).find("k1", **EXACT)
    [path] = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:20_000] if damage is None else damage)
    assert FileTable(tmp_path, (1, 1, AT), rows).find("k4000", **EXACT) == "v4000"
    assert rows.reads == 2


def test_damage_that_only_shows_when_it_is_read_is_repaired(tmp_path, caplog):
    rows = Rows(pairs(50_000))
    FileTable(tmp_path, (1, 1, AT), rows).find("k1", **EXACT)
    [path] = tmp_path.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:16_384] + bytes(len(whole) - 16_384))
    table = FileTable(tmp_path, (1, 1, AT), rows)
    assert table.find("k40000", **EXACT) == "v40000"
    assert table.find("none", **EXACT) is MISSING
    assert rows.reads == 2


def test_many_threads_make_one_index_and_find_the_same(tmp_path):
    rows = Rows(pairs(20_000))
    tables = [FileTable(tmp_path, (1, 1, AT), rows) for _ in range(2)]
    wrong = []

    def work(table, start):
        for n in range(start, 20_000, 97):
            if table.find(f"k{n}", **EXACT) != f"v{n}":
                wrong.append(n)

    threads = [threading.Thread(target=work, args=(tables[n % 2], n)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, rows.reads) == ([], 1)


def test_a_draft_of_another_process_is_left_alone_and_an_old_one_is_removed(tmp_path):
    import os

    young, old = tmp_path / "lookup-9-1-x.sqlite.a.draft", tmp_path / "lookup-9-1-x.sqlite.b.draft"
    for path in (young, old):
        path.write_text("half")
    os.utime(old, (0, 0))
    FileTable(tmp_path, (1, 1, AT), Rows(pairs(3))).find("k1", **EXACT)
    assert (young.exists(), old.exists()) == (True, False)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="TOPSTITCH_HOME: the index of a lookup table cannot be written"):
        FileTable(tmp_path / "file", (1, 1, AT), Rows(pairs(3))).find("k1", **EXACT)


def test_rows_that_cannot_be_read_leave_nothing_behind(tmp_path):
    def broken():
        yield from pairs(10)
        raise MappingError("lost")

    with pytest.raises(MappingError, match="lost"):
        FileTable(tmp_path, (1, 1, AT), broken).find("k1", **EXACT)
    assert list(tmp_path.iterdir()) == []


def test_a_value_with_too_many_parts_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(index, "MAX_PARTS", 100)
    table = FileTable(tmp_path, (1, 1, AT), Rows(pairs(100)))
    assert table.find("xk5x", reverse=False, match="contains") == "v5"
    with pytest.raises(MappingError, match="200 characters is too long"):
        table.find("x" * 200, reverse=False, match="contains")
    assert table.find("k5" + "x" * 200, reverse=False, match="starts_with") == "v5"


@pytest.mark.django_db
def test_a_large_table_is_found_in_a_file_and_a_small_one_in_memory(tmp_path, settings, monkeypatch):
    settings.LOOKUP_CACHE = tmp_path / "cache"
    monkeypatch.setattr(reading, "SMALL", 10)
    group = create_company("Acme")
    save_lookup(group.company, "large", [pair[:2] for pair in pairs(11)])
    save_lookup(group.company, "small", [pair[:2] for pair in pairs(10)])
    tables = reading.tables_of(group.company_id, group.pk)
    for name in ("large", "small"):
        assert tables(name).find("k3", **EXACT) == "v3"
    assert (type(tables("large")), type(tables("small"))) == (FileTable, Table)
    save_lookup(group.company, "large", [("k3", "changed")], how="merge")
    assert tables("large").find("k4", **EXACT) == "v4"
    assert tables("large").find("v4", reverse=True, match="exact") == "k4"
    assert tables("large").find("changed", reverse=True, match="exact") is MISSING
