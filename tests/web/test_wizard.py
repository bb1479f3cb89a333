"""The wizard: from two connectors to a service, each step saved, and a last look before it is switched on."""

from __future__ import annotations

from typing import ClassVar

import pytest
from django.utils import timezone
from tests.fakes.far_end import system
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.engine.spec import FilterRow, Schedule
from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.file import system_from_data
from topstitch.store.actions.drafts import discard_draft
from topstitch.store.actions.services import spec_of, switch_service
from topstitch.store.models import AuditEvent, Connector, Service
from topstitch.store.queries.doubling import same_place
from topstitch.web.wizard import steps
from topstitch.web.wizard.checks import findings

ADD = "/services/add"


@pytest.fixture
def shop(world):
    return Connector.objects.create(group=world.group, name="Shop", system="shopify", environment="practice")


@pytest.fixture
def warehouse(world):
    return Connector.objects.create(group=world.group, name="Warehouse", system="peoplevox", environment="practice")


def chosen(shop, warehouse, **more):
    return {"source": shop.pk, "destination": warehouse.pk, **more}


def sent(client, shop, warehouse, **more):
    data = chosen(shop, warehouse, pair="orders:orders", type="standard", name="Orders out", **more)
    return client.post(ADD, data)


@pytest.fixture
def made(client, shop, warehouse):
    sent(client, shop, warehouse)
    return Service.objects.get(name="Orders out")


class ZoneForm:
    """The smallest part there can be: the time zone of the schedule."""

    name: ClassVar[str] = "Trigger"
    template: ClassVar[str] = "parts/log.html"

    def __init__(self, service, spec, data=None):
        self.spec, self.data, self.refused = spec, data, None

    @property
    def pressed(self):
        return self.data is not None and "more" in self.data

    def is_valid(self):
        return bool(self.data.get("zone"))

    def apply(self):
        return self.spec.model_copy(update={"schedules": [Schedule(cron="0 6 * * *", zone=self.data["zone"])]})

    def refuse(self, error):
        self.refused = error


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    """The steps of forms are tried by a part of our own: those that there are have tests of theirs."""
    monkeypatch.setattr(steps, "PARTS", {})


@pytest.fixture
def trigger(monkeypatch):
    """The wizard with that part as its only one."""
    monkeypatch.setattr(steps, "PARTS", {"trigger": [ZoneForm]})


# -- the first step -------------------------------------------------------------------------------------------------


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


# -- steps of forms -------------------------------------------------------------------------------------------------


def test_a_step_saves_before_it_goes_on_and_remembers_how_far_it_came(client, world, trigger, shop, warehouse):
    assert sent(client, shop, warehouse)["Location"].endswith("/making/trigger")
    made = Service.objects.get()
    page = f"/services/{made.pk}/making/trigger"
    checked(client.get(page))
    assert client.post(page, {"zone": "Europe/London", "save": "next"})["Location"].endswith("/making/mapping")
    made.refresh_from_db()
    assert (made.wizard_step, spec_of(made).schedules[0].zone) == ("mapping", "Europe/London")
    client.post(page, {"zone": "Europe/Paris", "save": "leave"})
    made.refresh_from_db()
    assert (made.wizard_step, spec_of(made).schedules[0].zone) == ("mapping", "Europe/Paris"), "it never goes back"


def test_leaving_keeps_what_was_saved_and_there_is_a_way_back(client, made):
    response = client.post(f"/services/{made.pk}/making/mapping", {"save": "leave"})
    assert response["Location"] == "/services/"
    assert "is kept as it is" in client.get("/services/").content.decode()
    assert "Carry on where it was left" in text_of(client.get(f"/services/{made.pk}"))
    assert client.get(f"/services/{made.pk}/making")["Location"].endswith("/making/activate")


def test_the_list_shows_what_is_being_made_and_leads_back_to_it(client, world, made):
    response = client.get("/services/")
    assert "Being set up. Carry on with Orders out" in text_of(response)
    assert f'href="/services/{made.pk}/making"' in response.content.decode()
    checked(response)
    reader = world.client(world.person("r@example.com", world.company, Role.READ_ONLY))
    said = text_of(reader.get("/services/"))
    assert "Being set up" in said
    assert "Carry on" not in said


