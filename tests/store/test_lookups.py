"""Lookup tables in the database: what a change leaves, the versions it makes, and two changes at once."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from topstitch.errors import ConfigError
from topstitch.store.actions.companies import create_company
from topstitch.store.actions.lookups import delete_lookup, edit_lookup, restore_lookup, save_lookup
from topstitch.store.lookups import changes, order, reading
from topstitch.store.lookups.order import GAP, NoRoomError, places
from topstitch.store.lookups.rows import Pair
from topstitch.store.models import AuditEvent, CompanyGroup, LookupPair, LookupTable
from topstitch.store.queries.lookups import differences, hidden, named_table, pairs_of_version, pairs_page
from topstitch.store.queries.uses import Named, Using

pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    return create_company("Acme")


@pytest.fixture
def save(group):
    def made(pairs, how="replace", name="t", **more):
        return save_lookup(group.company, name, [tuple(p) for p in pairs], how=how, **more)

    return made


def now(table, number=None):
    return [
        (left + right, match) if match else left + right for left, right, match, _ in pairs_of_version(table, number)
    ]


# -- order ----------------------------------------------------------------------------------------------------------


def arranged(was, standing):
    """The order of the given pairs (by number) and of the others (by position) after `places`."""
    goes = places(was, standing)
    where = {n: old if new is None else new for n, (old, new) in enumerate(zip(was, goes, strict=True))}
    others = [p for p in standing if p not in was]
    return [what for _, what in sorted([(p, n) for n, p in where.items()] + [(p, f"old{p}") for p in others])]


@given(st.permutations(range(6)), st.sets(st.integers(0, 5)), st.lists(st.booleans(), min_size=6, max_size=6))
def test_given_pairs_stand_in_their_order_and_as_many_as_can_stay(shuffled, left_out, new):
    standing = [n * GAP for n in range(6)]
    given_ones = [n for n in shuffled if n not in left_out]
    was = [standing[n] for n in given_ones]
    for at, add in enumerate(new):
        if add:
            was.insert(min(at, len(was)), None)
    found = arranged(was, standing)
    assert [n for n in found if isinstance(n, int)] == list(range(len(was)))
    assert [n for n in found if isinstance(n, str)] == [f"old{p}" for p in standing if p not in was]


def test_only_what_must_move_moves():
    assert places([30, 10, 20], [10, 20, 30]) == [10 - GAP, None, None]
    assert places([None, None], [7]) == [7 + GAP, 7 + 2 * GAP]
    with pytest.raises(NoRoomError):
        places([1, None, 2], [1, 2])


# -- changes --------------------------------------------------------------------------------------------------------


def test_an_import_adds_and_deletes_nothing_and_another_right_value_is_another_pair(save):
    save(["ax", "by"])
    saved = save(["by", "az"], how="merge")
    assert now(saved.table) == ["ax", "by", "az"]
    assert (saved.counts.added, saved.counts.removed, saved.counts.changed, saved.counts.moved) == (1, 0, 0, 0)
    assert hidden(saved.table) == (1, ["a"])


def test_an_import_brings_known_pairs_into_the_order_of_the_file(save):
    save(["aa", "bb", "cc", "dd"])
    assert now(save(["dd", "xx", "bb"], how="merge").table) == ["aa", "dd", "xx", "bb", "cc"]


def test_a_known_pair_takes_over_match_type_and_field(save):
    save([("a", "x", "exact", "f"), ("a", "x", "contains", "g")])
    saved = save([("a", "x", "contains", "g"), ("a", "x", "ends_with", "h")], how="merge")
    assert now(saved.table) == [("ax", "contains"), ("ax", "ends_with")]
    assert saved.counts.changed == 1
    assert saved.pairs == 2


def test_nothing_to_change_makes_no_version(save):
    assert save(["ax"]).table.version == 1
    for how in ("merge", "replace"):
        assert save(["ax"], how=how).table.version == 1
    assert AuditEvent.objects.filter(kind="lookup").count() == 1


def test_pairs_are_removed_when_asked(save):
    save(["ax", "by", "cz"])
    assert now(save(["by", "nn"], how="remove").table) == ["ax", "cz"]


def test_every_version_can_be_read_and_restored_and_says_what_it_changed(save):
    table = save(["ax", "by"], origin="import of a.csv").table
    save(["ax", "bz", "cc"])
    save([("ax"), ("b", "z", "exact")])
    assert [now(table, n) for n in (1, 2, 3)] == [["ax", "by"], ["ax", "bz", "cc"], ["ax", ("bz", "exact")]]
    second, third = table.versions.get(number=2), table.versions.get(number=3)
    assert [(d.verb, d.before and d.before.right, d.after and d.after.right) for d in differences(second)] == [
        ("changed", "y", "z"),
        ("added", None, "c"),
    ]
    assert [d.verb for d in differences(third)] == ["removed", "changed"]
    restored = restore_lookup(table, 1)
    assert (restored.table.version, now(table)) == (4, ["ax", "by"])
    assert table.versions.get(number=4).origin == "version 1 restored"
    with pytest.raises(ConfigError, match="has no version 9; it has 1 to 4"):
        restore_lookup(table, 9)


def test_a_change_of_one_pair_stores_one_pair(save):
    save([(str(n), "x") for n in range(500)])
    save([(str(n), "x" if n != 250 else "y") for n in range(500)])
    assert LookupPair.objects.count() == 501


def test_old_versions_are_forgotten(save, monkeypatch):
    monkeypatch.setattr(changes, "KEPT", 3)
    for n in range(6):
        table = save([("a", str(n))]).table
    assert list(table.versions.order_by("number").values_list("number", flat=True)) == [4, 5, 6]
    assert [now(table, n) for n in (4, 5, 6)] == [["a3"], ["a4"], ["a5"]]
    assert LookupPair.objects.count() == 3


def test_pairs_find_room_between_two_others_again_and_again(save, monkeypatch):
    save(["aa", "zz"])
    for n in range(40):
        table = save([("a", "a"), (str(n), "n"), ("z", "z")], how="merge").table
    assert now(table) == ["aa", *(f"{n}n" for n in reversed(range(40))), "zz"]
    assert now(table, 3) == ["aa", "1n", "0n", "zz"]


PAIRS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.sampled_from(["", "exact"])), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["replace", "merge", "remove"]), PAIRS), max_size=5))
def test_any_changes_leave_what_they_say_in_every_version(save, steps):
    with transaction.atomic():
        table, wanted, counts = save([], name="p").table, [], {1: []}
        for how, pairs in steps:
            given_ones = list(dict.fromkeys((*p, "") for p in pairs))
            saved = save(given_ones, how=how, name="p")
            after = [tuple(row) for row in pairs_of_version(table)]
            if how == "replace":
                assert after == given_ones
            elif how == "merge":
                assert set(given_ones) <= set(after)
                assert {w[:2] for w in wanted} <= {a[:2] for a in after}
                assert [a for a in after if a in given_ones] == given_ones
            assert saved.pairs == len(after) == len(set(after))
            wanted = counts[saved.table.version] = after
        for number, rows in counts.items():
            assert [tuple(row) for row in pairs_of_version(table, number)] == rows
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (("a\0", "b"), "pair 2: the left value holds a NUL"),
        (("a", "\ud800"), "pair 2: the right value holds half a character"),
    ],
)
def test_what_is_no_text_is_refused_and_nothing_is_changed(save, pair, said):
    with pytest.raises(ConfigError, match=said):
        save(["ax", pair])
    assert not LookupTable.objects.exists()


# -- groups and reading ---------------------------------------------------------------------------------------------


def test_a_group_s_table_hides_the_company_s_of_the_same_name(save, group):
    other = CompanyGroup.objects.create(company=group.company, name="Other", slug="other")
    save([("a", "company")])
    save([("a", "group")], group=group)
    for asked, found in ((group, "group"), (other, "company")):
        tables = reading.tables_of(group.company_id, asked.pk)
        assert tables("t").find("a", reverse=False, match="exact") == found
        assert named_table(asked, "t").group_id == (group.pk if found == "group" else None)
    with pytest.raises(ConfigError, match="no lookup table 'x'; there are t"):
        reading.tables_of(group.company_id, group.pk)("x")


def test_a_run_uses_one_version_from_its_first_use_on_and_after_it_is_resumed(save, group):
    lines = []
    table = save([("a", "1")]).table
    tables = reading.tables_of(group.company_id, group.pk, told=lines.append)
    began = table.versions.get().at
    assert tables("t").find("a", reverse=False, match="exact") == "1"
    save([("a", "2")])
    assert tables("t").find("a", reverse=False, match="exact") == "1"
    assert lines == ["Lookup table 't': version 1, 1 pair."]
    resumed = reading.tables_of(group.company_id, group.pk, at=began)
    assert resumed("t").find("a", reverse=False, match="exact") == "1"
    assert reading.tables_of(group.company_id, group.pk)("t").find("a", reverse=False, match="exact") == "2"


def test_runs_share_a_table_while_its_version_is_the_same(save, group):
    save([("a", "1")])
    one, two = (reading.tables_of(group.company_id)("t") for _ in range(2))
    assert one is two
    save([("a", "2")])
    assert reading.tables_of(group.company_id)("t") is not one


def test_memory_keeps_the_tables_used_last_within_its_bound(monkeypatch):
    monkeypatch.setattr(reading, "MEMORY", 10)
    memory = reading._Memory()
    for n in range(4):
        memory.put((n, 1, None), object(), 4)
        memory.get((0, 1, None))
    assert [memory.get((n, 1, None)) is not None for n in range(4)] == [True, False, False, True]
    memory.put((3, 2, None), object(), 1)
    assert memory.get((3, 1, None)) is None


def test_a_table_that_a_service_uses_is_not_deleted(save, monkeypatch):
    table = save(["ax"]).table
    monkeypatch.setattr("topstitch.store.actions.lookups.users_of", lambda table: [Using(1, "Orders", 1, Named())])
    with pytest.raises(ConfigError, match="is used by Orders"):
        delete_lookup(table)
    monkeypatch.undo()
    delete_lookup(table)
    assert not LookupTable.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_both_count():
    group = create_company("Acme")
    save_lookup(group.company, "t", [("a", "x")])
    errors = []

    def work(letter):
        try:
            save_lookup(group.company, "t", [(letter, str(n)) for n in range(300)], how="merge")
        except BaseException as error:  # noqa: BLE001  # shown below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(letter,)) for letter in "bcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    table = LookupTable.objects.get()
    assert (table.version, table.pairs.count(), table.versions.get(number=4).pairs) == (4, 901, 901)


def test_the_gap_of_the_code_is_the_one_of_the_sql():
    assert order.GAP == 1 << 32


# -- by hand --------------------------------------------------------------------------------------------------------


def rows_of(table):
    return [(p.pk, Pair(p.left, p.right, p.match, p.field)) for p in pairs_page(table).rows]


def test_rows_are_changed_added_removed_and_moved_by_hand_in_one_version(save):
    table = save(["ax", "by", "cz"]).table
    (a, _), (b, by), (c, cz) = rows_of(table)
    saved = edit_lookup(table, [(c, cz), (b, by._replace(right="Y")), (None, Pair("d", "w", "contains"))], [a])
    assert now(saved.table) == ["cz", "bY", ("dw", "contains")]
    assert (saved.table.version, saved.pairs, saved.counts) == (2, 3, changes.Counts(1, 1, 1, 1))
    assert now(table, 1) == ["ax", "by", "cz"]
    assert restore_lookup(table, 1).counts
    assert now(table) == ["ax", "by", "cz"]


def test_saving_rows_as_they_are_makes_no_version(save):
    table = save(["ax", "by"]).table
    assert not edit_lookup(table, rows_of(table)).counts
    assert table.versions.count() == 1


def test_a_new_row_comes_behind_the_one_before_it_and_alone_at_the_end(save):
    table = save(["ax", "by", "cz"]).table
    first = rows_of(table)[0]
    edit_lookup(table, [first, (None, Pair("n", "1"))])
    edit_lookup(table, [(None, Pair("m", "2"))])
    assert now(table) == ["ax", "n1", "by", "cz", "m2"]


@pytest.mark.parametrize(
    ("pair", "said"),
    [(Pair("by"[0], "y"), "row 2: the table has this row already"), (Pair("", ""), "row 2: both values are empty")],
)
def test_a_row_that_cannot_be_changes_nothing_and_is_named(save, pair, said):
    table = save(["ax", "by"]).table
    with pytest.raises(ConfigError, match=said) as caught:
        edit_lookup(table, [rows_of(table)[0], (None, pair)])
    assert caught.value.place == "row 2"
    assert (now(table), table.versions.count()) == (["ax", "by"], 1)


def test_rows_that_somebody_else_changed_meanwhile_are_not_overwritten(save):
    table = save(["ax", "by"]).table
    mine = rows_of(table)
    edit_lookup(table, [(mine[0][0], Pair("a", "other"))])
    for rows, removed in (([(mine[0][0], Pair("a", "mine"))], []), ([], [mine[0][0]])):
        with pytest.raises(ConfigError, match="somebody else"):
            edit_lookup(table, rows, removed)
    assert now(table) == ["aother", "by"]


def test_rows_of_another_table_are_out_of_reach(save):
    table, other = save(["ax"]).table, save(["by"], name="other").table
    with pytest.raises(ConfigError, match="somebody else"):
        edit_lookup(table, [(rows_of(other)[0][0], Pair("b", "stolen"))])
    assert now(other) == ["by"]
