"""The trigger's tab: presets, fields, expressions, several schedules; what wrong ones are told."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from tests.fakes.far_end import MAPPING
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.engine.spec import Service as Spec
from topstitch.store.actions.services import save_service, spec_of
from topstitch.store.actions.webhooks import token_of
from topstitch.store.models import AuditEvent, Webhook

TEN = {"cron": "*/10 * * * *"}


@pytest.fixture
def make(world):
    connector = world.connector(world.group)

    def make(*schedules, **more):
        spec = {
            "source": {"connector": connector.name, "entity": "orders", "zone": "Europe/London"},
            "destination": {"connector": connector.name, "entity": "sales"},
            "mapping": MAPPING,
            "schedules": list(schedules),
            **more,
        }
        return save_service(world.group, "Orders to warehouse", Spec.model_validate(spec), active=True)

    return make


def address(service):
    return reverse("service_trigger", args=[service.pk])


def controls(response):
    """What a browser would send of the form as it is shown."""
    page, sent = response.content.decode(), {}
    form = page[
        page.index('<form method="post" class="config-part"') : page.index("</form>", page.index('class="config-part"'))
    ]
    form = re.sub(
        r"<fieldset class=\"all\" disabled>.*?</fieldset>\s*<div class=\"pair exp",
        '<div class="pair exp',
        form,
        flags=re.S,
    )
    for tag in re.findall(r"<input[^>]*>", form):
        at = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if at.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        sent.setdefault(at["name"], []).append(at.get("value", "on"))
    for name, options in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', form, flags=re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        sent[name] = [chosen[1] if chosen else ""]
    return sent


def press(client, service, data, do="look", **changes):
    """Change controls and press a button; "" is Save."""
    button = {"do": do} if do else {"save": ""}
    return client.post(address(service), {**data, **changes, **button})


def schedules(service):
    service.refresh_from_db()
    return [(one.cron, one.zone) for one in spec_of(service).schedules]


def test_the_schedule_is_shown_in_words_fields_and_coming_times(make, client):
    response = client.get(address(make({"cron": "30 2 * * 1-5", "zone": "Europe/London"})))
    text = text_of(response)
    assert "At 02:30 on Monday through Friday (Europe/London)" in text
    assert len(re.findall(r"\w{3} \d+ \w{3}, 02:30", text)) == 5
    sent = controls(response)
    assert sent["schedule-0-at_minutes"] == ["30"]
    assert sent["schedule-0-weekdays"] == ["1", "2", "3", "4", "5"]
    checked(response)


def test_saving_without_a_change_makes_no_revision(make, client):
    service = make({"cron": "5-59/10 * * * *"}, {"cron": "0 0 L * *", "zone": "+02:00"}, TEN)
    before = service.revision.number
    assert press(client, service, controls(client.get(address(service))), "").status_code == 302
    service.refresh_from_db()
    assert service.revision.number == before, spec_of(service).schedules


def test_a_preset_fills_the_fields_and_is_kept_when_saved(make, client):
    service = make(TEN)
    sent = controls(client.get(address(service)))
    response = press(client, service, sent, **{"schedule-0-preset": "0 2 * * *"})
    assert "At 02:00" in text_of(response)
    sent = controls(response)
    assert (sent["schedule-0-at_hours"], sent["schedule-0-cron"]) == (["2"], ["0 2 * * *"])
    assert schedules(service) == [("*/10 * * * *", "UTC")]

    response = press(client, service, sent, "")
    assert response.status_code == 302
    assert schedules(service) == [("0 2 * * *", "UTC")]
    assert service.next_due.hour == 2
    assert AuditEvent.objects.filter(kind="service", verb="update").latest("pk").person.email == "ada@example.com"


def test_fields_change_the_expression_and_the_preset_is_ones_own(make, client):
    service = make(TEN)
    sent = controls(client.get(address(service)))
    changes = {"minutes": "0", "at_minutes": "5, 35", "hours": "0", "at_hours": "6-8", "days": "week"}
    response = press(client, service, sent, "look", **{f"schedule-0-{name}": value for name, value in changes.items()})
    sent = controls(response)
    assert sent["schedule-0-cron"] == ["5,35 6-8 * * 1-5"]
    assert sent["schedule-0-preset"] == ["own"]


def test_without_javascript_the_part_that_was_changed_decides(make, client):
    service = make(TEN)
    sent = controls(client.get(address(service)))
    press(client, service, sent, "", **{"schedule-0-days": "month", "schedule-0-monthdays": "1, 15"})
    assert schedules(service) == [("*/10 * 1,15 * *", "UTC")]
    response = press(client, service, controls(client.get(address(service))), **{"schedule-0-advanced": "on"})
    sent = controls(response)
    assert "schedule-0-minutes" not in sent
    press(client, service, sent, "", **{"schedule-0-cron": "0  4 * * 5"})
    assert schedules(service) == [("0 4 * * 5", "UTC")]


def test_what_the_fields_cannot_say_stays_an_expression(make, client):
    service = make({"cron": "0 0 L * *"})
    response = client.get(address(service))
    assert "says more than the fields" in text_of(response)
    sent = controls(response)
    sent.pop("schedule-0-advanced")
    assert "says more than the fields" in text_of(press(client, service, sent))


@pytest.mark.parametrize(
    ("cron", "said", "hint"),
    [
        ("0 */5 * * * *", "It has 6 fields", "Leave the seconds out: */5 * * * *"),
        ("61 * * * *", "Its minute, &#x27;61&#x27;, cannot be read", "0 to 59"),
        ("", "Write an expression", ""),
        ("0 0 30 2 *", "It never comes", "Name another day"),
    ],
)
def test_an_expression_that_is_none_is_told_beside_it_and_nothing_is_saved(make, client, cron, said, hint):
    service = make(TEN, {"cron": "0 0 * * *"})
    sent = controls(client.get(address(service)))
    response = press(client, service, sent, "", **{"schedule-1-advanced": "on", "schedule-1-cron": cron})
    assert response.status_code == 200
    text = text_of(response)
    assert said in text
    assert hint in text
    assert f'value="{cron}"' in response.content.decode()
    assert 'id="id_schedule-1-cron_error"' in response.content.decode()
    assert len(schedules(service)) == 2
    checked(response)


def test_a_list_that_cannot_be_read_is_told_at_its_field(make, client):
    service = make({"cron": "0 6 * * *"})
    sent = controls(client.get(address(service)))
    response = press(client, service, sent, "", **{"schedule-0-at_hours": "6-25"})
    assert "&#x27;6-25&#x27; is no hour" in text_of(response)
    assert 'id="id_schedule-0-at_hours_error"' in response.content.decode()
    assert schedules(service) == [("0 6 * * *", "UTC")]


def test_schedules_are_added_and_removed_without_losing_what_was_typed(make, client):
    service = make(TEN)
    sent = controls(client.get(address(service)))
    response = press(client, service, sent, "add", **{"schedule-0-zone": "Europe/Berlin"})
    sent = controls(response)
    assert sent["schedule"] == ["0", "1"]
    assert sent["schedule-1-zone"] == ["Europe/Berlin"]
    response = press(client, service, sent, "remove:0", **{"schedule-1-preset": "0 2 * * *"})
    assert controls(response)["schedule-0-cron"] == ["0 2 * * *"]
    press(client, service, controls(response), "")
    assert schedules(service) == [("0 2 * * *", "Europe/Berlin")]


def test_by_hand_means_no_schedule_and_it_comes_back_when_the_mind_is_changed(make, client):
    service = make(TEN)
    sent = controls(client.get(address(service)))
    response = press(client, service, sent, kind="hand")
    assert controls(press(client, service, controls(response), kind="schedule"))["schedule-0-cron"] == ["*/10 * * * *"]
    press(client, service, controls(response), "")
    assert schedules(service) == []
    assert service.next_due is None


def test_a_webhook_gets_an_address_when_it_is_saved_and_keeps_it(make, client, settings):
    settings.BASE_URL = "https://sync.example.com"
    service = make(TEN)
    sent = controls(client.get(address(service)))
    response = press(client, service, sent, kind="webhook")
    assert "Save, and the address to register" in text_of(response)
    assert "On a schedule as well" in text_of(response)
    assert press(client, service, controls(response), "").status_code == 302
    response = client.get(address(service))
    token = token_of(Webhook.objects.get(service=service))
    assert f"https://sync.example.com/hooks/{token}" in text_of(response)
    assert schedules(service) == [("*/10 * * * *", "UTC")]
    checked(response)
    press(client, service, controls(response), "remove:0")
    assert schedules(service) == [("*/10 * * * *", "UTC")]
    press(client, service, controls(press(client, service, controls(response), "remove:0")), "")
    assert schedules(service) == []
    assert "A schedule beside it" in text_of(client.get(address(service)))
    assert "when it is called" in text_of(client.get(address(service)))


def test_a_new_address_is_made_by_its_button_and_only_managers_see_it(make, client, world):
    service = make(webhook=True)
    old = token_of(Webhook.objects.get(service=service))
    response = client.post(reverse("new_webhook_address", args=[service.pk]), follow=True)
    new = token_of(Webhook.objects.get(service=service))
    assert new != old
    assert new in response.content.decode()
    uma = world.client(world.person("uma@example.com", world.company, Role.USER))
    page = uma.get(address(service)).content.decode()
    assert new not in page
    assert "which those see who may change the service" in page


@pytest.mark.parametrize(
    "odd",
    [
        {"schedule": ["x", "99", "²"]},
        {"do": "remove:99"},
        {"do": "fly"},
        {"kind": "never"},
        {"schedule-0-minutes": "7"},
        {"schedule-0-zone": "Atlantis"},
        {"schedule-0-cron": "* " * 300},
        {"schedule": [str(n) for n in range(200)]},
    ],
)
def test_what_no_browser_sends_does_no_harm(make, client, odd):
    service = make(TEN)
    sent = controls(client.get(address(service)))
    assert client.post(address(service), {**sent, "do": "look", **odd}).status_code == 200
    assert schedules(service) == [("*/10 * * * *", "UTC")]


def test_those_who_may_not_change_it_read_it(make, world):
    service = make(TEN)
    uma = world.client(world.person("uma@example.com", world.company, Role.USER))
    response = uma.get(address(service))
    assert "Every 10 minutes" in text_of(response)
    assert '<fieldset class="all" disabled>' in response.content.decode()
    assert 'name="save"' not in response.content.decode()
    assert uma.post(address(service), {"save": ""}).status_code == 403


def test_it_takes_few_questions(make, client, django_assert_max_num_queries):
    service = make(TEN)
    client.get(address(service))
    with django_assert_max_num_queries(9):
        client.get(address(service))
