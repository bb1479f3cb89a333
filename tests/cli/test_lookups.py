"""`topstitch lookups`: CSV in and out, versions, and what is refused."""

from __future__ import annotations

import pytest
from tests.runtime.world import service

pytestmark = pytest.mark.xdist_group("commands")


@pytest.fixture
def file(world):
    def write(text, name="pairs.csv"):
        path = world.folder / name
        path.write_text(text, "utf-8")
        return str(path)

    return write


def test_a_table_is_imported_shown_changed_and_restored(world, file):
    made = world.cli("lookups", "import", "sizes", file("left_value,right_value\nS,small\nM,medium\n"))
    assert made.out.strip() == "Version 1: 2 added; 2 pairs."
    again = world.cli("lookups", "import", "sizes", file("left_value,right_value\nL,large\nS,tiny\nS,tiny\n"), "--json")
    assert again.json == {
        "name": "sizes",
        "version": 2,
        "pairs": 4,
        "added": 2,
        "removed": 0,
        "changed": 0,
        "moved": 0,
        "repeated": 1,
        "hidden": 1,
    }
    assert [row["right"] for row in world.cli("lookups", "show", "sizes", "--json").json["rows"]] == [
        "small",
        "medium",
        "large",
        "tiny",
    ]
    replaced = world.cli("lookups", "import", "sizes", file("left_value,right_value\nS,tiny\n"), "--replace")
    assert "3 removed; 1 pairs." in replaced.out
    history = world.cli("lookups", "history", "sizes", "--json").json
    assert tuple(history[0][key] for key in ("number", "removed", "origin")) == (3, 3, "import of pairs.csv")
    changed = world.cli("lookups", "history", "sizes", "--version", "2", "--json").json
    assert [(d["change"], d["after"]["right"]) for d in changed] == [("added", "large"), ("added", "tiny")]
    assert world.cli("lookups", "restore", "sizes", "1").code == 0
    assert world.cli("lookups", "export", "sizes").out.split() == ["left_value,right_value", "S,small", "M,medium"]
    assert world.cli("lookups", "export", "sizes", "--version", "3").out.split()[1:] == ["S,tiny"]
    assert world.cli("lookups", "show", "sizes", "--version", "9").code == 1
    assert world.cli("lookups", "delete", "sizes", "--yes").code == 0
    assert "no lookup table 'sizes'" in world.cli("lookups", "show", "sizes").err


def test_a_map_belongs_to_the_group_and_is_exported_as_it_came(world, file):
    rows = "field_name,match_type,match_value,output_value\nmethod,Starts with,DHL,DHL-EXP\n,Exact,x,y\n"
    assert world.cli("lookups", "import", "payment map", file(rows), "--of", "group").code == 0
    listed = {t["name"]: t["of"] for t in world.cli("lookups", "list", "--json").json}
    assert listed["payment map"] == "group"
    target = world.folder / "out.csv"
    assert world.cli("lookups", "export", "payment map", "-o", str(target)).code == 0
    assert target.read_bytes() == (
        b"left_value,right_value,match_type,field_name\r\nDHL,DHL-EXP,starts_with,method\r\nx,y,exact,\r\n"
    )
    assert world.cli("lookups", "import", "payment map", str(target)).out.startswith("Nothing to change")
    assert "the company has no lookup table" in world.cli("lookups", "show", "payment map", "--of", "company").err
    world.cli("lookups", "delete", "payment map", "--yes")


def test_a_file_with_wrong_lines_changes_nothing(world, file):
    refused = world.cli("lookups", "import", "never", file("left_value,right_value\na,b\nc\nd\n"))
    assert refused.code == 1
    assert "line 3: 1 cells" in refused.err
    assert "line 4: 1 cells" in refused.err
    assert "Nothing was changed" in refused.err
    assert "never" not in world.cli("lookups", "list").out


def test_a_run_maps_through_a_table_names_its_version_and_keeps_it_from_being_deleted(world, file):
    world.put(range(1, 4))
    world.lasting_worker()
    world.cli("lookups", "import", "numbers", file("left_value,right_value\n1,one\n2,two\n"))
    world.configure("natural", prefix="looked-")
    mapping = service("natural", prefix="looked-")["mapping"]
    mapping[0]["do"] = ["other.to_text", {"other.map": {"table": "numbers", "no_match": "fail"}}]
    world.apply({"services": {"looked-natural": {**service("natural"), "mapping": mapping}}})
    result = world.cli("run", "looked-natural", "--json").json
    assert (result["ok"], result["failed"]) == (2, 1)
    [failed] = world.cli("report", "--service", "looked-natural", "--status", "failed", "--json").json
    assert "'3' is not in the lookup table 'numbers'" in failed["message"]
    lines = world.rows("SELECT message FROM log_line WHERE message LIKE 'Lookup table %%'")
    assert [line[0] for line in lines] == ["Lookup table 'numbers': version 1, 2 pairs."]
    refused = world.cli("lookups", "delete", "numbers", "--yes")
    assert (refused.code, "used by looked-natural" in refused.err) == (1, True)
    assert world.cli("lookups", "show", "numbers", "--json").json["used_by"] == ["looked-natural"]
