"""Writing products and variations: found by SKU, checked before, compared after."""

from __future__ import annotations

import pytest

from topstitch.sdk import Connection, DuplicateRecord, MissingReference, Outcome, Outgoing
from topstitch.systems.woocommerce.practice import PRACTICE
from topstitch.systems.woocommerce.tests.support import Shop, push

LAMP = {"name": "Désk Lamp", "sku": "LAMP-1", "regular_price": "39.90", "stock_quantity": "4", "status": "publish"}
SHIRT = {
    "name": "Shirt",
    "sku": "SHIRT",
    "slug": "shirt",
    "variations_data": [
        {"sku": "SHIRT-S", "regular_price": 20, "stock_quantity": 1, "attributes": [{"name": "Size", "option": "S"}]},
        {"sku": "SHIRT-M", "regular_price": 21, "stock_quantity": 2, "attributes": [{"name": "Size", "option": "M"}]},
    ],
}


def outcomes(verdicts) -> list[str]:
    return [str(verdict.outcome) for verdict in verdicts]


def test_a_product_is_created_once_and_then_updated(shop: Shop, conn: Connection):
    count = shop.store.count("products")

    first = push(conn, "products", [LAMP])
    second = push(conn, "products", [LAMP | {"regular_price": 35, "sale_price": None}])

    assert outcomes([*first, *second]) == ["created", "updated"]
    assert first[0].remote_id == second[0].remote_id
    lamp = shop.doc("products", "LAMP-1")
    assert (lamp["regular_price"], lamp["stock_quantity"], lamp["manage_stock"]) == ("35", 4, True)
    assert shop.store.count("products") == count + 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"regular_price": "10,50"}, "regular_price"),
        ({"status": "published"}, "status"),
        ({"stock_quantity": 2.5}, "stock_quantity"),
        ({"manage_stock": False}, "stock_quantity"),
        ({"backorders": "maybe"}, "backorders"),
        ({"sale_price": "40"}, "sale_price"),
        ({"virtual": "perhaps"}, "virtual"),
        ({"global_unique_id": "ABC-5012"}, "global_unique_id"),
        ({"dimensions": {"length": "1,2"}}, "dimensions.length"),
        ({"sku": ""}, "sku"),
        ({"name": ""}, "name"),
    ],
)
def test_what_the_shop_would_bend_in_silence_is_refused_alone(shop: Shop, conn: Connection, change: dict, field: str):
    verdicts = push(conn, "products", [LAMP | change, LAMP | {"sku": "LAMP-2"}])

    assert outcomes(verdicts) == ["rejected", "created"]
    assert verdicts[0].error.field == field
    assert shop.store.first("products", lambda doc: doc["sku"] == "LAMP-1") is None


def test_a_category_that_the_shop_lacks_refuses_the_product_where_asked(shop: Shop, conn: Connection):
    records = [LAMP | {"categories": [{"name": "Nowhere"}]}, LAMP | {"sku": "LAMP-2"}]
    verdicts = push(conn, "products", records, missing_terms="reject the product")

    assert outcomes(verdicts) == ["rejected", "created"]
    assert isinstance(verdicts[0].error, MissingReference)
    assert verdicts[0].error.field == "categories[].name"


def test_a_category_that_the_shop_lacks_is_left_out_and_named_in_the_log(shop: Shop, conn: Connection):
    said: list[str] = []
    conn.log = lambda level, message: said.append(f"{level}: {message}")
    named = [{"name": "Nowhere"}, {"name": "Sale"}]
    verdicts = push(conn, "products", [LAMP | {"categories": named}, LAMP | {"sku": "LAMP-2", "categories": named[:1]}])

    assert outcomes(verdicts) == ["created", "created"]
    assert [term["name"] for term in shop.doc("products", "LAMP-1")["categories"]] == ["Sale"]
    assert shop.doc("products", "LAMP-2")["categories"] == []
    assert said == ["warning: the shop has no categories called 'Nowhere': left out"]


