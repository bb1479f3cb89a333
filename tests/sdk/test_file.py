"""Systems made from a file: the documented example works, and what is wrong is named."""

from __future__ import annotations

import inspect
import re

import pytest
import yaml

import topstitch.sdk.file as file_module
from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE, Catalogue
from topstitch.sdk.connection import Connection
from topstitch.sdk.file import system_from_data
from topstitch.sdk.model import Idempotency
from topstitch.sdk.practice import Practice, PracticeServer, json_reply

MINIMAL = {"slug": "mine", "name": "Mine", "base": "https://api.example.com", "test": "/me", "entities": {"orders": {}}}


def test_the_example_of_the_documentation_is_a_system():
    example = re.search(r"```yaml\n(.+?)```", inspect.getdoc(file_module) or "", re.DOTALL)
    assert example

    entry = system_from_data(yaml.safe_load(example[1]))

    orders = entry.entity("orders")
    assert (entry.slug, entry.name) == ("acme", "Acme ERP")
    assert orders.read and orders.read.since and orders.modified and orders.modified.path == "updated_at"
    assert orders.write and orders.write.idempotency is Idempotency.NATURAL_KEY
    assert [f.path for f in entry.fields("orders")] == ["number"] and entry.fields("orders")[0].required
    assert [s.name for s in entry.system.settings if s.secret] == ["token"]


@pytest.mark.parametrize(
    ("base", "places"),
    [
        ("https://{store}.example.com:{port}/{version}", ["store", "port", "images"]),
        ("{scheme}://{store}/{version}", ["store", "scheme", "images"]),
        ("{images}/{version}", ["images"]),
        ("https://api.example.com/{store}", ["images"]),
    ],
)
def test_the_settings_that_decide_where_requests_go_are_those_of_the_host_and_addresses(base, places):
    settings = {"store": {}, "port": {}, "version": {}, "scheme": {}, "images": {"kind": "url"}}
    entry = system_from_data({**MINIMAL, "base": base, "settings": settings})
    assert sorted(setting.name for setting in entry.system.places) == sorted(places)


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        ({"bearer": "a"}, ("authorization", "Bearer one two")),
        ({"basic": ["a", "b"]}, ("authorization", "Basic b25lIHR3bzp0aHJlZQ==")),
        ({"header": ["X-Api-Key", "a"]}, ("x-api-key", "one two")),
        ({"query": ["key", "a"]}, ("?key", "one two")),
        ({}, ("authorization", None)),
    ],
)
def test_each_way_of_signing_in_is_sent(auth, expected):
    practice, seen = Practice("mine", {}), []

    @practice.route("GET", "/me")
    def me(request):
        seen.append({**request.headers, **{f"?{name}": value for name, value in request.query}})
        return json_reply({})

    entry = system_from_data({**MINIMAL, "settings": {"a": {"secret": True}, "b": {}}, "auth": auth})
    with PracticeServer([practice]) as server:
        conn = Connection(
            entry=entry, settings={"a": "one two", "b": "three"}, environment="practice", origin=f"{server.url}/mine"
        )
        entry.system.test(conn)

    assert seen[0].get(expected[0]) == expected[1]


def changed(**changes):
    return {**MINIMAL, **changes}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (changed(slug="My Shop"), "the slug 'My Shop' must be"),
        (changed(colour="red"), "colour: Extra inputs"),
        ({k: v for k, v in MINIMAL.items() if k != "base"}, "base: Field required"),
        (changed(entities={}), "entities: "),
        (changed(auth={"magic": "a"}), "auth must be one of bearer, basic, header, query"),
        (changed(auth={"basic": ["a"]}), "auth must be one of"),
        (changed(auth={"bearer": "a", "basic": ["a", "b"]}), "auth must be one of"),
        (changed(auth={"bearer": "nowhere"}), "nowhere"),
        (changed(auth={"header": ["X-Key", "nowhere"]}), "there is no setting nowhere"),
        (changed(base="{address}/api"), "there is no setting address"),
        (changed(base="{url.__class__}", settings={"url": {}}), "there is no setting url.__class__"),
        (changed(base="https://{url"), "base: "),
        (changed(entities={"orders": {"read": {"path": "/o", "paging": {"magic": {}}}}}), "paging must be one of"),
        (changed(entities={"orders": {"read": {"path": "/o", "paging": {"page": {"up": 1}}}}}), "paging page"),
        (changed(entities={"orders": {"read": {"path": "/o", "paging": {"page": {}, "link": {}}}}}), "paging must be"),
        (changed(entities={"orders": {"write": {"path": "/o"}}}), "entities.orders.write.idempotency"),
        (changed(entities={"orders": {"write": {"path": "/o", "idempotency": "lookup"}}}), "needs `find`"),
        (changed(entities={"orders": {"write": {"path": "/o", "idempotency": "header"}}}), "needs `key_header`"),
        (changed(entities={"orders": {"fields": {"a": {"type": "colour"}}}}), "field 'a': unknown colour"),
        (changed(settings={"a": {"kind": "colour"}}), "settings.a.kind"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_its_place(data, words):
    with pytest.raises(ConfigError) as wrong:
        system_from_data(data, place="acme.yaml")

    assert words in wrong.value.message and wrong.value.message.startswith("acme.yaml: ")


def test_a_made_system_joins_the_catalogue_and_cannot_take_a_built_in_slug():
    catalogue = Catalogue()
    catalogue.add(system_from_data(MINIMAL))
    assert catalogue.get("mine").name == "Mine"
    assert "mine" in [entry.slug for entry in catalogue]

    built_in = next(entry for entry in CATALOGUE if entry.folder)
    with pytest.raises(ConfigError, match=f"belongs to the built-in system {built_in.name}"):
        catalogue.add(system_from_data(changed(slug=built_in.slug)))
