"""The commands that look: connectors, systems, functions, doctor; and errors as sentences."""

from __future__ import annotations

import pytest

from topstitch.sdk import CATALOGUE
from topstitch.sdk.practice import PracticeServer

pytestmark = pytest.mark.xdist_group("commands")


def test_a_good_connector_passes_its_test_and_is_listed_as_operational(world):
    world.configure("natural")
    result = world.cli("connectors", "test", "natural")
    first, second = result.out.splitlines()
    assert (result.code, second) == (0, "ok   Address reached and signed in: /ping")
    assert first.startswith("ok   Address reached: 127.0.0.1:")
    steps = world.cli("connectors", "test", "natural", "--json").json
    assert steps[1:] == [{"step": "Address reached and signed in", "ok": True, "detail": "/ping"}]
    (row,) = [row for row in world.cli("connectors", "list", "--json").json if row["name"] == "natural"]
    assert (row["system"], row["environment"], row["status"]) == ("far-natural", "test", "operational")


def test_wrong_credentials_fail_the_test_with_what_to_do(world):
    world.configure("natural")
    world.control(token="another")
    result = world.cli("connectors", "test", "natural")
    assert result.code == 1
    assert result.out.splitlines()[-1].startswith("FAIL ")
    assert "credentials" in result.out
    (row,) = [row for row in world.cli("connectors", "list", "--json").json if row["name"] == "natural"]
    assert row["status"] == "refused"


def test_an_address_that_nobody_answers_is_unreachable(world):
    world.configure("natural")
    world.apply({"connectors": {"natural": world.connector("far-natural", base_url="http://127.0.0.1:9")}})
    result = world.cli("connectors", "test", "natural", "--json")
    assert result.code == 1
    assert result.json[-1]["step"] == "Connection"
    assert "takes no connection" in result.json[-1]["detail"]
    assert "unreachable" in world.cli("connectors", "list").out


def test_a_connector_that_is_not_there_is_answered_with_those_that_are(world):
    world.configure("natural")
    result = world.cli("connectors", "test", "nobody")
    assert result.code == 1
    assert "there is no connector 'nobody'; there are" in result.err
    assert "natural" in result.err


@pytest.fixture
def warehouse(world):
    """A connector to a practice warehouse, and the warehouse."""
    practice = CATALOGUE.get("peoplevox").practice
    with PracticeServer([practice]) as server:
        connector = world.connector("peoplevox", base_url=f"{server.url}/peoplevox", settings=practice_settings(world))
        world.apply({"connectors": {"warehouse": connector}})
        yield server.stores["peoplevox"]


def practice_settings(world):
    """The settings of the practice warehouse, its password in a file."""
    settings = dict(CATALOGUE.get("peoplevox").practice_settings)
    (world.folder / "password").write_text(settings["password"])
    return {**settings, "password": {"file": "password"}}


def test_records_are_found_by_a_field_and_one_that_is_not_there_is_told_by_the_exit_code(world, warehouse):
    find = ("connectors", "find", "warehouse", "products", "--match", "ItemCode", "--give", "Name")

    found = world.cli(*find, "SKU-001", "nobody", 'TV 32"', "--json")
    assert found.code == 1
    assert found.json["asked"] == "with a filter, 50 values at once"
    first, nobody, odd = found.json["values"]
    assert first == {"value": "SKU-001", "found": True, "answer": first["answer"], "reason": ""}
    assert first["answer"]
    assert nobody == {"value": "nobody", "found": False, "answer": None, "reason": ""}
    assert "Peoplevox cannot search for" in odd["reason"]
    shown = world.cli(*find, "SKU-001")
    assert shown.code == 0
    assert shown.out.splitlines()[1].split("  ")[0] == "SKU-001"
    assert "Peoplevox was asked with a filter" in shown.out


def test_a_lookup_by_a_field_that_does_not_exist_says_which_there_are(world, warehouse):
    wrong = world.cli("connectors", "find", "warehouse", "products", "--match", "ItemCod", "SKU-001")

    assert wrong.code == 1
    assert "products has anything at 'ItemCod'" in wrong.err
    assert "ItemCode" in wrong.err


