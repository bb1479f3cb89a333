"""Attributes of products and the choices of variations: the shop replaces them whole, and knows global ones by id."""

from __future__ import annotations

from typing import Any

import pytest

from topstitch.sdk import Connection, Outcome
from topstitch.systems.woocommerce import batches
from topstitch.systems.woocommerce.attributes import offered
from topstitch.systems.woocommerce.tests.support import Shop, push

COAT = {"name": "Coat", "sku": "COAT", "slug": "coat"}


def sizes(*names: str, **more: Any) -> list[dict[str, Any]]:
    return [
        {"sku": f"COAT-{name}", "regular_price": "90", "attributes": [{"name": "Color", "option": name}], **more}
        for name in names
    ]


def coat(shop: Shop, conn: Connection, *colours: str) -> dict[str, Any]:
    """A coat that varies in the shop's global colour and has a cloth of its own, made by hand."""
    color = shop.store.first("attributes", lambda one: one["name"] == "Color")
    made = [
        {"id": color["id"], "visible": False, "variation": True, "options": list(colours)},
        {"name": "Cloth", "position": 1, "visible": True, "options": ["Wool"]},
    ]
    (verdict,) = push(conn, "products", [COAT | {"type": "variable", "attributes": made}])
    assert verdict.outcome is Outcome.CREATED, verdict.error
    return shop.doc("products", "COAT")


def chosen(shop: Shop, sku: str) -> list[tuple[bool, str, str]]:
    return [(one["id"] > 0, one["name"], one["option"]) for one in shop.doc("products", sku)["attributes"]]


def told(shop: Shop) -> dict[str, tuple[bool, bool, bool, list[str]]]:
    """Of the coat's attributes: whether each is global, shown and varied in, and its options."""
    return {
        one["name"]: (one["id"] > 0, one["visible"], one["variation"], one["options"])
        for one in shop.doc("products", "COAT")["attributes"]
    }


def test_a_variation_chooses_of_a_global_attribute_that_the_record_names(shop: Shop, conn: Connection):
    coat(shop, conn, "Red", "Dark blue")
    record = sizes("dark blue", parent_sku="COAT")

    verdicts = [*push(conn, "variants", record), *push(conn, "variants", record)]

    assert [verdict.outcome for verdict in verdicts] == [Outcome.CREATED, Outcome.UPDATED]
    assert chosen(shop, "COAT-dark blue") == [(True, "Color", "Dark blue")]


def test_an_attribute_may_be_named_by_the_shops_key_or_by_its_id(shop: Shop, conn: Connection):
    id = next(one["id"] for one in coat(shop, conn, "Red")["attributes"] if one["name"] == "Color")
    records = [
        {"sku": "COAT-1", "parent_sku": "COAT", "attributes": [{"name": "pa_color", "option": "Red"}]},
        {"sku": "COAT-2", "parent_sku": "COAT", "attributes": [{"id": str(id), "option": "Red"}]},
    ]

    assert [verdict.outcome for verdict in push(conn, "variants", records)] == [Outcome.CREATED] * 2
    assert chosen(shop, "COAT-1") == chosen(shop, "COAT-2") == [(True, "Color", "Red")]


def test_a_choice_that_the_record_leaves_out_stays(shop: Shop, conn: Connection):
    coat(shop, conn, "Red", "Blue")
    push(conn, "products", [COAT | {"attributes": [{"name": "Cloth", "variation": True, "options": ["Wool", "Silk"]}]}])
    both = [{"name": "Color", "option": "Red"}, {"name": "Cloth", "option": "Wool"}]
    push(conn, "variants", [{"sku": "COAT-1", "parent_sku": "COAT", "attributes": both}])

    (verdict,) = push(conn, "variants", [{"sku": "COAT-1", "attributes": [{"name": "cloth", "option": "Silk"}]}])

    assert verdict.outcome is Outcome.UPDATED
    assert chosen(shop, "COAT-1") == [(True, "Color", "Red"), (False, "Cloth", "Silk")]


