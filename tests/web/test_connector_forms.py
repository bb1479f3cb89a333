"""Adding and changing connectors: what is asked for, what is wrong, the test before saving, secrets that stay here."""

from __future__ import annotations

import re
from html import unescape

import orjson
import pytest
from django.test import Client
from tests.fakes.far_end import SLUG, far_end, system
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Membership, Role
from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.file import system_from_data
from topstitch.sdk.practice import PracticeServer, json_reply
from topstitch.store.actions.connector_checks import try_draft
from topstitch.store.actions.connectors import Draft, add_connector, draft_of, stored_values
from topstitch.store.models import AuditEvent, Connector
from topstitch.store.secrets import unseal

SECRET, OTHER = "s3cret-of-the-shop", "an0ther-secret"
HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server():
    practice = far_end()

    @practice.route("GET", "/who")
    def who(request):
        given = request.headers.get("authorization", "")
        known = given in (f"Bearer {SECRET}", f"Bearer {OTHER}")
        return json_reply({"ok": True}) if known else json_reply({"message": f"{given} is not known"}, 401)

    with PracticeServer([practice]) as server:
        yield server


@pytest.fixture
def shop(world):
    """A system that wants a token, and more where it is asked for it."""
    settings = {
        "token": {"secret": True, "required": True, "find": "Behind Settings, then API."},
        "site": {"kind": "url", "label": "Site"},
        "pages": {"kind": "integer", "label": "Pages"},
        "pin": {"secret": True, "label": "Pin"},
    }
    definition = system("token-shop") | {"name": "Token shop", "test": "/who", "auth": {"bearer": "token"}}
    CATALOGUE.add(system_from_data(definition | {"settings": settings}))
    return "token-shop"


def filled(server, **changes):
    return {
        "name": "Our shop",
        "base_url": f"{server.url}/{SLUG}",
        "s-token": SECRET,
        **changes,
    }


def add(client, slug, data, **more):
    return client.post(f"/connectors/add/{slug}?environment=test", data, **more)


@pytest.fixture
def saved(world, server, shop):
    return add_connector(
        Draft(
            group=world.group,
            name="Our shop",
            system=shop,
            values={"token": SECRET, "site": "https://shop.example.com", "pin": "1234"},
            environment="test",
            base_url=f"{server.url}/{SLUG}",
        )
    )


# -- adding ---------------------------------------------------------------------------------------------------------------


def test_a_system_is_chosen_first(client, shop):
    response = client.get("/connectors/add?q=token")
    checked(response)
    assert f'href="/connectors/add/{shop}?environment=live"' in response.content.decode()
    practice = text_of(client.get("/connectors/add?environment=practice"))
    assert "Shopify" in practice
    assert "Token shop" not in practice
    assert "No system fits." in text_of(client.get("/connectors/add?q=zzz"))


def test_the_form_asks_for_what_the_system_needs_and_says_where_to_find_it(client, shop):
    response = client.get("/connectors/add/shopify")
    assert '<option value="client_credentials">Client id and secret</option>' in response.content.decode()
    checked(response)
    text = text_of(response)
    for words in (
        "Access token",
        "Where do I find this?",
        "Develop apps",
        "Rarely changed",
        "What you need",
        "Sign-in",
    ):
        assert words in text
    assert "Address of the test system" not in text
    assert "Address of the test system" in text_of(client.get(f"/connectors/add/{shop}?environment=test"))
    assert "there is nothing to fill in" in text_of(client.get("/connectors/add/shopify?environment=practice"))
    assert client.get("/connectors/add/no-such").status_code == 404


def test_only_tested_it_is_not_saved_and_the_steps_are_told(client, server, shop):
    response = add(client, shop, filled(server, do="test"), headers=HTMX)
    text = text_of(response)
    assert "Address reached" in text
    assert "Everything is in order." in text
    assert not Connector.objects.exists()
    whole = add(client, shop, filled(server, do="test"))
    checked(whole)
    assert "Everything is in order." in text_of(whole)
    assert not Connector.objects.exists()