def test_what_was_left_says_who_saved_it_when_and_can_be_carried_on_or_discarded(client, world, made):
    page = client.get(ADD)
    checked(page)
    said = text_of(page)
    assert "Not finished yet" in said
    assert "Orders out" in said
    assert f"now by {world.ada}" in said
    assert f'href="/services/{made.pk}/making"' in page.content.decode()
    assert f'href="/services/{made.pk}/making/discard"' in page.content.decode()
    assert f"by {world.ada}. Carry on where it was left or discard it" in text_of(client.get(f"/services/{made.pk}"))
    switch_service(made, True)
    assert "Not finished yet" not in text_of(client.get(ADD))


def test_a_draft_is_discarded_once_it_was_asked_for_and_its_name_is_free(client, world, made, shop, warehouse):
    address = f"/services/{made.pk}/making/discard"
    page = client.get(address)
    checked(page)
    assert Service.objects.filter(pk=made.pk).exists()
    assert client.post(address)["Location"] == "/services/"
    assert "Orders out is discarded." in client.get("/services/").content.decode()
    assert not Service.objects.exists()
    event = AuditEvent.objects.get(kind="service", verb="delete")
    assert (event.name, event.person) == ("Orders out", world.ada)
    assert sent(client, shop, warehouse).status_code == 302
    assert Service.objects.get().name == "Orders out"


def test_a_finished_service_is_no_draft_to_be_discarded(client, world, made):
    switch_service(made, True)
    with pytest.raises(ConfigError, match="not being set up"):
        discard_draft(made, person=world.ada)
    assert client.post(f"/services/{made.pk}/making/discard")["Location"] == f"/services/{made.pk}"
    assert Service.objects.get().active


def test_a_step_that_is_wrong_or_pressed_within_saves_nothing(client, trigger, shop, warehouse):
    sent(client, shop, warehouse)
    made = Service.objects.get()
    for data in ({"zone": ""}, {"zone": "UTC", "more": "1"}, {"zone": "Mars/Base"}):
        response = client.post(f"/services/{made.pk}/making/trigger", data)
        assert response.status_code == 200
    assert response.context["forms"][0].refused is not None, "what saving says against it goes to the form"
    assert made.revisions.count() == 1


def test_steps_that_are_not_there_are_left_out(client, made):
    assert client.get(f"/services/{made.pk}/making/trigger").status_code == 404
    assert client.get(f"/services/{made.pk}/making/nonsense").status_code == 404


def test_a_service_that_is_made_has_no_wizard_any_more(client, world):
    service = world.service()
    for path in ("making", "making/mapping"):
        assert client.get(f"/services/{service.pk}/{path}")["Location"] == f"/services/{service.pk}"
    assert "being set up" not in text_of(client.get(f"/services/{service.pk}"))


def test_a_configuration_that_cannot_be_read_is_told_and_not_an_error(client, made):
    made.revision.spec = {"nonsense": True}
    made.revision.save()
    response = client.get(f"/services/{made.pk}/making/mapping")
    assert "cannot be shown" in text_of(response)
    checked(response)


# -- mapping --------------------------------------------------------------------------------------------------------


def test_the_mapping_says_what_it_fills_and_why_the_rest_is_empty(client, made):
    response = client.get(f"/services/{made.pk}/making/mapping")
    said = text_of(response)
    assert "28 of 43 fields" in said
    assert "every required field is mapped" in said
    assert "Left empty 15 fields" in said
    assert "the source has no" in said
    assert f'href="/services/{made.pk}/mapping"' in response.content.decode()
    checked(response)


@pytest.fixture
def without_required(made):
    """Its required fields have no rows."""
    spec = spec_of(made)
    rows = [row for row in spec.mapping if not row.required]
    assert len(rows) < len(spec.mapping)
    made.revision.spec = spec.model_copy(update={"mapping": rows}).model_dump(mode="json", by_alias=True)
    made.revision.save()
    return made


