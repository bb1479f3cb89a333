"""The first step of the wizard: two connectors, the records that go across, a name."""

from __future__ import annotations

import pytest
from tests.web.pages import checked, text_of
from tests.web.wizard.making import ADD, chosen, sent

from topstitch.engine.spec import FilterRow
from topstitch.store.actions.services import spec_of
from topstitch.store.models import AuditEvent, Connector, Service


def test_without_connectors_it_teaches_what_they_are_for(client):
    response = client.get(ADD)
    assert "A service needs two connectors" in text_of(response)
    assert 'href="/connectors/add"' in response.content.decode()
    checked(response)


def test_with_both_connectors_it_shows_what_is_known_between_them_and_how_much_of_it_is_mapped(client, shop, warehouse):
    response = client.get(ADD, chosen(shop, warehouse))
    said = text_of(response)
    assert "28 of 43 fields" in said
    assert "Products" in said
    assert 'value="Shopify orders to Descartes Peoplevox"' in response.content.decode()
    checked(response)


def test_only_what_can_be_pulled_and_pushed_is_offered(client, shop, warehouse):
    page = client.get(ADD, chosen(shop, warehouse, pair="other")).content.decode()
    assert '<option value="metafields"' not in page, "Shopify takes metafields and does not give them"
    assert '<option value="goods_in"' not in page, "Peoplevox gives goods in and does not take them"
    assert '<option value="refunds"' in page


def test_records_chosen_by_hand_show_their_coverage_too(client, shop, warehouse):
    more = {"pair": "other", "source_entity": "refunds", "destination_entity": "customers"}
    response = client.get(ADD, chosen(shop, warehouse, **more))
    assert response.context["joining"].pair.value == "refunds:customers"
    assert "of 10 fields" in text_of(response)


def test_a_part_of_the_page_is_enough_for_a_change_of_choice(client, shop, warehouse):
    page = client.get(ADD, chosen(shop, warehouse), headers={"HX-Request": "true"}).content.decode()
    assert page.startswith('<div id="join"')


@pytest.mark.parametrize(
    "query",
    [
        {"source": "x", "destination": "999999999"},
        {"pair": "orders"},
        {"pair": "nothing:nothing"},
        {"pair": "other", "source_entity": "metafields", "destination_entity": "x"},
        {"group": "-1"},
        {"type": "x", "name": "\x00"},
    ],
)
def test_an_address_that_cannot_be_is_no_error(client, shop, warehouse, query):
    response = client.get(ADD, {**chosen(shop, warehouse), **query})
    assert response.status_code == 200
    checked(response)


def test_it_makes_a_service_switched_off_with_defaults(client, world, shop, warehouse):
    response = sent(client, shop, warehouse)
    made = Service.objects.get(name="Orders out")
    spec = spec_of(made)
    assert response["Location"] == f"/services/{made.pk}/making/mapping"
    assert (made.active, made.wizard_step, made.type) == (False, "mapping", "standard")
    assert (spec.source.connector, spec.destination.entity) == ("Shop", "orders")
    assert len(spec.mapping) >= 28
    assert [schedule.cron for schedule in spec.schedules] == ["*/10 * * * *"]
    assert spec.source.filters == []
    event = AuditEvent.objects.get(kind="service", object_id=str(made.pk))
    assert (event.verb, event.person) == ("create", world.ada)


def test_a_sweeper_goes_over_the_last_days_again_at_night(client, shop, warehouse):
    client.post(ADD, chosen(shop, warehouse, pair="orders:orders", type="sweeper", name="Sweep"))
    spec = spec_of(Service.objects.get(name="Sweep"))
    assert spec.source.filters == [FilterRow(field="updatedAt", op="in_the_last", value={"amount": 3, "unit": "day"})]
    assert (spec.source.cursor, spec.schedules[0].cron) == ("all", "0 2 * * *")


@pytest.mark.parametrize("name", ["Orders out", "ORDERS OUT", " orders out "])
def test_a_name_that_is_taken_is_said_beside_it_with_one_that_is_free(client, made, shop, warehouse, name):
    response = client.post(ADD, chosen(shop, warehouse, pair="orders:orders", type="standard", name=name))
    said = text_of(response)
    assert "in UK already" in said
    assert f"Call this one &#x27;{name.strip()} 2&#x27;" in said
    assert Service.objects.count() == 1
    checked(response)


