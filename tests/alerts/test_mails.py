"""What people are told when runs end, and how often."""

from __future__ import annotations

from topstitch.alerts.models import Message, Notice


def test_a_failed_record_is_told_with_reference_reason_and_links(world):
    world.desk()
    world.rule(groups=["Desk"])
    service = world.service()
    run = world.ran(service, failed=2, pulled=18, ok=16)
    assert world.work() == ["Orders to warehouse: 2 records failed"]
    mail = world.server.mails[0]
    assert (mail["To"], mail["From"]) == ("desk@example.com", "Topstitch <alerts@topstitch.example>")
    text = world.server.text()
    for words in (
        f"Orders to warehouse (#{service.pk})",
        "orders of Far end",
        "Wed 25 Nov 2026, 14:07 UTC",
        "18 pulled, 16 pushed, 2 failed",
        "#1001: The e-mail address is not valid",
        "#1002: The e-mail address is not valid",
        f"https://sync.example.com/reports/?q={run.pk}&status=trouble",
        f"https://sync.example.com/runs/{run.pk}",
        f"https://sync.example.com/services/{service.pk}",
        "Alerts of Harbour & Pine",
    ):
        assert words in text
    html = world.server.html()
    assert "<strong>#1001</strong>" in html and "Harbour &amp; Pine" in html


def test_nothing_wrong_is_not_told(world):
    world.rule(addresses=["desk@example.com"])
    world.ran(world.service(), ok=3, pulled=3)
    assert world.work() == []
    assert not Notice.objects.exists()


def test_a_run_that_could_not_go_on_is_told_with_its_reason(world):
    world.rule(addresses=["desk@example.com"])
    world.ran(world.service(), "failed", reason="The script stops at line 3: no such name 'x'")
    assert world.work() == ["Orders to warehouse: the run failed"]
    assert "Reason   The script stops at line 3" in world.server.text()


def test_a_stopped_run_is_nothing_to_tell(world):
    world.rule(addresses=["desk@example.com"])
    world.ran(world.service(), "stopped", failed=3)
    assert world.work() == []


def test_one_run_makes_one_mail_whatever_is_wrong_with_it(world):
    world.rule(addresses=["desk@example.com"])
    world.ran(world.service(), "failed", reason="Out of memory", failed=2)
    assert world.work() == ["Harbour & Pine: 2 need attention"]
    assert "the run failed" in world.server.text() and "2 records failed" in world.server.text()


def test_fewer_failures_than_asked_for_are_not_told(world):
    world.rule(addresses=["desk@example.com"], failures=3)
    service = world.service()
    world.ran(service, failed=2)
    assert world.work() == []
    world.ran(service, failed=3)
    assert world.work() == ["Orders to warehouse: 3 records failed"]


def test_the_same_cause_is_told_again_only_after_a_day(world):
    world.rule(addresses=["desk@example.com"])
    service = world.service()
    world.ran(service, failed=2)
    assert len(world.work()) == 1
    for _ in range(5):
        world.pass_time(hours=4)
        world.ran(service, failed=2, references=["#1", "#2"], ok=1)
        assert world.work() == []
    world.pass_time(hours=4)
    world.ran(service, failed=2, ok=1)
    assert world.work() == ["Orders to warehouse: 2 records failed"]
    assert "Since" in world.server.text()


def test_a_new_cause_is_told_at_once(world):
    world.rule(addresses=["desk@example.com"])
    service = world.service()
    world.ran(service, failed=1)
    world.work()
    world.pass_time(minutes=10)
    run = world.run(service, "running", failed=2)
    world.failed(run, "#1", key="7")
    world.failed(run, "#2", key="8", error_class="missing", error_key="missing_reference", message="No SKU 7", field="")
    type(run).objects.filter(pk=run.pk).update(status="completed_with_failures", ended_at=world.now)
    assert world.work() == ["Orders to warehouse: 2 records failed"]


def test_ten_times_as_many_are_told_at_once(world):
    world.rule(addresses=["desk@example.com"])
    service = world.service()
    world.ran(service, failed=2)
    world.work()
    world.pass_time(minutes=10)
    world.ran(service, failed=20)
    assert world.work() == ["Orders to warehouse: 20 records failed"]
    assert world.server.text().count("#10") == 10, "the first ten are named"
    world.pass_time(minutes=10)
    world.ran(service, failed=21)
    assert world.work() == []