def test_categories_given_by_hand_are_kept_unless_they_are_to_be_replaced(shop: Shop, conn: Connection):
    def held() -> list[str]:
        return [term["name"] for term in shop.doc("products", "LAMP-1")["categories"]]

    push(conn, "products", [LAMP | {"categories": [{"name": "Sale"}]}])
    push(conn, "products", [LAMP | {"categories": [{"name": "Kitchen"}]}])
    assert sorted(held()) == ["Kitchen", "Sale"]
    push(conn, "products", [LAMP | {"categories": [{"name": "Nowhere"}]}])
    assert sorted(held()) == ["Kitchen", "Sale"]
    push(conn, "products", [LAMP | {"categories": [{"name": "Clothing"}]}], held_terms="replace")
    assert held() == ["Clothing"]


def test_a_product_whose_one_variation_chooses_nothing_is_a_simple_one(shop: Shop, conn: Connection):
    inside = {"sku": "VASE", "regular_price": "18.00", "stock_quantity": 3, "attributes": []}
    verdicts = push(conn, "products", [{"name": "Vase", "sku": None, "variations_data": [inside]}])

    assert outcomes(verdicts) == ["created"]
    vase = shop.doc("products", "VASE")
    assert (vase["type"], vase["name"], vase["regular_price"], vase["stock_quantity"]) == ("simple", "Vase", "18.00", 3)


def test_categories_and_tags_are_found_by_name(shop: Shop, conn: Connection):
    push(conn, "products", [LAMP | {"categories": [{"name": "garden & home"}, "Sale"], "tags": [{"slug": "new"}]}])

    lamp = shop.doc("products", "LAMP-1")
    assert [term["name"] for term in lamp["categories"]] == ["Garden &amp; Home", "Sale"]
    assert [term["name"] for term in lamp["tags"]] == ["new"]


def test_images_go_with_a_new_product_and_again_only_where_asked(shop: Shop, conn: Connection):
    images = [{"id": 77, "src": "https://img.example.com/lamp.jpg", "alt": "Lamp"}]
    push(conn, "products", [LAMP | {"images": images}])
    first = shop.doc("products", "LAMP-1")["images"]
    push(conn, "products", [LAMP | {"images": images}])
    same = shop.doc("products", "LAMP-1")["images"]
    push(conn, "products", [LAMP | {"images": images}], images=True)

    assert [(one["src"], one["id"] != 77) for one in first] == [("https://img.example.com/lamp.jpg", True)]
    assert same == first
    assert shop.doc("products", "LAMP-1")["images"] != first


def test_a_status_that_the_shop_did_not_keep_is_a_rejection(shop: Shop, conn: Connection):
    (verdict,) = push(conn, "products", [LAMP | {"type": "subscription"}])
    assert verdict.error.field == "type"
    assert "'simple' in place of 'subscription'" in verdict.error.message


def test_a_product_under_a_variations_sku_is_refused(conn: Connection):
    (verdict,) = push(conn, "products", [LAMP | {"sku": "TEE-M"}])
    assert "send it as a variant" in verdict.error.message


def test_an_error_inside_a_batch_answer_belongs_to_its_record(shop: Shop, conn: Connection):
    records = [LAMP, LAMP | {"name": "The same SKU"}, LAMP | {"sku": "LAMP-3"}]

    verdicts = push(conn, "products", records)

    assert outcomes(verdicts) == ["created", "rejected", "created"]
    assert isinstance(verdicts[1].error, DuplicateRecord)
    assert verdicts[1].error.field == "sku"
    assert str(shop.doc("products", "LAMP-1")["id"]) in verdicts[1].error.message


def test_a_lost_answer_to_a_new_product_is_unknown_and_sending_again_does_not_double(shop: Shop, conn: Connection):
    count = shop.store.count("products")
    PRACTICE.faults.add("lost", contains="batch")

    (first,) = push(conn, "products", [LAMP])
    (second,) = push(conn, "products", [LAMP])

    assert (first.outcome, second.outcome) == (Outcome.UNKNOWN, Outcome.UPDATED)
    assert shop.store.count("products") == count + 1


def test_a_product_with_variations_inside_becomes_variable(shop: Shop, conn: Connection):
    verdicts = push(conn, "products", [SHIRT]) + push(conn, "products", [SHIRT])

    assert outcomes(verdicts) == ["created", "updated"]
    shirt = shop.doc("products", "SHIRT")
    assert (shirt["type"], shirt["price"]) == ("variable", "20")
    assert shirt["attributes"][0] | {"options": ["S", "M"], "variation": True} == shirt["attributes"][0]
    children = shop.store.all("products", lambda doc: doc["parent_id"] == shirt["id"])
    assert [(one["sku"], one["stock_quantity"]) for one in children] == [("SHIRT-S", 1), ("SHIRT-M", 2)]


