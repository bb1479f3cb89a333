"""Nothing is lost and nothing doubled between what happened and who is told."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction

from topstitch.alerts.models import Delivery, Message, Notice, RunEnd
from topstitch.alerts.noticing import runs as judging
from topstitch.alerts.noticing.runs import judge_runs
from topstitch.alerts.telling import send as sending
from topstitch.alerts.telling.bundle import bundle
from topstitch.alerts.telling.send import send_waiting
from topstitch.store.actions.runs import complete_run, fail_run, stop_run


def test_every_way_to_end_a_run_is_noticed_once(world):
    from topstitch.engine.ports import Counts
    from topstitch.errors import ConfigError

    service = world.service()
    done, failed, stopped = (world.run(service, "running") for _ in range(3))
    queued = world.run(service, "queued")
    complete_run(done, Counts(), watermark=None, moves_cursor=False)
    fail_run(str(failed.pk), ConfigError("no such connector"))
    fail_run(str(failed.pk), ConfigError("told twice"))
    stop_run(queued)
    assert Counter(RunEnd.objects.values_list("run_id", flat=True)) == Counter([done.pk, failed.pk, queued.pk])
    assert stopped.pk not in set(RunEnd.objects.values_list("run_id", flat=True))


def test_an_end_that_is_rolled_back_is_not_noticed(world):
    service = world.service()
    with transaction.atomic():
        world.ran(service, failed=1)
        transaction.set_rollback(True)
    assert not RunEnd.objects.exists()


def test_a_judgement_that_breaks_leaves_everything_to_the_next(lasting_world, monkeypatch):
    world = lasting_world
    world.rule(addresses=["desk@example.com"])
    first, second = world.service("First"), world.service("Second")
    world.ran(first, failed=1)
    world.ran(second, failed=1)
    real, calls = judging._judge, []

    def breaking(run, *args, **named):
        calls.append(run)
        if len(calls) == 2:
            raise ZeroDivisionError
        real(run, *args, **named)

    monkeypatch.setattr(judging, "_judge", breaking)
    with pytest.raises(ZeroDivisionError):
        judge_runs(world.now)
    assert RunEnd.objects.count() == 2 and not Notice.objects.exists()
    assert judge_runs(world.now) == 2
    assert Notice.objects.count() == 2 and not RunEnd.objects.exists()


def test_a_mail_server_that_is_away_delays_a_mail_and_loses_none(world, settings):
    world.rule(addresses=["desk@example.com"])
    world.ran(world.service(), failed=1)
    settings.EMAIL_PORT = 1
    assert world.work() == []
    (message,) = world.waiting
    assert message.tries == 1 and "refused" in message.problem.lower()
    assert timedelta(seconds=45) < message.next_try - world.now <= timedelta(minutes=1)
    world.pass_time(seconds=30)
    world.work()
    assert world.waiting[0].tries == 1, "it is not tried before its time"
    settings.EMAIL_PORT = world.server.port
    world.pass_time(minutes=1)
    assert world.work() == ["Orders to warehouse: 1 record failed"]
    assert not world.waiting


def test_a_mail_that_is_kept_for_want_of_a_mail_server_is_not_called_sent(world, settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_URL = "topstitch.web.mail.Mail", ""
    settings.MAIL_FOLDER = tmp_path / "mail"
    world.rule(addresses=["desk@example.com"])
    world.ran(world.service(), failed=1)
    world.work()
    assert not world.waiting
    assert "no mail server is set up" in Message.objects.get().problem
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 1


def test_it_waits_longer_each_time_and_gives_up_in_the_end(world, monkeypatch):
    monkeypatch.setattr(sending, "PATIENCE", timedelta(hours=6))
    world.rule(addresses=["desk@example.com"])
    world.server.refusal = "451 try later"
    world.ran(world.service(), failed=1)
    waits = []
    while True:
        world.work()
        if not world.waiting:
            break
        (message,) = world.waiting
        waits.append(message.next_try - world.now)
        world.now = message.next_try
    assert waits[0] <= timedelta(minutes=1) and max(waits) <= timedelta(hours=1)
    assert timedelta(hours=6) <= sum(waits, timedelta()) < timedelta(hours=8)
    message = Message.objects.get()
    assert message.sent_at is None and "451" in message.problem and "try later" in message.problem


def test_one_refused_address_holds_up_nobody_else(world):
    world.rule(addresses=["desk@example.com", "nobody@example.com"])
    world.ran(world.service(), failed=1)
    judge_runs(world.now)
    bundle(world.now)
    Message.objects.filter(address="nobody@example.com").update(address="no body@@example")
    send_waiting(world.now)
    assert [to for to, _ in world.server.told] == ["desk@example.com"]
    assert world.waiting[0].problem


def test_a_message_that_is_being_sent_is_taken_by_no_other(lasting_world):
    world = lasting_world
    world.rule(addresses=["desk@example.com"])
    world.ran(world.service(), failed=1)
    judge_runs(world.now)
    bundle(world.now)
    world.server.go.clear()
    sender = start_sender(world)
    assert world.server.taken.wait(30)
    assert send_waiting() == 0, "the other process has it"
    world.server.go.set()
    assert sender.wait(30) == 0
    assert len(world.server.mails) == 1


def test_a_kill_between_sending_and_marking_doubles_one_mail_with_the_same_id(lasting_world):
    world = lasting_world
    world.rule(addresses=["desk@example.com"])
    world.ran(world.service(), failed=1)
    judge_runs(world.now)
    bundle(world.now)
    world.server.go.clear()
    sender = start_sender(world)
    assert world.server.taken.wait(30)
    sender.kill()
    sender.wait(30)
    world.server.go.set()
    until(lambda: send_waiting() == 1)
    first, second = world.server.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert Message.objects.get().tries == 1


@pytest.mark.slow
def test_kills_at_random_moments_lose_nothing(lasting_world):
    """The whole way: from ends of runs to mails, with the process that does it killed again and again."""
    world, dice, services = lasting_world, random.Random(7), 40
    for number in range(services):
        service = world.service(f"Service {number}")
        world.rule(service, addresses=[f"desk{number}@example.com"])
        world.ran(service, failed=1)
    world.server.pause = 0.02
    kills = 0
    deadline = time.monotonic() + 90
    while Message.objects.filter(sent_at__isnull=False).count() < services and time.monotonic() < deadline:
        arrived = len(world.server.mails)
        sender = start_sender(world)
        if kills < 5:
            until(lambda: len(world.server.mails) > arrived or sender.poll() is not None or kills == 0)  # noqa: B023  at once
            time.sleep(dice.uniform(0.0, 0.1) if kills else 1.0)
            kills += sender.poll() is None
            sender.kill()
        sender.wait(60)
    got = Counter(mail["To"] for mail in world.server.mails)
    assert set(got) == {f"desk{n}@example.com" for n in range(services)}
    assert sum(got.values()) - services <= kills
    assert kills >= 3
    assert Notice.objects.count() == services and Delivery.objects.filter(message=None).count() == 0


def until(look, seconds=20):
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def start_sender(world) -> subprocess.Popen[bytes]:
    """`topstitch alerts send` as a process of its own, with this test's database and mail server."""
    database = connection.settings_dict
    environment = {
        **os.environ,
        "TOPSTITCH_DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}",
        "TOPSTITCH_EMAIL_FROM": "Topstitch <alerts@topstitch.example>",
        "TOPSTITCH_EMAIL_URL": f"smtp+plain://127.0.0.1:{world.server.port}",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    return subprocess.Popen([sys.executable, "-m", "topstitch", "alerts", "send"], env=environment)
