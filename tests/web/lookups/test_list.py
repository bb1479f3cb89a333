"""The list of lookup tables, and adding one."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.lookups.tables import CARRIERS, using
from tests.web.pages import checked, text_of

from topstitch.store.actions.lookups import save_lookup
from topstitch.store.models import LookupTable


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
