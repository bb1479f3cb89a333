"""Every screen says who may open it, and every role is tried against every one of them."""

from __future__ import annotations

import uuid
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from tests.web.pages import checked, text_of
from tests.web.world import World

from topstitch.accounts.capabilities import capability
from topstitch.accounts.models import Invitation, Membership, Role
from topstitch.alerts.actions.groups import GroupDraft, save_group
from topstitch.errors import Bug
from topstitch.store.actions.api_keys import create_key
from topstitch.store.actions.companies import create_company
from topstitch.store.actions.invitations import invite
from topstitch.store.actions.lookups import save_lookup
from topstitch.store.actions.notes import add_note
from topstitch.store.actions.reports import save_view
from topstitch.store.actions.scripts import Draft, save_script
from topstitch.store.models import AuditEvent
from topstitch.web.access import PERSONAL, PUBLIC, Can, access_of

#: Open to everybody, which each of these has a reason for.
DOOR = {
    "sign_in",
    "account_login",
    "sign_out",
    "account_logout",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "setup",
    "invitation",
    "healthz",
    # Other systems call it; its address is the secret.
    "hook",
}


def patterns(resolver=None):
    """Every address there is."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns(each)
        else:
            yield each


PATTERNS = list(patterns())
NEEDING = [each for each in PATTERNS if access_of(each.callback) not in (None, PUBLIC, PERSONAL)]


def test_every_screen_says_who_may_open_it():
    for pattern in PATTERNS:
        access = access_of(pattern.callback)
        assert access is not None, f"{pattern.name} needs @needs(...), @personal or @public"
        assert (access == PUBLIC) == (pattern.name in DOOR)
        if access not in (PUBLIC, PERSONAL):
            capability(access)


class Sample:
    """One of everything, in the company of the people who try."""

    def __init__(self, world: World) -> None:
        run = world.run(world.service())
        attempt = world.failure(run)
        world.cause(attempt)
        world.payload(run, 5)
        bob = world.person("bob@example.com", world.company, Role.READ_ONLY)
        linked = create_company("Linked", parent=world.company).company
        self.values = {
            "connector_id": run.service.source_id,
            "service_id": run.service_id,
            "run_id": run.pk,
            "note_id": add_note(run.service, "For the till.").pk,
            "attempt_id": attempt.pk,
            "kin": 4711,
            "side": "pulled",
            "kind": "pulled",
            "page": 1,
            "step": "mapping",
            "company_id": linked.pk,
            "group_id": world.add_group("Spare").pk,
            "membership_id": bob.memberships.get().pk,
            "invitation_id": invite(world.company, "new@example.com", "user")[0].pk,
            "key_id": create_key(world.company, "Till", "read")[0].pk,
            "slug": "peoplevox",
            "name": "orders",
            "file": "sales_orders.csv",
            "view_id": save_view(world.company, world.ada, "Mine", "status=failed", shared=True).pk,
            "table_id": save_lookup(world.company, "carriers", [("Express", "DHL")]).table.pk,
            "script_id": save_script(world.company, "shout", Draft("def handle(data): return data")).pk,
            "number": 1,
            "which": "shipment",
            "notification_group_id": save_group(world.company, "Desk", GroupDraft()).pk,
            "event_id": AuditEvent.objects.filter(company=world.company).latest("pk").pk,
        }

    def address(self, pattern) -> str:
        names = pattern.pattern.regex.groupindex or pattern.pattern.converters
        return reverse(pattern.name, kwargs={name: self.values[name] for name in names})


@pytest.fixture
def sample(world):
    return Sample(world)


METHODS = ("GET", "POST")


@contextmanager
def undone():
    """What happens inside never happened: each address is tried on the same records."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def answers(client, addresses):
    """Each address's answers to being read and to a form, and what only holds until they are undone is looked at inside."""
    for pattern, address in addresses:
        for method in METHODS:
            with undone():
                yield pattern, method, client.get(address) if method == "GET" else client.post(address)


