"""Connectors as people change them: tested before they are saved, renamed, given other credentials, removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.fakes.far_end import SLUG, system

from topstitch.engine.spec import Service as Spec
from topstitch.errors import AnswerLost, AuthError, ConfigError, RateLimited, TemporaryError, Unreachable
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.file import system_from_data
from topstitch.store.actions.connector_checks import keep_trial, may_be_saved_untested, status_of, try_draft
from topstitch.store.actions.connectors import (
    Draft,
    add_connector,
    change_connector,
    draft_of,
    remove_connector,
    stored_values,
)
from topstitch.store.actions.services import save_service, spec_of
from topstitch.store.models import AuditEvent, Connector, DayVolume, Service
from topstitch.store.queries.connectors import (
    askers_of,
    connector_index,
    health_days,
    totals_of,
    use_counts,
    users_of,
)
from topstitch.store.queries.scope import Scope

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "s3cret-of-the-shop"


@pytest.fixture
def shop(world):
    """A connector whose system wants a secret of every request."""
    definition = system("secret-shop") | {"settings": {"token": {"secret": True, "required": True}, "shop": {}}}
    CATALOGUE.add(system_from_data(definition | {"auth": {"bearer": "token"}}))
    draft = Draft(
        group=world.group,
        name="Shop",
        system="secret-shop",
        values={"token": SECRET, "shop": "acme"},
        environment="test",
        base_url=f"{world.server.url}/{SLUG}",
    )
    return add_connector(draft)


def test_what_is_tested_is_not_saved(shop):
    trial = try_draft(replace(draft_of(shop), name="Other"), person=None)
    assert trial.passed
    assert Connector.objects.count() == 1
    assert not shop.checks.exists()
    keep_trial(shop, trial)
    shop.refresh_from_db()
    assert (shop.status, shop.checks.get().ok) == ("operational", True)


def test_only_a_system_that_is_away_may_be_saved_untested(shop):
    away = try_draft(replace(draft_of(shop), base_url="http://127.0.0.1:1"), person=None)
    assert may_be_saved_untested(away)
    missing = try_draft(replace(draft_of(shop), values={"shop": "acme"}), person=None)
    assert not missing.passed
    assert not may_be_saved_untested(missing)
    assert "token" in missing.checks[0].label


def test_secrets_that_are_kept_go_nowhere_but_where_they_were_typed_for(shop):
    def change(draft):
        change_connector(shop, draft)

    kept = replace(draft_of(shop), values={"shop": "acme"}, keeps={"token"})
    moved = replace(kept, base_url="http://127.0.0.1:1")
    assert try_draft(moved, person=None, connector=shop).error.key == "kept_elsewhere"
    with pytest.raises(ConfigError, match="Address of the test system changed"):
        change(moved)
    assert Connector.objects.get().base_url == shop.base_url
    change(replace(kept, zone="Europe/London"))
    assert stored_values(Connector.objects.get()) == {"token": SECRET, "shop": "acme"}
    change(replace(moved, values={"shop": "acme", "token": "typed again"}, keeps=()))
    assert stored_values(Connector.objects.get())["token"] == "typed again"


def test_secrets_of_a_file_server_go_to_no_other_host_port_or_protocol(world):
    values = {"host": "files.example.com", "username": "ada", "password": SECRET}
    partner = add_connector(Draft(group=world.group, name="Partner", system="sftp", values=values))
    kept = replace(draft_of(partner), keeps={"password"})
    del values["password"]
    for change in ({"host": "evil.example.com"}, {"port": 2222}, {"protocol": "ftp"}):
        with pytest.raises(ConfigError, match="typed for another place"):
            change_connector(partner, replace(kept, values={**values, **change}))
    change_connector(partner, replace(kept, values={**values, "path": "/orders"}))
    assert stored_values(Connector.objects.get())["password"] == SECRET


def test_a_name_is_given_once_in_a_group(shop):
    with pytest.raises(ConfigError, match="already"):
        add_connector(draft_of(shop))
    assert Connector.objects.count() == 1


def test_other_credentials_are_told_without_being_told_and_end_what_was_got_with_the_old_ones(shop):
    shop.tokens.create(name="token far", sealed=b"x")
    change_connector(shop, replace(draft_of(shop), values={"token": "another", "shop": "acme"}))
    assert stored_values(Connector.objects.get())["token"] == "another"
    event = AuditEvent.objects.get(verb="update")
    assert event.after["secrets_changed"] == ["token"]
    assert "another" not in str(event.after)
    assert SECRET not in str(event.before)
    assert not shop.tokens.exists()


def test_another_name_reaches_the_services_as_a_revision(world, shop):
    service = world.service()
    far = service.source
    change_connector(far, replace(draft_of(far), name="Far away"))
    spec = spec_of(Service.objects.get(pk=service.pk))
    assert (spec.source.connector, spec.destination.connector) == ("Far away", "Far away")
    assert Service.objects.get(pk=service.pk).revision.number == 2
    with pytest.raises(ConfigError, match="already"):
        change_connector(far, replace(draft_of(far), name="Shop"))


def test_a_connector_that_is_used_stays(world):
    service = world.service()
    far = service.source
    with pytest.raises(ConfigError, match="used by Orders"):
        remove_connector(far)
    Service.objects.filter(pk=service.pk).update(revision=None)
    Service.objects.get(pk=service.pk).delete()
    pk = far.pk
    remove_connector(far)
    assert not Connector.objects.exists()
    assert AuditEvent.objects.get(verb="delete").object_id == str(pk)


def test_one_that_mappings_look_things_up_in_stays_under_its_name(world, shop):
    service = world.service()
    step = {"function": "other.find", "args": {"connector": "Shop", "entity": "orders", "match": "id", "give": "name"}}
    mapping = [{"to": "reference", "from": "id", "do": [step]}]
    ends = ({"connector": "far", "entity": "orders"}, {"connector": "far", "entity": "sales"})
    save_service(
        world.group, "Orders", Spec.model_validate({"source": ends[0], "destination": ends[1], "mapping": mapping})
    )
    assert askers_of(shop) == [service]
    assert askers_of(service.source) == []
    assert list(users_of(shop)) == []
    with pytest.raises(ConfigError, match="used by Orders"):
        remove_connector(shop)
    with pytest.raises(ConfigError, match="by its name: Orders"):
        change_connector(shop, replace(draft_of(shop), name="Shop of ours"))


def test_what_cannot_be_changed_is_refused(shop):
    with pytest.raises(ConfigError, match="stays one"):
        change_connector(shop, replace(draft_of(shop), environment="live", base_url=""))


def test_figures_are_read_without_counting(world, shop):
    service = world.service()
    far, day = service.source, datetime.now(UTC).date()
    DayVolume.objects.create(service=service, day=day, ok=5, sent=1, failed=2, runs=3, bad_runs=1)
    DayVolume.objects.create(service=service, day=day - timedelta(days=40), ok=500, runs=9)
    totals = totals_of([service.pk])
    assert (totals.runs, totals.bad_runs, totals.ok, totals.failed) == (3, 1, 6, 2)
    assert use_counts([far.pk, shop.pk]) == {far.pk: 1}
    far.checks.create(ok=True, status="operational")
    far.checks.create(ok=False, status="refused")
    days = health_days(far)
    assert (len(days), days[-1].checks, days[-1].good, days[0].checks) == (30, 2, 1, 0)
    Connector.objects.filter(pk=shop.pk).update(status="refused")
    index = connector_index(Scope((world.group.company_id,)))
    assert [entry.name for entry in index] == ["Shop", "far"]
    assert connector_index(Scope((world.group.company_id + 1,))) == []


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (None, "operational"),
        (AuthError("no"), "refused"),
        (Unreachable("no route"), "unreachable"),
        (TemporaryError("HTTP 503"), "unreachable"),
        (AnswerLost("it went quiet"), "unreachable"),
        (RateLimited("slower"), "unknown"),
        (ConfigError("the setting is wrong"), "unknown"),
    ],
)
def test_what_a_check_says_of_a_connector(error, status):
    assert status_of(error) == status
