"""The alerts tab of a service, notification groups, and what was told."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from tests.alerts.mail_server import MailServer
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.alerts.actions.groups import GroupDraft, save_group
from topstitch.alerts.actions.rules import RuleDraft, save_rule
from topstitch.alerts.models import AlertRule, Delivery, Message, Notice, NotificationGroup, Trouble
from topstitch.alerts.telling.channels import channel_secrets
from topstitch.store.models import AuditEvent

OWN = {"mode": "own", "frequency": "immediate", "run_failed": "on", "failures": "5"}


@pytest.fixture
def service(world):
    return world.service()


@pytest.fixture
def desk(world):
    return save_group(world.company, "Desk", GroupDraft(addresses=["desk@example.com"]))


def tab(client, service):
    return client.get(f"/services/{service.pk}/alerts")


def save(client, service, **values):
    return client.post(f"/services/{service.pk}/alerts", values)


def rule_of(service):
    return AlertRule.objects.filter(service=service).first()


# -- the tab of a service -----------------------------------------------------------------------------------------------


def test_a_service_begins_with_the_companys_default(world, client, service):
    response = tab(client, service)
    checked(response)
    text = text_of(response)
    assert "The default tells ada@example.com, at once." in text
    assert "Told now ada@example.com At once." in text
    assert "Nothing in the last 90 days." in text
    assert f'href="/services/{service.pk}/alerts" aria-current="page"' in response.content.decode()


def test_it_gets_alerts_of_its_own_and_the_audit_log_tells_of_it(world, client, service, desk):
    daily = {"frequency": "daily", "hour": "7", "zone": "Europe/London"}
    values = {
        **OWN,
        **daily,
        "groups": ["Desk"],
        "people": ["ada@example.com"],
        "addresses": "A@x.example, b@x.example",
    }
    assert save(client, service, **values).status_code == 302
    rule = rule_of(service)
    assert (rule.on, rule.frequency, rule.hour, rule.zone) == (True, "daily", 7, "Europe/London")
    assert (rule.failures, rule.no_success_hours, rule.run_failed, rule.not_run) == (5, None, True, False)
    assert rule.addresses == ["a@x.example", "b@x.example"]
    assert [group.name for group in rule.groups.all()] == ["Desk"]
    assert AuditEvent.objects.get(kind="alerts").person == world.ada
    response = tab(client, service)
    checked(response)
    told = "Told now a@x.example ada@example.com b@x.example desk@example.com"
    assert f"{told} Daily at 07:00 (London, Europe)." in text_of(response)


def test_they_are_switched_off_and_back_to_the_default(world, client, service):
    save(client, service, mode="off")
    assert rule_of(service).on is False
    assert "Nobody: the alerts of this service are off." in text_of(tab(client, service))
    save(client, service, mode="default")
    assert rule_of(service) is None


def test_own_alerts_begin_with_what_held_until_then(world, client, service, desk):
    save_rule(world.company, RuleDraft(groups=["Desk"], failures=9))
    page = tab(client, service).content.decode()
    assert 'name="failures" value="9"' in page
    assert 'value="Desk" id="id_groups_0" checked' in page.replace(' class="', "").replace("  ", " ")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"addresses": "desk@example.com\nnot an address"}, "&#x27;not&#x27; is no e-mail address"),
        ({"failures": "0"}, "greater than or equal to 1"),
        ({"groups": ["No such"]}, "No such is not one of the available choices"),
        ({"people": ["sam@example.com"]}, "sam@example.com is not one of the available choices"),
        ({"frequency": "never"}, "never is not one of the available choices"),
        ({"zone": "Mars/Base"}, "&#x27;Mars/Base&#x27; is not a time zone"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_saved(client, service, wrong, said):
    response = save(client, service, **{**OWN, **wrong})
    assert response.status_code == 200
    checked(response)
    body = response.content.decode()
    assert said in body
    assert "Nothing was saved" in body
    assert rule_of(service) is None


def test_without_a_mode_nothing_is_saved(client, service):
    assert save(client, service, failures="3").status_code == 200
    assert rule_of(service) is None


def test_those_who_may_not_change_it_read_it(world, service):
    uma = world.client(world.person("uma@example.com", world.company, Role.USER))
    response = tab(uma, service)
    checked(response)
    body = response.content.decode()
    assert '<fieldset class="rule" disabled>' in body
    assert ">Save<" not in body
    assert "Send a test" not in body
    assert save(uma, service, mode="off").status_code == 403


def test_services_of_others_are_not_there(world, service, client):
    theirs = world.service("Theirs", group=world.other_group)
    assert tab(client, theirs).status_code == 404
    assert save(client, theirs, mode="off").status_code == 404
    assert client.post(f"/services/{theirs.pk}/alerts/test").status_code == 404


def test_a_test_is_sent_at_once_and_says_who_took_it(world, client, service, settings):
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        response = client.post(f"/services/{service.pk}/alerts/test", headers={"hx-request": "true"})
        assert server.subjects == ["Test of the alerts of Orders to warehouse"]
    assert "The test is for 1 recipient: Taken ada@example.com" in text_of(response)
    page = client.post(f"/services/{service.pk}/alerts/test")
    checked(page)
    assert "Not taken ada@example.com" in text_of(page), "the server is gone"
    assert AuditEvent.objects.filter(verb="test", kind="alerts").count() == 2


def told(service, *, sent=None, problem="", title="Orders to warehouse: 3 records failed"):
    now, company = timezone.now(), service.group.company
    trouble = Trouble.objects.create(
        company=company, kind="failures", service=service, title=title, since=now, told_at=now
    )
    notice = Notice.objects.create(
        company=company, trouble=trouble, verb="opened", kind="failures", at=now, facts={"title": title}
    )
    message = Message.objects.create(
        company=company, address="desk@example.com", recipient="desk@example.com", subject=title, text="",
        created_at=now, sent_at=sent, next_try=None if sent or problem == "given up" else now, problem=problem,
    )  # fmt: skip
    Delivery.objects.create(notice=notice, company=company, address=message.address, due_at=now, message=message)
    return message


def test_what_was_told_lately_is_there_with_what_became_of_it(world, client, service):
    told(service, sent=timezone.now())
    response = tab(client, service)
    checked(response)
    text = text_of(response)
    assert "New just now Orders to warehouse: 3 records failed Sent desk@example.com" in text
    assert "Orders to warehouse: 3 records failed since just now" in text, "and it is wrong now"
    told(world.service("Theirs", group=world.other_group), title="secret of theirs")
    assert "secret" not in text_of(tab(client, service))


def test_the_tab_takes_few_questions_however_much_was_told(world, client, service, django_assert_max_num_queries):
    tab(client, service)
    for _ in range(12):
        message = told(service, sent=timezone.now())
        Trouble.objects.update(ended_at=timezone.now())
        Delivery.objects.create(
            notice=Notice.objects.latest("pk"),
            company=world.company,
            address="x@example.com",
            due_at=message.created_at,
        )
    with django_assert_max_num_queries(24):
        tab(client, service)


# -- notification groups ------------------------------------------------------------------------------------------------


def group_page(client, group, suffix=""):
    return f"/settings/notifications/{group.pk}{suffix}"


def test_without_a_group_the_page_teaches_what_one_is(client):
    response = client.get("/settings/notifications")
    checked(response)
    assert "No notification groups yet" in text_of(response)
    assert "Told at once: ada@example.com." in text_of(response)


def test_a_group_is_made_listed_and_renamed(world, client):
    page = client.get("/settings/notifications/add")
    checked(page)
    values = {"name": "Desk", "people": ["ada@example.com"], "addresses": "night@example.com"}
    assert client.post("/settings/notifications/add", values)["Location"] == "/settings/notifications"
    group = NotificationGroup.objects.get(name="Desk")
    assert [person.email for person in group.people.all()] == ["ada@example.com"]
    client.post(group_page(client, group), {**values, "name": "Night desk", "addresses": ""})
    group.refresh_from_db()
    assert (group.name, group.addresses) == ("Night desk", [])
    save_rule(world.company, RuleDraft(groups=["Night desk"]))
    response = client.get("/settings/notifications")
    checked(response)
    assert "Night desk 1 0 0 the default" in text_of(response)
    events = AuditEvent.objects.filter(kind="notification group").order_by("pk")
    assert [event.verb for event in events] == ["create", "update", "update"]


def test_two_groups_of_one_name_are_refused(client, desk):
    response = client.post("/settings/notifications/add", {"name": "Desk", "addresses": "other@example.com"})
    checked(response)
    assert "There is a notification group" in text_of(response)
    desk.refresh_from_db()
    assert desk.addresses == ["desk@example.com"]


def test_a_webhook_is_added_and_its_secret_shown_once(client, desk):
    values = {"name": "Desk", "addresses": "desk@example.com"}
    new = {"new_kind": "webhook", "new_name": "Pager", "new_url": "https://pager.example.com/hooks/abc?token=secret"}
    response = client.post(group_page(client, desk), {**values, **new})
    checked(response)
    body = response.content.decode()
    assert "whsec_" in body
    assert "never shown again" in body
    assert "token=secret" not in body
    channel = desk.channels.get()
    assert (channel.name, channel.kind, channel.host) == ("Pager", "webhook", "pager.example.com")
    page = client.get(group_page(client, desk)).content.decode()
    assert "pager.example.com" in page
    assert "whsec_" not in page
    assert "hooks/abc" not in page
    before = bytes(channel.sealed)
    client.post(group_page(client, desk), values)
    channel.refresh_from_db()
    assert channel_secrets(channel)["url"].endswith("token=secret"), "left empty it is kept"
    turned = client.post(group_page(client, desk), {**values, f"channel_{channel.pk}_secret": "on"})
    channel.refresh_from_db()
    assert channel_secrets(channel)["secret"] in turned.content.decode()
    assert bytes(channel.sealed) != before
    client.post(group_page(client, desk), {**values, f"channel_{channel.pk}_remove": "on"})
    assert not desk.channels.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"new_kind": "chat"}, "Give the channel a name."),
        ({"new_kind": "chat", "new_name": "Room"}, "Enter the address."),
        ({"new_kind": "chat", "new_name": "Room", "new_url": "http://127.0.0.1/x"}, "TOPSTITCH_ALERT_HOSTS"),
        (
            {"new_kind": "chat", "new_name": "Room", "new_url": "ftp://x.example/"},
            'class="wrong" id="id_new_url_error"',
        ),
        ({"addresses": "nobody"}, "is no e-mail address"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_a_channel_that_cannot_be_is_told_beside_its_field(client, desk, wrong, said):
    response = client.post(group_page(client, desk), {"name": "Desk", "addresses": "new@example.com", **wrong})
    assert response.status_code == 200
    checked(response)
    assert said in response.content.decode()
    desk.refresh_from_db()
    assert desk.addresses == ["desk@example.com"]
    assert not desk.channels.exists()


def test_a_group_in_use_stays_and_says_what_uses_it(world, client, service, desk):
    save_rule(service, RuleDraft(groups=["Desk"]))
    page = client.get(group_page(client, desk))
    checked(page)
    assert "Told of Orders to warehouse To remove the group, choose another one there first." in text_of(page)
    response = client.post(group_page(client, desk, "/remove"), follow=True)
    assert "is told of Orders to warehouse. Choose another group there first." in text_of(response)
    save_rule(service, RuleDraft())
    client.post(group_page(client, desk, "/remove"))
    assert not NotificationGroup.objects.exists()


def test_a_group_is_tried(client, desk):
    response = client.post(group_page(client, desk, "/test"), headers={"hx-request": "true"})
    assert "The test is for 1 recipient" in text_of(response)
    checked(client.post(group_page(client, desk, "/test")))


def test_groups_of_others_are_not_there(world, client):
    theirs = save_group(world.other_group.company, "Theirs", GroupDraft(addresses=["x@example.com"]))
    assert "Theirs" not in text_of(client.get("/settings/notifications"))
    for suffix in ("", "/test", "/remove"):
        assert client.post(group_page(client, theirs, suffix)).status_code == 404
    assert NotificationGroup.objects.filter(pk=theirs.pk).exists()


def test_the_default_is_set_for_all_services_without_their_own(world, client, service, desk):
    page = client.get("/settings/notifications/default")
    checked(page)
    values = {"on": "on", "groups": ["Desk"], "frequency": "hourly", "failures": "3", "run_failed": "on"}
    assert client.post("/settings/notifications/default", values)["Location"] == "/settings/notifications"
    rule = AlertRule.objects.get(service=None)
    assert (rule.on, rule.frequency, rule.failures, rule.connector) == (True, "hourly", 3, False)
    assert "Told once an hour: desk@example.com." in text_of(client.get("/settings/notifications"))
    assert "The default tells desk@example.com, once an hour." in text_of(tab(client, service))
    client.post("/settings/notifications/default", {"frequency": "immediate"})
    assert "the default is off" in text_of(client.get("/settings/notifications"))


# -- what was told ------------------------------------------------------------------------------------------------------


def test_what_was_told_is_listed_with_what_became_of_it(world, client, service):
    assert "Nobody has been told anything" in text_of(client.get("/settings/told"))
    told(service, sent=timezone.now(), title="It went")
    told(world.service("Second"), problem="the mail server said 451", title="It waits")
    told(world.service("Third"), problem="given up", title="It was given up")
    told(world.service("Theirs", group=world.other_group), title="secret of theirs")
    response = client.get("/settings/told")
    checked(response)
    text = text_of(response)
    assert "Sent It went desk@example.com" in text
    assert "Not taken yet It waits the mail server said 451" in text
    assert "Given up It was given up" in text
    told(world.service("Fourth"), sent=timezone.now(), problem="no mail server is set up", title="It was kept")
    assert "Not sent It was kept no mail server is set up" in text_of(client.get("/settings/told?state=unsent"))
    assert "secret" not in text
    narrowed = text_of(client.get("/settings/told?state=unsent&q=waits+desk"))
    assert "It waits" in narrowed
    assert "It went" not in narrowed
    assert "given up" not in narrowed
    assert "Nothing fits" in text_of(client.get("/settings/told?q=nonsense&state=nonsense"))


def test_many_messages_are_paged_and_take_few_questions(world, client, service, django_assert_max_num_queries):
    now = timezone.now()
    Message.objects.bulk_create(
        Message(
            company=world.company, address="a@example.com", recipient="a@example.com", subject=f"No. {n}.", text="",
            created_at=now, sent_at=now,
        )
        for n in range(120)
    )  # fmt: skip
    with django_assert_max_num_queries(9):
        first = client.get("/settings/told")
    checked(first)
    (older,) = re.findall(r'rel="next" href="([^"]+)"', first.content.decode())
    second = text_of(client.get(f"/settings/told{older}"))
    assert "No. 69." in second
    assert "No. 119." not in second