def test_recovery_is_told_once_and_only_when_nothing_is_left(world):
    world.rule(addresses=["desk@example.com"])
    service = world.service()
    world.ran(service, failed=1)
    world.work()
    world.pass_time(minutes=10)
    world.ran(service, ok=1)
    assert world.work() == [], "a record is left that did not go through"
    service.items.update(status="ok")
    world.pass_time(minutes=10)
    world.ran(service, ok=1)
    assert world.work() == ["Orders to warehouse: works again"]
    assert "Lasted" in world.server.text() and "20 minutes" in world.server.text()
    world.pass_time(minutes=10)
    world.ran(service, ok=1)
    assert world.work() == []


def test_switched_off_nothing_is_told_nor_remembered(world):
    world.rule(addresses=["desk@example.com"])
    service = world.service()
    world.rule(service, on=False)
    world.ran(service, failed=1)
    assert world.work() == []
    world.rule(service, on=True, addresses=["own@example.com"])
    world.ran(service, failed=1)
    world.work()
    assert world.server.told == [("own@example.com", "Orders to warehouse: 1 record failed")]


def test_without_any_rule_the_administrators_are_told(world):
    world.ran(world.service(), failed=1)
    world.work()
    assert world.server.told == [("ada@example.com", "Orders to warehouse: 1 record failed")]


def test_a_person_who_left_the_company_is_told_no_more(world):
    from topstitch.alerts.actions.groups import GroupDraft, save_group

    eve = world.person("eve@example.com", world.company, "user")
    save_group(world.company, "Desk", GroupDraft(people=["eve@example.com"], addresses=["desk@example.com"]))
    world.rule(groups=["Desk"])
    eve.memberships.all().delete()
    world.ran(world.service(), failed=1)
    world.work()
    assert [to for to, _ in world.server.told] == ["desk@example.com"]


def test_personal_data_does_not_leave_by_mail(world):
    world.rule(addresses=["desk@example.com"])
    service = world.service()
    run = world.run(service, "running", failed=1)
    world.failed(
        run, "jo.bloggs@example.com", message="jo.bloggs@example.com or +44 7700 900123 is not valid, 0161 496 0000"
    )
    type(run).objects.filter(pk=run.pk).update(status="completed_with_failures", ended_at=world.now)
    world.work()
    for part in (world.server.text(), world.server.html()):
        assert "j***@example.com" in part
        assert "bloggs" not in part and "900123" not in part and "496" not in part


def test_hostile_names_break_neither_headers_nor_html(world):
    world.rule(addresses=["desk@example.com"])
    service = world.service("Orders\r\nBcc: all@example.com <script>alert(1)</script>")
    world.ran(service, failed=1, references=["<b>\r\n.\r\n"])
    assert world.work() == ["Orders Bcc: all@example.com <script>alert(1)</script>: 1 record failed"]
    assert world.server.mails[0]["Bcc"] is None
    assert "<script>" not in world.server.html() and "<b>" not in world.server.html()


def test_an_outage_of_hundreds_of_services_is_two_mails(world):
    world.rule(addresses=["desk@example.com"])
    services = [world.service(f"Service {n:03}") for n in range(120)]
    for service in services[:60]:
        world.ran(service, "failed", reason="The far end is away")
    assert world.work() == ["Harbour & Pine: 60 need attention"]
    for service in services[60:]:
        world.pass_time(seconds=1)
        world.ran(service, "failed", reason="The far end is away")
        assert world.work() == []
    world.pass_time(minutes=5)
    assert world.work() == ["Harbour & Pine: 60 need attention"]
    text = world.server.text()
    assert all(f"Service {n:03}: the run failed" in text for n in range(60, 120))


def test_it_is_recorded_who_was_told_what_when(world):
    world.rule(addresses=["desk@example.com"])
    world.ran(world.service(), failed=1)
    world.work()
    message = Message.objects.get()
    assert (message.recipient, message.tries, message.problem) == ("desk@example.com", 1, "")
    assert message.sent_at is not None
    assert [d.notice.kind for d in message.deliveries.all()] == ["failures"]
