"""Writing products and variants."""

from __future__ import annotations

import pytest

from topstitch.sdk import MissingReference, Outcome

from .conftest import files_of, jumper, product


@pytest.mark.parametrize("method", ["set", "create_update"])
def test_a_product_is_made_with_variants_stock_images_and_metafields(shop, method):
    (verdict,) = shop.push("products", jumper(), method=method, default_location="Leeds shop")

    assert verdict.outcome is Outcome.CREATED, verdict.error
    made = product(shop, verdict.remote_id)
    assert (made["handle"], made["status"]) == ("tide-jumper", "DRAFT")
    assert [(v["sku"], v["price"]) for v in made["variants"]] == [("TJ-S", "75.00"), ("TJ-M", "75.00")]
    assert made["variants"][0]["inventoryItem"]["unitCost"]["amount"] == "30.00"
    assert files_of(made) == ["tide.jpg"]
    assert {m["key"]: (m["value"], m["type"]) for m in made["metafields"]} == {
        "colour": ("teal", "single_line_text_field"),
        "weight_g": ("600", "number_integer"),
    }
    fit = shop.store.first("Metafield", lambda doc: doc["key"] == "fit")
    assert fit["_owner"] == made["variants"][0]["id"] or fit["_owner"] == made["variants"][1]["id"]


@pytest.mark.parametrize("method", ["set", "create_update"])
def test_a_product_written_again_is_updated_and_neither_doubled_nor_emptied(shop, method):
    (made,) = shop.push("products", jumper(), method=method, default_location="1")
    partial = jumper(title="Tide jumper 2", variants=[jumper()["variants"][1] | {"price": "80"}])

    (again,) = shop.push("products", partial, method=method)

    assert (again.outcome, again.remote_id) == (Outcome.UPDATED, made.remote_id)
    record = product(shop, made.remote_id)
    assert record["title"] == "Tide jumper 2"
    assert {v["sku"]: v["price"] for v in record["variants"]} == {"TJ-S": "75.00", "TJ-M": "80.00"}
    assert len(record["media"]) == 1


def test_variants_not_listed_are_deleted_only_when_the_service_says_so(shop):
    (made,) = shop.push("products", jumper(), default_location="1")

    shop.push("products", jumper(variants=jumper()["variants"][:1]), other_variants="delete")

    assert [v["sku"] for v in product(shop, made.remote_id)["variants"]] == ["TJ-S"]


def test_a_flat_product_is_found_by_its_sku_without_a_handle(shop):
    record = {"sku": "NEW-1", "title": "Tin cup", "price": "9", "weight": 0.2}

    (made,) = shop.push("products", record)
    (again,) = shop.push("products", {**record, "title": "Enamel cup", "price": "10"})

    assert (made.outcome, again.outcome) == (Outcome.CREATED, Outcome.UPDATED)
    assert again.remote_id == made.remote_id
    read = product(shop, made.remote_id)
    assert (read["title"], read["variants"][0]["price"], read["variants"][0]["sku"]) == ("Enamel cup", "10.00", "NEW-1")


def test_a_flat_product_is_not_doubled_while_the_search_lags(shop):
    record = {"sku": "NEW-1", "title": "Tin cup", "price": "9"}
    (made,) = shop.push("products", record)
    variant = shop.store.first("ProductVariant", lambda doc: doc["sku"] == "NEW-1")
    shop.store.put("_shop", "index", {"hidden": [variant["id"], made.remote_id]})

    (again,) = shop.push("products", record)

    assert (again.outcome, again.remote_id) == (Outcome.UPDATED, made.remote_id)


def test_a_flat_record_changes_only_its_own_variant_of_a_product_of_many(shop):
    before = next(p for p in shop.read("products") if p["handle"] == "fern-mug")

    (verdict,) = shop.push("products", {"sku": "FF-0002", "title": "Fern mug", "price": "13"})

    assert verdict.remote_id == before["id"]
    after = product(shop, before["id"])
    assert [v["price"] for v in after["variants"]] == ["12.50", "13.00"]


def test_a_flat_record_with_a_foreign_sku_is_refused_before_anything_is_written(shop):
    (verdict,) = shop.push("products", {"handle": "fern-mug", "sku": "OTHER", "title": "Changed"})

    assert verdict.outcome is Outcome.REJECTED
    assert next(p for p in shop.read("products") if p["handle"] == "fern-mug")["title"] == "Fern mug"


def test_one_bad_product_does_not_spoil_its_neighbours(shop):
    verdicts = shop.push(
        "products",
        jumper(handle="a"),
        jumper(handle="b", title=""),
        jumper(handle="c", status="sold"),
        {"id": "404", "title": "Gone"},
        jumper(handle="d"),
        default_location="1",
    )

    assert [v.outcome.value for v in verdicts] == ["created", "rejected", "rejected", "rejected", "created"]
    assert verdicts[2].error.field == "status"
    assert isinstance(verdicts[3].error, MissingReference)