def test_what_passes_is_saved_with_its_test(world, client, server, shop):
    response = add(client, shop, filled(server, do="save", zone="Europe/London"), follow=True)
    assert "Our shop is added." in response.content.decode()
    one = Connector.objects.get()
    assert (one.name, one.group, one.environment, one.zone) == ("Our shop", world.group, "test", "Europe/London")
    assert (one.status, one.checks.get().ok) == ("operational", True)
    assert stored_values(one) == {"token": SECRET}
    tried, made = AuditEvent.objects.filter(kind="connector").order_by("pk")
    assert (tried.verb, made.verb, made.person) == ("test", "create", world.ada)
    assert SECRET not in f"{tried.after} {made.after}"


def test_what_is_refused_is_not_saved_and_its_secrets_stay_here(client, server, shop):
    response = add(client, shop, filled(server, **{"s-token": "wr0ng-token"}))
    checked(response)
    text = text_of(response)
    assert "What you can do" in text
    assert "Save it all the same" not in text
    assert not Connector.objects.exists()
    body = response.content.decode()
    assert "wr0ng-token" not in body
    assert "Kept: leave empty to keep it" in body
    again = client.get(f"/connectors/add/{shop}?environment=test").content.decode()
    assert "Kept: leave empty to keep it" in again
    assert "wr0ng-token" not in again
    assert "wr0ng" not in str(dict(client.session))
    assert not add(client, shop, filled(server, do="anyway", **{"s-token": ""})).has_header("Location")
    assert add(client, shop, filled(server)).status_code == 302
    assert "Kept" not in client.get(f"/connectors/add/{shop}?environment=test").content.decode()


def test_secrets_that_were_typed_need_not_be_typed_twice(client, server, shop):
    wrong = filled(server, base_url=f"{server.url}/nowhere")
    assert add(client, shop, wrong).status_code == 200
    assert add(client, shop, filled(server, **{"s-token": ""})).status_code == 302
    assert stored_values(Connector.objects.get())["token"] == SECRET


def test_nor_when_something_else_was_filled_in_wrongly(client, server, shop):
    unnamed = add(client, shop, filled(server, name=""))
    assert "Kept: leave empty to keep it" in unnamed.content.decode()
    assert add(client, shop, filled(server, **{"s-token": ""})).status_code == 302
    assert stored_values(Connector.objects.get())["token"] == SECRET


def test_somebody_else_has_no_part_in_them(world, client, server, shop):
    add(client, shop, filled(server, base_url=f"{server.url}/nowhere"))
    other = world.client(world.person("max@example.com", world.company, Role.MANAGER))
    session = other.session
    session["connector_secrets"] = client.session["connector_secrets"]
    session.save()
    assert (
        "is missing" in text_of(add(other, shop, filled(server, **{"s-token": ""}))) or not Connector.objects.exists()
    )
    assert not Connector.objects.exists()


def test_a_system_that_is_away_may_be_saved_all_the_same(client, server, shop):
    away = filled(server, base_url="http://127.0.0.1:1")
    response = add(client, shop, away)
    assert "Save it all the same" in text_of(response)
    assert not Connector.objects.exists()
    assert add(client, shop, {**away, "do": "anyway"}).status_code == 302
    one = Connector.objects.get()
    assert (one.status, one.checks.get().ok) == ("unreachable", False)


def test_a_private_address_is_reached_only_where_the_installation_permits_it(client, server, shop, settings):
    settings.PRIVATE_HOSTS = []
    said = text_of(add(client, shop, filled(server, allow_private="on")))
    assert "127.0.0.1 is an address of a private or reserved network" in said
    assert "whoever runs this installation can permit its address" in said
    assert not Connector.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"s-token": ""}, "This field is required."),
        ({"s-site": "shop"}, "is not an address that begins with https://"),
        ({"s-pages": "many"}, "Enter a whole number."),
        ({"base_url": "sandbox"}, "is not an address that begins with https://"),
        ({"zone": "Mars/Base"}, "is not a time zone"),
        ({"name": "Taken"}, "has a connector of this name. Choose another name."),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_what_is_wrong_stands_beside_its_field(world, client, server, shop, change, said):
    Connector.objects.create(group=world.group, name="Taken", system=SLUG)
    response = add(client, shop, filled(server, **change))
    checked(response)
    text = text_of(response)
    assert said in text
    assert "Nothing was saved. Correct" in text
    assert Connector.objects.count() == 1
    part = add(client, shop, filled(server, do="test", **change), headers=HTMX)
    assert "Correct" in text_of(part)