def test_a_product_that_shares_a_sku_with_a_variation_gives_it_up_and_is_found_again(shop: Shop, conn: Connection):
    shared = SHIRT | {"sku": "SHIRT-S"}
    count = shop.store.count("products")

    verdicts = [*push(conn, "products", [shared]), *push(conn, "products", [shared])]

    assert outcomes(verdicts) == ["created", "updated"]
    assert shop.store.count("products") == count + 3
    assert shop.doc("products", "SHIRT-S")["type"] == "variation"


def test_a_product_gives_a_barcode_up_to_its_variation(shop: Shop, conn: Connection):
    push(conn, "products", [{"name": "Shirt", "sku": "SHIRT", "global_unique_id": "5012345678900"}])
    inside = [one | {"global_unique_id": f"501234567890{n}"} for n, one in enumerate(SHIRT["variations_data"])]
    record = SHIRT | {"global_unique_id": 5012345678900, "variations_data": inside}

    assert outcomes(push(conn, "products", [record])) == ["updated"]
    held = {sku: shop.doc("products", sku)["global_unique_id"] for sku in ("SHIRT", "SHIRT-S", "SHIRT-M")}
    assert held == {"SHIRT": "", "SHIRT-S": "5012345678900", "SHIRT-M": "5012345678901"}


def test_a_product_without_a_sku_whose_answer_was_lost_is_found_by_its_handle(shop: Shop, conn: Connection):
    bare = SHIRT | {"sku": None}
    PRACTICE.faults.add("lost", contains="products/batch")

    (first,) = push(conn, "products", [bare])
    (second,) = push(conn, "products", [bare])

    assert (first.outcome, second.outcome) == (Outcome.UNKNOWN, Outcome.UPDATED)
    assert len(shop.store.all("products", lambda doc: doc["slug"] == "shirt")) == 1


def test_a_variation_that_fails_is_told_with_its_place(conn: Connection):
    bad = SHIRT["variations_data"][1] | {"regular_price": "1,5"}
    (verdict,) = push(conn, "products", [SHIRT | {"variations_data": [SHIRT["variations_data"][0], bad]}])

    assert verdict.error.field == "variations_data[1].regular_price"
    assert "the product is written" in verdict.error.message


def test_variants_are_created_below_the_product_they_name_and_then_updated(shop: Shop, conn: Connection):
    new = {
        "parent_sku": "tee",
        "sku": "TEE-XXL",
        "regular_price": "13",
        "attributes": [{"name": "Size", "option": "XXL"}],
    }
    old = {"sku": "TEE-S", "regular_price": "11.50", "manage_stock": True, "stock_quantity": 0, "parent_id": 4711}

    verdicts = push(conn, "variants", [new, old])

    assert outcomes(verdicts) == ["created", "updated"]
    assert shop.doc("products", "TEE-XXL")["parent_id"] == shop.doc("products", "TEE")["id"]
    assert shop.doc("products", "TEE-S")["regular_price"] == "11.50"
    assert outcomes(push(conn, "variants", [new])) == ["updated"]


@pytest.mark.parametrize(
    ("record", "kind", "said"),
    [
        ({"sku": "N", "parent_sku": "GONE"}, MissingReference, "GONE"),
        ({"sku": "N", "parent_sku": "SKU-1"}, None, "not variable"),
        ({"sku": "N"}, None, "parent_sku"),
        ({"sku": "N", "parent_id": 999999}, MissingReference, "999999"),
        ({"parent_sku": "TEE", "attributes": [{"name": "Size", "option": "S"}]}, None, "sku"),
        ({"sku": "N", "parent_sku": "TEE"}, None, "attributes"),
        (
            {"sku": "N", "parent_sku": "TEE", "attributes": [{"name": "Colour", "option": "Red"}]},
            MissingReference,
            "Colour",
        ),
        ({"sku": "SKU-1"}, None, "product of its own"),
        ({"sku": "TEE-S", "status": "live"}, None, "status"),
    ],
)
def test_variants_that_cannot_be_right_are_refused(conn: Connection, record: dict, kind: type | None, said: str):
    (verdict,) = push(conn, "variants", [record])
    assert verdict.outcome is Outcome.REJECTED
    assert said in verdict.error.message
    assert kind is None or isinstance(verdict.error, kind)


