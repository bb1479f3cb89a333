"""Previews and dry runs with differences on the command line."""

from __future__ import annotations

import json

import pytest
import yaml
from tests.fakes.far_end import order
from tests.runtime.world import ROOT

from topstitch.store.files import yaml_text

pytestmark = pytest.mark.xdist_group("commands")

ROWS = [
    {"to": "number", "from": "name", "do": [{"string.replace": {"find": "#", "replace_with": ""}}], "required": True},
    {"to": "country", "from": "country", "do": [{"other.map": {"table": "countries", "no_match": "fail"}}]},
    {"to": "lines[*].price", "from": "lines[*].price", "do": ["other.to_decimal"], "category": "Lines"},
]


@pytest.fixture
def files(tmp_path):
    """Writes the file with rows and a file with records, and gives their names."""

    def write(records, **parts):
        rows, given = tmp_path / "rows.yaml", tmp_path / "records.json"
        document = {"lookups": {"countries": {"pairs": {"GB": "GBR"}}}, "mapping": ROWS, **parts}
        rows.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
        given.write_text(records if isinstance(records, str) else json.dumps(records), "utf-8")
        return ["mapping", "preview", "--mapping", str(rows), "--input", str(given)]

    return write


def good(number=1, **changes):
    return {**order(number), "country": "GB", **changes}


def test_a_file_of_rows_maps_a_file_with_a_record(world, files):
    result = world.cli(*files(good()))
    assert (result.code, result.err) == (0, "")
    assert result.json == {"number": "1001", "country": "GBR", "lines": [{"price": 2.5}, {"price": 2.5}]}
    assert [each["number"] for each in world.cli(*files([good(1), good(2)])).json] == ["1001", "1002"]