def test_a_practice_connector_needs_nothing(client, settings):
    practice = CATALOGUE.get("woocommerce").practice
    with PracticeServer([practice]) as server:
        settings.PRACTICE_URL = server.url
        response = client.post("/connectors/add/woocommerce?environment=practice", {"name": "Outlet"})
    assert response.status_code == 302
    one = Connector.objects.get()
    assert (one.environment, one.status) == ("practice", "operational")


def test_the_group_is_one_of_the_company(world, client, server, shop):
    other = world.add_group("DE")
    assert "Company group" in text_of(client.get(f"/connectors/add/{shop}?environment=test"))
    theirs = add(client, shop, filled(server, group=world.other_group.pk))
    assert "Select a valid choice." in text_of(theirs)
    assert add(client, shop, filled(server, group=other.pk)).status_code == 302
    assert Connector.objects.get().group == other


# -- changing -------------------------------------------------------------------------------------------------------------


def change(client, one, server, **changes):
    data = filled(server, **{"s-token": "", "s-site": "https://shop.example.com", **changes})
    return client.post(f"/connectors/{one.pk}/settings", data)


def test_settings_are_shown_without_secrets(client, saved):
    response = client.get(f"/connectors/{saved.pk}/settings")
    checked(response)
    body = response.content.decode()
    assert "https://shop.example.com" in body
    assert SECRET not in body
    assert "1234" not in body
    assert body.count("Kept: leave empty to keep it") == 2


def test_a_secret_is_rotated_and_the_others_stay(client, server, saved):
    response = change(client, saved, server, **{"s-token": OTHER})
    assert response.status_code == 302
    assert stored_values(Connector.objects.get()) == {"token": OTHER, "site": "https://shop.example.com", "pin": "1234"}
    assert AuditEvent.objects.get(verb="update").after["secrets_changed"] == ["token"]


def test_a_wrong_secret_changes_nothing(client, server, saved):
    response = change(client, saved, server, **{"s-token": "wr0ng-token"})
    assert "What you can do" in text_of(response)
    assert "wr0ng-token" not in response.content.decode()
    assert stored_values(Connector.objects.get())["token"] == SECRET
    assert not AuditEvent.objects.filter(verb="update").exists()


@pytest.fixture
def elsewhere():
    """A server of somebody else's, and what was sent to it."""
    practice, seen = far_end(), []

    @practice.route("GET", "/who")
    def who(request):
        seen.append(request.headers.get("authorization"))
        return json_reply({})

    with PracticeServer([practice]) as server:
        server.seen = seen
        yield server


@pytest.mark.parametrize("do", ["test", "save", "anyway"])
def test_secrets_that_are_kept_are_not_sent_to_another_address(client, saved, elsewhere, do):
    response = change(client, saved, elsewhere, do=do)
    checked(response)
    fields = re.findall(r'id="id_s-(token|pin)_error".*?</', response.content.decode(), re.S)
    assert sorted(fields) == ["pin", "token"]
    said = text_of(response)
    assert "Address of the test system changed" in said
    assert "Type every secret again, or put back what was there." in said
    part = client.post(
        f"/connectors/{saved.pk}/settings",
        filled(elsewhere, **{"s-token": "", "s-site": "https://shop.example.com", "do": "test"}),
        headers=HTMX,
    )
    assert "What you can do" in text_of(part)
    assert "Type every secret again, or put back what was there." in text_of(part)
    assert not elsewhere.seen
    typed = change(client, saved, elsewhere, **{"s-token": OTHER, "s-pin": "9876"})
    assert typed.status_code == 302
    assert elsewhere.seen == [f"Bearer {OTHER}"]


