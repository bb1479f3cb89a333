"""A service that looks something up in another system names what exists there, or is not saved."""

from __future__ import annotations

import pytest

from topstitch.engine.finds import check_finds, finds
from topstitch.engine.spec import Service
from topstitch.errors import ConfigError
from topstitch.sdk import CATALOGUE
from topstitch.values.paths import occurring

CONNECTORS = {"Books": "odoo", "Shop": "shopify", "Warehouse": "peoplevox", "Files": "sftp"}
PRODUCT = {"connector": "Books", "entity": "products", "match": "default_code", "give": "id"}


def system_of(name):
    if name not in CONNECTORS:
        raise ConfigError(f"there is no connector {name!r}; there are {', '.join(CONNECTORS)}")
    return CATALOGUE.get(CONNECTORS[name])


def service(*rows):
    ends = {name: {"connector": name, "entity": "orders"} for name in ("source", "destination")}
    return Service.model_validate({**ends, "mapping": [{"to": "note", "value": "x"}, *rows]})


def row(**changes):
    return {"to": "product_id", "from": "sku", "do": [{"function": "other.find", "args": {**PRODUCT, **changes}}]}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"give": ""},
        {"give": "options[0].name"},
        {"give": "x_studio_colour", "options": {"extra_fields": "x_name, x_studio_colour"}},
        {"connector": "Shop", "entity": "customers", "match": "defaultEmailAddress.emailAddress"},
        {"connector": "Shop", "match": "variants[*].sku", "give": "metafields[key=care].value"},
        {"connector": "Shop", "match": "variants[0].sku", "give": "media"},
        {"connector": "Warehouse", "match": "ItemCode", "give": "A column of theirs"},
        {"connector": "Files", "entity": "custom", "match": "Artikelnummer", "give": "Preis"},
        {"connector": "Files", "match": "Artikelnummer", "give": "Preis"},
    ],
)
def test_what_exists_is_accepted(changes):
    check_finds(service(row(**changes)), system_of)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"connector": "Boks"}, "there is no connector 'Boks'; there are Books, Shop, Warehouse, Files"),
        ({"entity": "product"}, "there is no entity 'product' here; there are orders, "),
        ({"connector": "Warehouse", "entity": "order_updates"}, "Peoplevox does not let"),
        ({"match": "defaultcode"}, "products of Odoo have no field 'defaultcode' to match, did you mean default_code?"),
        ({"give": "zzz"}, "products of Odoo have no field 'zzz' to give; there are "),
        ({"give": "x_studio_colour"}, "have no field 'x_studio_colour'"),
        ({"match": "a["}, "cannot read the path 'a\\['"),
        ({"options": {"wich": "all"}}, "unknown setting 'wich'"),
        ({"options": "all"}, "its options must be an object"),
    ],
)
def test_what_does_not_exist_is_refused_with_place_and_known_names(changes, said):
    with pytest.raises(ConfigError, match=said) as caught:
        check_finds(service(row(**changes)), system_of)
    assert caught.value.place == "mapping row 2"
    assert str(caught.value).startswith("mapping row 2: the lookup in ")


def test_a_lookup_before_the_sources_are_combined_is_checked_too_and_one_that_is_switched_off_is_not():
    step = {"function": "other.find", "args": {**PRODUCT, "entity": "nothing"}}
    inside = {"to": "a", "from": [{"path": "sku", "do": [step]}]}

    with pytest.raises(ConfigError, match="there is no entity 'nothing'"):
        check_finds(service(inside), system_of)
    check_finds(service({**inside, "enabled": False}), system_of)


def test_the_place_may_be_that_of_a_file():
    with pytest.raises(ConfigError, match=r"^orders\.yaml:13: "):
        check_finds(service(row(entity="nothing")), system_of, place=lambda number: f"orders.yaml:{12 + number}")


def test_the_connectors_that_a_service_asks_are_known():
    spec = service(row(), row(connector="Shop"), {**row(connector="Files"), "enabled": False})

    assert [(find.row, find.connector) for find in finds(spec)] == [(1, "Books"), (2, "Shop")]


@pytest.mark.parametrize("slug", CONNECTORS.values())
def test_whatever_a_record_of_the_catalogue_has_may_be_asked_for(slug):
    entry = CATALOGUE.get(slug)
    for entity in (each for each in entry.system.entities if each.read):
        paths = [field.path for field in entry.fields(entity.name) if field.readable]
        paths += [path for sample in entry.samples(entity.name) for path, _ in occurring(sample)]
        paths += entity.read.filters
        rows = [row(connector="It", entity=entity.name, match=path) for path in dict.fromkeys(paths)]
        check_finds(service(*rows[:1000]), lambda name: entry)
