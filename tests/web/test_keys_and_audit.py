"""API keys, the audit log, one's own account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.store.actions.api_keys import create_key, key_of
from topstitch.store.actions.audit import audit
from topstitch.store.models import ApiKey, AuditEvent
from topstitch.store.queries.audit import difference


def make(client, **more):
    return client.post("/settings/api-keys/make", {"name": "Till", "scope": "read", "expires": "", **more})


def key_in(page):
    return re.search(r"<code>(ts_\w{8}_[\w-]{43})</code>", page.content.decode())[1]


def test_a_key_is_shown_once_and_opens_for_its_company(world, client):
    page = make(client, scope="write", expires="30")
    checked(page)
    text = key_in(page)
    found = key_of(text)
    assert (found.company, found.name, found.scope) == (world.company, "Till", "write")
    assert timedelta(days=29) < found.expires_at - timezone.now() < timedelta(days=31)
    again = client.get("/settings/api-keys")
    assert text not in again.content.decode()
    assert found.prefix in again.content.decode()
    assert text not in str(list(ApiKey.objects.values())) + str(list(AuditEvent.objects.values()))


def test_its_last_use_is_noted_but_not_every_time(world, client):
    text = key_in(make(client))
    key_of(text)
    first = ApiKey.objects.get().used_at
    assert first is not None
    key_of(text)
    assert ApiKey.objects.get().used_at == first


@pytest.mark.parametrize("change", [lambda t: t[:-1] + ("a" if t[-1] != "a" else "b"), lambda t: t[:11], lambda t: ""])
def test_what_is_nearly_a_key_opens_nothing(client, change):
    text = key_in(make(client))
    assert key_of(change(text)) is None
    assert key_of(text) is not None


def test_a_revoked_or_expired_key_opens_nothing(world, client):
    text = key_in(make(client))
    client.post(f"/settings/api-keys/{ApiKey.objects.get().pk}/revoke")
    assert key_of(text) is None
    assert "No program has a key" in text_of(client.get("/settings/api-keys"))
    _, old = create_key(world.company, "Old", "read", expires_at=timezone.now())
    assert key_of(old) is None
    assert list(AuditEvent.objects.filter(kind="api_key").values_list("verb", flat=True)) == [
        "create",
        "delete",
        "create",
    ]


@pytest.mark.parametrize("change", [{"name": ""}, {"scope": "all"}, {"expires": "-5"}, {"name": "x\x00"}])
def test_a_key_that_cannot_be_is_refused(client, change):
    page = make(client, **change)
    assert page.status_code == 200
    checked(page)
    assert not ApiKey.objects.exists()


def test_the_log_shows_newest_first_with_shape_and_word(world, client):
    for verb in ("create", "update", "delete"):
        audit(verb, "service", 7, f"{verb}d service", company=world.company, person=world.ada)
    audit("create", "service", 8, "not mine", company=world.other_group.company)
    page = client.get("/settings/audit")
    checked(page)
    said = text_of(page)
    assert said.index("deleted service") < said.index("updated service") < said.index("created service")
    assert all(word in said for word in ("Added", "Updated", "Deleted"))
    assert "not mine" not in said


def test_what_was_done_to_records_and_causes_is_said_and_found(world, client):
    for verb, kind, name in (
        ("resync", "service", "Orders"),
        ("close", "service", "Returns"),
        ("assign", "error", "No e-mail address"),
        ("edit", "record", "#1001"),
        ("export", "report", "Sync report"),
    ):
        audit(verb, kind, 7, name, company=world.company, person=world.ada)
    said = text_of(client.get("/settings/audit"))
    for words in (
        "Ran Orders service, records synced again",
        "Updated Returns service, records resolved",
        "Updated No e-mail address error, assigned",
        "Updated #1001 record, corrected and sent",
        "Ran Sync report report, downloaded",
    ):
        assert words in said
    assert rows(client, "what=updated") == ["#1001", "No e-mail address", "Returns"]
    assert rows(client, "what=ran") == ["Sync report", "Orders"]
    assert rows(client, "kind=error") == ["No e-mail address"]


def rows(client, query):
    page = client.get(f"/settings/audit?{query}")
    checked(page)
    return re.findall(r'data-row href="/settings/audit/\d+">([^<]*)<', page.content.decode())


def test_the_log_is_searched_and_narrowed_down(world, client):
    bob = world.person("bob@example.com", world.company, Role.MANAGER)
    audit("create", "service", 7, "Orders to warehouse", company=world.company, person=world.ada)
    audit("update", "connector", 8, "Shop", company=world.company, person=bob)
    audit("sign_in", "person", 9, "bob@example.com", company=world.company, person=bob)
    assert rows(client, "q=warehouse+orders") == ["Orders to warehouse"]
    assert rows(client, "q=%238") == ["Shop"]
    assert rows(client, "q=bob") == ["bob@example.com", "Shop"]
    assert rows(client, "kind=service") == ["Orders to warehouse"]
    assert rows(client, "what=updated") == ["Shop"]
    assert rows(client, "what=security") == ["bob@example.com"]
    assert rows(client, f"person={bob.pk}") == ["bob@example.com", "Shop"]
    today = timezone.now().date()
    assert len(rows(client, f"from={today}&to={today}")) == 3
    assert rows(client, f"to={today - timedelta(days=1)}") == []
    assert len(rows(client, "kind=nonsense&what=nonsense&person=x&from=x&after=x&q=%00")) == 3


def test_the_log_is_paged_by_its_rows(world, client):
    for number in range(120):
        audit("update", "service", number, f"Service {number}", company=world.company)
    first = rows(client, "")
    assert (first[0], len(first)) == ("Service 119", 50)
    page = client.get("/settings/audit").content.decode()
    older = re.search(r'rel="next" href="\?([^"]+)"', page)[1]
    assert rows(client, older)[0] == "Service 69"


def test_pages_of_the_log_take_few_questions(world, client, django_assert_max_num_queries):
    for number in range(60):
        audit("update", "service", number, "Service", company=world.company, person=world.ada)
    with django_assert_max_num_queries(10):
        client.get("/settings/audit")


def test_an_event_shows_what_changed_place_by_place(world, client):
    before = {"name": "A", "schedules": [{"cron": "1"}], "gone": 1, "same": 5}
    after = {"name": "B", "schedules": [{"cron": "1"}, {"cron": "<2>"}], "same": 5}
    audit("update", "service", 7, "Orders", company=world.company, person=world.ada, before=before, after=after)
    page = client.get(f"/settings/audit/{AuditEvent.objects.get().pk}")
    checked(page)
    body = page.content.decode()
    assert "<del>A</del>" in body
    assert "<ins>B</ins>" in body
    assert "<ins>&lt;2&gt;</ins>" in body
    assert "schedules[1].cron" in body
    assert "same" not in text_of(page)
    assert page.content.decode().count("<del>") == 2


def test_differences_tell_nothing_from_null_and_end_in_time():
    parts, more = difference({"a": None}, {"a": 1, "b": None})
    assert [(part.path, part.before, part.after, part.tone) for part in parts] == [
        ("a", "none", "1", "updated"),
        ("b", None, "none", "added"),
    ]
    assert not more
    parts, more = difference(None, {"rows": list(range(5000))})
    assert (len(parts), more) == (200, True)
    assert difference(None, None) == ([], False)
    assert [part.path for part in difference({"a": [1, 2]}, {"a": {"x": 1}})[0]] == ["a"]


def test_an_account_is_named_and_dressed(world, client):
    checked(client.get("/settings/account"))
    response = client.post("/settings/account/save", {"name": "Ada L", "zone": "Europe/London", "theme": "dark"})
    assert response.cookies["theme"].value == "dark"
    world.ada.refresh_from_db()
    assert (world.ada.name, world.ada.zone, world.ada.theme) == ("Ada L", "Europe/London", "dark")
    assert 'data-theme="dark"' in client.get("/settings/account").content.decode()


@pytest.mark.parametrize("change", [{"zone": "Mars/Olympus"}, {"theme": "pink"}, {"name": "x" * 201}])
def test_an_account_that_cannot_be_is_refused(client, change):
    page = client.post("/settings/account/save", {"name": "Ada", "zone": "", "theme": "", **change})
    assert page.status_code == 200
    checked(page)


def test_a_zone_that_this_machine_does_not_know_breaks_nothing(world, client):
    world.ada.zone = "../etc/passwd"
    world.ada.save()
    assert client.get("/").status_code == 200


def test_settings_are_for_everybody_and_show_what_each_may_open(world):
    uma = world.client(world.person("uma@example.com", world.company, Role.USER))
    page = uma.get("/settings/", follow=True)
    checked(page)
    said = text_of(page)
    assert "Audit log" not in said
    assert "Groups" in said
    assert "Save the company" not in said