def test_a_variant_known_from_before_is_found_without_its_sku(shop: Shop, conn: Connection):
    id = shop.doc("products", "TEE-S")["id"]
    (verdict,) = push(conn, "variants", [Outgoing(key="k", record={"regular_price": "9"}, remote_id=str(id))])
    assert verdict.remote_id == str(id)
    assert shop.doc("products", "TEE-S")["regular_price"] == "9"


def test_a_sku_is_cleaned_as_the_shop_does(shop: Shop, conn: Connection):
    record = LAMP | {"sku": " LAMP  1 "}
    assert outcomes([*push(conn, "products", [record]), *push(conn, "products", [record])]) == ["created", "updated"]
    assert shop.doc("products", "LAMP 1")["name"] == LAMP["name"]


def test_a_blank_sku_clears_none(shop: Shop, conn: Connection):
    id = shop.doc("products", "TEE-S")["id"]
    push(conn, "products", [Outgoing(key="k", record={"name": "Mug", "sku": " "}, remote_id="700")])
    push(conn, "variants", [Outgoing(key="k", record={"regular_price": "9", "sku": ""}, remote_id=str(id))])
    assert (shop.doc("products", "SKU-1")["name"], shop.doc("products", "TEE-S")["id"]) == ("Mug", id)


def test_a_virtual_product_has_no_weight_and_no_size(shop: Shop, conn: Connection):
    record = LAMP | {"virtual": True, "weight": "2", "dimensions": {"length": "4"}}
    assert outcomes(push(conn, "products", [record])) == ["created"]
    lamp = shop.doc("products", "LAMP-1")
    assert (lamp["virtual"], lamp["weight"], lamp["dimensions"]["length"]) == (True, "", "")


def test_barcodes_are_text_of_digits(shop: Shop, conn: Connection):
    records = [LAMP | {"global_unique_id": 5012345678900}, LAMP | {"sku": "LAMP-2", "global_unique_id": "978-0 306"}]
    assert outcomes(push(conn, "products", records)) == ["created", "created"]
    assert [shop.doc("products", sku)["global_unique_id"] for sku in ("LAMP-1", "LAMP-2")] == [
        "5012345678900",
        "978-0306",
    ]


def test_a_barcode_that_the_shop_cuts_is_a_rejection(conn: Connection):
    (verdict,) = push(conn, "products", [LAMP | {"global_unique_id": "030640615X"}])
    assert verdict.error.field == "global_unique_id"


def test_a_barcode_of_another_product_is_told_with_its_field(shop: Shop, conn: Connection):
    push(conn, "products", [LAMP | {"global_unique_id": "5012345678900"}])
    (verdict,) = push(conn, "products", [LAMP | {"sku": "LAMP-2", "global_unique_id": "5012345678900"}])
    assert isinstance(verdict.error, DuplicateRecord)
    assert verdict.error.field == "global_unique_id"
    assert str(shop.doc("products", "LAMP-1")["id"]) in verdict.error.message


def test_a_variation_without_a_stock_of_its_own_may_share_that_of_its_product(shop: Shop, conn: Connection):
    tee = shop.doc("products", "TEE")["id"]
    shop.change("products", tee, manage_stock=True, stock_quantity=50, backorders="notify")

    verdicts = push(conn, "variants", [{"sku": "TEE-S", "manage_stock": False, "backorders": "no"}])

    assert outcomes(verdicts) == ["updated"]
    small = shop.doc("products", "TEE-S")
    assert (small["manage_stock"], small["stock_quantity"]) == ("parent", 50)


def test_the_tax_status_of_a_variation_is_its_products_and_not_sent(shop: Shop, conn: Connection):
    assert outcomes(push(conn, "variants", [{"sku": "TEE-S", "tax_status": "none", "regular_price": "9"}])) == [
        "updated"
    ]
    assert shop.doc("products", "TEE-S")["tax_status"] == "taxable"
