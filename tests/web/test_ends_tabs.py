"""The tabs of source and destination: what they show, what they keep, what they say of wrong input."""

from __future__ import annotations

import pytest
from django.urls import reverse
from tests.fakes.far_end import MAPPING
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.engine.spec import Service as Spec
from topstitch.store.actions.services import save_service, spec_of
from topstitch.store.models import AuditEvent, Service

SOURCE = {"source-cursor": "managed", "source-catch_up": "on", "source-max_attempts": "4", "source-zone": "UTC"}
DESTINATION = {"destination-mode": "usual", "destination-uncertain": "ask", "destination-zone": "UTC"}


@pytest.fixture
def service(world):
    connector = world.connector(world.group)
    spec = {
        "source": {"connector": connector.name, "entity": "orders"},
        "destination": {"connector": connector.name, "entity": "sales"},
        "mapping": MAPPING,
    }
    return save_service(world.group, "Orders to warehouse", Spec.model_validate(spec))


@pytest.fixture
def shop(world):
    """From a system whose orders have options."""
    connector = world.connector(world.group, "shopify")
    spec = {
        "source": {"connector": connector.name, "entity": "orders", "options": {"tag_not": "wholesale"}},
        "destination": {"connector": world.connector(world.group).name, "entity": "sales"},
        "mapping": [{"to": "reference", "from": "id"}],
    }
    return save_service(world.group, "Shop", Spec.model_validate(spec))


def address(service, side="source"):
    return reverse(f"service_{side}", args=[service.pk])


def fresh(service):
    return spec_of(Service.objects.select_related("revision").get(pk=service.pk))


def send(client, service, side="source", **changes):
    usual = SOURCE if side == "source" else DESTINATION
    return client.post(address(service, side), {**usual, "save": "", **changes})


def test_the_source_names_its_system_and_what_is_usual(client, service, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        page = client.get(address(service))
    said = text_of(page)
    checked(page)
    for words in ("Far end", "Live", "Not checked yet", "Usual: 20", "Usual: 4.", "Usual: 60.", "Usual: name."):
        assert words in said
    assert "a test or practice connector" in said


def test_the_destination_says_how_it_treats_what_it_has_already(client, service):
    page = client.get(address(service, "destination"))
    checked(page)
    assert "As is usual for sales: new and changed records" in text_of(page)
    assert "knows a record again by its own number" in text_of(page)


def test_what_was_filled_in_is_a_new_revision_by_the_person(client, world, service):
    answer = send(
        client,
        service,
        **{
            "source-page_size": "10",
            "source-overlap": "90",
            "source-zone": "Europe/London",
            "source-reference": "email",
        },
    )
    assert answer.status_code == 302
    end = fresh(service).source
    assert (end.page_size, end.overlap, end.zone, end.reference) == (10, 90, "Europe/London", "email")
    assert Service.objects.get(pk=service.pk).revision.number == 2
    assert AuditEvent.objects.filter(kind="service", person=world.ada, verb="update").count() == 1


def test_saving_what_is_there_changes_nothing(client, service, shop):
    for each in (service, shop):
        before = each.revision_id
        page = client.get(address(each))
        values = form_of(page)
        assert client.post(address(each), values).status_code == 302
        assert Service.objects.get(pk=each.pk).revision_id == before


def form_of(page):
    """What a browser would send of a page's form."""
    form = page.context["form"]
    sent = {"save": ""}
    for bound in [*form, *form.options]:
        value = bound.value()
        if value not in (None, "", False):
            sent[bound.html_name] = value
    return sent


def test_everything_each_time_leaves_the_overlap_as_it_was(client, service):
    send(client, service, **{"source-overlap": "90"})
    send(client, service, **{"source-cursor": "all"})
    assert fresh(service).source.cursor == "all"
    assert fresh(service).source.overlap == 90


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("max_attempts", "0", "greater than or equal to 1"),
        ("max_attempts", "", "required"),
        ("page_size", "many", "whole number"),
        ("page_size", "10001", "less than or equal to 10000"),
        ("zone", "Mars/Base", "'Mars/Base' is not a time zone"),
        ("cursor", "sometimes", "not one of the available choices"),
        ("key", "lines[", "lines["),
        ("reference", "a..b", "a..b"),
    ],
)
def test_wrong_input_says_so_beside_its_field_and_keeps_the_rest(client, service, field, value, said):
    page = send(client, service, **{f"source-{field}": value, "source-overlap": "77"})
    assert page.status_code == 200
    checked(page)
    errors = page.context["form"][field].errors
    assert said in " ".join(errors)
    assert "Nothing was saved." in text_of(page)
    assert page.context["form"]["overlap"].value() == "77"
    assert Service.objects.get(pk=service.pk).revision.number == 1


def test_options_of_the_system_are_fields_and_only_what_differs_is_kept(client, shop):
    page = client.get(address(shop))
    checked(page)
    assert "Shopify orders" in text_of(page)
    sent = form_of(page)
    name = next(key for key in sent if key.endswith("-tag_not"))
    assert sent[name] == "wholesale"
    send(client, shop, **{**sent, name: "trade"})
    assert fresh(shop).source.options == {"tag_not": "trade"}
    send(client, shop, **{**sent, name: ""})
    assert fresh(shop).source.options == {}


def test_a_wrong_option_says_so_beside_it(client, shop):
    page = client.get(address(shop))
    choice = next(s for s in page.context["form"].declared if s.kind == "choice")
    page = send(client, shop, **{**form_of(page), f"source-option-{choice.name}": "nonsense"})
    assert page.context["form"].options.errors[choice.name]
    assert "Nothing was saved." in text_of(page)


def test_the_destination_is_kept(client, service):
    answer = send(
        client,
        service,
        "destination",
        **{
            "destination-mode": "create_only",
            "destination-uncertain": "send_again",
            "destination-batch": "5",
            "destination-concurrency": "2",
        },
    )
    assert answer.status_code == 302
    end = fresh(service).destination
    assert (end.mode, end.uncertain, end.batch, end.concurrency) == ("create_only", "send_again", 5, 2)
    send(client, service, "destination")
    assert fresh(service).destination.mode is None


def test_what_saving_refuses_is_said_in_words(client, world, service):
    world.connector(world.group).__class__.objects.filter(pk=service.source_id).update(name="renamed")
    page = send(client, service)
    assert page.status_code == 200
    assert "there is no connector" in text_of(page)


def test_readers_see_the_form_but_cannot_send_it(world, service):
    reader = world.person("rae@example.com", world.company, Role.READ_ONLY)
    client = world.client(reader)
    page = client.get(address(service))
    assert "fieldset" in page.content.decode()
    assert " disabled>" in page.content.decode()
    assert 'name="save"' not in page.content.decode()
    assert send(client, service).status_code == 403


def test_a_service_of_another_company_does_not_exist(world, service):
    for side in ("source", "destination"):
        assert world.client(world.sam).get(address(service, side)).status_code == 404


def test_a_system_that_is_not_installed_is_said_so(client, world):
    service = world.service(source="gone-system")
    page = client.get(address(service))
    assert "This installation does not have the system" in text_of(page)
