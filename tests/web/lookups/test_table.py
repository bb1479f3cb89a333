"""One lookup table: its pairs, values that are tried, its versions, and its removal."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.lookups.tables import CARRIERS, pairs, using
from tests.web.pages import checked, text_of

from topstitch.store.actions.lookups import save_lookup
from topstitch.store.actions.scripts import Draft, save_script
from topstitch.store.models import LookupPair, LookupTable
from topstitch.store.queries.lookups import PAIRS_A_PAGE


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
