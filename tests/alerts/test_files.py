"""Alerts in configuration files."""

from __future__ import annotations

import textwrap

import pytest
import yaml

from topstitch.alerts.models import AlertRule, Channel, NotificationGroup
from topstitch.alerts.telling.channels import channel_secrets
from topstitch.errors import ConfigError
from topstitch.store.files.apply import apply_plan
from topstitch.store.files.export import exported
from topstitch.store.files.plan import make_plan

GOOD = """
    alerts:
      groups:
        Warehouse desk:
          people: [ada@example.com]
          addresses: [Desk@Example.com]
          channels:
            Pager:
              kind: webhook
              url: {env: PAGER_URL}
            Ops room:
              kind: chat
              url: https://chat.example/hooks/T0K3N
      default:
        groups: [Warehouse desk]
        frequency: daily
        hour: 7
        zone: Europe/London
      services:
        Orders to warehouse:
          addresses: [orders@example.com]
          failures: 5
          empty_runs: 10
          no_success_hours: null
        Stock:
          on: false
      credentials:
        far-end UK: 2027-01-31
"""


@pytest.fixture
def folder(world, tmp_path, monkeypatch):
    """A folder with one file, for a company with these services."""
    monkeypatch.setenv("PAGER_URL", "https://pager.example/S3CRET")
    world.service()
    world.service("Stock")

    def write(text=GOOD, name="alerts.yaml"):
        (tmp_path / name).write_text(textwrap.dedent(text), "utf-8")
        return tmp_path

    return write


def test_what_a_file_says_is_made(world, folder):
    plan = make_plan(folder(), world.group)
    assert [(c.verb, c.kind, c.name) for c in plan.changes] == [
        ("create", "notification group", "Warehouse desk"),
        ("create", "alerts", "default"),
        ("create", "alerts", "Orders to warehouse"),
        ("create", "alerts", "Stock"),
        ("create", "credentials", "far-end UK"),
    ]
    apply_plan(plan, world.group, person=world.ada)
    group = NotificationGroup.objects.get()
    assert group.addresses == ["desk@example.com"]
    assert {c.name: (c.kind, c.host) for c in group.channels.all()} == {
        "Pager": ("webhook", "pager.example"),
        "Ops room": ("chat", "chat.example"),
    }
    own = AlertRule.objects.get(service__name="Orders to warehouse")
    assert (own.failures, own.empty_runs, own.no_success_hours) == (5, 10, None)
    assert not AlertRule.objects.get(service__name="Stock").on


def test_applied_again_it_changes_nothing_and_keeps_a_secret_that_was_made(world, folder):
    apply_plan(make_plan(folder(), world.group), world.group)
    before = channel_secrets(Channel.objects.get(name="Pager"))
    plan = make_plan(folder(), world.group)
    assert not plan.effective
    apply_plan(plan, world.group)
    assert channel_secrets(Channel.objects.get(name="Pager")) == before


def test_a_difference_is_shown_without_secrets(world, folder, monkeypatch):
    apply_plan(make_plan(folder(), world.group), world.group)
    monkeypatch.setenv("PAGER_URL", "https://pager.example/0THER")
    plan = make_plan(folder(GOOD.replace("hour: 7", "hour: 9")), world.group)
    told = [difference for change in plan.effective for difference in change.differences]
    assert told == ["channels.Pager.url: *** -> ***", "hour: 7 -> 9"]


def test_what_is_exported_can_be_applied_again(world, folder, monkeypatch):
    apply_plan(make_plan(folder(), world.group), world.group)
    text = exported(world.group)
    part = yaml.safe_load(text)["alerts"]
    assert part["groups"]["Warehouse desk"]["channels"]["Pager"] == {
        "kind": "webhook",
        "url": {"env": "WAREHOUSE_DESK_PAGER_URL"},
        "secret": {"env": "WAREHOUSE_DESK_PAGER_SECRET"},
    }
    assert part["services"]["Orders to warehouse"] == {
        "addresses": ["orders@example.com"],
        "failures": 5,
        "no_success_hours": None,
        "empty_runs": 10,
    }
    assert "T0K3N" not in text and "S3CRET" not in text
    for channel, prefix in (("Pager", "WAREHOUSE_DESK_PAGER"), ("Ops room", "WAREHOUSE_DESK_OPS_ROOM")):
        for name, value in channel_secrets(Channel.objects.get(name=channel)).items():
            monkeypatch.setenv(f"{prefix}_{name.upper()}", value)
    assert not make_plan(folder(yaml.safe_dump({"alerts": part})), world.group).effective


def test_alerts_of_a_service_may_stand_beside_the_service_in_one_folder(world, folder):
    folder()
    path = folder(
        """
        alerts:
          services:
            New one: {groups: [Warehouse desk]}
        connectors:
          far: {system: far-end, settings: {}}
        services:
          New one:
            source: {connector: far, entity: orders}
            destination: {connector: far, entity: sales}
            mapping: [{to: reference, from: name}]
        """,
        "other.yaml",
    )
    apply_plan(make_plan(path, world.group), world.group)
    assert [g.name for g in AlertRule.objects.get(service__name="New one").groups.all()] == ["Warehouse desk"]


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("ada@example.com", "eve@example.com", "alerts.yaml:4: eve@example.com is nobody of Harbour & Pine"),
        ("Desk@Example.com", "desk", "alerts.yaml:4: 'desk' is no e-mail address"),
        ("kind: chat", "kind: fax", "alerts.yaml:12: alerts.groups.Warehouse desk.channels.Ops room.kind"),
        ("https://chat.example/hooks/T0K3N", "http://10.0.0.1/", "alerts.yaml:4: 10.0.0.1 is an address of a private"),
        ("PAGER_URL", "NO_SUCH", "the environment has no NO_SUCH"),
        ("groups: [Warehouse desk]", "groups: [Desk]", "alerts.yaml:14: there is no notification group 'Desk'"),
        ("frequency: daily", "frequency: weekly", "alerts.yaml:14: the frequency is one of"),
        ("hour: 7", "hour: 24", "alerts.yaml:14: the hour of the daily mail"),
        ("Europe/London", "Europe/Lundon", "'Europe/Lundon' is not a time zone"),
        ("failures: 5", "failures: 0", "alerts.yaml:20: failures is 1 to"),
        (
            "empty_runs",
            "empty_run",
            "alerts.yaml:23: alerts.services.Orders to warehouse.empty_run: there is no such key",
        ),
        ("        Stock:", "        Stuck:", "alerts.yaml:25: there is no service 'Stuck'"),
        ("far-end UK", "far-end FR", "alerts.yaml:28: there is no connector 'far-end FR'"),
        ("2027-01-31", "soon", "alerts.yaml:28: alerts.credentials.far-end UK"),
    ],
)
def test_a_mistake_is_told_with_file_and_line_and_nothing_is_made(world, folder, good, bad, said):
    assert good in GOOD
    with pytest.raises(ConfigError) as raised:
        make_plan(folder(GOOD.replace(good, bad)), world.group)
    assert said in str(raised.value)
    assert not NotificationGroup.objects.exists()


def test_the_same_thing_in_two_files_is_told_with_both_places(world, folder):
    folder()
    folder("alerts: {default: {on: false}}\n", "zz.yaml")
    with pytest.raises(ConfigError, match=r"zz.yaml:1: alerts default stand at alerts.yaml:\d+ already"):
        make_plan(folder(), world.group)
