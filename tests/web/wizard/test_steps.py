"""The steps of the wizard: each is saved, can be left and carried on with; the mapping says what it fills."""

from __future__ import annotations

from typing import ClassVar

import pytest
from tests.web.pages import checked, text_of
from tests.web.wizard.making import ADD, sent

from topstitch.accounts.models import Role
from topstitch.engine.spec import Schedule
from topstitch.errors import ConfigError
from topstitch.store.actions.drafts import discard_draft
from topstitch.store.actions.services import spec_of, switch_service
from topstitch.store.models import AuditEvent, Service
from topstitch.web.wizard import steps


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


@pytest.fixture
def trigger(monkeypatch):
    """The wizard with that part as its only one."""
    monkeypatch.setattr(steps, "PARTS", {"trigger": [ZoneForm]})


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


def test_the_mapping_says_what_it_fills_and_why_the_rest_is_empty(client, made):
    response = client.get(f"/services/{made.pk}/making/mapping")
    said = text_of(response)
    assert "28 of 43 fields" in said
    assert "every required field is mapped" in said
    assert "Left empty 15 fields" in said
    assert "the source has no" in said
    assert f'href="/services/{made.pk}/mapping"' in response.content.decode()
    checked(response)


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


def test_what_is_no_suggestion_is_not_taken(client, without_required):
    page = f"/services/{without_required.pk}/making/mapping"
    missing = client.get(page).context["covered"].lacking
    given = {"to_0": missing[0].field.path, "take_0": "no.such.path", "to_9": "made_up", "constant_9": "x"}
    client.post(page, {**given, "accept": "1"})
    without_required.refresh_from_db()
    assert without_required.revision.number == 1
