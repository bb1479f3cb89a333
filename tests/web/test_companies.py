"""The company, its groups, those linked to it, and going from one to another."""

from __future__ import annotations

import json
import re

import pytest
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Membership, Role
from topstitch.errors import ConfigError
from topstitch.store.actions.companies import create_company, link_company, unlink_company
from topstitch.store.models import AuditEvent, Company, CompanyGroup
from topstitch.web.scope import IN_COMPANY


@pytest.fixture
def second(world):
    """Another company, with Ada as a read-only person."""
    group = create_company("Second")
    Membership.objects.create(user=world.ada, company=group.company, role=Role.READ_ONLY)
    return group


def switch(client, company, **more):
    return client.post("/settings/switch", {"company": company.pk, **more})


def test_the_profile_is_changed_and_written_down(world, client):
    page = client.get("/settings/company")
    checked(page)
    profile = {"name": "Harbour", "website": "harbour.example", "telephone": "+44 1", "email": "a@harbour.example"}
    assert client.post("/settings/company/save", profile)["Location"] == "/settings/company"
    world.company.refresh_from_db()
    assert (world.company.name, world.company.website) == ("Harbour", "https://harbour.example")
    event = AuditEvent.objects.get(kind="company")
    assert (event.before["name"], event.after["name"]) == ("Harbour & Pine", "Harbour")


@pytest.mark.parametrize(
    "change", [{"name": ""}, {"website": "javascript:alert(1)"}, {"website": "ftp://x.example"}, {"email": "x"}]
)
def test_a_profile_that_cannot_be_is_refused_beside_its_field(world, client, change):
    page = client.post("/settings/company/save", {"name": "Harbour", **change})
    assert page.status_code == 200
    checked(page)
    assert 'class="wrong"' in page.content.decode()
    world.company.refresh_from_db()
    assert world.company.name == "Harbour & Pine"


def test_what_is_seen_follows_the_company_that_one_is_in(world, client, second):
    world.service("Orders of the first")
    world.service("Orders of the second", group=second)
    assert "Orders of the first" in text_of(client.get("/services/"))
    assert "Orders of the second" not in text_of(client.get("/services/"))
    assert switch(client, second.company)["Location"] == "/"
    assert "Orders of the second" in text_of(client.get("/services/"))
    assert "Orders of the first" not in text_of(client.get("/services/"))


def test_a_form_is_not_carried_out_in_another_company_than_it_was_drawn_for(world, client, second):
    page = client.get("/settings/groups").content.decode()
    (drawn,) = set(re.findall(r'name="in_company" value="(\d+)"', page))
    assert drawn == str(world.company.pk)
    Membership.objects.filter(user=world.ada).update(role=Role.ADMINISTRATOR)
    switch(client, second.company)
    answer = client.post(
        "/settings/groups/add",
        {"name": "DE", IN_COMPANY: drawn},
        headers={"Referer": "http://testserver/settings/groups"},
    )
    assert answer.status_code == 409
    checked(answer)
    assert "This form was opened in Harbour &amp; Pine, and you are in Second now" in text_of(answer)
    assert 'name="next" value="/settings/groups"' in answer.content.decode()
    assert not CompanyGroup.objects.filter(name="DE").exists()
    part = client.post("/settings/groups/add", {"name": "DE", IN_COMPANY: drawn}, headers={"HX-Request": "true"})
    assert part.status_code == 409
    said = json.loads(part["HX-Trigger"])["toast"]["words"]
    assert "this page belongs to Harbour & Pine. Nothing was done: switch back to Harbour & Pine, or reload" in said
    switch(client, world.company)
    assert client.post("/settings/groups/add", {"name": "DE", IN_COMPANY: drawn}).status_code == 302
    assert CompanyGroup.objects.get(name="DE").company == world.company


@pytest.mark.parametrize("said", ["", "0", "x", "99999999"])
def test_a_form_that_does_not_say_where_it_belongs_is_not_carried_out(world, client, said):
    answer = client.post("/settings/groups/add", {"name": "DE", IN_COMPANY: said})
    assert answer.status_code == 409
    checked(answer)
    assert "Reload the page" in text_of(answer)
    assert not CompanyGroup.objects.filter(name="DE").exists()


def test_so_do_the_role_and_what_it_may(world, client, second):
    assert client.get("/settings/audit").status_code == 200
    switch(client, second.company)
    assert client.get("/settings/audit").status_code == 403
    assert client.post("/settings/groups/add", {"name": "X"}).status_code == 403


def test_what_is_in_another_of_ones_companies_is_offered_there(world, client, second):
    service = world.service("Orders of the second", group=second)
    page = client.get(f"/services/{service.pk}?from=2026-11-01")
    assert page.status_code == 404
    checked(page)
    assert "Orders of the second" not in text_of(page)
    address = f"/services/{service.pk}?from=2026-11-01"
    assert f'value="{address}"' in page.content.decode()
    assert switch(client, second.company, next=address)["Location"] == address
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    "there", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_switching_never_leads_elsewhere(client, second, there):
    assert switch(client, second.company, next=there)["Location"] == "/"


