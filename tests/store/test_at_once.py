"""Two people who change at once what hangs together: the second one waits, and builds on what the first one made."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from django.db import connection, connections, transaction

from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError
from topstitch.store.actions.connectors import add_connector, change_connector, draft_of, remove_connector
from topstitch.store.actions.revisions import rename_service
from topstitch.store.actions.services import save_service, spec_json, spec_of, switch_service
from topstitch.store.models import Connector, Service

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def meanwhile(first, second):
    """What `second` raised, if anything: it is begun while `first` has not been committed, and has to wait for that."""
    raised = []

    def work():
        try:
            second()
        except ConfigError as error:
            raised.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work, daemon=True)
    with transaction.atomic():
        first()
        thread.start()
        _until_it_waits(thread)
    thread.join(10)
    assert not thread.is_alive()
    return next(iter(raised), None)


def _until_it_waits(thread):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        assert thread.is_alive(), "it did not wait"
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("it neither waits nor ends")


def rename(connector, name="Far away"):
    change_connector(connector, replace(draft_of(connector), name=name))


def every_hour(service):
    """Its configuration with a schedule."""
    spec = spec_of(service)
    return Spec.model_validate({**spec_json(spec), "schedules": [{"cron": "0 * * * *"}]})


def test_a_connector_that_is_renamed_keeps_what_somebody_saves_in_its_service_meanwhile(world):
    service = world.service()
    meanwhile(
        lambda: save_service(world.group, "Orders", every_hour(service)),
        lambda: rename(Connector.objects.get(pk=service.source_id)),
    )
    spec = spec_of(Service.objects.get())
    assert (spec.source.connector, len(spec.schedules)) == ("Far away", 1)


def test_a_service_that_is_made_while_its_connector_is_renamed_knows_the_new_name(world):
    service = world.service()
    spec = spec_of(service)
    meanwhile(
        lambda: save_service(world.group, "Orders again", spec),
        lambda: rename(Connector.objects.get(pk=service.source_id)),
    )
    assert {spec_of(each).source.connector for each in Service.objects.all()} == {"Far away"}


def test_what_was_filled_in_under_a_connectors_old_name_is_refused_once_it_is_renamed(world):
    service = world.service()
    spec = spec_of(service)
    error = meanwhile(
        lambda: rename(Connector.objects.get(pk=service.source_id)),
        lambda: save_service(world.group, "Orders again", spec),
    )
    assert "there is no connector 'far'" in error.message
    assert Service.objects.count() == 1


def test_a_connector_is_not_removed_while_somebody_makes_a_service_with_it(world):
    service = world.service()
    spec = spec_of(service)
    error = meanwhile(
        lambda: save_service(world.group, "Orders again", spec),
        lambda: remove_connector(Connector.objects.get(pk=service.source_id)),
    )
    assert "Orders again" in error.message


def test_a_service_that_is_switched_on_runs_by_the_schedule_that_was_saved_meanwhile(world):
    service = world.service()
    meanwhile(
        lambda: save_service(world.group, "Orders", every_hour(service)),
        lambda: switch_service(Service.objects.get(pk=service.pk), True),
    )
    assert Service.objects.get().next_due is not None


def test_a_name_that_two_people_want_at_once_is_given_to_the_first(world):
    service, other = world.service(), world.service(name="Sales")
    far = draft_of(Connector.objects.get(pk=service.source_id))
    error = meanwhile(
        lambda: add_connector(replace(far, name="Near")), lambda: add_connector(replace(far, name="Near"))
    )
    assert "already" in error.message
    error = meanwhile(
        lambda: rename_service(service, "Returns"),
        lambda: rename_service(Service.objects.get(pk=other.pk), "Returns"),
    )
    assert "already" in error.message
