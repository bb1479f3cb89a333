"""`topstitch users`: whoever sits at the server can always let somebody in."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from django.test import Client

from topstitch.accounts.models import Membership, Role, User
from topstitch.cli.main import main
from topstitch.store.actions.companies import create_company
from topstitch.store.models import AuditEvent


@pytest.fixture(autouse=True)
def _here(db, monkeypatch):
    monkeypatch.setattr("topstitch.cli.users.ready", lambda: None)


def users(*words, **more):
    done = CliRunner().invoke(main, ["users", *words], **more)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_a_person_is_made_with_a_password_that_is_printed_once():
    done = users("create", "Ada@Example.com", "--name", "Ada")
    assert done.exit_code == 0, done.output
    password = done.output.partition("Password: ")[2].strip()
    ada = User.objects.get(email="ada@example.com")
    assert ada.check_password(password)
    assert ada.memberships.get().role == "administrator"
    assert AuditEvent.objects.filter(kind="person", verb="create").exists()


def test_a_password_can_be_given_and_is_not_printed():
    done = users("create", "ada@example.com", "--password-stdin", "--role", "user", input="a quiet harbour\n")
    assert done.exit_code == 0
    assert "harbour" not in done.output
    assert User.objects.get().check_password("a quiet harbour")


@pytest.mark.parametrize(("email", "password"), [("no address", "a quiet harbour"), ("a@example.com", "short")])
def test_what_cannot_be_is_refused(email, password):
    assert users("create", email, "--password-stdin", input=f"{password}\n").exit_code == 1
    assert not User.objects.exists()


def test_several_companies_have_to_be_named():
    create_company("Harbour")
    create_company("Other")
    done = users("create", "ada@example.com")
    assert done.exit_code == 1
    assert "harbour, other" in done.output
    assert users("create", "ada@example.com", "--company", "other").exit_code == 0
    assert (
        "They sign in with the password that they have"
        in users("create", "ada@example.com", "--company", "harbour").output
    )
    assert Membership.objects.count() == 2


def test_people_are_listed():
    users("create", "ada@example.com")
    (row,) = json.loads(users("list", "--json").output)
    assert (row["email"], row["role"], row["state"]) == ("ada@example.com", "administrator", "active")
    assert "ada@example.com" in users("list").output


def test_a_new_password_or_a_link_to_set_one():
    users("create", "ada@example.com")
    done = users("reset-password", "ada@example.com")
    assert User.objects.get().check_password(done.output.partition("Password: ")[2].strip())
    link = users("reset-password", "ada@example.com", "--link").output.split()[0]
    path = link.partition("8088")[2]
    assert Client().get(path).status_code == 302
    assert users("reset-password", "nobody@example.com").exit_code == 1


def test_lost_second_steps_are_removed():
    from allauth.mfa.models import Authenticator

    users("create", "ada@example.com")
    Authenticator.objects.create(user=User.objects.get(), type="totp", data={"secret": "x"})
    users("reset-password", "ada@example.com", "--second-step")
    assert not Authenticator.objects.exists()


def test_roles_are_set_and_the_last_administrator_stays():
    users("create", "ada@example.com")
    users("create", "bob@example.com", "--role", "user")
    Membership.objects.filter(user__email="bob@example.com").update(is_active=False)
    assert users("set-role", "bob@example.com", "manager", "--advanced-editor").exit_code == 0
    bob = Membership.objects.get(user__email="bob@example.com")
    assert (bob.role, bob.advanced_editor, bob.is_active) == (Role.MANAGER, True, True)
    refused = users("set-role", "ada@example.com", "user")
    assert refused.exit_code == 1
    assert "at least one administrator" in refused.output
