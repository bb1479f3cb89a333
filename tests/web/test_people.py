"""Inviting, roles, switching people off and out; and that nobody gets more than they were given."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.web.mails import link_in, path_in, sent, the_message
from tests.web.pages import checked, text_of
from tests.web.world import PASSWORD

from topstitch.accounts.models import Invitation, Membership, Role, User
from topstitch.store.actions.companies import create_company
from topstitch.store.models import AuditEvent

NEW = {"name": "Nia", "password": "another quiet harbour"}


def invite(client, email="new@example.com", role="user", **more):
    return client.post("/settings/people/invite", {"email": email, "role": role, **more})


def shown_link(page):
    return re.search(r'id="link">http[^<]*?(/invitation/[^<]+)<', page.content.decode())[1]


@pytest.fixture
def manager(world):
    return world.client(world.person("mo@example.com", world.company, Role.MANAGER))


def member(world, role=Role.USER, email="bob@example.com"):
    return world.person(email, world.company, role).memberships.get()


def test_an_invitation_makes_somebody_new_a_member(world, client):
    page = invite(client, role="manager", advanced_editor="on")
    checked(page)
    path = shown_link(page)
    assert path == path_in(the_message())
    visitor = Client()
    offer = visitor.get(path)
    checked(offer)
    assert "ada@example.com invites new@example.com as manager and advanced editor" in text_of(offer)
    assert visitor.post(path, NEW)["Location"] == "/"
    membership = Membership.objects.get(user__email="new@example.com")
    assert (membership.role, membership.advanced_editor, membership.company) == ("manager", True, world.company)
    assert visitor.get("/settings/people").status_code == 200
    assert [event.verb for event in AuditEvent.objects.filter(company=world.company).order_by("pk")] == [
        "invite",
        "create",
        "accept",
        "sign_in",
    ]


def test_the_link_is_shown_once_and_with_a_mail_server_not_at_all(client, settings):
    assert "shown only now" in text_of(invite(client))
    assert "/invitation/" not in client.get("/settings/people").content.decode()
    settings.EMAIL_URL = "smtp://mail.example"
    response = invite(client, "other@example.com")
    assert response.status_code == 302
    page = client.get("/settings/people")
    assert "on its way to other@example.com" in text_of(page)
    assert "/invitation/" not in page.content.decode()


def test_links_are_of_the_configured_address(client, settings):
    settings.ALLOWED_HOSTS, settings.BASE_URL = ["*"], "https://topstitch.example"
    client.post("/settings/people/invite", {"email": "n@example.com", "role": "user"}, headers={"Host": "evil.example"})
    assert link_in(the_message()).startswith("https://topstitch.example/invitation/")


def test_a_link_works_once(client):
    path = shown_link(invite(client))
    Client().post(path, NEW)
    again = Client().get(path)
    assert again.status_code == 404
    assert "no longer works" in text_of(again)
    checked(again)
    assert Client().post(path, {"name": "Eve", "password": "yet another harbour"}).status_code == 404
    assert User.objects.get(email="new@example.com").check_password(NEW["password"])


def test_a_link_is_good_for_seven_days(client):
    path = shown_link(invite(client))
    invitation = Invitation.objects.get()
    assert timedelta(days=6, hours=23) < invitation.expires_at - timezone.now() <= timedelta(days=7)
    Invitation.objects.update(expires_at=timezone.now())
    assert Client().get(path).status_code == 404
    assert Client().post(path, NEW).status_code == 404
    assert not User.objects.filter(email="new@example.com").exists()


def test_sending_again_ends_the_old_link(client):
    old = shown_link(invite(client))
    new = shown_link(client.post(f"/settings/people/invitations/{Invitation.objects.get().pk}/resend"))
    assert old != new
    assert Client().get(old).status_code == 404
    assert Client().get(new).status_code == 200


def test_a_withdrawn_link_is_dead(client):
    path = shown_link(invite(client))
    client.post(f"/settings/people/invitations/{Invitation.objects.get().pk}/withdraw")
    assert Client().get(path).status_code == 404


def test_only_a_digest_of_the_link_is_kept(client):
    token = shown_link(invite(client)).rpartition("/")[2]
    assert len(token) >= 43
    kept = str(list(Invitation.objects.values())) + str(list(AuditEvent.objects.values()))
    assert token not in kept


def test_guessing_links_is_stopped(client):
    path = shown_link(invite(client))
    guesser = Client()
    for number in range(5):
        assert guesser.get(f"/invitation/guess-{number}").status_code == 404
    assert guesser.get(path).status_code == 404


def test_somebody_with_an_account_joins_with_it_and_keeps_their_password(world, client):
    path = shown_link(invite(client, "sam@example.com"))
    visitor = Client()
    page = visitor.get(path)
    checked(page)
    assert "Sign in with your account to join" in text_of(page)
    assert visitor.post(path, NEW).status_code == 200
    assert world.sam.memberships.count() == 1
    sam = world.client(world.sam)
    assert sam.post(path)["Location"] == "/"
    assert world.sam.memberships.count() == 2
    world.sam.refresh_from_db()
    assert world.sam.check_password(PASSWORD)
    assert "Harbour &amp; Pine" in sam.get("/settings/company").content.decode()


def test_somebody_else_who_is_signed_in_cannot_take_it(world, client):
    path = shown_link(invite(client))
    sam = world.client(world.sam)
    assert "You are signed in as sam@example.com" in text_of(sam.get(path))
    sam.post(path, NEW)
    assert not User.objects.filter(email="new@example.com").exists()
    assert world.sam.memberships.count() == 1


def test_who_is_in_already_is_not_invited(world, client):
    page = invite(client, "ADA@example.com")
    assert "There is somebody with the address ada@example.com in this company already" in text_of(page)
    assert not Invitation.objects.exists()


def test_the_list_shows_who_is_there_and_how(world, client):
    member(world, email="off@example.com")
    Membership.objects.filter(user__email="off@example.com").update(is_active=False)
    invite(client)
    page = client.get("/settings/people")
    checked(page)
    said = text_of(page)
    assert "Switched off" in said
    assert "new@example.com User" in said
    assert "sam@example.com" not in said


def test_a_manager_makes_managers_but_no_administrators(world, manager):
    refused = text_of(invite(manager, role="administrator"))
    assert "As manager you cannot make or change an administrator. An administrator can." in refused
    assert invite(manager, role="manager").status_code == 200
    assert Invitation.objects.get().role == "manager"


def test_a_manager_gives_no_advanced_editing_that_they_do_not_have(world, manager):
    assert "advanced editor" in text_of(invite(manager, advanced_editor="on")).lower()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("path", ["save", "switch", "remove", "reset"])
def test_a_manager_cannot_touch_an_administrator(world, manager, path):
    boss = world.ada.memberships.get()
    manager.post(f"/settings/people/{boss.pk}/{path}", {"role": "user", "active": "0"})
    boss.refresh_from_db()
    assert (boss.role, boss.is_active) == ("administrator", True)
    assert sent() == []


def test_a_manager_cannot_make_an_administrator_of_a_member(world, manager):
    bob = member(world)
    page = manager.post(f"/settings/people/{bob.pk}/save", {"role": "administrator"})
    checked(page)
    bob.refresh_from_db()
    assert bob.role == "user"


@pytest.mark.parametrize(("path", "data"), [("save", {"role": "user"}), ("switch", {"active": "0"}), ("remove", {})])
def test_nobody_changes_their_own_place(world, client, path, data):
    member(world, Role.ADMINISTRATOR)
    mine = world.ada.memberships.get()
    client.post(f"/settings/people/{mine.pk}/{path}", data)
    mine.refresh_from_db()
    assert (mine.role, mine.is_active) == ("administrator", True)


def test_the_last_administrator_cannot_go(world):
    from topstitch.errors import ConfigError
    from topstitch.store.actions.people import change_place, remove_person, set_active

    last = world.ada.memberships.get()
    for act in (
        lambda: remove_person(last),
        lambda: set_active(last, False),
        lambda: change_place(last, role="manager", advanced_editor=False),
    ):
        with pytest.raises(ConfigError, match="at least one administrator"):
            act()
    assert Membership.objects.get(pk=last.pk).role == "administrator"
    member(world, Role.ADMINISTRATOR)
    remove_person(Membership.objects.get(pk=last.pk))


def test_a_role_change_is_written_down_with_before_and_after(world, client):
    bob = member(world)
    client.post(f"/settings/people/{bob.pk}/save", {"role": "manager", "advanced_editor": "on"})
    event = AuditEvent.objects.get(verb="update")
    assert (event.person, event.name, event.before["role"], event.after["role"]) == (
        world.ada,
        "bob@example.com",
        "user",
        "manager",
    )
    assert event.after["advanced_editor"]


def test_who_is_switched_off_is_out_at_the_next_click(world, client):
    bob = member(world)
    browser = world.client(bob.user)
    assert browser.get("/services/").status_code == 200
    client.post(f"/settings/people/{bob.pk}/switch", {"active": "0"})
    assert browser.get("/services/").status_code == 403
    client.post(f"/settings/people/{bob.pk}/switch", {"active": "1"})
    assert browser.get("/services/").status_code == 200


def test_who_is_removed_stays_known_in_the_log(world, client):
    bob = member(world)
    client.post(f"/settings/people/{bob.pk}/remove")
    assert not Membership.objects.filter(pk=bob.pk).exists()
    assert User.objects.filter(pk=bob.user_id).exists()
    assert AuditEvent.objects.get(verb="delete").name == "bob@example.com"


def test_a_reset_is_sent_to_the_person_and_the_sender_never_sees_the_link(world, client):
    bob = member(world)
    response = client.post(f"/settings/people/{bob.pk}/reset", follow=True)
    assert the_message().to == ["bob@example.com"]
    assert path_in(the_message()) not in response.content.decode()
    assert "is on its way to bob@example.com" in text_of(response)
    assert Client().get(path_in(the_message())).status_code == 302


def test_switching_into_linked_companies_is_for_administrators_to_give(world, client, manager):
    linked = create_company("Linked", parent=world.company).company
    bob = member(world)
    page = manager.post(f"/settings/people/{bob.pk}/save", {"role": "user", "switches": "on"})
    assert "only administrators may" in text_of(page)
    client.post(f"/settings/people/{bob.pk}/save", {"role": "user", "switches": "on"})
    browser = world.client(bob.user)
    browser.post("/settings/switch", {"company": linked.pk})
    assert "Linked" in text_of(browser.get("/settings/company"))


def test_the_table_of_roles_is_a_page(client):
    page = client.get("/settings/people/roles")
    checked(page)
    assert "Enable &amp; disable a service" in text_of(page)


def test_many_people_take_no_more_questions_than_few(world, client, django_assert_max_num_queries):
    for number in range(30):
        member(world, email=f"p{number}@example.com")
    with django_assert_max_num_queries(9):
        client.get("/settings/people")
