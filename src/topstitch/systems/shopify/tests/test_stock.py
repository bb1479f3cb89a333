"""Writing stock and prices: each API version's form, batches with a bad row, items never stocked before."""

from __future__ import annotations

import pytest

from topstitch.sdk import MissingReference, Outcome


def level(shop, sku, location="Leeds shop"):
    row = next(r for r in shop.read("stock") if r["sku"] == sku and r["location"]["name"] == location)
    return row["available"], row["on_hand"]


def row(sku, available, location="Leeds shop"):
    return {"sku": sku, "available": available, "location": {"name": location}}


@pytest.mark.parametrize("version", ["2025-10", "2026-01", "2026-04", "2026-07", "2026-10"])
def test_stock_is_set_in_the_form_of_each_api_version(shop, version):
    shop.conn = shop.connect(api_version=version)

    verdicts = shop.push("stock", row("FF-0001", 41), row("FF-0002", "42"))

    assert [v.outcome for v in verdicts] == [Outcome.UPDATED] * 2
    assert level(shop, "FF-0001") == (41, 41)


def test_an_expired_version_is_written_in_the_form_of_the_one_that_answers(shop):
    shop.conn = shop.connect(api_version="2025-01")

    (verdict,) = shop.push("stock", row("FF-0001", 43))

    assert verdict.outcome is Outcome.UPDATED


def test_the_id_of_a_written_level_is_the_one_that_is_read(shop):
    (verdict,) = shop.push("stock", row("FF-0001", 5))

    assert verdict.remote_id in {r["id"] for r in shop.read("stock")}


def test_one_bad_row_does_not_spoil_a_batch(shop):
    verdicts = shop.push(
        "stock",
        row("FF-0001", 1),
        row("NOPE", 2),
        row("FF-0002", "many"),
        row("FF-0003", 4, "Mars"),
        row("FF-0004", 2_000_000_000),
        {"sku": "FF-0006", "location": {"id": "2"}},
        row("FF-0007", 7),
    )

    assert [v.outcome.value for v in verdicts] == ["updated", *["rejected"] * 5, "updated"]
    assert isinstance(verdicts[1].error, MissingReference)
    assert isinstance(verdicts[3].error, MissingReference)
    assert "Mars" in verdicts[3].error.message
    assert verdicts[4].error.field == "quantity"
    assert level(shop, "FF-0007") == (7, 7)


def test_a_similar_sku_is_not_taken_for_the_one_meant(shop):
    shop.push("variants", {"id": "5001", "sku": "FF-0001-B"})

    (verdict,) = shop.push("stock", row("FF-0001", 1))

    assert isinstance(verdict.error, MissingReference)


def test_an_item_never_stocked_at_the_location_is_activated_there(shop):
    verdicts = shop.push("stock", row("FF-0005", 9), row("FF-0001", 8))

    assert [v.outcome for v in verdicts] == [Outcome.CREATED, Outcome.UPDATED]
    assert level(shop, "FF-0005") == (9, 9)


def test_activation_can_be_forbidden(shop):
    (verdict,) = shop.push("stock", row("FF-0005", 9), activate=False)

    assert verdict.outcome is Outcome.REJECTED
    assert "not stocked" in verdict.error.message


def test_on_hand_is_set_where_only_that_is_given_and_committed_goes_off(shop):
    item = shop.store.first("InventoryLevel", lambda d: d["_item"].endswith("/35001") and d["_location"].endswith("/2"))
    shop.store.put("InventoryLevel", item["id"], {**item, "_quantities": {**item["_quantities"], "committed": 3}})

    shop.push("stock", {"sku": "FF-0001", "on_hand": 10, "location": {"id": "2"}}, row("FF-0002", 4))

    assert level(shop, "FF-0001") == (7, 10)
    assert level(shop, "FF-0002") == (4, 4)


def test_the_same_target_twice_in_a_batch_ends_at_the_later_value(shop):
    verdicts = shop.push("stock", row("FF-0001", 1), row("FF-0001", 2))

    assert [v.outcome for v in verdicts] == [Outcome.UPDATED] * 2
    assert level(shop, "FF-0001") == (2, 2)


def test_a_value_that_comes_back_later_is_really_set_again(shop):
    for amount in (5, 6, 5):
        shop.push("stock", row("FF-0001", amount), key="same")

    assert level(shop, "FF-0001") == (5, 5)


def test_a_lost_answer_is_repaired_by_sending_again(shop):
    shop.faults.add("lost", contains="inventorySetQuantities")

    verdicts = shop.push("stock", row("FF-0001", 6))

    assert verdicts[0].outcome is Outcome.UPDATED
    assert level(shop, "FF-0001") == (6, 6)


def test_where_the_record_names_no_location_the_service_does_or_it_is_asked_for(shop):
    (asked,) = shop.push("stock", {"sku": "FF-0001", "available": 1})
    (set_,) = shop.push("stock", {"sku": "FF-0001", "available": 1}, default_location="Leeds shop")

    assert asked.error.field == "location.name"
    assert "London warehouse, Leeds shop" in asked.error.message
    assert set_.outcome is Outcome.UPDATED


def test_two_hundred_and_fifty_rows_go_in_one_call(shop):
    rows = [row(f"FF-{n:04}", n, "London warehouse") for n in range(1, 101)]

    verdicts = shop.push("stock", *rows)

    assert {v.outcome for v in verdicts} == {Outcome.UPDATED}
    assert shop.server.counts["shopify"]["POST /admin/api/2026-07/graphql.json"] < 10


def price(sku, amount, **more):
    return {"variant": {"sku": sku}, "price": {"amount": amount, "currencyCode": "EUR"}, **more}


def test_prices_go_to_a_price_list_and_a_bad_one_stands_alone(shop):
    verdicts = shop.push(
        "prices",
        price("FF-0001", "15.5"),
        price("NOPE", 1),
        {"variant": {"sku": "FF-0002"}, "price": {"amount": 9, "currencyCode": "USD"}},
        price("FF-0003", 20, compareAtPrice={"amount": 25}),
        price_list="Europe",
    )

    assert [v.outcome.value for v in verdicts] == ["updated", "rejected", "rejected", "updated"]
    assert verdicts[2].error.field == "price.currencyCode"
    found = {p["variant"]["sku"]: p for p in shop.read("prices", options={"price_list": "Europe"})}
    assert found["FF-0001"]["price"]["amount"] == "15.50"
    assert found["FF-0003"]["compareAtPrice"]["amount"] == "25.00"


def test_an_unknown_price_list_is_named(shop):
    (verdict,) = shop.push("prices", price("FF-0001", 1, priceList={"name": "Moon"}))

    assert "Moon" in verdict.error.message
    assert "Europe" in verdict.error.message


def test_without_a_list_the_base_price_is_set_and_only_the_bad_one_is_refused(shop):
    verdicts = shop.push(
        "prices",
        {"sku": "FF-0001", "price": 11},
        {"sku": "FF-0002", "price": -1},
        {"sku": "FF-0003", "price": "12.345"},
    )

    assert [v.outcome.value for v in verdicts] == ["updated", "rejected", "updated"]
    base = {p["variant"]["sku"]: p["price"]["amount"] for p in shop.read("prices", options={"source": "base"})}
    assert base["FF-0001"] == "11.00"
