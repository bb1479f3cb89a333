"""`topstitch mapping`: coverage, export and import, generating anew."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.xdist_group("commands")


@pytest.fixture
def service(world):
    """A service between two systems with the default mapping; gives a function that makes one of this name."""

    def make(name, **more):
        ends = {
            "source": {"connector": "shop", "entity": "orders"},
            "destination": {"connector": "books", "entity": "orders"},
        }
        practice = {"shop": "shopify", "books": "odoo"}
        world.apply(
            {
                "connectors": {n: {"system": s, "environment": "practice"} for n, s in practice.items()},
                "services": {name: {"active": False, **ends, **more}},
            }
        )
        return name

    return make


def exported(world, name):
    return world.cli("mapping", "export", name).json


def written(world, document, name="mapping.json"):
    file = world.folder / name
    file.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    return str(file)


def number_of(world, name):
    return len(exported(world, name)["rows"])


def test_an_export_comes_back_without_any_difference(world, service):
    name, file = service("Round trip"), str(world.folder / "out.json")
    assert world.cli("mapping", "export", name, "--file", file).code == 0
    back = world.cli("mapping", "import", name, file, "--yes")

    assert (back.code, back.out) == (0, "Nothing is different.\n")
    assert world.cli("mapping", "import", name, file, "--json").json == []


def test_an_import_shows_row_by_row_what_it_changes_and_asks(world, service):
    name = service("Changed")
    document = exported(world, name)
    rows = document["rows"]
    note = next(row for row in rows if row["to"] == "note")
    rows.remove(note)
    phone = next(row for row in rows if row["to"] == "partner.phone")
    phone["name"] = "Call them"
    rows.append({"to": "origin_note", "value": "web"})
    file = written(world, document)

    dry = world.cli("mapping", "import", name, file, "--dry-run")
    assert dry.code == 0
    for line in ("~ row", '"Call them"', "+ row", "origin_note", "- row", "  note", "3 rows are different."):
        assert line in dry.out
    asked = world.cli("mapping", "import", name, file)
    assert asked.code == 1
    assert exported(world, name)["rows"] != rows

    done = world.cli("mapping", "import", name, file, "--yes")
    assert (done.code, "has revision 2." in done.out) == (0, True)
    assert exported(world, name)["rows"] == rows


def test_every_wrong_row_of_an_import_is_told_and_nothing_is_changed(world, service):
    name = service("Wrong")
    document = exported(world, name)
    document["rows"][2]["froom"] = "x"
    document["rows"][4]["to"] = ""
    result = world.cli("mapping", "import", name, written(world, document), "--yes")

    assert result.code == 1
    assert "row 3, froom: there is no such key here" in result.err
    assert "row 5, to:" in result.err
    assert "and 1 more" in result.err


def test_a_mapping_of_other_systems_is_imported_with_a_warning(world, service):
    name = service("Warned")
    document = exported(world, name) | {"source": {"system": "woocommerce", "entity": "orders"}}
    result = world.cli("mapping", "import", name, written(world, document), "--dry-run")

    assert result.code == 0
    assert "the mapping's source is woocommerce/orders, the service's shopify/orders" in result.err


def test_required_rows_are_dropped_only_with_force(world, service):
    name = service("Forced")
    document = exported(world, name)
    document["rows"] = [row for row in document["rows"] if row["to"] != "client_order_ref"]
    file = written(world, document)

    refused = world.cli("mapping", "import", name, file, "--yes")
    assert refused.code == 1
    assert "client_order_ref" in refused.err
    assert "--force" in refused.err
    assert world.cli("mapping", "import", name, file, "--yes", "--force").code == 0
    assert number_of(world, name) == len(document["rows"])


def test_generating_shows_the_difference_and_keeps_what_a_person_did_when_asked(world, service):
    row = {"to": "note", "value": "by hand"}
    name = service("Anew", changes=[row])
    document = exported(world, name)
    document["rows"] = [each for each in document["rows"] if each["to"] != "partner.phone"]
    world.cli("mapping", "import", name, written(world, document), "--yes")

    shown = world.cli("mapping", "generate", name)
    assert shown.code == 0
    assert "~ row" in shown.out
    assert "2 rows are different." in shown.out
    assert exported(world, name)["rows"] == document["rows"]

    kept = world.cli("mapping", "generate", name, "--keep-changes", "--apply", "--yes")
    assert "note differs from the default and is kept" in kept.out
    assert "partner.phone stays deleted" in kept.out
    assert "Nothing is different." in kept.out

    assert world.cli("mapping", "generate", name, "--apply").code == 1
    assert world.cli("mapping", "generate", name, "--apply", "--yes").code == 0
    assert world.cli("mapping", "generate", name).out == "Nothing is different.\n"


def test_coverage_is_a_table_a_list_of_reasons_and_json(world):
    words = ("mapping", "coverage", "--source", "shopify", "--destination", "odoo", "--entity", "stock")
    assert "3 of 4" in world.cli(*words).out
    assert "location_id.name (Location): the option" in world.cli(*words, "--missing").out
    (row,) = world.cli(*words, "--json").json
    assert (row["writable"], row["required_left"]) == (4, [])
    assert world.cli("mapping", "coverage", "--source", "nowhere").code == 1
    assert world.cli("mapping", "coverage", "--entity", "nothing").code == 1


def test_the_schema_of_a_row_is_printed(world):
    assert "from" in world.cli("mapping", "schema").json["properties"]
    assert "rows" in world.cli("mapping", "schema", "--document").json["properties"]


def test_suggestions_are_for_what_nothing_is_mapped_to(world, service):
    words = ("mapping", "suggest", "--source", "woocommerce/orders", "--destination", "shopify/orders")
    found = {each["to"]: [one["path"] for one in each["from"]] for each in world.cli(*words, "--json").json}
    assert found["taxLines[*].rate"][0].startswith("tax_lines[*].rate")
    assert "email" not in found
    assert "both say" in world.cli(*words).out

    name = service(
        "Suggested",
        mapping=[{"to": "client_order_ref", "from": "name"}, {"to": "lines[*].name", "from": "lineItems[*].title"}],
    )
    found = {each["to"]: [one["path"] for one in each["from"]] for each in world.cli(*words[:2], name, "--json").json}
    assert found["note"][0] == "note"
    assert "client_order_ref" not in found
    for wrong in ((), (name, "--source", "odoo/orders"), ("--source", "odoo/orders")):
        assert world.cli("mapping", "suggest", *wrong).code == 1
