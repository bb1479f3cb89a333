"""Images of products: added once, known again, taken off."""

from __future__ import annotations

import pytest

from topstitch.sdk import Outcome

from .conftest import files_of, jumper, product


def pictures(*names, base="https://img.example.com/new"):
    return [{"url": f"{base}/{name}?size=l", "alt": name} for name in names]


@pytest.mark.parametrize("method", ["set", "create_update"])
def test_images_are_added_to_a_known_product_once_when_the_service_says_always(shop, method):
    (made,) = shop.push("products", jumper(images=pictures("Front view.jpg")), default_location="1")
    ids = [media["id"] for media in product(shop, made.remote_id)["media"]]
    more = jumper(images=pictures("Front view.jpg", "back.jpg"))

    for _ in range(2):
        shop.push("products", more, method=method, images="always")

    after = product(shop, made.remote_id)["media"]
    assert files_of({"media": after}) == ["Front view.jpg", "back.jpg"]
    assert [media["id"] for media in after][:1] == ids


@pytest.mark.parametrize("method", ["set", "create_update"])
def test_images_of_a_flat_record_are_added_to_its_known_product(shop, method):
    record = {"title": "Fern mug", "sku": "FF-0002", "images": pictures("mug.jpg")}

    (verdict,) = shop.push("products", record, method=method, images="always")

    assert files_of(product(shop, verdict.remote_id)) == ["mug.jpg"]


def test_an_image_that_the_shop_had_to_rename_is_known_again(shop):
    shop.push("products", jumper(images=pictures("front.jpg")), default_location="1")
    record = jumper(handle="other", images=pictures("front.jpg"))
    (other,) = shop.push("products", record, default_location="1")

    shop.push("products", record, images="always", method="create_update")

    (file,) = files_of(product(shop, other.remote_id))
    assert file.startswith("front_")


def test_images_that_the_record_does_not_list_are_taken_off_in_one_call_but_films_stay(shop):
    (made,) = shop.push("products", jumper(images=pictures("a.jpg", "b.jpg")), default_location="1")
    kept = shop.store.get("Product", made.remote_id)
    film = {
        "__typename": "Video",
        "id": "gid://shopify/Video/1",
        "mediaContentType": "VIDEO",
        "status": "READY",
        "alt": None,
    }
    shop.store.put("Product", made.remote_id, {**kept, "_media": [*kept["_media"], film]})

    (again,) = shop.push("products", jumper(images=pictures("b.jpg")), images="always")
    assert again.error is None

    ids = [media["id"] for media in shop.store.get("Product", made.remote_id)["_media"]]
    assert ids == [kept["_media"][1]["id"], film["id"]]


def test_nothing_is_added_while_the_shop_is_busy_with_an_image(shop):
    (made,) = shop.push("products", jumper(), default_location="1")
    kept = shop.store.get("Product", made.remote_id)
    kept["_media"][0] |= {"status": "PROCESSING", "image": None}
    shop.store.put("Product", made.remote_id, kept)

    for method in ("set", "create_update"):
        (again,) = shop.push("products", jumper(), images="always", method=method)

        assert again.outcome is Outcome.UPDATED
        assert len(shop.store.get("Product", made.remote_id)["_media"]) == 1
