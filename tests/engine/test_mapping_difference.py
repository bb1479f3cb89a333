"""Mappings compared row by row, what may not be dropped, and generating anew."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.engine.mapping.difference import refuse_dropping, row_changes
from topstitch.engine.proposals.generate import regenerated
from topstitch.engine.spec import MappingRow
from topstitch.errors import ConfigError


def row(to, source="x", **more):
    return MappingRow(to=to, sources=[source], **more)


def rows(names):
    """`a b2 c`: rows to a, b and c, that of b from 2."""
    return [row(name[0], name[1:] or "x") for name in names.split()]


def told(before, after):
    return [(c.kind, c.to, c.number, c.before_number) for c in row_changes(rows(before), rows(after))]


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("a b c", "a b c", []),
        ("a b", "a b c", [("added", "c", 3, 0)]),
        ("a b c", "a c", [("removed", "b", 0, 2)]),
        ("a b", "a b2", [("changed", "b", 2, 2)]),
        ("a b c", "c a b", [("moved", "c", 1, 3)]),
        ("a b", "b a2", [("changed", "a", 2, 1)]),
        ("a1 a2", "a2", [("removed", "a", 0, 1)]),
        ("a1 a2", "a2 a3", [("changed", "a", 2, 1)]),
        ("", "a", [("added", "a", 1, 0)]),
        ("a", "", [("removed", "a", 0, 1)]),
    ],
)
def test_rows_are_compared_by_their_destination_field(before, after, changes):
    assert told(before, after) == changes


def test_a_changed_row_says_which_parts_are_different():
    (change,) = row_changes([row("a", name="A")], [row("a", "y", name="A", enabled=False)])

    assert change.parts == {"from": ([{"path": "x"}], [{"path": "y"}]), "enabled": (None, False)}
    assert change.as_dict()["row"] == 1


_NAMES = st.lists(st.sampled_from(["a", "a2", "b", "b2", "c", "d"]), max_size=8)


@given(_NAMES, _NAMES)
def test_the_changes_make_the_one_of_the_other(before, after):
    old, new = rows(" ".join(before)), rows(" ".join(after))
    changes = row_changes(old, new)
    gone = {c.before_number for c in changes if c.before_number}
    stay = [r for at, r in enumerate(old, 1) if at not in gone]
    put = {c.number: c.after for c in changes if c.number}
    made = [MappingRow.model_validate(put[at]) if at in put else stay.pop(0) for at in range(1, len(new) + 1)]

    assert made == new
    assert not stay
    assert not row_changes(new, new)


@pytest.mark.parametrize("mark", [{"required": True}, {"locked": "destination"}, {"locked": "source"}])
def test_required_and_locked_rows_cannot_be_dropped_or_switched_off(mark):
    before = [row("a", **mark), row("b")]

    for after in ([row("b")], [row("a", enabled=False), row("b")]):
        with pytest.raises(ConfigError, match=r"a \(a\) is (required|locked) and would have no row"):
            refuse_dropping(before, after)
    refuse_dropping(before, [row("a", **mark)])
    refuse_dropping([row("a", enabled=False, **mark)], [])


def test_a_locked_source_stays_and_a_locked_destination_takes_any():
    with pytest.raises(ConfigError, match="another source"):
        refuse_dropping([row("a", locked="source")], [row("a", "y")])
    refuse_dropping([row("a", locked="destination")], [MappingRow(to="a", value=1)])


def test_generating_gives_the_default_or_only_adds_to_what_a_person_has():
    default = rows("a b c d")
    present = [row("z"), row("b", "mine"), row("d")]

    assert regenerated(present, default, keep_changes=False).rows == tuple(default)
    made = regenerated(present, default, keep_changes=True, known={"c"})
    assert [r.to for r in made.rows] == ["a", "z", "b", "d"]
    assert made.rows[2].sources[0].path == "mine"
    assert (made.kept, made.left_out) == (("z", "b"), ("c",))
    assert [r.to for r in regenerated([], default, keep_changes=True).rows] == list("abcd")


def test_rows_that_are_several_to_one_field_are_added_together():
    default = [row("a"), row("b", "1"), row("b", "2"), row("c")]
    made = regenerated([row("a"), row("c")], default, keep_changes=True)

    assert made.rows == tuple(default)