def test_it_works_without_a_database_and_a_home(world, files, monkeypatch):
    nowhere = {"TOPSTITCH_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}
    monkeypatch.setattr(world, "environment", {**world.environment, **nowhere})
    result = world.run(*files(good()))
    assert result.code == 0, result
    assert result.json["country"] == "GBR"


def test_all_that_is_wrong_is_told_with_its_element_and_the_others_are_mapped(world, files):
    bad = good(2, country="XX", lines=[{"price": "1"}, {"price": "dear"}])
    result = world.cli(*files([good(1), bad]))
    assert result.code == 1
    assert [each["number"] for each in result.json] == ["1001"]
    assert "'XX' is not in the lookup table 'countries'" in result.err
    assert "'dear' is not a number (element 2)" in result.err


def test_the_trace_shows_every_step_in_a_hundred_columns(world, files):
    result = world.cli(*files(good(name="#" + "1" * 300)), "--trace")
    assert 'from country: "GB"\n' in result.out
    assert '1 other.map -> "GBR"' in result.out
    assert "element 2" in result.out
    assert "number*" in result.out
    assert max(map(len, result.out.splitlines())) <= 100


def test_all_of_it_as_json(world, files):
    shown = world.cli(*files(good(country="XX")), "--json").json
    (record,) = shown["records"]
    assert record["fate"] == "failed"
    assert record["failures"][0]["row_number"] == 2
    assert [row["state"] for row in record["rows"]] == ["written", "failed", "written"]
    assert record["rows"][2]["passes"][1]["place"] == [2]


RECIPES = sorted((ROOT / "docs" / "guide" / "recipes").glob("*.yaml"))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_of_the_guide_can_be_tried(world, recipe):
    expected = yaml_text.load(recipe.read_text("utf-8"))["expected"]
    assert world.cli("mapping", "preview", "--mapping", str(recipe)).json == expected


def test_csv_with_its_rows_grouped_and_records_that_are_typed(world, tmp_path):
    rows, given = tmp_path / "rows.yaml", tmp_path / "orders.csv"
    rows.write_text("- {to: number, from: order}\n- {to: 'items[*].sku', from: 'lines[*].sku'}\n", "utf-8")
    given.write_text("order;sku\n1;a\n1;b\n", "utf-8")
    grouped = ["--group-by", "order", "--lines", "sku"]
    result = world.cli("mapping", "preview", "--mapping", str(rows), "--input", str(given), *grouped)
    assert result.json == {"number": "1", "items": [{"sku": "a"}, {"sku": "b"}]}


def test_the_sample_of_a_system_goes_through_the_default_mapping(world):
    words = ["--source", "shopify/orders", "--destination", "odoo/orders", "--sample", "--limit", "1"]
    result = world.cli("mapping", "preview", *words, "--json")
    (record,) = result.json["records"]
    assert record["fate"] == "mapped", record["failures"]
    assert record["reference"].startswith("#")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("- {to: a, from: b}\n- {to: c, form: d}\n", "rows.yaml:2: row 2: form: there is no such key here"),
        ("- {to: a, from: b, do: [string.uper]}\n", "there is no function 'string.uper'"),
        ("- {to: a\n", "rows.yaml:2: this is not YAML"),
        ("mappings: []\n", "there is no such key here: mappings"),
        ("just text\n", "neither a list of rows nor a mapping"),
        ("- {to: a, from: b, do: [{other.map: {table: nowhere}}]}\n", "no lookup table 'nowhere'"),
        ("&a [*a]\n", "row 1"),
        ("lookups: {x: 7}\nmapping: []\n", "lookup 'x'"),
        ("\x00", "this is not YAML"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_line(world, tmp_path, rows, message):
    (tmp_path / "rows.yaml").write_text(rows, "utf-8")
    (tmp_path / "record.json").write_text("{}", "utf-8")
    words = ["--mapping", str(tmp_path / "rows.yaml"), "--input", str(tmp_path / "record.json")]
    result = world.cli("mapping", "preview", *words)
    assert result.code == 1, result
    assert message in result.err


def test_broken_json_is_told_with_line_and_column(world, files):
    result = world.cli(*files('{"a": 1,\n"b": }'))
    assert result.code == 1
    assert "records.json: line 2, column" in result.err


def test_records_of_a_service_by_id_with_their_requests(world):
    world.put(range(1, 4))
    world.configure("natural", prefix="shown-")
    result = world.cli("mapping", "preview", "shown-natural", "--id", "2", "--id", "99", "--request")
    assert result.code == 0
    assert "#1002  (id 2)  would be sent" in result.out
    assert f"POST {world.far_url}/far-end/sales" in result.out
    assert "person2@example.com" in result.out
    assert "right" not in result.out
    assert "The source has no record with the id 99." in result.out
    assert world.arrivals("shown-natural") == {}


def test_records_that_a_run_pulled(world):
    world.put(range(1, 4))
    world.lasting_worker()
    world.configure("natural", prefix="pulled-")
    sync = world.cli("run", "pulled-natural", "--json").json["sync_id"]
    shown = world.cli("mapping", "preview", "pulled-natural", "--run", sync, "--key", "2", "--json").json
    assert [(record["key"], record["fate"]) for record in shown["records"]] == [("2", "unchanged")]
    assert world.cli("mapping", "preview", "pulled-natural", "--run", "abc").code == 1


def test_another_mapping_and_another_revision_are_tried_without_saving_them(world, files):
    world.put([1])
    world.configure("natural", prefix="tried-")
    rows = files(good(), mapping=[{"to": "only", "from": "name"}])[3]
    shown = world.cli("mapping", "preview", "tried-natural", "--id", "1", "--mapping", rows, "--json").json
    assert shown["records"][0]["mapped"] == {"only": "#1001"}
    assert world.cli("mapping", "preview", "tried-natural", "--id", "1", "--revision", "1").code == 0
    result = world.cli("mapping", "preview", "tried-natural", "--revision", "7")
    assert "has no revision 7; the last is 1" in result.err


@pytest.mark.parametrize(
    "words",
    [("--id", "1", "--sample"), ("--source", "shopify/orders"), ("--page", "x")],
)
def test_options_that_do_not_go_together_are_refused(world, words):
    world.configure("natural", prefix="mixed-")
    assert world.cli("mapping", "preview", "mixed-natural", *words).code == 2


def test_without_anything_it_says_what_it_needs(world):
    result = world.cli("mapping", "preview")
    assert result.code == 2
    assert "--mapping FILE" in result.err


def test_a_dry_run_with_differences_says_where_nothing_can_be_read(world):
    world.put(range(1, 13))
    world.put([2], total="many")
    world.configure("natural", "lookup", prefix="diff-")
    shown = world.cli("run", "diff-natural", "--dry-run", "--diff", "--json").json
    assert len(shown["records"]) == 12
    assert (shown["summary"]["unknown"], shown["summary"]["failed"]) == (11, 1)
    assert list(shown["summary"]["why"]) == ["Far end Sales can be written, but not read"]
    result = world.cli("run", "diff-lookup", "--dry-run", "--diff", "--limit", "3")
    assert "       2  would be created" in result.out
    assert "       1  fail" in result.out
    assert world.arrivals("diff-natural") == {}


def test_differences_are_for_dry_runs(world):
    assert world.cli("run", "nobody", "--diff").code == 2
