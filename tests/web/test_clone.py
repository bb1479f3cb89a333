"""Cloning a service: what the page says of it beforehand, and what the clone then has."""

from __future__ import annotations

import pytest
from tests.web.pages import checked, text_of

from topstitch.alerts.actions.rules import RuleDraft, save_rule
from topstitch.alerts.models import AlertRule
from topstitch.engine.renaming import between_others
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError
from topstitch.store.actions.cloning import clone_service
from topstitch.store.actions.lookups import save_lookup
from topstitch.store.actions.services import save_service, spec_of
from topstitch.store.actions.webhooks import token_of
from topstitch.store.models import AuditEvent, Connector, Service
from topstitch.store.queries.webhooks import webhook_of


@pytest.fixture
def ends(world):
    """Connectors of both systems, for test and live."""

    def made(name, system, environment, group=world.group, **fields):
        return Connector.objects.create(group=group, name=name, system=system, environment=environment, **fields)

    return {
        "shop": made("Shop sandbox", "shopify", "test", settings={"store": "sandbox"}),
        "warehouse": made("Warehouse sandbox", "peoplevox", "test"),
        "live shop": made("Shop", "shopify", "live", settings={"store": "harbour"}, zone="Europe/London"),
        "live warehouse": made("Warehouse", "peoplevox", "live"),
    }


MAPPING = [
    {"to": "SalesOrderNumber", "from": "name", "required": True},
    {"to": "ServiceType", "from": "tags", "do": [{"other.map": {"table": "carriers"}}]},
    {
        "to": "Email",
        "from": "email",
        "do": [
            {"other.find": {"connector": "Warehouse sandbox", "entity": "customers", "match": "Email", "give": "Name"}}
        ],
    },
]


@pytest.fixture
def service(world, ends):
    save_lookup(world.company, "carriers", [("a", "b")])
    spec = {
        "source": {
            "connector": "Shop sandbox",
            "entity": "orders",
            "filters": [{"field": "name", "op": "starts_with", "value": "#"}],
            "max_attempts": 7,
            "options": {"tag_not": "wholesale"},
        },
        "destination": {
            "connector": "Warehouse sandbox",
            "entity": "orders",
            "options": {"missing_fields": "make them empty"},
        },
        "mapping": MAPPING,
        "schedules": [{"cron": "*/10 6-22 * * *", "zone": "Europe/London"}],
    }
    made = save_service(
        world.group, "Orders out", Spec.model_validate(spec), active=True, type="sweeper", person=world.ada
    )
    made.watermark = made.created_at
    made.save()
    return made


def page(service):
    return f"/services/{service.pk}/clone"


def going_live(ends, **more):
    return {"source": ends["live shop"].pk, "destination": ends["live warehouse"].pk, **more}


def test_the_page_says_what_stays_what_differs_and_what_is_left_behind(client, service):
    response = client.get(page(service))
    said = text_of(response)
    assert 'value="Copy of Orders out"' in response.content.decode()
    assert "Mapping: 3 rows with their functions" in said
    assert "Filters: 1 row" in said
    assert "Schedule: Every 10 minutes, 06:00 to 22:59 (Europe/London)" in said
    assert "Lookup tables: carriers" in said
    assert "Status Active Inactive, until you switch it on" in said
    assert "What it remembers of records: it knows none" in said
    checked(response)


def test_from_test_to_live_stands_out_with_what_is_different_there(client, service, ends):
    assert "Take it live" in text_of(client.get(page(service)))
    response = client.get(page(service), going_live(ends))
    said = text_of(response)
    assert "Source environment Test Live" in said
    assert "Destination environment Test Live" in said
    assert "sandbox harbour" in said
    assert "Source: Time zone UTC Europe/London" in said
    assert "wholesale" in said
    assert "make them empty" not in said, "what is chosen from a list means the same everywhere"
    assert "Take it live" not in said
    assert 'class="marked"' in response.content.decode()
    checked(response)


def test_a_clone_has_everything_but_the_past(world, client, service, ends):
    save_rule(service, RuleDraft(people=["ada@example.com"], addresses=["ops@example.com"], failures=5))
    response = client.post(page(service), going_live(ends, name="Orders out live", begin="all"))
    clone = Service.objects.get(name="Orders out live")
    assert response["Location"] == f"/services/{clone.pk}"
    assert (clone.active, clone.type, clone.next_due, clone.watermark) == (False, "sweeper", None, None)
    assert (clone.source, clone.destination) == (ends["live shop"], ends["live warehouse"])
    mine, original = spec_of(clone), spec_of(service)
    assert mine == between_others(original, "Shop", "Warehouse")
    assert (mine.source.filters, mine.source.max_attempts) == (original.source.filters, 7)
    assert (mine.schedules, mine.destination.options) == (original.schedules, original.destination.options)
    assert clone.revision.note == f"Copied from Orders out (#{service.pk}), revision 1"
    rule = AlertRule.objects.get(service=clone)
    assert (rule.failures, rule.addresses, [p.email for p in rule.people.all()]) == (
        5,
        ["ops@example.com"],
        ["ada@example.com"],
    )
    assert AuditEvent.objects.get(kind="service", object_id=str(clone.pk)).person == world.ada
    service.refresh_from_db()
    assert (service.active, service.revision.number) == (True, 1)


