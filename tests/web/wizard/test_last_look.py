"""The last look of the wizard, before a service is switched on."""

from __future__ import annotations

import pytest
from django.utils import timezone
from tests.fakes.far_end import system
from tests.web.pages import checked, text_of
from tests.web.wizard.making import ADD, chosen

from topstitch.engine.spec import FilterRow, Schedule
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.file import system_from_data
from topstitch.store.actions.services import spec_of, switch_service
from topstitch.store.models import AuditEvent, Connector, Service
from topstitch.store.queries.doubling import same_place
from topstitch.web.wizard.checks import findings


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
