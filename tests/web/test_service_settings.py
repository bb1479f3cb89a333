"""The settings tab: status, name and type, notes, revisions, removing."""

from __future__ import annotations

import pytest
from django.urls import reverse
from tests.fakes.far_end import MAPPING
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Membership, Role
from topstitch.engine.spec import Service as Spec
from topstitch.store.actions.notes import add_note
from topstitch.store.actions.services import change_service, save_service
from topstitch.store.models import AuditEvent, Connector, Revision, Service, ServiceNote


@pytest.fixture
def service(world):
    connector = world.connector(world.group)
    spec = {
        "source": {"connector": connector.name, "entity": "orders"},
        "destination": {"connector": connector.name, "entity": "sales"},
        "mapping": MAPPING,
        "schedules": [{"cron": "*/10 * * * *"}],
    }
    return save_service(world.group, "Orders to warehouse", Spec.model_validate(spec), person=world.ada)


def changed(service, **changes):
    """Another revision: parts of ends as `source__page_size`, others by their name."""
    spec = Spec.model_validate(Service.objects.get(pk=service.pk).revision.spec).model_dump(mode="json", by_alias=True)
    for name, value in changes.items():
        part, _, field = name.partition("__")
        if field:
            spec[part][field] = value
        else:
            spec[part] = value
    return change_service(service, Spec.model_validate(spec), force=True)


def at(screen, service, *more):
    return reverse(screen, args=[service.pk, *more])


def settings_of(client, service):
    return client.get(at("service_settings", service))


def advanced(world):
    Membership.objects.filter(user=world.ada).update(advanced_editor=True)


# -- the tab ------------------------------------------------------------------------------------------------------------


def test_the_tab_says_where_the_service_stands(client, world, service, django_assert_max_num_queries):
    for n in range(30):
        add_note(service, f"Note {n}", person=world.ada)
    with django_assert_max_num_queries(13):
        page = settings_of(client, service)
    checked(page)
    said = text_of(page)
    for words in ("Inactive services never run.", f"ID {service.pk}", "Type Standard", "Revision 1", "Note 29"):
        assert words in said
    assert "Note 3 " not in said
    assert "Note 3 " in text_of(client.get(f"{at('service_settings', service)}?after={note_at(service, 10).pk}"))


def note_at(service, place):
    return ServiceNote.objects.filter(service=service).order_by("pk")[place]


def test_it_is_switched_on_and_off(client, service):
    for active in ("1", "0"):
        answer = client.post(
            at("service_switch", service), {"active": active, "back": at("service_settings", service)}, follow=True
        )
        assert Service.objects.get(pk=service.pk).active == (active == "1")
        assert f"is switched {'on' if active == '1' else 'off'}" in answer.content.decode()
    assert "never run" in text_of(settings_of(client, service))


def test_people_who_may_not_change_it_read_it(world, service):
    page = settings_of(world.client(world.person("rae@example.com", world.company, Role.READ_ONLY)), service)
    checked(page)
    body = page.content.decode()
    for absent in ("Switch on", 'name="name"', 'name="note"', "Remove this service"):
        assert absent not in body


# -- name and type ------------------------------------------------------------------------------------------------------


def test_it_is_renamed_and_keeps_its_id(client, world, service):
    assert client.post(at("service_settings", service), {"name": "Returns"}).status_code == 302
    assert Service.objects.get(pk=service.pk).name == "Returns"
    event = AuditEvent.objects.latest("pk")
    assert (event.before["name"], event.after["name"], event.person) == ("Orders to warehouse", "Returns", world.ada)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "required"),
        ("x" * 201, "at most 200"),
        ("Other one", "has a service of this name already"),
        (" \0 ", "Null"),
    ],
)
def test_a_name_that_cannot_be_says_why_beside_the_field(client, world, service, name, said):
    world.service("Other one")
    page = client.post(at("service_settings", service), {"name": name})
    assert page.status_code == 200
    checked(page)
    assert said in " ".join(page.context["naming"]["name"].errors)
    assert Service.objects.get(pk=service.pk).name == "Orders to warehouse"