def test_the_proposed_name_is_free_and_a_name_of_ones_own_stays(client, shop, warehouse):
    client.post(
        ADD,
        chosen(shop, warehouse, pair="orders:orders", type="standard", name="Shopify orders to Descartes Peoplevox"),
    )
    assert client.get(ADD, chosen(shop, warehouse)).context["joining"].name == "Shopify orders to Descartes Peoplevox 2"
    own = chosen(shop, warehouse, name="Mine", proposed="Shopify orders to Descartes Peoplevox 2")
    assert client.get(ADD, own).context["joining"].name == "Mine"
    second = client.get(ADD, chosen(shop, warehouse, pair="variants:products")).context["joining"]
    assert second.name == "Shopify variants to Descartes Peoplevox"
    kept = chosen(shop, warehouse, name="old", proposed="old", pair="products:products")
    assert client.get(ADD, kept).context["joining"].name == "Shopify products to Descartes Peoplevox"
    client.post(ADD, {**kept, "type": "standard"})
    assert Service.objects.latest("id").name == "Shopify products to Descartes Peoplevox"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "Give the service a name."),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
        ({"source": ""}, "Choose where records come from."),
        ({"destination": "77"}, "Select a valid choice. 77 is not one of the available choices."),
        ({"pair": "orders:nothing"}, "These do not go between the two."),
        ({"pair": "other"}, "Choose which records go across."),
    ],
)
def test_what_is_wrong_with_the_first_step_is_said_in_its_place(client, shop, warehouse, change, said):
    data = {**chosen(shop, warehouse, pair="orders:orders", type="standard", name="Out"), **change}
    response = client.post(ADD, data)
    assert response.status_code == 200
    assert said in text_of(response)
    assert not Service.objects.exists()
    checked(response)


def test_records_do_not_go_to_where_they_come_from(client, shop):
    data = {"source": shop.pk, "destination": shop.pk, "pair": "other"}
    data |= {"source_entity": "orders", "destination_entity": "orders", "type": "standard", "name": "Round"}
    assert "to where they come from" in text_of(client.post(ADD, data))
    assert 'value="orders:orders"' not in client.get(ADD, data).content.decode()
    assert not Service.objects.exists()


def test_a_pair_that_is_moved_already_says_by_which_service(client, made, shop, warehouse):
    assert "Moved already by Orders out" in text_of(client.get(ADD, chosen(shop, warehouse)))


def test_connectors_of_other_companies_are_no_choice(world, client, shop, warehouse):
    theirs = Connector.objects.create(group=world.other_group, name="Theirs", system="shopify")
    response = client.get(ADD, chosen(theirs, warehouse))
    assert "Theirs" not in text_of(response)
    assert response.context["joining"].source is None
    client.post(ADD, chosen(theirs, warehouse, pair="orders:orders", type="standard", name="Out"))
    assert not Service.objects.exists()


def test_only_connectors_of_the_chosen_group_are_offered(world, client, shop):
    spare = world.add_group("Spare")
    assert "Shop (Shopify)" not in text_of(client.get(ADD, {"group": spare.pk}))
    assert "The group Spare has none yet" in text_of(client.get(ADD, {"group": spare.pk}))


def test_the_first_step_asks_the_database_little_however_many_services_there_are(
    client, world, shop, warehouse, django_assert_max_num_queries
):
    for number in range(30):
        world.service(f"S{number}", source="shopify")
    with django_assert_max_num_queries(14):
        client.get(ADD, chosen(shop, warehouse))


def test_records_that_become_what_one_would_not_think_of_first_say_so_in_the_name(client, world, shop):
    books = Connector.objects.create(group=world.group, name="Books", system="odoo", environment="practice")
    names = [
        client.get(ADD, chosen(shop, books, pair=pair)).context["joining"].name
        for pair in ("orders:orders", "orders:invoices")
    ]
    assert names == ["Shopify orders to Odoo", "Shopify orders to Odoo invoices"]
