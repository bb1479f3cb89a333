"""The payload script of a service: chosen, shown, pinned, given variables, taken off."""

from __future__ import annotations

import pytest
from django.urls import reverse
from tests.fakes.far_end import MAPPING
from tests.web.pages import checked, text_of

from topstitch.engine.spec import Service as Spec
from topstitch.store.actions.scripts import Draft, Variable, save_script
from topstitch.store.actions.services import save_service, spec_of
from topstitch.store.models import Script, Service

CODE = "def handle(data):\n    return data\n"


def made(world, called, /, **script):
    connector = world.connector(world.group)
    spec = {
        "source": {"connector": connector.name, "entity": "orders"},
        "destination": {"connector": connector.name, "entity": "sales"},
        "mapping": MAPPING,
        **({"script": script} if script else {}),
    }
    return save_service(world.group, called, Spec.model_validate(spec))


@pytest.fixture
def script(world):
    draft = Draft(CODE, [Variable("country", "GB", "Where the shop is.")], description="Joins the lines.", note="First")
    return save_script(world.company, "Join lines", draft)


@pytest.fixture
def service(world, script):
    return made(world, "Orders to warehouse")


def address(service):
    return reverse("service_script", args=[service.pk])


def send(client, service, button="save", **fields):
    return client.post(address(service), {f"script-{name}": value for name, value in fields.items()} | {button: "1"})


def use_of(service):
    return spec_of(Service.objects.select_related("revision").get(pk=service.pk)).script


def test_the_tab_is_there_when_there_is_a_script_to_choose(client, world, script, service):
    assert "Payload script" in text_of(client.get(address(service)))
    Script.objects.all().delete()
    assert "Payload script" not in text_of(client.get(f"/services/{service.pk}"))
    page = client.get(address(service))
    checked(page)
    assert "No scripts yet" in text_of(page)


def test_choosing_one_shows_it_before_anything_is_saved(client, service):
    page = send(client, service, "look", script="Join lines", version="latest", shown="")
    checked(page)
    said = text_of(page)
    for words in ("Joins the lines.", "def handle(data):", "country", "Where the shop is. Usual: GB.", "(now 1)"):
        assert words in said
    assert use_of(service) is None


def test_it_is_saved_with_a_version_and_variables(client, service, django_assert_max_num_queries):
    fields = {"script": "Join lines", "shown": "Join lines", "version": "1", "variable-country": "DE"}
    assert send(client, service, **fields).status_code == 302
    use = use_of(service)
    assert (use.name, use.version, use.variables) == ("Join lines", 1, {"country": "DE"})
    with django_assert_max_num_queries(14):
        page = client.get(address(service))
    checked(page)
    assert 'value="DE"' in page.content.decode()
    before = Service.objects.get(pk=service.pk).revision_id
    send(client, service, **fields)
    assert Service.objects.get(pk=service.pk).revision_id == before
    send(client, service, **{**fields, "version": "latest", "variable-country": ""})
    assert (use_of(service).version, use_of(service).variables) == (None, {})


def test_another_script_begins_with_its_own_version_and_variables(client, world, service):
    save_script(world.company, "Other", Draft(CODE))
    send(client, service, script="Other", shown="Join lines", version="7", **{"variable-country": "DE"})
    use = use_of(service)
    assert (use.name, use.version, use.variables) == ("Other", None, {})


def test_an_old_version_shows_the_code_it_had(client, world, service):
    save_script(world.company, "Join lines", Draft("def handle(data):\n    return data[1:]\n"))
    page = send(client, service, "look", script="Join lines", version="1", shown="Join lines")
    assert "return data[1:]" not in page.content.decode()
    assert "Version 1" in text_of(page)


def test_it_is_taken_off(client, world, script):
    service = made(world, "With", name="Join lines")
    assert send(client, service, script="", shown="Join lines").status_code == 302
    assert use_of(service) is None


def test_who_else_uses_it_is_named(client, world, service):
    made(world, "Follows", name="Join lines")
    made(world, "Stays", name="Join lines", version=1)
    page = send(client, service, "look", script="Join lines", shown="")
    said = text_of(page)
    assert "changes these services at once: Follows . This one too" in said
    assert "Kept at a version: Stays." in said


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("script", "Nothing", "not one of"),
        ("version", "9", "not one of"),
        ("variable-country", "x" * 10_001, "at most"),
    ],
)
def test_wrong_input_says_so_beside_its_field(client, service, field, value, said):
    shown = value if field == "script" else "Join lines"
    page = send(client, service, **{"script": "Join lines", "shown": shown, "version": "latest", field: value})
    assert page.status_code == 200
    checked(page)
    assert said in " ".join(page.context["form"][field].errors)
    assert use_of(service) is None


def test_a_script_that_is_gone_is_said_so(client, world, script):
    service = made(world, "With", name="Join lines")
    Script.objects.all().delete()
    page = client.get(address(service))
    checked(page)
    assert "Join lines (gone)" in text_of(page)
    assert "its runs fail until another is chosen" in text_of(page)
    page = send(client, service, script="Join lines", shown="Join lines")
    assert "there is no script" in text_of(page).lower()


def test_a_service_of_another_company_does_not_exist(world, service):
    assert world.client(world.sam).get(address(service)).status_code == 404
