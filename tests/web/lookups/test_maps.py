"""The two maps of a group."""

from __future__ import annotations

from tests.web.lookups.tables import pairs, sent, upload
from tests.web.pages import checked, text_of

from topstitch.store.actions.lookups import save_lookup
from topstitch.store.lookups.rows import Pair
from topstitch.store.models import LookupTable


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