def test_a_webhook_comes_along_but_not_its_address(client, service, ends):
    spec = spec_of(service).model_copy(update={"webhook": True})
    save_service(service.group, service.name, spec)
    assert "a webhook, under an address of its own" in text_of(client.get(page(service)))
    client.post(page(service), going_live(ends, name="Called live"))
    clone = Service.objects.get(name="Called live")
    assert webhook_of(clone) is not None
    assert token_of(webhook_of(clone)) != token_of(webhook_of(service))


def test_lookups_in_the_connectors_of_the_service_go_with_it(service):
    spec = between_others(spec_of(service), "Shop", "Warehouse")
    assert spec.mapping[2].do[0].args["connector"] == "Warehouse"
    other = spec.model_copy(update={"mapping": [row.model_copy(update={"enabled": False}) for row in spec.mapping]})
    assert between_others(other, "A", "B").mapping[2].do[0].args["connector"] == "B"


def test_a_clone_that_begins_now_leaves_alone_what_is_there(client, service, ends):
    client.post(page(service), going_live(ends, name="From now", begin="now"))
    assert Service.objects.get(name="From now").watermark is not None


def test_the_same_records_to_the_same_place_are_warned_of(client, service, ends):
    assert "“Orders out” moves the same records to the same place" in text_of(client.get(page(service)))
    assert "moves the same records" not in text_of(client.get(page(service), going_live(ends)))


@pytest.mark.parametrize("name", ["Orders out", "ORDERS OUT"])
def test_a_name_that_is_taken_is_said_beside_it(client, service, ends, name):
    response = client.post(page(service), going_live(ends, name=name))
    assert "in UK already" in text_of(response)
    assert Service.objects.count() == 1
    checked(response)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": "999"}, "Select a valid choice"),
        ({"name": "a\x00"}, "Null characters"),
        ({"destination": ""}, "Choose where records go."),
    ],
)
def test_what_cannot_be_is_said_in_its_place(client, service, ends, change, said):
    response = client.post(page(service), {**going_live(ends, name="Live"), **change})
    assert said in text_of(response)
    assert Service.objects.count() == 1


def test_connectors_of_other_systems_are_no_choice(client, world, service, ends):
    data = {"source": ends["live warehouse"].pk, "destination": ends["live warehouse"].pk, "name": "Odd"}
    assert "Select a valid choice" in text_of(client.post(page(service), data))
    with pytest.raises(ConfigError, match="another system"):
        clone_service(service, world.group, "Odd", ends["live warehouse"], ends["live warehouse"])
    with pytest.raises(ConfigError, match="within its company"):
        clone_service(service, world.other_group, "Odd", ends["shop"], ends["warehouse"])


@pytest.fixture
def europe(world):
    """Another group with connectors of its own."""
    group = world.add_group("Europe")
    for name, system in (("Boutique", "shopify"), ("Warehouse sandbox", "peoplevox")):
        Connector.objects.create(group=group, name=name, system=system, environment="test")
    return group


def test_into_another_group_with_its_own_connectors(client, service, europe):
    response = client.get(page(service), {"group": europe.pk})
    said = text_of(response)
    assert "Company group UK Europe" in said
    assert "Source Shop sandbox Boutique" in said
    chosen = response.context["cloning"]
    client.post(
        page(service),
        {"group": europe.pk, "source": chosen.source.pk, "destination": chosen.destination.pk, "name": "Bestellungen"},
    )
    made = Service.objects.get(name="Bestellungen")
    assert (made.group, spec_of(made).mapping[2].do[0].args["connector"]) == (europe, "Warehouse sandbox")


def test_a_group_without_such_connectors_says_so(client, world, service):
    spare = world.add_group("Spare")
    response = client.get(page(service), {"group": spare.pk})
    assert "Spare has no connector of Shopify" in text_of(response)
    assert "disabled" in response.content.decode()
    checked(response)


def test_a_lookup_table_that_the_other_group_lacks_is_in_the_way(client, world, service, europe, ends):
    save_lookup(world.company, "carriers of the UK", [("a", "b")], group=world.group)
    spec = spec_of(service)
    step = spec.mapping[1].do[0].model_copy(update={"args": {"table": "carriers of the UK"}})
    row = spec.mapping[1].model_copy(update={"do": [step]})
    save_service(world.group, service.name, spec.model_copy(update={"mapping": [spec.mapping[0], row]}))
    response = client.get(page(service), {"group": europe.pk})
    assert "Europe has no lookup table “carriers of the UK”, which the mapping uses" in text_of(response)
    chosen = response.context["cloning"]
    data = {"group": europe.pk, "source": chosen.source.pk, "destination": chosen.destination.pk, "name": "There"}
    assert "Europe does not have the lookup table" in text_of(client.post(page(service), data))
    assert not Service.objects.filter(name="There").exists()
    save_lookup(world.company, "carriers of the UK", [("c", "d")], group=europe)
    assert "is another one in Europe" in text_of(client.get(page(service), {"group": europe.pk}))


def test_what_belongs_to_others_does_not_exist(world, service, ends):
    client = world.client(world.sam)
    assert client.get(page(service)).status_code == 404
    assert client.post(page(service), going_live(ends, name="Mine")).status_code == 404


def test_a_configuration_that_cannot_be_read_is_told(client, service):
    service.revision.spec = {"nonsense": True}
    service.revision.save()
    response = client.get(page(service))
    assert "cannot be read" in text_of(response)
    checked(response)


def test_it_asks_the_database_little(client, world, service, django_assert_max_num_queries):
    for number in range(20):
        world.service(f"S{number}", source="shopify")
    with django_assert_max_num_queries(16):
        client.get(page(service))