def test_suggestions_and_constants_for_required_fields_become_rows(client, without_required):
    page = f"/services/{without_required.pk}/making/mapping"
    response = client.get(page)
    missing = response.context["covered"].lacking
    assert "required field" in text_of(response)
    checked(response)
    first, *rest = missing
    given = {f"to_{each.number}": each.field.path for each in missing} | {"accept": "1"}
    given |= {f"take_{first.number}": first.suggestions[0].field.path} if first.suggestions else {}
    given |= {f"constant_{each.number}": "007" for each in rest if not each.field.choices}
    assert client.post(page, given)["Location"] == page
    without_required.refresh_from_db()
    rows = {row.to: row for row in spec_of(without_required).mapping}
    assert rows[first.field.path].required
    assert [s.path for s in rows[first.field.path].sources] == [first.suggestions[0].field.path]
    for each in rest:
        assert rows[each.field.path].value in ("007", 7), each.field
    assert without_required.revision.note == "Required fields filled in the wizard"


def test_records_that_become_what_one_would_not_think_of_first_say_so_in_the_name(client, world, shop):
    books = Connector.objects.create(group=world.group, name="Books", system="odoo", environment="practice")
    names = [
        client.get(ADD, chosen(shop, books, pair=pair)).context["joining"].name
        for pair in ("orders:orders", "orders:invoices")
    ]
    assert names == ["Shopify orders to Odoo", "Shopify orders to Odoo invoices"]


def test_what_is_no_suggestion_is_not_taken(client, without_required):
    page = f"/services/{without_required.pk}/making/mapping"
    missing = client.get(page).context["covered"].lacking
    given = {"to_0": missing[0].field.path, "take_0": "no.such.path", "to_9": "made_up", "constant_9": "x"}
    client.post(page, {**given, "accept": "1"})
    without_required.refresh_from_db()
    assert without_required.revision.number == 1


# -- the last look --------------------------------------------------------------------------------------------------


def said_of(service):
    return {finding.what: finding.kind for finding in findings(service, spec_of(service))}


def test_the_last_look_says_what_is_wrong_and_what_to_do(client, without_required):
    made = without_required
    Connector.objects.filter(pk=made.source_id).update(
        status="refused", status_detail="the token has been revoked", checked_at=timezone.now()
    )
    response = client.get(f"/services/{made.pk}/making/activate")
    said = text_of(response)
    assert "Shop refuses the credentials (the token has been revoked)" in said
    assert "Correct the settings of the connector" in said
    assert "Warehouse has not passed a test yet" in said
    assert "without a row" in said
    assert "Switch on all the same" in said
    checked(response)


@pytest.mark.parametrize(
    ("source", "schedules", "kind", "words"),
    [
        ({}, [], "pending", "It has no schedule"),
        ({}, ["*/10 * * * *"], "ok", "Between two runs nothing is missed"),
        ({"amount": 5}, ["*/10 * * * *"], "ok", "up to 10 min 0 s pass between two runs: a run reaches back"),
        ({"amount": 5, "catch_up": False}, ["*/10 * * * *"], "pending", "The filter looks back 5 minutes"),
        ({"amount": 20, "catch_up": False}, ["*/10 * * * *"], "ok", "Between two runs nothing is missed"),
    ],
)
def test_filters_that_look_back_less_than_a_run_is_long_ago(made, source, schedules, kind, words):
    spec = spec_of(made)
    row = {"field": "updatedAt", "op": "in_the_last", "value": {"amount": source.get("amount"), "unit": "minute"}}
    filters = [FilterRow.model_validate(row)] if source else []
    changed = {"filters": filters, "catch_up": source.get("catch_up", True)}
    spec = spec.model_copy(
        update={
            "source": spec.source.model_copy(update=changed),
            "schedules": [Schedule(cron=cron) for cron in schedules],
        }
    )
    found = [finding for finding in findings(made, spec) if words in finding.what]
    assert [finding.kind for finding in found] == [kind]
    assert bool(found[0].do) == (kind != "ok")


def test_a_service_that_a_webhook_starts_needs_no_schedule(made):
    spec = spec_of(made).model_copy(update={"schedules": [], "webhook": True})
    assert {f.what: f.kind for f in findings(made, spec)}["It runs whenever its webhook is called"] == "ok"


