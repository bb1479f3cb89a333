"""Who may change what people are told, and who is told no more."""

from __future__ import annotations

import pytest

from topstitch.accounts.models import Role
from topstitch.alerts.actions.expiry import set_expiry
from topstitch.alerts.actions.groups import GroupDraft, delete_group, save_group
from topstitch.alerts.actions.rules import RuleDraft, follow_default, save_rule, switch_alerts
from topstitch.alerts.actions.trying import try_group
from topstitch.alerts.models import AlertRule
from topstitch.errors import ConfigError

DRAFT = GroupDraft(addresses=["desk@example.com"])


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.ADMINISTRATOR, {"group", "default", "service", "expiry"}),
        (Role.MANAGER, {"service", "expiry"}),
        (Role.USER, set()),
        (Role.READ_ONLY, set()),
    ],
)
def test_each_role_may_change_what_the_table_says(world, role, may):
    person = world.person("eve@example.com", world.company, role)
    service, group = world.service(), world.desk()
    tries = {
        "group": [
            lambda: save_group(world.company, "New", DRAFT, person=person),
            lambda: try_group(group, person=person),
            lambda: delete_group(group, person=person),
        ],
        "default": [lambda: save_rule(world.company, RuleDraft(), person=person)],
        "service": [
            lambda: save_rule(service, RuleDraft(), person=person),
            lambda: switch_alerts(service, on=False, person=person),
            lambda: follow_default(service, person=person),
        ],
        "expiry": [lambda: set_expiry(service.source, None, person=person)],
    }
    for what, actions in tries.items():
        for action in actions:
            if what in may:
                action()
            else:
                with pytest.raises(ConfigError) as raised:
                    action()
                assert raised.value.key == "permission"


def test_a_person_of_another_company_may_change_nothing(world):
    with pytest.raises(ConfigError):
        save_rule(world.company, RuleDraft(on=False), person=world.sam)
    assert not AlertRule.objects.exists()


def test_one_whose_place_is_switched_off_is_told_no_more(world):
    eve = world.person("eve@example.com", world.company, Role.ADMINISTRATOR)
    eve.memberships.update(is_active=False)
    world.ran(world.service(), failed=1)
    world.work()
    assert [to for to, _ in world.server.told] == ["ada@example.com"]
