"""Pairs as CSV: out, and in with a look at what would change."""

from __future__ import annotations

import pytest
from tests.web.lookups.tables import CARRIERS, pairs, upload
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.store.actions.lookups import save_lookup
from topstitch.store.models import LookupUpload


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