def test_the_fields_that_a_warehouse_really_has_are_told_from_those_of_the_catalogue(world, warehouse):
    columns = ["SalesOrderNumber", "Customer", "GiftMessage"]
    warehouse.put("_templates", "Sales orders", {"configured": True, "columns": columns})

    rows = {row["path"]: row for row in world.cli("connectors", "fields", "warehouse", "orders", "--json").json}

    assert {"path", "label", "type", "listed", "reads", "writes"} == set(rows["Customer"])
    assert [rows[path]["writes"] for path in ("Customer", "Status", "lines[*]", "lines[*].ItemCode")] == [
        True,
        False,
        True,
        True,
    ]
    assert {row["reads"] for row in rows.values()} == {None}
    assert [path for path, row in rows.items() if not row["listed"]] == ["GiftMessage"]
    shown = world.cli("connectors", "fields", "warehouse", "orders").out
    assert shown.splitlines()[0].split("  ")[0] == "path"
    assert "GiftMessage" in shown


def test_fields_of_a_report_are_asked_with_the_options_of_the_entity(world, warehouse):
    def read_of(*options):
        rows = world.cli("connectors", "fields", "warehouse", "stock", *options, "--json").json
        return {row["path"] for row in rows if row["reads"]}

    assert read_of() == {"Item code", "Barcode", "On hand", "Allocated", "On order", "Date time", "Available"}
    by_site = read_of("--option", "report=Item inventory summary")
    assert by_site == {"Item code", "Site reference", "Available", "On hand", "Allocated"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("orders", "--option", "colour=red"), "orders has no option 'colour'; there are action, date_column"),
        (("orders", "--option", "action"), "'action' has no value"),
        (("nothing",), "there is no entity 'nothing'"),
        (("stock", "--option", "report=another report"), "name the stock report to read"),
    ],
)
def test_fields_that_cannot_be_asked_for_are_a_sentence(world, warehouse, words, said):
    result = world.cli("connectors", "fields", "warehouse", *words)

    assert result.code == 1
    assert said in result.err


def test_a_system_that_cannot_be_asked_for_its_fields_says_so(world):
    world.configure("natural")

    shown = world.cli("connectors", "fields", "natural", "orders").out

    assert "cannot be asked: these are the fields of the catalogue" in shown


def test_systems_are_listed_and_shown(world):
    rows = world.cli("systems", "list", "--json").json
    shopify = next(row for row in rows if row["slug"] == "shopify")
    assert "orders" in shopify["reads"]
    assert {"slug", "name", "category", "reads", "writes", "confidence", "practice"} == set(shopify)
    assert "shopify" in world.cli("systems", "list").out

    shown = world.cli("systems", "show", "shopify", "--json").json
    assert shown["manifest"]["slug"] == "shopify"
    assert any(setting["secret"] for setting in shown["settings"])
    assert "Settings of a connector:" in world.cli("systems", "show", "shopify").out
    fields = world.cli("systems", "show", "shopify", "--entity", "orders", "--json").json
    assert {"path", "label", "type", "format", "tag", "flags"} == set(fields[0])


def test_the_files_of_a_system_are_listed_and_written(world, tmp_path):
    listed = world.cli("systems", "files", "peoplevox", "--json").json
    assert {"name", "purpose", "path"} == set(listed[0])
    assert "sales_orders.csv" in world.cli("systems", "files", "peoplevox").out

    folder = tmp_path / "new" / "setup"
    written = world.cli("systems", "files", "peoplevox", "--to", str(folder), "--json").json
    assert sorted(row["path"] for row in written) == sorted(str(path) for path in folder.iterdir())
    assert (folder / "sales_orders.csv").read_text().startswith("SalesOrderNumber,Customer,")
    assert world.cli("systems", "files", "peoplevox", "--to", str(folder)).code == 0