def test_a_second_service_for_the_same_records_is_warned_of(client, made, shop, warehouse):
    data = chosen(shop, warehouse, pair="orders:orders", type="standard", name="Once more")
    client.post(ADD, data)
    second = Service.objects.get(name="Once more")
    assert said_of(second)["“Orders out” moves the same records to the same place"] == "pending"


def test_one_that_doubles_is_worse_where_the_destination_knows_no_record_again(world):
    service = world.service()
    other = world.service("Twin")
    CATALOGUE.add(system_from_data(system(idempotency="lookup")))
    assert said_of(other)["“Orders to warehouse” moves the same records to the same place"] == "failed"
    service.active = False
    service.save()
    assert said_of(other)["“Orders to warehouse” moves the same records to the same place"] == "pending"


def test_one_that_brings_the_records_back_is_warned_of(client, world, shop):
    outlet = Connector.objects.create(group=world.group, name="Outlet", system="woocommerce", environment="practice")
    common = {"type": "standard", "pair": "stock:stock"}
    client.post(ADD, {"source": shop.pk, "destination": outlet.pk, "name": "There", **common})
    client.post(ADD, {"source": outlet.pk, "destination": shop.pk, "name": "Back", **common})
    assert "“There” brings the same kind of records back" in said_of(Service.objects.get(name="Back"))


def test_practice_connectors_of_one_system_lead_to_one_place_live_ones_by_their_settings(world, shop):
    twin = Connector(group=world.group, name="Twin", system="shopify", environment="practice")
    assert same_place(shop, twin)
    one, two = (
        Connector(pk=n, system="shopify", environment="live", settings={"shop": name})
        for n, name in ((8, "a"), (9, "b"))
    )
    assert not same_place(one, two)
    two.settings = {"shop": "a"}
    assert same_place(one, two)
    assert not same_place(one, shop)


@pytest.mark.parametrize(
    ("begin", "save", "active", "watermark"),
    [("now", "on", True, True), ("all", "on", True, False), ("now", "off", False, True), ("", "", False, False)],
)
def test_it_is_switched_on_or_left_off_and_begins_where_it_was_told(client, made, begin, save, active, watermark):
    page = f"/services/{made.pk}/making/activate"
    assert "begin with what changes from now on" in text_of(client.get(page))
    assert client.post(page, {"begin": begin, "save": save})["Location"] == f"/services/{made.pk}"
    made.refresh_from_db()
    assert (made.active, made.watermark is not None, made.wizard_step) == (active, watermark, None)
    assert (made.next_due is not None) == active


def test_a_source_that_cannot_tell_changes_is_not_asked_to_begin_now(client, world, shop, warehouse):
    data = {
        "source": warehouse.pk,
        "destination": shop.pk,
        "pair": "products:products",
        "type": "standard",
        "name": "P",
    }
    client.post(ADD, data)
    made = Service.objects.get(name="P")
    page = f"/services/{made.pk}/making/activate"
    assert "from now on" not in text_of(client.get(page))
    client.post(page, {"begin": "now", "save": "on"})
    made.refresh_from_db()
    assert made.watermark is None


def test_switching_it_on_elsewhere_ends_the_making(made):
    switch_service(made, True)
    made.refresh_from_db()
    assert made.wizard_step is None


def test_nothing_is_written_by_looking(client, made):
    before = AuditEvent.objects.count(), made.revisions.count()
    for path in ("making", "making/mapping", "making/activate"):
        client.get(f"/services/{made.pk}/{path}")
    made.refresh_from_db()
    assert (AuditEvent.objects.count(), made.revisions.count()) == before
    assert made.wizard_step == "mapping"


def test_the_steps_of_others_do_not_exist(world, made):
    client = world.client(world.sam)
    for path in ("making", "making/mapping", "making/activate", "making/discard"):
        assert client.get(f"/services/{made.pk}/{path}").status_code == 404
    for path in ("making/activate", "making/check", "making/try", "making/discard"):
        assert client.post(f"/services/{made.pk}/{path}").status_code == 404


@pytest.mark.parametrize(("path", "most"), [("making/mapping", 12), ("making/activate", 16)])
def test_the_steps_ask_the_database_little(client, made, path, most, django_assert_max_num_queries):
    with django_assert_max_num_queries(most):
        client.get(f"/services/{made.pk}/{path}")