def test_the_audit_log_says_who_had_what_was_filled_in_tried_where(world, client, saved, elsewhere):
    change(client, saved, elsewhere, do="test", **{"s-token": OTHER, "s-pin": "9876"})
    event = AuditEvent.objects.get(verb="test")
    assert (event.person, event.object_id, event.name) == (world.ada, str(saved.pk), "Our shop")
    assert event.after["base_url"] == f"{elsewhere.url}/{SLUG}" != event.before["base_url"]
    assert OTHER not in str(event.after)
    page = client.get("/settings/audit?what=ran")
    assert "tried before it was saved" in text_of(page)
    assert "ada@example.com" in page.content.decode()


def test_nobody_tries_what_they_may_not_save(world, saved):
    uma = world.person("uma@example.com", world.company, Role.USER)
    with pytest.raises(ConfigError, match="update connector settings: only"):
        try_draft(draft_of(saved), person=uma, connector=saved)
    assert not AuditEvent.objects.filter(verb="test").exists()


def test_nor_are_they_when_it_is_a_setting_that_leads_elsewhere(client, server, saved):
    said = text_of(change(client, saved, server, **{"s-site": "https://evil.example.com", "s-token": OTHER}))
    assert "Site changed" in said
    assert Connector.objects.get().settings["site"] == "https://shop.example.com"


def test_json_does_not_send_them_elsewhere_either(advanced, saved, elsewhere):
    address = f"{elsewhere.url}/{SLUG}"
    response = advanced.post(f"/connectors/{saved.pk}/json", document(saved, base_url=address) | {"do": "test"})
    checked(response)
    assert "The secrets that are kept were typed for another place" in text_of(response)
    assert not elsewhere.seen


def test_a_try_that_fails_leaves_what_was_typed_in_the_session_and_nothing_else(world, client, server, saved):
    change(client, saved, server, **{"s-token": "wr0ng-token"})
    kept = client.session["connector_secrets"]
    owner = f"form:{world.ada.pk}:{world.company.pk}:{kept['place']}"
    assert unseal(owner, kept["sealed"].encode()) == {"token": "wr0ng-token"}


def test_a_secret_that_is_not_needed_can_be_forgotten(client, server, saved):
    assert "Forget the pin that is kept" in text_of(client.get(f"/connectors/{saved.pk}/settings"))
    assert change(client, saved, server, **{"s-forget_pin": "on"}).status_code == 302
    assert stored_values(Connector.objects.get()) == {"token": SECRET, "site": "https://shop.example.com"}


def test_the_services_that_it_changes_for_are_named_and_follow_its_name(world, client, server, saved):
    service = world.service()
    service.destination = saved
    service.revision.spec["destination"]["connector"] = "Our shop"
    service.revision.save()
    service.save()
    assert "1 service uses it" in text_of(client.get(f"/connectors/{saved.pk}/settings"))
    response = change(client, saved, server, name="Their shop")
    assert response.status_code == 302
    service.refresh_from_db()
    assert service.revision.spec["destination"]["connector"] == "Their shop"
    page = text_of(client.get(response["Location"]))
    assert "Their shop" in page


def test_those_who_only_look_see_no_settings(world, saved):
    uma = world.client(world.person("uma@example.com", world.company, Role.USER))
    assert uma.get(f"/connectors/{saved.pk}/settings").status_code == 403
    assert "Settings" not in text_of(uma.get(f"/connectors/{saved.pk}")).split("Services using it")[0]


def test_what_belongs_to_others_is_not_there(world, saved):
    sam = world.client(world.sam)
    for tab in ("settings", "json"):
        Membership.objects.filter(user=world.sam).update(advanced_editor=True)
        assert sam.get(f"/connectors/{saved.pk}/{tab}").status_code == 404


# -- as JSON --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def advanced(world) -> Client:
    Membership.objects.filter(user=world.ada).update(advanced_editor=True)
    return world.client(world.ada)


def document(one, **changes):
    settings = {"site": "https://shop.example.com"}
    usual = {"name": one.name, "base_url": one.base_url, "settings": settings}
    return {"document": orjson.dumps({**usual, **changes}).decode()}