def test_a_product_written_again_by_name_keeps_its_global_attribute_and_those_made_by_hand(
    shop: Shop, conn: Connection
):
    coat(shop, conn, "Red")

    (verdict,) = push(conn, "products", [COAT | {"attributes": [{"name": "color"}], "variations_data": sizes("Blue")}])

    assert verdict.outcome is Outcome.UPDATED, verdict.error
    assert told(shop) == {"Color": (True, False, True, ["Red", "Blue"]), "Cloth": (False, True, False, ["Wool"])}
    assert chosen(shop, "COAT-Blue") == [(True, "Color", "Blue")]


def test_options_of_the_record_replace_those_in_which_nothing_varies(shop: Shop, conn: Connection):
    coat(shop, conn, "Red")
    push(conn, "products", [COAT | {"attributes": [{"name": "Cloth", "options": ["Linen"]}]}])
    assert told(shop) == {"Color": (True, False, True, ["Red"]), "Cloth": (False, True, False, ["Linen"])}


def test_attributes_that_the_record_leaves_out_are_taken_off_where_asked(shop: Shop, conn: Connection):
    coat(shop, conn, "Red")
    push(conn, "products", [COAT | {"variations_data": sizes("Blue")}], held_terms="replace")
    assert told(shop) == {"Color": (True, False, True, ["Blue"])}


def test_a_record_that_tells_of_no_attributes_leaves_them_alone(shop: Shop, conn: Connection):
    before = coat(shop, conn, "Red")["attributes"]
    push(conn, "products", [COAT | {"name": "Winter coat"}], held_terms="replace")
    assert shop.doc("products", "COAT")["attributes"] == before


def test_a_new_attribute_is_shown_behind_the_others_unless_the_record_says_so(shop: Shop, conn: Connection):
    coat(shop, conn, "Red")
    more = [{"name": "Fit", "options": "Slim"}, {"name": "Batch", "visible": "no", "options": [7]}]

    push(conn, "products", [COAT | {"attributes": more}])

    assert told(shop)["Fit"] == (False, True, False, ["Slim"])
    assert told(shop)["Batch"] == (False, False, False, ["7"])
    assert [one["name"] for one in shop.doc("products", "COAT")["attributes"]] == ["Color", "Cloth", "Fit", "Batch"]


def test_attributes_gather_the_options_of_the_variations():
    record = {"attributes": [{"name": "size", "options": ["XS"]}, {"name": "Empty"}]}
    record["variations_data"] = [{"attributes": [{"name": "Size", "option": option}]} for option in ("S", "xs", "M")]
    (size,) = offered(record, ())
    wanted = {"name": "size", "position": 0, "visible": True, "variation": True, "options": ["XS", "S", "M"]}
    assert size == wanted


def test_a_product_may_have_an_attribute_of_its_own_beside_a_global_one_of_that_name():
    common = {"name": "Colour", "visible": True, "variation": True}
    held = [{"id": 6, **common, "options": ["Black &amp; white"]}, {"id": 0, **common, "options": ["Chalk"]}]
    made = offered({"attributes": [{"name": "colour", "options": ["Black & White", "Red"]}]}, held)
    assert [(one.get("id"), one["options"]) for one in made] == [(6, ["Black &amp; white", "Red"]), (None, ["Chalk"])]


def test_an_attribute_that_the_shop_did_not_keep_is_a_rejection(shop: Shop, conn: Connection):
    (verdict,) = push(conn, "products", [COAT | {"attributes": [{"id": 999, "name": "Ghost", "options": ["Boo"]}]}])
    assert (verdict.error.field, "did not keep 'Ghost'" in verdict.error.message) == ("attributes", True)


def test_a_choice_that_the_shop_did_not_keep_is_a_rejection(conn: Connection, monkeypatch: pytest.MonkeyPatch):
    real = batches.write

    def forgetful(conn, method, route, body, **more):
        answer = real(conn, method, route, body, **more)
        return {name: [item | {"attributes": []} for item in items] for name, items in answer.items()}

    monkeypatch.setattr(batches, "write", forgetful)
    choice = [{"name": "Size", "option": "S"}]
    (verdict,) = push(conn, "variants", [{"sku": "TEE-S", "attributes": choice}])
    assert (verdict.error.field, "did not keep 'Size'" in verdict.error.message) == ("attributes", True)
