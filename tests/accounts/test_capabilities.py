"""The table of what each role may do, against the published matrix."""

from __future__ import annotations

import pytest

from topstitch.accounts.capabilities import CAPABILITIES, SCRIPTS_UPDATE, TABLE, at_least, capability
from topstitch.accounts.models import Membership, Role, User
from topstitch.accounts.standing import may, require, standing_in
from topstitch.errors import Bug, ConfigError
from topstitch.store.actions.companies import create_company

#: Area, task, and yes or no for administrator, manager, user, read-only: as published.
MATRIX = """
Service connectors | Browse connectors | yyyy
Service connectors | View connector settings | yynn
Service connectors | Update connector settings | yynn
Service connectors | Delete connectors | yynn
Services | View services list | yyyy
Services | Search services list | yyyy
Services | View service settings | yyyy
Services | Update service settings | yynn
Services | Create new service | yynn
Services | Enable & disable a service | yynn
Services | Run service manually | yynn
Sync reports | View sync reports list | yyyy
Sync reports | View sync report details | yyyy
Sync reports | Perform an auto resync | yynn
Sync reports | Perform a resync | yynn
"""
ROWS = [tuple(part.strip() for part in line.split("|")) for line in MATRIX.strip().splitlines()]


@pytest.mark.parametrize(("area", "task", "marks"), ROWS, ids=[task for _, task, _ in ROWS])
def test_the_matrix_holds_row_by_row(area, task, marks):
    row = next(row for row in TABLE if (row.area, row.task) == (area, task))
    assert row.matrix
    assert "".join("y" if row.allows(role) else "n" for role in Role) == marks


def test_no_row_claims_to_be_of_the_matrix_that_is_not():
    assert {(row.area, row.task) for row in TABLE if row.matrix} == {(area, task) for area, task, _ in ROWS}


def test_names_are_unique_and_have_one_dot():
    assert len(CAPABILITIES) == len(TABLE)
    assert all(name.count(".") == 1 for name in CAPABILITIES)


@pytest.mark.parametrize(
    ("name", "marks"),
    [
        ("connectors.create", "yynn"),
        ("services.delete", "yynn"),
        ("audit.view", "ynnn"),
        ("notifications.update", "ynnn"),
        ("scripts.update", "ynnn"),
        ("lookups.update", "yynn"),
        ("people.update", "yynn"),
        ("api_keys.update", "yynn"),
        ("company.update", "ynnn"),
    ],
)
def test_what_the_matrix_leaves_open_is_decided(name, marks):
    assert "".join("y" if capability(name).allows(role) else "n" for role in Role) == marks


def test_json_editors_need_the_supplementary_role_and_the_role_that_may_change():
    row = capability("services.edit_json")
    assert not row.allows(Role.ADMINISTRATOR)
    assert row.allows(Role.MANAGER, advanced=True)
    assert not row.allows(Role.USER, advanced=True)
    assert row.who == "administrators and managers who are also advanced editors"


def test_roles_for_scripts_are_added_by_a_setting(settings):
    settings.SCRIPT_ROLES = ["user"]
    row = capability(SCRIPTS_UPDATE)
    assert [row.allows(role) for role in Role] == [True, False, True, False]
    assert not capability("lookups.update").allows(Role.USER)


def test_a_name_in_no_row_is_a_mistake_and_not_a_permission():
    with pytest.raises(Bug):
        capability("services.everything")


def test_a_role_that_is_none_may_nothing():
    assert not any(row.allows("owner", advanced=True) for row in TABLE)


def test_roles_are_ordered():
    assert at_least("manager", "user")
    assert not at_least("read_only", "user")


@pytest.fixture
def company(db):
    return create_company("Harbour").company


def member(company, role, **fields):
    person = User.objects.create_user(f"{role}{len(fields)}@example.com")
    Membership.objects.create(user=person, company=company, role=role, **fields)
    return person


def test_a_person_stands_only_where_they_are_a_member(company):
    ada = member(company, "manager")
    other = create_company("Other").company
    assert may(ada, company, "services.run")
    assert not may(ada, other, "services.list")
    assert standing_in(ada, other) is None


def test_who_was_switched_off_stands_nowhere(company):
    assert not may(member(company, "administrator", is_active=False), company, "services.list")
    ada = member(company, "administrator")
    ada.is_active = False
    assert not may(ada, company, "services.list")


def test_people_of_the_company_above_stand_in_a_linked_one_only_if_they_may_switch(company):
    linked = create_company("Linked", parent=company).company
    assert may(member(company, "manager", switches=True), linked, "services.run")
    assert not may(member(company, "administrator"), linked, "services.list")
    below = member(linked, "administrator", switches=True)
    assert not may(below, company, "services.list")


def test_their_own_membership_counts_before_that_of_the_company_above(company):
    linked = create_company("Linked", parent=company).company
    ada = member(company, "administrator", switches=True)
    Membership.objects.create(user=ada, company=linked, role="read_only")
    assert not may(ada, linked, "services.run")


def test_actions_refuse_with_who_may(company):
    require(None, company, "audit.view")
    with pytest.raises(ConfigError, match="only administrators and managers may") as caught:
        require(member(company, "user"), company, "services.run")
    assert caught.value.key == "permission"