def test_a_product_is_found_by_the_metafield_that_identifies_it(shop):
    record = jumper(metafields=[{"key": "erp_id", "value": "E-1"}])
    (made,) = shop.push("products", record, custom_id="custom.erp_id", default_location="1")

    (again,) = shop.push("products", {**record, "handle": "renamed"}, custom_id="custom.erp_id")

    assert again.remote_id == made.remote_id
    assert product(shop, made.remote_id)["handle"] == "renamed"


def test_a_product_deleted_in_the_shop_is_written_anew(shop):
    (verdict,) = shop.push("products", jumper(), remote_id="gid://shopify/Product/404", default_location="1")

    assert verdict.outcome is Outcome.CREATED


def test_variants_are_updated_by_sku_and_a_bad_one_stands_alone(shop):
    verdicts = shop.push(
        "variants",
        {"sku": "FF-0001", "price": "14", "metafields": [{"key": "note", "value": "x"}]},
        {"sku": "FF-0002", "price": "-1"},
        {"sku": "NOPE"},
        {"sku": "FF-0003", "barcode": 123, "inventoryItem": {"tracked": "no"}},
    )

    assert [v.outcome.value for v in verdicts] == ["updated", "rejected", "rejected", "updated"]
    assert isinstance(verdicts[2].error, MissingReference)
    read = {v["sku"]: v for v in shop.read("variants")}
    assert read["FF-0001"]["price"] == "14.00"
    assert read["FF-0001"]["metafields"][0]["value"] == "x"
    assert read["FF-0003"]["barcode"] == "123"
    assert read["FF-0003"]["inventoryItem"]["tracked"] is False


def on_sale(shop, sku):
    doc = shop.store.first("ProductVariant", lambda doc: doc["sku"] == sku)
    shop.store.put("ProductVariant", doc["id"], {**doc, "price": "10.00", "compareAtPrice": "15.00"})
    return lambda: shop.store.get("ProductVariant", doc["id"])["compareAtPrice"]


@pytest.mark.parametrize("nothing", [None, ""])
@pytest.mark.parametrize("entity", ["variants", "prices", "products", "create_update", "a list of variants"])
def test_a_sale_ends_where_there_is_to_be_no_price_before_and_goes_on_where_nothing_is_said(shop, entity, nothing):
    before = on_sale(shop, "FF-0001")
    options = {"method": "create_update"} if entity == "create_update" else {}
    target = entity if entity in ("variants", "prices") else "products"
    owner = next(each for each in shop.read("products") if each["variants"][0]["sku"] == "FF-0001")

    def write(**more):
        one = {"sku": "FF-0001", "price": "12.50", **more}
        listed = {"handle": owner["handle"], "variants": [one]}
        record = listed if entity == "a list of variants" else one
        (verdict,) = shop.push(target, record, **options)
        assert verdict.outcome is Outcome.UPDATED

    write()
    assert before() == "15.00"
    write(compareAtPrice=nothing)
    assert before() is None


def test_a_sale_on_a_price_list_ends_too(shop):
    price = {"variant": {"sku": "FF-0001"}, "price": {"amount": 20, "currencyCode": "EUR"}}
    shop.push("prices", {**price, "compareAtPrice": {"amount": 25}}, price_list="Europe")
    shop.push("prices", {**price, "compareAtPrice": {"amount": None}}, price_list="Europe")

    found = {p["variant"]["sku"]: p for p in shop.read("prices", options={"price_list": "Europe"})}
    assert found["FF-0001"]["compareAtPrice"] is None


def test_a_new_variant_is_added_to_its_product_once(shop):
    record = {
        "sku": "FF-XXL",
        "price": "95",
        "product": {"handle": "harbour-jumper"},
        "optionValues": [{"optionName": "Style", "name": "XXL"}],
        "quantity": 4,
    }
    (made,) = shop.push("variants", record, default_location="2")
    shop.store.put("_shop", "index", {"hidden": [made.remote_id]})

    (again,) = shop.push("variants", record)

    assert (made.outcome, again.outcome) == (Outcome.CREATED, Outcome.UPDATED)
    assert again.remote_id == made.remote_id


def test_a_new_variant_without_the_options_of_its_product_says_which(shop):
    (verdict,) = shop.push("variants", {"sku": "X", "product": {"handle": "harbour-jumper"}})

    assert "Style" in verdict.error.message
    assert verdict.error.field == "optionValues"


def test_variants_without_options_are_told_apart_by_title_or_sku(shop):
    record = {"title": "Scarf", "handle": "scarf", "variants": [{"sku": "S-R", "title": "Red"}, {"sku": "S-B"}]}

    (verdict,) = shop.push("products", record)

    made = product(shop, verdict.remote_id)
    assert [(v["title"], v["sku"]) for v in made["variants"]] == [("Red", "S-R"), ("S-B", "S-B")]


def test_one_senseless_value_does_not_take_the_other_variants_with_it(shop):
    verdicts = shop.push(
        "variants", {"sku": "FF-0001", "barcode": "1"}, {"sku": "FF-0002", "inventoryItem": {"countryCodeOfOrigin": 7}}
    )

    assert [v.outcome.value for v in verdicts] == ["updated", "rejected"]