def test_a_file_of_ones_own_is_not_written_over(world, tmp_path):
    (tmp_path / "suppliers.csv").write_text("mine")

    result = world.cli("systems", "files", "peoplevox", "--to", str(tmp_path))

    assert result.code == 1
    assert "suppliers.csv is there already" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["suppliers.csv"]
    assert (tmp_path / "suppliers.csv").read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_a_sentence(world, tmp_path):
    (tmp_path / "file").touch()

    result = world.cli("systems", "files", "peoplevox", "--to", str(tmp_path / "file" / "below"))

    assert result.code == 1
    assert "cannot be written" in result.err


def test_a_system_without_files_says_so(world, tmp_path):
    assert world.cli("systems", "files", "shopify", "--to", str(tmp_path / "none")).out == "Shopify needs no files.\n"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [(("nothing",), "nothing"), (("shopify", "--entity", "nothing"), "orders")],
)
def test_what_a_system_does_not_have_is_said(world, words, said):
    result = world.cli("systems", "show", *words)
    assert result.code == 1
    assert said in result.err


def test_functions_are_listed_with_parameters_and_examples(world):
    described = world.cli("functions", "list", "--json").json
    prefix = next(function for function in described if function["name"] == "string.prefix")
    assert {"name", "takes", "gives", "summary"} <= set(prefix)
    assert "string.prefix" in world.cli("functions", "list").out


def test_the_doctor_looks_at_everything(world):
    world.no_worker()
    world.configure("natural")
    checks = {check["check"]: check for check in world.cli("doctor", "--json").json}
    assert set(checks) == {"version", "home", "database", "tables", "workers", "services", "secrets"}
    assert checks["database"]["detail"].startswith("PostgreSQL")
    assert checks["workers"]["state"] == "warning"
    assert "topstitch up" in checks["workers"]["detail"]
    assert world.cli("doctor").code == 0

    world.worker()
    checks = {check["check"]: check for check in world.cli("doctor", "--json").json}
    assert (checks["workers"]["state"], checks["workers"]["detail"]) == ("ok", "1 alive")


def test_the_doctor_says_when_secrets_cannot_be_read(world):
    world.configure("natural")
    key = world.home / "secrets.key"
    kept = key.read_text()
    new = world.run("doctor", "--new-key")
    assert new.code == 0
    try:
        key.write_text(new.out)
        result = world.run("doctor", "--json")
    finally:
        key.write_text(kept)
    assert result.code == 1
    (secrets,) = [check for check in result.json if check["check"] == "secrets"]
    assert secrets["state"] == "wrong"
    assert "TOPSTITCH_SECRET_KEYS" in secrets["detail"]


def test_a_home_that_cannot_be_had_is_a_sentence_and_no_traceback(world):
    (world.folder / "file").touch()
    world.environment["TOPSTITCH_HOME"], kept = str(world.folder / "file" / "home"), world.environment["TOPSTITCH_HOME"]
    try:
        result = world.run("runs")
    finally:
        world.environment["TOPSTITCH_HOME"] = kept
    assert result.code == 1
    assert result.err.startswith("Error: ")
    assert "TOPSTITCH_HOME" in result.err
    assert "Traceback" not in result.err


def test_a_database_that_is_not_there_is_a_sentence_and_no_traceback(world):
    world.environment["TOPSTITCH_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:9/nothing"
    try:
        result = world.run("runs")
        looked = world.run("doctor", "--json")
    finally:
        del world.environment["TOPSTITCH_DATABASE_URL"]
    assert result.code == 1
    assert result.err.startswith("Error: the database does not answer")
    assert "TOPSTITCH_DATABASE_URL" in result.err
    assert "Traceback" not in result.err
    assert looked.code == 1
    assert {check["check"]: check["state"] for check in looked.json}["database"] == "wrong"


def test_help_and_version_need_no_home(world):
    assert "Records flow between shop, ERP, warehouse" in world.run("--help").out
    assert world.run("--version").out.startswith("topstitch, version ")