def test_it_is_shown_as_json_without_secrets_to_advanced_editors_only(client, advanced, saved):
    response = advanced.get(f"/connectors/{saved.pk}/json")
    checked(response)
    assert "shop.example.com" in response.content.decode()
    assert SECRET not in response.content.decode()


def test_json_changes_what_it_names_and_keeps_the_other_secrets(advanced, saved):
    changes = {"zone": "Europe/London", "settings": {"pages": 4, "token": OTHER, "pin": None}}
    assert advanced.post(f"/connectors/{saved.pk}/json", document(saved, **changes)).status_code == 302
    one = Connector.objects.get()
    assert one.zone == "Europe/London"
    assert stored_values(one) == {"token": OTHER, "pages": 4}


@pytest.mark.parametrize(
    "typed",
    [
        '{"name": "", "settings": {"token": "typed-1", "pin": 4321}}',
        '{"name": "x", "settings": {"tokn": "typed-1"}}',
        '{"name": "x", "settings": {"token": ["typed-1", "typed-2"]}}',
        '{"name": "x"\n "settings": {"token": "typed-1"}}',
        '{"name": "x", "settings": {"token" "typed-1"}}',
        '{"name": "x, "settings": {"token": "typed-1"}}',
        '{"name": "x", "settings": {token: typed-1}}',
        "{'name': 'x', \"settings': {'token': 'typed-1'}}",
        '{"name": "x", "settings": {"token": "-----BEGIN\ntyped-1\ntyped-2"}}',
    ],
)
def test_secrets_in_json_that_cannot_be_are_not_sent_back(advanced, saved, typed):
    body = advanced.post(f"/connectors/{saved.pk}/json", {"document": typed}).content.decode()
    assert "typed-" not in body
    assert "4321" not in body
    # What is no secret is not lost.
    assert "name" in body.split("<textarea")[1].split("</textarea>")[0].split(">")[1]


def test_secrets_in_json_are_not_sent_back_after_a_test_and_are_typed_again(advanced, saved):
    typed = document(saved, name="Typed here", settings={"token": "wr0ng-token", "pages": 4, "pin": None})
    body = advanced.post(f"/connectors/{saved.pk}/json", typed).content.decode()
    assert "wr0ng-token" not in body
    shown = orjson.loads(unescape(re.search(r"<textarea[^>]*>(.*)</textarea>", body, re.S)[1]))
    assert (shown["name"], shown["settings"]) == ("Typed here", {"token": "***", "pages": 4, "pin": None})
    again = advanced.post(f"/connectors/{saved.pk}/json", {"document": orjson.dumps(shown).decode()})
    assert "settings.token: *** stands for what was typed" in text_of(again)
    assert stored_values(Connector.objects.get())["token"] == SECRET


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"name": "x",\n "zone" "UTC"}', "Line 2"),
        ("[]", "the document"),
        ('{"name": ""}', "name: "),
        ('{"name": "x", "environment": "live"}', "environment: Extra inputs"),
        ('{"name": "x", "zone": "Mars/Base"}', "zone: "),
        ('{"name": "x", "allow_private": true}', "allow_private: Extra inputs"),
        ('{"name": "x", "base_url": "ftp://x.example"}', "is not an address that begins with https://"),
        ('{"name": "x", "settings": {"tokn": 1}}', "unknown setting"),
        ('{"name": "x", "settings": {"pages": "many"}}', "is not a whole number"),
    ],
)
def test_json_that_cannot_be_says_what_is_wrong(advanced, saved, text, said):
    response = advanced.post(f"/connectors/{saved.pk}/json", {"document": text})
    checked(response)
    assert said in text_of(response).replace("&#x27;", "'")
    assert Connector.objects.get().name == "Our shop"


@pytest.mark.parametrize("change", [{"name": "a\x00b"}, {"settings": {"site": "https://a.example/\x00"}}])
def test_json_with_a_character_that_cannot_be_stored_says_where(advanced, saved, change):
    response = advanced.post(f"/connectors/{saved.pk}/json", document(saved, **change))
    assert response.status_code == 200
    assert "cannot be stored" in text_of(response)
