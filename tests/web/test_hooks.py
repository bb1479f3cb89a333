"""Calls of webhooks: each is answered once a run is stored that will see what it tells of."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone
from tests.fakes.far_end import MAPPING

from topstitch.accounts.models import Role
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError
from topstitch.store.actions import notices
from topstitch.store.actions.runs import begin_run, request_run, stop_run
from topstitch.store.actions.services import save_service, switch_service
from topstitch.store.actions.webhooks import renew_webhook, token_of
from topstitch.store.models import AuditEvent, Run, Webhook


@pytest.fixture
def service(world):
    connector = world.connector(world.group)
    spec = {
        "source": {"connector": connector.name, "entity": "orders"},
        "destination": {"connector": connector.name, "entity": "sales"},
        "mapping": MAPPING,
        "webhook": True,
    }
    return save_service(world.group, "Orders", Spec.model_validate(spec), active=True)


def address(service):
    return f"/hooks/{token_of(Webhook.objects.get(service=service))}"


def call(service, body=b"{}", **more):
    """As another system calls: no cookie, no token against forgery."""
    return Client(enforce_csrf_checks=True).post(address(service), body, content_type="application/json", **more)


def test_a_call_makes_a_run_of_the_whole_service_and_says_which(service):
    answer = call(service)
    assert answer.status_code == 200
    run = Run.objects.get()
    assert answer.json() == {"received": True, "run": str(run.pk), "waiting": False}
    assert (run.service, run.trigger, run.options, run.person) == (service, "webhook", {}, None)
    assert not answer.cookies


def test_many_calls_while_a_run_waits_make_one_run(service):
    answers = [call(service).json() for _ in range(5)]
    assert len({answer["run"] for answer in answers}) == Run.objects.count() == 1
    assert [answer["waiting"] for answer in answers] == [False, True, True, True, True]


def test_a_call_after_a_run_has_begun_makes_another_as_that_one_may_have_read_already(service):
    first = call(service).json()["run"]
    begin_run(first)
    second = call(service).json()["run"]
    assert second != first
    assert call(service).json()["run"] == second


def test_a_call_joins_a_whole_run_that_waits_but_none_of_some_records_or_that_is_to_stop(service):
    request_run(service, options={"ids": ["7"]})
    whole = request_run(service)
    assert call(service).json()["run"] == str(whole.pk)
    Run.objects.filter(pk=whole.pk).update(enqueued_at=timezone.now())
    stop_run(whole)
    assert call(service).json() | {"run": ""} == {"received": True, "run": "", "waiting": False}


def test_a_service_that_is_off_or_not_started_by_calls_says_so_and_nothing_is_stored(service):
    old = address(service)
    switch_service(service, active=False)
    answer = call(service)
    assert answer.status_code == 409
    assert "switched off" in answer.json()["error"]
    switch_service(service, active=True)
    spec = Spec.model_validate({**service.revision.spec, "webhook": False})
    save_service(service.group, service.name, spec)
    assert call(service).status_code == 409
    save_service(service.group, service.name, Spec.model_validate({**service.revision.spec, "webhook": True}))
    assert address(service) == old
    assert call(service).status_code == 200
    assert Run.objects.count() == 1


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00", "é", "x" * 4000])
def test_an_address_that_is_none_is_not_found(service, token):
    answer = Client().post(f"/hooks/{token}")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/json"
    assert Run.objects.count() == 0


def test_only_posting_is_a_call(service):
    assert Client().get(address(service)).status_code == 405
    assert Run.objects.count() == 0


def test_the_token_is_stored_only_as_a_digest_and_sealed(service):
    token = address(service).rpartition("/")[2]
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest, encode(sealed, 'escape') FROM store_webhook")
        assert token not in "".join(cursor.fetchone())


def test_a_new_address_ends_the_old_one_and_is_in_the_audit_log_without_being_told(world, service):
    old = address(service)
    renew_webhook(service, person=world.ada)
    assert Client().post(old).status_code == 404
    assert call(service).status_code == 200
    event = AuditEvent.objects.latest("pk")
    assert (event.person, event.object_id) == (world.ada, str(service.pk))
    assert address(service).rpartition("/")[2] not in str(event.after)


def test_only_those_who_may_change_a_service_make_a_new_address(world, service):
    uma = world.person("uma@example.com", world.company, Role.USER)
    with pytest.raises(ConfigError):
        renew_webhook(service, person=uma)


def test_too_many_calls_are_told_when_to_come_again_and_the_minute_passes(service, monkeypatch):
    monkeypatch.setattr(notices, "CALLS", 3)
    assert [call(service).status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = call(service)
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert "calls in a minute" in answer.json()["error"]
    earlier = timezone.now() - timedelta(seconds=61)
    Webhook.objects.update(minute_at=earlier)
    assert call(service).status_code == 200


def test_a_call_that_carries_too_much_is_refused_before_anything_is_stored(service):
    assert call(service, CONTENT_LENGTH=str(9 * 1024 * 1024)).status_code == 413
    assert Run.objects.count() == 0


def test_where_the_run_cannot_be_stored_the_answer_is_no_success(service, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(notices, "new_run", broken)
    client = Client(raise_request_exception=False)
    assert client.post(address(service)).status_code == 500
    assert Webhook.objects.get().called_at is None


@pytest.mark.django_db(transaction=True)
def test_calls_at_once_make_one_run(service):
    path, answers, start = address(service), [], threading.Barrier(6)

    def one():
        start.wait()
        answers.append(Client().post(path).json())
        connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer["run"] for answer in answers}) == Run.objects.count() == 1
    assert sum(not answer["waiting"] for answer in answers) == 1


def test_it_takes_few_questions(service, django_assert_max_num_queries):
    path = address(service)
    client = Client()
    with django_assert_max_num_queries(9):
        client.post(path)
    with django_assert_max_num_queries(5):
        client.post(path)