@pytest.mark.parametrize("advanced", [False, True])
@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_what_the_table_says_and_no_more(world, sample, role, advanced):
    person = world.person("try@example.com", world.company, role)
    Membership.objects.filter(user=person).update(advanced_editor=advanced)
    wrong = []
    addresses = [(pattern, sample.address(pattern)) for pattern in NEEDING]
    for pattern, method, response in answers(world.client(person), addresses):
        row = capability(access_of(pattern.callback, method))
        if row.allows(role, advanced=advanced):
            there = response.status_code != 404 or pattern.name == "payload_by_number"
            fine = there and response.status_code in (200, 302, 400, 404, 405)
        else:
            fine = response.status_code == 403 and f"{row.who} may" in text_of(response)
        if not fine:
            wrong.append((pattern.name, method, response.status_code))
    assert wrong == []


def test_the_page_that_refuses_is_sound(world):
    checked(world.client(world.person("uma@example.com", world.company, Role.USER)).get("/settings/audit"))


def test_nobody_opens_what_belongs_to_another_company(world, sample):
    Membership.objects.filter(user=world.sam).update(advanced_editor=True)
    wrong = []
    addresses = [(pattern, sample.address(pattern)) for pattern in NEEDING]
    theirs = [str(value) for name, value in sample.values.items() if name.endswith("_id") or name == "kin"]
    for pattern, method, response in answers(world.client(world.sam), addresses):
        of_them = any(value in sample.address(pattern) for value in theirs)
        touched = AuditEvent.objects.filter(company=world.company, person=world.sam).exists()
        invited = Invitation.objects.filter(company=world.company).count() != 1
        if touched or invited or (of_them and response.status_code not in (404, 405)):
            wrong.append((pattern.name, method, response.status_code))
    assert wrong == []


def test_no_form_is_carried_out_that_does_not_say_for_which_company_it_was_drawn(world, sample):
    plain = Client()
    plain.force_login(world.ada)
    Membership.objects.filter(user=world.ada).update(advanced_editor=True)
    addresses = [sample.address(pattern) for pattern in NEEDING]
    assert [address for address in addresses if plain.post(address).status_code != 409] == []


def test_without_signing_in_only_the_door_opens(sample):
    wrong = []
    addresses = []
    for pattern in PATTERNS:
        names = pattern.pattern.regex.groupindex or pattern.pattern.converters
        if pattern.name not in DOOR:
            addresses.append(
                (pattern, reverse(pattern.name, kwargs={name: sample.values.get(name, 1) for name in names}))
            )
    for pattern, method, response in answers(Client(), addresses):
        if response.status_code != 302 or not response["Location"].startswith("/sign-in?next="):
            wrong.append((pattern.name, method, response.status_code))
    assert wrong == []


def test_a_screen_that_says_nothing_is_for_nobody(world, client, monkeypatch):
    from topstitch.web.home.views import home

    monkeypatch.delattr(home, "topstitch_access")
    assert client.get("/").status_code == 403


def test_the_page_that_refuses_says_whom_to_ask(world):
    uma = world.person("uma@example.com", world.company, Role.USER)
    response = world.client(uma).get("/settings/audit")
    assert response.status_code == 403
    said = text_of(response)
    assert "View the audit log in Harbour & Pine: administrators may.".replace("&", "&amp;") in said
    assert "Your role there is User" in said
    assert "Ask ada@example.com" in said


def test_somebody_without_a_company_is_told_so(world):
    nobody = world.person("nobody@example.com", world.company, Role.USER)
    nobody.memberships.all().delete()
    response = world.client(nobody).get("/")
    assert response.status_code == 403
    assert "You are in no company" in text_of(response)
    checked(response)


def test_templates_ask_the_same_table_and_a_wrong_name_is_loud(world, rf):
    request = rf.get("/")
    request.user, request.session = world.person("m@example.com", world.company, Role.MANAGER), {}
    can = Can(request)
    assert can["services_update"]
    assert can["api_keys_update"]
    assert not can["audit_view"]
    with pytest.raises(Bug):
        can["services_everything"]


def test_an_unknown_run_is_not_found_for_those_who_may(client):
    assert client.get(f"/runs/{uuid.uuid4()}").status_code == 404
