"""Pairs changed by hand, in one save."""

from __future__ import annotations

import pytest
from tests.web.lookups.tables import CARRIERS, keys, pairs, sent
from tests.web.pages import checked, text_of

from topstitch.store.actions.lookups import save_lookup
from topstitch.store.models import AuditEvent


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