def test_only_advanced_editors_change_its_type(client, world, service):
    client.post(at("service_settings", service), {"name": service.name, "type": "sweeper"})
    assert Service.objects.get(pk=service.pk).type == "standard"
    advanced(world)
    client.post(at("service_settings", service), {"name": service.name, "type": "sweeper"})
    assert Service.objects.get(pk=service.pk).type == "sweeper"
    page = client.post(at("service_settings", service), {"name": service.name, "type": "nightly"})
    assert page.context["naming"]["type"].errors


# -- notes --------------------------------------------------------------------------------------------------------------


def test_a_note_is_shown_with_who_wrote_it_and_as_it_was_written(client, world, service):
    text = "First line\nSecond <b>line</b>"
    assert client.post(at("service_notes", service), {"note": text}).status_code == 302
    page = settings_of(client, service)
    assert "ada@example.com" in text_of(page)
    assert "Second &lt;b&gt;line&lt;/b&gt;" in page.content.decode()
    assert AuditEvent.objects.filter(kind="note", verb="create", person=world.ada).exists()


@pytest.mark.parametrize(("text", "said"), [("  ", "required"), ("x" * 4001, "at most 4000")])
def test_a_note_that_is_none_says_so_and_keeps_what_was_typed(client, service, text, said):
    page = client.post(at("service_notes", service), {"note": text})
    assert page.status_code == 200
    assert said in " ".join(page.context["noting"]["note"].errors)
    assert ServiceNote.objects.count() == 0


def test_its_author_changes_and_removes_a_note(client, world, service):
    note = add_note(service, "Before", person=world.ada)
    page = client.get(at("service_note", service, note.pk))
    checked(page)
    assert "Before" in page.content.decode()
    client.post(at("service_note", service, note.pk), {"note": "After"})
    note.refresh_from_db()
    assert note.text == "After"
    assert ", changed" in text_of(settings_of(client, service))
    client.post(at("service_note_remove", service, note.pk))
    assert not ServiceNote.objects.exists()
    assert AuditEvent.objects.get(kind="note", verb="delete").before == {"note": "After"}


def test_a_note_of_somebody_else_is_changed_by_administrators_only(world, service):
    manager = world.person("max@example.com", world.company, Role.MANAGER)
    note = add_note(service, "Mine", person=world.person("uma@example.com", world.company, Role.USER))
    client = world.client(manager)
    assert at("service_note", service, note.pk) not in settings_of(client, service).content.decode()
    page = client.post(at("service_note", service, note.pk), {"note": "Yours"})
    assert "Only its author and administrators may change" in text_of(page)
    client.post(at("service_note_remove", service, note.pk))
    assert ServiceNote.objects.get().text == "Mine"
    world.client(world.ada).post(at("service_note", service, note.pk), {"note": "Ours"})
    assert ServiceNote.objects.get().text == "Ours"


def test_a_note_of_another_service_is_not_found(client, world, service):
    note = add_note(world.service("Other"), "There", person=world.ada)
    assert client.get(at("service_note", service, note.pk)).status_code == 404
    assert client.post(at("service_note_remove", service, note.pk)).status_code == 404


# -- revisions ----------------------------------------------------------------------------------------------------------


def test_the_list_says_what_each_changed_in_words(client, service, django_assert_max_num_queries):
    changed(service, source__page_size=10)
    changed(service, schedules=[{"cron": "0 * * * *"}])
    changed(service, mapping=[*MAPPING[1:], {"to": "channel", "value": "web"}])
    changed(service, source__filters=[{"field": "email", "op": "is_not_empty"}], destination__mode="create_only")
    with django_assert_max_num_queries(11):
        page = client.get(at("service_revisions", service))
    checked(page)
    said = text_of(page)
    for words in (
        "The first one",
        "Source: page size from the usual to 10",
        "Schedule: from Every 10 minutes to Every hour",
        "1 mapping row added: channel",
        "1 mapping row removed: reference",
        "Filter added: email is not empty",
        "Destination: what is written from the usual to new records only",
    ):
        assert words in said


