"""What somebody else saved while a page was open is not overwritten unseen, whichever page it is."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from django.urls import reverse
from tests.fakes.far_end import MAPPING
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Membership, Role
from topstitch.engine.mapping.document import plain_row
from topstitch.engine.spec import Service as Spec
from topstitch.store.actions.services import change_service, save_service, spec_of
from topstitch.store.models import Service

TABS = ("service_source", "service_destination", "service_filters", "service_trigger", "service_script")
CHOICES = ("checkbox", "radio")


class Form(HTMLParser):
    """What a browser would send of the form that carries a base, no button pressed."""

    def __init__(self, response) -> None:
        super().__init__()
        self.sent: dict[str, object] = {}
        self._forms: list[dict[str, object]] = []
        self._select = self._area = ""
        self.feed(response.content.decode())
        self.sent = next(form for form in self._forms if "base" in form)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        name, value = values.get("name"), values.get("value") or ""
        if tag == "form":
            self._forms.append({})
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in values:
            self._forms[-1][self._select] = value
        elif tag == "textarea" and name and self._forms:
            self._area = name
            self._forms[-1][name] = ""
        elif tag == "input" and name and self._forms and (values.get("type") not in CHOICES or "checked" in values):
            self._forms[-1][name] = value or ("on" if values.get("type") in CHOICES else "")

    def handle_data(self, data):
        if self._area:
            self._forms[-1][self._area] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self._area = ""


@pytest.fixture
def service(world):
    Membership.objects.filter(user=world.ada).update(advanced_editor=True)
    connector = world.connector(world.group)
    spec = {
        "source": {"connector": connector.name, "entity": "orders"},
        "destination": {"connector": connector.name, "entity": "sales"},
        "mapping": MAPPING,
    }
    return save_service(world.group, "Orders to warehouse", Spec.model_validate(spec), person=world.ada)


@pytest.fixture
def overtake(world, service):
    """Bob saves another page size than the one before."""
    bob = world.person("bob@example.com", world.company, Role.MANAGER)

    def act():
        spec = spec_of(now(service))
        size = (spec.source.page_size or 20) + 1
        spec = spec.model_copy(update={"source": spec.source.model_copy(update={"page_size": size})})
        return change_service(service, spec, person=bob)

    return act


def now(service):
    return Service.objects.select_related("revision").get(pk=service.pk)


def number(service):
    return now(service).revision.number


def told(page, before=1, after=2):
    checked(page)
    assert f"Nothing was saved: bob@example.com saved revision {after}" in text_of(page)
    assert f"revisions/compare?before={before}&amp;after={after}" in page.content.decode()


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_refuses_once_and_then_saves_what_was_typed(client, service, overtake, tab):
    address = reverse(tab, args=[service.pk])
    form = Form(client.get(address)).sent
    overtake()
    page = client.post(address, {**form, "save": ""})
    told(page)
    assert number(service) == 2
    again = Form(page).sent
    kept = {name: value for name, value in form.items() if name not in ("base", "csrfmiddlewaretoken")}
    assert {name: again.get(name) for name in kept} == kept
    assert client.post(address, {**again, "save": ""}).status_code == 302


def test_a_button_of_the_form_does_not_make_it_newer(client, service, overtake):
    address = reverse("service_filters", args=[service.pk])
    form = Form(client.get(address)).sent
    overtake()
    form = Form(client.post(address, {**form, "do": "add"})).sent
    assert form["base"] == "1"


def test_the_mapper_shows_the_difference_from_what_was_saved_meanwhile(client, service, overtake):
    form = Form(client.get(reverse("mapper", args=[service.pk]))).sent
    rows = json.dumps([*(plain_row(row) for row in spec_of(service).mapping), {"to": "channel", "value": "web"}])
    overtake()
    form = Form(client.post(reverse("mapper_draft", args=[service.pk]), {**form, "draft": rows})).sent
    assert form["base"] == "1", "buttons of the mapper do not make it newer"
    page = client.post(reverse("mapper_save", args=[service.pk]), {"draft": rows, "base": form["base"]})
    told(page)
    overtake()
    page = client.post(reverse("mapper_save", args=[service.pk]), Form(page).sent)
    told(page, 2, 3)
    assert number(service) == 3
    assert client.post(reverse("mapper_save", args=[service.pk]), Form(page).sent).status_code == 302
    assert spec_of(now(service)).mapping[-1].to == "channel"


def test_so_does_the_json_editor(client, service, overtake):
    address = reverse("service_json", args=[service.pk])
    form = Form(client.get(address)).sent
    overtake()
    page = client.post(address, form)
    told(page)
    overtake()
    page = client.post(address, {**Form(page).sent, "agreed": "1"})
    told(page, 2, 3)
    assert number(service) == 3
    assert client.post(address, {**Form(page).sent, "agreed": "1"}).status_code == 302
    assert number(service) == 4


def test_going_back_to_a_revision_and_saving_from_a_run_are_no_exceptions(client, service, overtake):
    overtake()
    page = client.get(f"{reverse('service_compare', args=[service.pk])}?before=2&after=1")
    form = {**Form(page).sent, "note": "The day before"}
    overtake()
    page = client.post(reverse("service_restore", args=[service.pk, 1]), form)
    told(page, 2, 3)
    assert client.post(reverse("service_restore", args=[service.pk, 1]), {**form, **Form(page).sent}).status_code == 302
    Service.objects.filter(pk=service.pk).update(active=True)
    address = reverse("service_run", args=[service.pk])
    form = {**Form(client.get(address)).sent, "run-save_settings": "on"}
    overtake()
    told(client.post(address, form), 4, 5)
    assert number(service) == 5


def test_a_name_given_meanwhile_is_not_taken_away_unseen(client, service):
    address = reverse("service_settings", args=[service.pk])
    Service.objects.filter(pk=service.pk).update(name="Orders, new")
    page = client.post(address, {"name": "Mine", "type": "standard", "was": "Orders to warehouse"})
    assert "It is called Orders, new by now" in text_of(page)
    assert 'value="Mine"' in page.content.decode()
    assert client.post(address, {"name": "Mine", "type": "standard", "was": "Orders, new"}).status_code == 302
    assert now(service).name == "Mine"