def test_nobody_switches_into_a_company_that_they_are_not_in(world, client):
    assert switch(client, world.other_group.company).status_code == 404
    session = client.session
    session["company"] = world.other_group.company.pk
    session.save()
    assert "Harbour" in text_of(client.get("/settings/company"))


def test_switching_takes_a_button(client, second):
    assert client.get("/settings/switch").status_code == 405


def test_one_begins_where_one_was_last(world, client, second):
    switch(client, second.company)
    assert "Second" in text_of(world.client(world.ada).get("/settings/company"))


def test_a_place_that_is_lost_is_left_at_once(world, client, second):
    switch(client, second.company)
    Membership.objects.filter(user=world.ada, company=second.company).delete()
    assert "Harbour" in text_of(client.get("/settings/company"))


def test_groups_are_added_renamed_and_removed(world, client):
    client.post("/settings/groups/add", {"name": "Germany"})
    group = CompanyGroup.objects.get(name="Germany")
    assert group.slug == "germany"
    client.post(f"/settings/groups/{group.pk}/rename", {"name": "Deutschland"})
    group.refresh_from_db()
    assert (group.name, group.slug) == ("Deutschland", "germany")
    page = client.get("/settings/groups")
    checked(page)
    client.post(f"/settings/groups/{group.pk}/remove")
    assert not CompanyGroup.objects.filter(pk=group.pk).exists()
    assert [event.verb for event in AuditEvent.objects.filter(kind="group").order_by("pk")] == [
        "create",
        "update",
        "delete",
    ]


def test_a_group_with_something_in_it_stays(world, client):
    world.service()
    page = client.post(f"/settings/groups/{world.group.pk}/remove", follow=True)
    assert "still has 1 service, 1 connector" in text_of(page)
    assert CompanyGroup.objects.filter(pk=world.group.pk).exists()


def test_a_company_keeps_one_group(world, client):
    page = client.post(f"/settings/groups/{world.group.pk}/remove", follow=True)
    assert "keeps at least one group" in text_of(page)


def test_names_of_groups_are_taken_once(world, client):
    page = client.post("/settings/groups/add", {"name": "uk"})
    assert "There is a group" in text_of(page)
    checked(page)


def test_two_companies_of_a_name_have_two_short_names(db):
    slugs = [create_company("Harbour & Pine").company.slug for _ in range(3)]
    assert len(set(slugs)) == 3


def test_a_linked_company_is_added_and_unlinked(world, client):
    client.post("/settings/company/linked", {"name": "Ireland"})
    ireland = Company.objects.get(name="Ireland")
    assert (ireland.parent, ireland.groups.count()) == (world.company, 1)
    assert Membership.objects.get(company=ireland).user == world.ada
    checked(client.get("/settings/company"))
    client.post(f"/settings/company/linked/{ireland.pk}/unlink")
    ireland.refresh_from_db()
    assert ireland.parent is None
    assert AuditEvent.objects.filter(company=world.company, kind="link").count() == 2


def test_linking_takes_an_administrator_of_both_and_makes_no_chains(world, second):
    with pytest.raises(ConfigError, match="only administrators may"):
        link_company(second.company, world.company, person=world.ada)
    Membership.objects.filter(user=world.ada, company=second.company).update(role=Role.ADMINISTRATOR)
    link_company(second.company, world.company, person=world.ada)
    third = create_company("Third").company
    for child, parent in ((third, second.company), (world.company, third), (third, third)):
        with pytest.raises(ConfigError, match="one step"):
            link_company(child, parent)


def test_the_company_below_can_undo_the_link(world):
    linked = create_company("Linked", parent=world.company).company
    boss = world.person("boss@example.com", linked, Role.ADMINISTRATOR)
    user = world.person("user@example.com", linked, Role.USER)
    with pytest.raises(ConfigError):
        unlink_company(linked, person=user)
    unlink_company(linked, person=boss)
    linked.refresh_from_db()
    assert linked.parent is None


def test_people_of_the_company_above_see_a_linked_one_with_their_role(world):
    linked = create_company("Linked", parent=world.company)
    service = world.service("Orders below", group=linked)
    mo = world.person("mo@example.com", world.company, Role.MANAGER)
    assert switch(world.client(mo), linked.company).status_code == 404
    mo.memberships.update(switches=True)
    client = world.client(mo)
    switch(client, linked.company)
    assert client.get(f"/services/{service.pk}").status_code == 200
    assert client.get("/settings/people").status_code == 200
    assert client.get("/settings/audit").status_code == 403
