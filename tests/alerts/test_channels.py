"""Webhooks and chats: signed, guarded, their addresses kept secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from tests.alerts.hook import Hook

from topstitch.alerts.actions.groups import ChannelDraft, shown_group
from topstitch.alerts.actions.trying import try_channel, try_group
from topstitch.alerts.models import Channel, Message
from topstitch.alerts.telling.channels import channel_secrets, signature
from topstitch.errors import ConfigError
from topstitch.store.models import AuditEvent

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


@pytest.fixture
def hook(settings):
    settings.ALERT_HOSTS = ["127.0.0.1"]
    with Hook() as started:
        yield started


def webhook(hook, **parts):
    return ChannelDraft("Pager", "webhook", **{"url": hook.url, "secret": SECRET, **parts})


def test_a_webhook_gets_the_facts_signed(world, hook):
    world.desk(channels=[webhook(hook)])
    world.rule(groups=["Desk"])
    service = world.service()
    run = world.ran(service, failed=1)
    world.work()
    ((headers, body),) = hook.calls
    told = json.loads(body)
    assert (told["type"], told["data"]["kind"]) == ("alert.opened", "failures")
    assert told["data"]["service"]["name"] == "Orders to warehouse"
    assert told["data"]["run"]["id"] == str(run.pk)
    assert told["data"]["failures"][0] == {
        "reference": "#1001",
        "reason": "The e-mail address is not valid",
        "field": "email",
        "class": "value",
    }
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(b"k" * 32, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert world.server.told == [("desk@example.com", "Orders to warehouse: 1 record failed")]


def test_the_signature_is_that_of_the_standard():
    # The example of the Standard Webhooks specification.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    wanted = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == wanted


def test_every_notice_is_a_call_of_its_own_and_its_id_stays_the_same(world, hook):
    world.desk(channels=[webhook(hook)])
    world.rule(groups=["Desk"], frequency="daily")
    hook.status = 503
    for name in ("First", "Second"):
        world.ran(world.service(name), failed=1)
    assert world.work() == [], "the mail waits for its hour, machines are told at once"
    assert len(hook.calls) == 2
    hook.status = 200
    world.pass_time(minutes=2)
    world.work()
    ids = [headers["webhook-id"] for headers, _ in hook.calls]
    assert len(ids) == 4 and sorted(ids[:2]) == sorted(ids[2:]) and ids[0] != ids[1]
    assert not Message.objects.filter(channel__isnull=False, sent_at=None).exists()


def test_a_chat_gets_text(world, hook):
    world.desk(channels=[ChannelDraft("Ops", "chat", hook.url)])
    world.rule(groups=["Desk"])
    run = world.ran(world.service(), failed=1)
    world.work()
    (body,) = hook.bodies
    assert body == {
        "text": "Orders to warehouse: 1 record failed. #1001: The e-mail address is not valid "
        f"https://sync.example.com/reports/?q={run.pk}&status=trouble"
    }
    assert "webhook-signature" not in hook.calls[0][0]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/x", "http://169.254.169.254/latest", "http://[::1]/", "http://10.0.0.8/", "ftp://a.example/"],
)
def test_an_address_of_our_own_network_is_refused(world, url):
    with pytest.raises(ConfigError) as raised:
        world.desk(channels=[ChannelDraft("Pager", "webhook", url)])
    assert "Desk, channel Pager" in raised.value.message
    assert not Channel.objects.exists()


def test_it_is_refused_too_when_it_became_one_later(world, hook, settings):
    world.desk(channels=[webhook(hook)])
    settings.ALERT_HOSTS = []
    world.rule(groups=["Desk"])
    world.ran(world.service(), failed=1)
    world.work()
    assert hook.calls == []
    assert "not permitted" in world.waiting[0].problem


def test_a_redirect_into_our_own_network_is_not_followed(world, hook, settings):
    world.desk(channels=[webhook(hook)])
    with Hook() as inner:
        hook.status, hook.location = 307, inner.url.replace("127.0.0.1", "127.0.0.2")
        tried = try_channel(Channel.objects.get())
        assert tried.problem and inner.calls == []


def test_addresses_and_secrets_are_shown_nowhere(world, hook):
    group = world.desk(channels=[webhook(hook)])
    channel = Channel.objects.get()
    hook.status = 500
    tried = try_group(group)
    shown = [str(channel), str(shown_group(group)), str(tried), bytes(channel.sealed).decode()]
    shown += [str(values) for values in AuditEvent.objects.values()]
    assert not any("T0K3N" in text or "S3CRET" in text or SECRET[10:] in text for text in shown)
    assert channel_secrets(channel) == {"url": hook.url, "secret": SECRET}


def test_a_webhook_without_a_secret_gets_one_and_keeps_it(world, hook):
    world.desk(channels=[webhook(hook, secret=None)])
    first = channel_secrets(Channel.objects.get())
    world.desk(channels=[ChannelDraft("Pager", "webhook")])
    assert channel_secrets(Channel.objects.get()) == first
    assert first["secret"].startswith("whsec_")


def test_the_test_button_tells_who_took_it(world, hook, settings):
    group = world.desk("desk@example.com", channels=[webhook(hook), ChannelDraft("Ops", "chat", hook.url)])
    hook.status = 410
    world.server.refusal = "550 no such person"
    tried = {each.recipient: each.problem for each in try_group(group)}
    assert "550 no such person" in tried["desk@example.com"]
    assert set(tried) == {"desk@example.com", "Pager (127.0.0.1)", "Ops (127.0.0.1)"}
    assert all(tried.values())
    hook.status, world.server.refusal = 200, ""
    assert not any(each.problem for each in try_group(group))
    assert world.server.subjects == ["Test of the notification group Desk"]
    assert {body.get("type") for body in hook.bodies} == {"alert.test", None}
    assert not Message.objects.exists()
    assert AuditEvent.objects.filter(verb="test", name="Desk").count() == 2


def test_a_removed_channel_is_not_taken_for_told(world, hook):
    world.desk(channels=[webhook(hook)])
    world.rule(groups=["Desk"])
    hook.status = 503
    world.ran(world.service(), failed=1)
    world.work()
    Channel.objects.all().delete()
    world.now += timedelta(hours=1)
    world.work()
    message = Message.objects.get(address="")
    assert message.sent_at is None and message.problem == "the channel was removed"