def test_the_first_of_a_page_is_compared_with_the_one_before_it(client, service):
    for size in range(1, 31):
        changed(service, source__page_size=size)
    page = client.get(at("service_revisions", service))
    assert "Source: page size from 10 to 11" in text_of(page)
    assert [one.number for one, _ in page.context["told"]] == list(range(31, 11, -1))
    older = client.get(f"{at('service_revisions', service)}?after=12")
    assert [one.number for one, _ in older.context["told"]] == list(range(11, 0, -1))
    assert "The first one" in text_of(older)


def test_any_two_are_compared(client, service):
    changed(service, source__page_size=10)
    changed(service, mapping=[{**MAPPING[0], "do": ["string.trim"]}, *MAPPING[1:]])
    page = client.get(f"{at('service_compare', service)}?before=1&after=3")
    checked(page)
    said = text_of(page)
    assert "Source: page size from the usual to 10" in said
    assert "Changed reference functions To text to Trim" in said
    assert "Restore revision" not in said
    assert client.get(f"{at('service_compare', service)}?before=1&after=9").status_code == 404


def test_an_earlier_revision_is_restored_as_a_new_one(client, world, service):
    changed(service, source__page_size=10)
    page = client.get(f"{at('service_compare', service)}?before=2&after=1")
    assert "Restore revision 1" in text_of(page)
    client.post(at("service_restore", service, 1), {"note": "Too slow with 10"})
    now = Service.objects.get(pk=service.pk).revision
    assert (now.number, now.note, now.author) == (3, "Too slow with 10", world.ada)
    assert now.spec == Revision.objects.get(service=service, number=1).spec


def test_restoring_needs_a_reason(client, service):
    changed(service, source__page_size=10)
    page = client.post(at("service_restore", service, 1), {"note": " "})
    checked(page)
    assert page.context["form"]["note"].errors
    assert Service.objects.get(pk=service.pk).revision.number == 2


def test_what_cannot_be_restored_says_why(client, world, service):
    changed(service, source__page_size=10)
    Connector.objects.filter(group=world.group).update(name="Renamed")
    page = client.post(at("service_restore", service, 1), {"note": "Back"})
    checked(page)
    assert "Revision 1 uses the connector &#x27;far-end UK&#x27;, which UK does not have any more." in text_of(page)
    assert "Add a connector of this name" in text_of(page)


def test_a_revision_of_another_version_is_shown_as_json_and_not_restored(client, service):
    changed(service, source__page_size=10)
    Revision.objects.filter(service=service, number=1).update(spec={"from": "the future"})
    page = client.get(at("service_revision", service, 1))
    checked(page)
    assert "cannot be shown in words" in text_of(page)
    assert "the future" in page.content.decode()
    page = client.post(at("service_restore", service, 1), {"note": "Back"})
    assert "of another version of Topstitch" in text_of(page)
    checked(client.get(f"{at('service_compare', service)}?before=2&after=1"))


# -- removing -----------------------------------------------------------------------------------------------------------


def test_it_is_removed_once_its_name_is_typed(client, world, service):
    world.run(service, "running")
    page = client.get(at("service_remove", service))
    checked(page)
    assert "1 run that is going is stopped." in text_of(page)
    page = client.post(at("service_remove", service), {"typed": "orders"})
    assert "Type Orders to warehouse to remove it." in " ".join(
        error.params["hint"] for error in page.context["form"].errors.as_data()["typed"]
    )
    checked(page)
    assert client.post(at("service_remove", service), {"typed": service.name}).status_code == 302
    assert not Service.objects.filter(pk=service.pk).exists()
    assert AuditEvent.objects.get(verb="delete", kind="service").person == world.ada


SCREENS = (
    "service_settings",
    "service_remove",
    "service_notes",
    "service_revisions",
    "service_compare",
)


@pytest.mark.parametrize("screen", SCREENS)
def test_a_service_of_another_company_does_not_exist(world, service, screen):
    client = world.client(world.sam)
    address = at(screen, service)
    assert {client.get(address).status_code, client.post(address).status_code} <= {404, 405}
    assert client.post(address).status_code in (404, 405)
