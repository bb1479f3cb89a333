"""Lookup tables on the screens: the list, pairs, editing, versions, CSV in and out, maps of groups."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.store.actions.lookups import save_lookup
from topstitch.store.actions.scripts import Draft, save_script
from topstitch.store.lookups.rows import Pair
from topstitch.store.models import AuditEvent, LookupPair, LookupTable, LookupUpload
from topstitch.store.queries.lookups import PAIRS_A_PAGE, all_pairs

CARRIERS = [("Express", "DHL"), ("Standard", "RM48")]


@pytest.fixture
def table(world):
    return save_lookup(world.company, "carriers", CARRIERS).table


@pytest.fixture
def user(world):
    """Somebody who may look."""
    return world.client(world.person("uma@example.com", world.company, Role.USER))


def using(world, table, name="Orders to warehouse", group=None):
    """A service whose mapping uses a table."""
    step = {"function": "other.map", "args": {"table": table.name}}
    spec = {
        "source": {"connector": "far", "entity": "orders"},
        "destination": {"connector": "far", "entity": "sales"},
        "mapping": [{"to": "reference", "from": ["id"], "do": [step]}],
    }
    return world.service(name, spec=spec, group=group)


def pairs(table):
    return [tuple(pair) for pair in all_pairs(table)]


def sent(rows, **more):
    """The form of the edit page: rows of key, left and right."""
    data = {"row": [key for key, *_ in rows], **more}
    for key, left, right, *ways in rows:
        data |= {f"left.{key}": left, f"right.{key}": right}
        data |= dict(zip((f"match.{key}", f"field.{key}"), ways, strict=False))
    return data


def keys(table):
    return {pair.left: str(pair.pk) for pair in LookupPair.objects.filter(table=table, until=None)}


def upload(client, table, text, how="merge", name="carriers.csv"):
    file = SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())
    return client.post(f"/lookups/{table.pk}/import", {"file": file, "how": how})


# -- the list -----------------------------------------------------------------------------------------------------------


def test_an_empty_list_teaches_and_offers_the_first_step_to_those_who_may(client, user):
    page = client.get("/lookups/")
    checked(page)
    assert "No lookup tables yet" in text_of(page)
    assert "/lookups/new" in page.content.decode()
    assert "/lookups/new" not in user.get("/lookups/").content.decode()


def test_the_list_says_whose_a_table_is_who_uses_it_and_who_changed_it(world, client, table):
    own = save_lookup(world.company, "carriers", CARRIERS, group=world.group, person=world.ada).table
    elsewhere = world.add_group("DE")
    using(world, own)
    using(world, table, "Orders to Berlin", group=elsewhere)
    page = client.get("/lookups/")
    checked(page)
    said = text_of(page)
    assert "carriers the company 2 Orders to Berlin just now at the server" in said
    assert "carriers UK 2 Orders to warehouse just now ada@example.com" in said


def test_the_list_is_searched_and_narrowed_to_a_group(world, client, table):
    save_lookup(world.company, "colours", CARRIERS, group=world.group)
    assert "carriers" not in text_of(client.get("/lookups/?q=COL"))
    assert "colours" not in text_of(client.get("/lookups/?group=0"))
    assert "colours" in text_of(client.get(f"/lookups/?group={world.group.pk}"))
    assert "No table fits" in text_of(client.get("/lookups/?q=nothing"))


def test_the_list_asks_as_much_for_many_tables_as_for_one(world, client, table):
    client.get("/lookups/")
    with CaptureQueriesContext(connection) as few:
        client.get("/lookups/")
    for number in range(20):
        using(world, save_lookup(world.company, f"t{number}", CARRIERS).table, f"Service {number}")
    client.get("/lookups/")
    with CaptureQueriesContext(connection) as many:
        client.get("/lookups/")
    assert len(many) == len(few) <= 11


def test_a_table_is_added_and_its_name_is_taken_then(world, client):
    answer = client.post("/lookups/new", {"name": "colours", "group": world.group.pk})
    made = LookupTable.objects.get()
    assert answer["Location"] == f"/lookups/{made.pk}"
    assert (made.name, made.group, made.version) == ("colours", world.group, 1)
    again = client.post("/lookups/new", {"name": "colours", "group": world.group.pk})
    checked(again)
    assert "There is a lookup table &#x27;colours&#x27; already. Choose another name" in text_of(again)
    foreign = client.post("/lookups/new", {"name": "x", "group": world.other_group.pk})
    assert "not one of the available choices" in text_of(foreign)


# -- one table ----------------------------------------------------------------------------------------------------------


def test_a_table_shows_its_pairs_who_uses_it_and_how(world, client, table):
    using(world, table)
    page = client.get(f"/lookups/{table.pk}")
    checked(page)
    said = text_of(page)
    assert "Express DHL Standard RM48" in said
    assert "Orders to warehouse" in said
    assert "choose the lookup table carriers" in said


def test_those_who_may_only_look_see_nothing_to_change_it_with(user, table):
    body = user.get(f"/lookups/{table.pk}").content.decode()
    assert "Export CSV" in body
    for word in ("Edit pairs", "Import CSV", "Add at the end", "Remove"):
        assert word not in body


def test_pairs_are_paged_in_their_order_and_searched_on_both_sides(world, client):
    many = [(f"L{n:04}", f"R{n:04}") for n in range(PAIRS_A_PAGE + 5)]
    table = save_lookup(world.company, "many", many).table
    first = client.get(f"/lookups/{table.pk}")
    assert f"L{PAIRS_A_PAGE - 1:04}" in text_of(first)
    assert f"L{PAIRS_A_PAGE:04}" not in text_of(first)
    last = LookupPair.objects.filter(table=table, left=f"L{PAIRS_A_PAGE - 1:04}").get()
    second = client.get(f"/lookups/{table.pk}?after={last.position}")
    assert f"L{PAIRS_A_PAGE:04} R{PAIRS_A_PAGE:04}" in text_of(second)
    assert "L0007 R0007" in text_of(client.get(f"/lookups/{table.pk}?q=r0007"))
    assert "No pair has" in text_of(client.get(f"/lookups/{table.pk}?q=zzz"))


def test_a_page_of_a_large_table_asks_little(world, client):
    table = save_lookup(world.company, "large", [(f"L{n}", f"R{n}") for n in range(5000)]).table
    client.get(f"/lookups/{table.pk}")
    with CaptureQueriesContext(connection) as seen:
        client.get(f"/lookups/{table.pk}")
    assert len(seen) <= 14


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("value=Express", "Express becomes DHL"),
        ("value=RM48&direction=right_to_left", "RM48 becomes Standard"),
        ("value=express", "Nothing matches"),
        ("value=express&match=case_insensitive", "express becomes DHL"),
        ("value=Express%20(next%20day)&match=starts_with", "becomes DHL"),
        ("value=express&match=nonsense", "Nothing matches"),
    ],
)
def test_a_value_is_tried_as_a_mapping_would(client, table, query, said):
    page = client.get(f"/lookups/{table.pk}?{query}")
    checked(page)
    assert said in text_of(page)


def test_a_value_is_tried_by_the_rows_own_ways(world, client):
    rows = [("DHL", "parcel", "exact", "carrier"), ("DHL", "STD", "contains", "method")]
    table = save_lookup(world.company, "shipment map", rows, group=world.group).table
    assert "by DHL becomes STD" in text_of(client.get(f"/lookups/{table.pk}?value=by%20DHL"))
    assert "DHL becomes parcel" in text_of(client.get(f"/lookups/{table.pk}?value=DHL&field=carrier"))


def test_a_table_is_removed_when_its_name_is_typed_and_no_service_uses_it(world, client, table):
    address = f"/lookups/{table.pk}/remove"
    assert client.post(address, {"typed": "carrier"})["Location"] == f"/lookups/{table.pk}"
    service = using(world, table)
    assert client.post(address, {"typed": "carriers"})["Location"] == f"/lookups/{table.pk}"
    assert "is used by Orders to warehouse" in client.get(f"/lookups/{table.pk}").content.decode()
    service.revision = None
    service.save()
    assert client.post(address, {"typed": "carriers"})["Location"] == "/lookups/"
    assert not LookupTable.objects.exists()


def test_a_table_that_a_script_names_is_not_removed_either(world, client, table):
    code = 'def handle(data):\n    data["payload"] = other_map(data["payload"], table="carriers")\n'
    save_script(world.company, "carrier of", Draft(code))
    page = client.get(f"/lookups/{table.pk}")
    checked(page)
    assert "Named in scripts: carrier of" in text_of(page)
    client.post(f"/lookups/{table.pk}/remove", {"typed": "carriers"})
    assert "is named in scripts: &#x27;carrier of&#x27;" in client.get(f"/lookups/{table.pk}").content.decode()
    assert LookupTable.objects.exists()


# -- by hand ------------------------------------------------------------------------------------------------------------


def test_rows_are_changed_added_removed_and_moved_in_one_save(world, client, table):
    key = keys(table)
    page = client.get(f"/lookups/{table.pk}/edit")
    checked(page)
    rows = [(key["Standard"], "Standard", "RM24"), (key["Express"], "", ""), ("n1", "Next day", "DPD"), ("n2", "", "")]
    answer = client.post(f"/lookups/{table.pk}/edit", sent(rows, gone=[key["Express"]], do="save"))
    assert answer["Location"] == f"/lookups/{table.pk}"
    assert pairs(table) == [("Standard", "RM24", "", ""), ("Next day", "DPD", "", "")]
    event = AuditEvent.objects.filter(kind="lookup").latest("pk")
    assert (event.person, event.after["version"]) == (world.ada, 2)
    assert "Saved as version 2" in client.get(answer["Location"]).content.decode()


def test_what_is_wrong_stands_beside_its_row_and_nothing_is_lost(client, table):
    key = keys(table)
    rows = [(key["Express"], "Express", "DPD"), ("n1", "Standard", "RM48"), (key["Standard"], "Standard", "RM48")]
    page = client.post(f"/lookups/{table.pk}/edit", sent(rows))
    checked(page)
    assert "The table has this row already. Change it, or remove it." in text_of(page)
    assert 'value="DPD"' in page.content.decode()
    assert pairs(table) == [(*pair, "", "") for pair in CARRIERS]


def test_rows_are_put_in_order_and_added_without_javascript(client, table):
    key = keys(table)
    rows = [(key["Express"], "Express", "DHL"), (key["Standard"], "Standard", "RM48")]
    up = client.post(f"/lookups/{table.pk}/edit", sent(rows, do=f"up:{key['Standard']}")).content.decode()
    assert up.index('value="Standard"') < up.index('value="Express"')
    more = client.post(f"/lookups/{table.pk}/edit", sent([*rows, ("n1", "x", "y")], do="add")).content.decode()
    assert 'name="left.n4"' in more
    assert table.versions.count() == 1


def test_what_somebody_else_changed_is_not_overwritten(client, table):
    key = keys(table)
    save_lookup(table.company, "carriers", [("Express", "UPS")])
    page = client.post(f"/lookups/{table.pk}/edit", sent([(key["Express"], "Express", "DPD")]))
    assert "Somebody else has changed these rows meanwhile. Load the table again" in text_of(page)
    assert pairs(table) == [("Express", "UPS", "", "")]


def test_line_ends_within_a_value_stay_as_they_are(world, client):
    table = save_lookup(world.company, "texts", [("a\nb", "c\rd"), ("plain", "x")]).table
    key = keys(table)
    rows = [(key["a\nb"], "a\r\nb", "c\r\nd"), (key["plain"], "plain", "y")]
    client.post(f"/lookups/{table.pk}/edit", sent(rows))
    assert pairs(table) == [("a\nb", "c\rd", "", ""), ("plain", "y", "", "")]


def test_rows_of_another_table_cannot_be_sent(world, client, table):
    other = save_lookup(world.other_group.company, "theirs", [("a", "b")]).table
    client.post(f"/lookups/{table.pk}/edit", sent([(keys(other)["a"], "a", "mine")], gone=[keys(other)["a"]]))
    assert pairs(other) == [("a", "b", "", "")]


@pytest.mark.parametrize("row", ["x", "-1", "9" * 30, "n", "²"])
def test_keys_that_are_none_are_left_out(client, table, row):
    assert client.post(f"/lookups/{table.pk}/edit", sent([(row, "a", "b")])).status_code == 302
    assert pairs(table) == [(*pair, "", "") for pair in CARRIERS]


def test_one_more_pair_goes_to_the_end(client, table):
    client.post(f"/lookups/{table.pk}/add", {"left": "Next day", "right": "DPD"})
    assert pairs(table)[-1] == ("Next day", "DPD", "", "")
    client.post(f"/lookups/{table.pk}/add", {"left": "Next day", "right": "DPD"})
    assert "The table has this row already" in client.get(f"/lookups/{table.pk}").content.decode()


# -- versions -----------------------------------------------------------------------------------------------------------


def test_versions_tell_what_changed_and_can_be_restored(world, client, table):
    save_lookup(world.company, "carriers", [("Express", "DPD"), ("Standard", "RM48")], person=world.ada)
    page = client.get(f"/lookups/{table.pk}/versions")
    checked(page)
    assert "2 just now ada@example.com 1 added, 1 removed" in text_of(page)
    page = client.get(f"/lookups/{table.pk}/versions/2")
    checked(page)
    assert "Changed Express DHL Express DPD" in text_of(page)
    assert client.get(f"/lookups/{table.pk}/versions/9").status_code == 404
    client.post(f"/lookups/{table.pk}/versions/1/restore")
    assert pairs(table) == [(*pair, "", "") for pair in CARRIERS]
    assert table.versions.count() == 3


# -- CSV ----------------------------------------------------------------------------------------------------------------


def test_the_export_can_be_imported_again(client, table):
    answer = client.get(f"/lookups/{table.pk}/export.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="carriers.csv"'
    text = b"".join(answer.streaming_content)
    assert text == b"left_value,right_value\r\nExpress,DHL\r\nStandard,RM48\r\n"
    upload(client, table, text)
    assert "Nothing differs" in text_of(client.get(f"/lookups/{table.pk}/import/preview"))


def test_a_file_shows_what_it_would_change_before_anything_is_changed(client, table):
    answer = upload(client, table, "left_value,right_value\nExpress,DPD\nNext day,UPS\n")
    assert answer["Location"] == f"/lookups/{table.pk}/import/preview"
    page = client.get(answer["Location"])
    checked(page)
    said = text_of(page)
    assert "Added 2" in said
    assert "1 pair would stand behind another with the same left value" in said
    assert "Added – Next day UPS" in said
    assert pairs(table) == [(*pair, "", "") for pair in CARRIERS]
    assert client.post(answer["Location"])["Location"] == f"/lookups/{table.pk}"
    assert len(pairs(table)) == 4
    assert table.versions.latest("number").origin == "import of carriers.csv"
    assert not LookupUpload.objects.exists()


def test_replacing_tells_what_goes(client, table):
    upload(client, table, "left_value,right_value\nExpress,DPD\n", "replace")
    said = text_of(client.get(f"/lookups/{table.pk}/import/preview"))
    assert "Removed 2" in said
    assert "Changed Express DHL Express DPD" in said
    client.post(f"/lookups/{table.pk}/import/preview")
    assert pairs(table) == [("Express", "DPD", "", "")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("left_value,right_value\nonly one\n", "line 2: 1 cells instead of 2"),
        ("left;right\na;b\n", "line 1 must be left_value,right_value"),
        (b"left_value,right_value\n\xff,b\n", "line 2 is not UTF-8 text"),
        ('left_value,right_value\n"a,b\n', "is not CSV"),
        ("left_value,right_value,match_type\n,b,contains\n", "would fit every value"),
    ],
)
def test_a_wrong_file_is_named_with_its_line_and_changes_nothing(client, table, text, said):
    page = upload(client, table, text)
    checked(page)
    assert said in text_of(page)
    assert table.versions.count() == 1
    assert not LookupUpload.objects.exists()


def test_a_file_that_is_too_large_or_none_is_refused_beside_the_field(client, table):
    page = upload(client, table, b"left_value,right_value\n" + b"x" * (5 * 1024 * 1024))
    assert "carriers.csv is larger than 5 MB. Divide it" in text_of(page)
    checked(client.post(f"/lookups/{table.pk}/import", {"how": "merge"}))


def test_a_file_is_not_imported_into_a_table_that_has_changed_since(client, table):
    upload(client, table, "left_value,right_value\nNext day,UPS\n")
    save_lookup(table.company, "carriers", [("Express", "UPS")])
    page = client.post(f"/lookups/{table.pk}/import/preview")
    checked(page)
    assert "the table has been changed since this file was looked at" in text_of(page)
    assert pairs(table) == [("Express", "UPS", "", "")]


def test_a_file_waits_for_its_own_person_only_and_can_be_left(world, client, table):
    upload(client, table, "left_value,right_value\nNext day,UPS\n")
    other = world.client(world.person("max@example.com", world.company, Role.MANAGER))
    assert other.post(f"/lookups/{table.pk}/import/preview")["Location"] == f"/lookups/{table.pk}/import"
    client.post(f"/lookups/{table.pk}/import/forget")
    assert not LookupUpload.objects.exists()
    assert len(pairs(table)) == 2


# -- maps ---------------------------------------------------------------------------------------------------------------


def test_a_group_begins_its_map_types_rows_and_sees_how_a_service_uses_it(world, client, user):
    page = client.get("/lookups/maps")
    checked(page)
    address = f"/lookups/maps/{world.group.pk}/shipment"
    begin = client.get(address)
    checked(begin)
    assert "Not begun yet" in text_of(begin)
    assert "Begin the map" not in text_of(user.get(address))
    to = client.post(address)["Location"]
    edit = client.get(to)
    checked(edit)
    assert "Field name Match type Match value Output value" in text_of(edit)
    rows = [("n1", "DHL Express", "DHL-EXP", "starts_with", "method"), ("n2", "DHL", "DHL-STD", "contains", "method")]
    client.post(to, sent(rows))
    table = LookupTable.objects.get(group=world.group)
    assert pairs(table)[0] == Pair("DHL Express", "DHL-EXP", "starts_with", "method")
    assert client.get(address)["Location"] == f"/lookups/{table.pk}"
    page = client.get(f"/lookups/{table.pk}")
    checked(page)
    assert "method Starts with DHL Express DHL-EXP" in text_of(page)
    assert "other.map: {table: shipment map, match: row, field: method}" in text_of(page)


def test_the_groups_of_the_settings_lead_to_their_maps(world, client):
    page = client.get("/settings/groups")
    checked(page)
    assert f"/lookups/maps/{world.group.pk}/payment" in page.content.decode()


def test_an_old_map_is_imported_as_it_is(world, client):
    table = save_lookup(world.company, "payment map", [], group=world.group).table
    upload(client, table, "field_name,match_type,match_value,output_value\nmethod,Ends with,pal,PAYPAL\n")
    assert "pal PAYPAL method, Ends with" in text_of(client.get(f"/lookups/{table.pk}/import/preview"))
    client.post(f"/lookups/{table.pk}/import/preview")
    assert pairs(table) == [("pal", "PAYPAL", "ends_with", "method")]


def test_there_are_two_maps_and_no_others(world, client):
    assert client.get(f"/lookups/maps/{world.group.pk}/returns").status_code == 404
    assert client.get(f"/lookups/maps/{world.other_group.pk}/shipment").status_code == 404
