"""Writing metafields, to owners of every kind."""

from __future__ import annotations

import pytest

from topstitch.sdk import Outcome
from topstitch.systems.shopify.push import owner_type

from .conftest import jumper


def test_metafields_are_written_to_owners_named_in_any_way(shop):
    order = shop.first_order(number=1001)
    verdicts = shop.push(
        "metafields",
        {"product": {"handle": "fern-mug"}, "key": "colour", "value": "red"},
        {"variant": {"sku": "FF-0001"}, "namespace": "erp", "key": "bin", "value": True},
        {"order": {"name": "#1001"}, "key": "wms", "value": {"a": [1]}, "type": "json"},
        {"customer": {"email": "ada.8@example.com"}, "key": "tier", "value": "gold"},
        {"ownerId": order["id"], "key": "empty", "value": ""},
        {"ownerId": order["id"], "value": "keyless"},
        {"product": {"handle": "fern-mug"}, "key": "weight_g", "value": "heavy"},
        {"key": "ownerless", "value": 1},
    )

    outcomes = [v.outcome.value for v in verdicts]
    assert outcomes == ["updated", "updated", "updated", "updated", *["rejected"] * 4], [v.error for v in verdicts]
    kept = {(m["namespace"], m["key"]): (m["value"], m["type"]) for m in shop.store.all("Metafield")}
    assert kept["erp", "bin"] == ("true", "single_line_text_field")
    assert kept["custom", "wms"] == ('{"a": [1]}', "json")
    assert verdicts[6].error.field == "value"


def test_more_metafields_than_one_call_takes_are_sent_in_several(shop):
    fields = [{"key": f"k{n}", "value": n} for n in range(60)]

    (verdict,) = shop.push("variants", {"sku": "FF-0001", "metafields": fields})

    assert verdict.outcome is Outcome.UPDATED
    assert len(next(v for v in shop.read("variants") if v["sku"] == "FF-0001")["metafields"]) == 60


def test_owners_of_several_words_and_unknown_ones_are_told_apart(shop):
    owner = "gid://shopify/CompanyLocation/7"
    shop.store.put("CompanyLocation", owner, {"id": owner})

    known, unknown = shop.push(
        "metafields",
        {"ownerId": owner, "key": "erp", "value": "E-7"},
        {"ownerId": "gid://shopify/FulfillmentOrder/1", "key": "erp", "value": "E-8"},
    )

    assert known.outcome is Outcome.UPDATED, known.error
    assert shop.store.first("Metafield", lambda doc: doc["_owner"] == owner)["ownerType"] == "COMPANY_LOCATION"
    assert unknown.error.field == "ownerId"
    assert "FulfillmentOrder" in unknown.error.message


@pytest.mark.parametrize(
    ("kind", "owner"),
    [("DraftOrder", "DRAFTORDER"), ("DiscountCodeNode", "DISCOUNT"), ("SellingPlan", "SELLING_PLAN"), ("Page", "PAGE")],
)
def test_owners_of_metafields_are_called_as_the_shop_calls_them(kind, owner):
    assert owner_type(kind) == owner


def test_a_line_of_text_gives_way_to_the_type_that_the_shop_defines(shop):
    line = {"namespace": "custom", "type": "single_line_text_field"}
    fields = [{**line, "key": "weight_g", "value": 600}, {**line, "key": "care", "value": "Wash.\nDry."}]
    (verdict,) = shop.push("variants", {"sku": "FF-0001", "metafields": fields[1:]})
    assert verdict.outcome is Outcome.UPDATED
    (verdict,) = shop.push("products", jumper(metafields=fields), default_location="London warehouse")
    assert verdict.outcome is Outcome.CREATED
    assert {f["key"]: f["type"] for f in shop.store.all("Metafield") if f["key"] in ("weight_g", "care")} == {
        "weight_g": "number_integer",
        "care": "multi_line_text_field",
    }
