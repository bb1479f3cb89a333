"""Writing orders: creation, finding again, update, payment, cancellation, and the order that cannot be."""

from __future__ import annotations

import pytest

from topstitch.sdk import MissingReference, Outcome
from topstitch.systems.shopify.practice_shop.reads import RESOLVERS


def order(**changes):
    return {
        "name": "TT-9001",
        "sourceIdentifier": "TT-9001",
        "email": "zoe.marsh@example.com",
        "currencyCode": "GBP",
        "taxesIncluded": True,
        "customer": {"firstName": "Zoë", "lastName": "Marsh"},
        "shippingAddress": {
            "name": "Zoë Marsh",
            "address1": "3 Mill Lane",
            "city": "Bath",
            "zip": "BA1 1AA",
            "countryCode": "GB",
        },
        "lineItems": [
            {"sku": "FF-0001", "quantity": 2, "price": "12.50", "tax": "4.17"},
            {"sku": "FF-0007", "quantity": "1", "price": 34, "taxRate": 0.2, "tax": 5.67, "discount": "4.00"},
        ],
        "shippingLines": [{"title": "Express", "price": "6.95"}],
        "financialStatus": "paid",
        "tags": ["marketplace"],
        "customAttributes": [{"key": "channel", "value": 7}],
        "metafields": [{"namespace": "custom", "key": "ref", "value": 12}],
        **changes,
    }


def created(shop, identifier):
    by_ids = shop.conn.entry.entity("orders").read.by_ids
    return by_ids(shop.conn, [identifier], {})[0]


def test_an_order_is_made_with_lines_customer_address_and_money(shop):
    (verdict,) = shop.push("orders", order())

    assert verdict.outcome is Outcome.CREATED
    made = created(shop, verdict.remote_id)
    assert [(line["sku"], line["quantity"]) for line in made["lineItems"]] == [("FF-0001", 2), ("FF-0007", 1)]
    assert made["lineItems"][0]["variant"]["id"].endswith("/5001")
    assert made["lineItems"][0]["taxLines"][0]["rate"] == pytest.approx(0.2, abs=0.001)
    assert made["customer"]["firstName"] == "Zoë"
    assert made["shippingAddress"]["lastName"] == "Marsh"
    assert made["shippingAddress"]["countryCodeV2"] == "GB"
    assert made["displayFinancialStatus"] == "PAID"
    assert made["totalDiscountsSet"]["shopMoney"]["amount"] == "4.00"
    assert made["totalPriceSet"]["shopMoney"]["amount"] == "61.95"
    assert made["metafields"][0]["value"] == "12"
    assert made["customAttributes"] == [{"key": "channel", "value": "7"}]
    assert made["name"] != "TT-9001"


def test_the_shop_is_asked_to_send_the_goods(shop):
    (verdict,) = shop.push("orders", order())

    parts = shop.store.all("FulfillmentOrder", lambda doc: doc["_order"] == verdict.remote_id)
    assert parts
    sent = shop.conn.entry.entity("orders").read.by_ids(shop.conn, [verdict.remote_id], {})[0]
    assert all(line["requiresShipping"] for line in sent["lineItems"])


def test_the_name_of_the_source_can_be_kept(shop):
    (verdict,) = shop.push("orders", order(), order_name="source")

    assert created(shop, verdict.remote_id)["name"] == "TT-9001"


def test_an_order_pushed_again_is_found_and_not_doubled(shop):
    (first,) = shop.push("orders", order())
    (again,) = shop.push("orders", order())

    assert again.outcome is Outcome.UNCHANGED
    assert again.remote_id == first.remote_id


def test_without_an_identifier_of_its_own_the_key_of_the_source_is_used(shop):
    record = order()
    del record["sourceIdentifier"]

    (first,) = shop.push("orders", record, key="src-77")

    assert created(shop, first.remote_id)["sourceIdentifier"] == "src-77"
    assert shop.find("orders", record, key="src-77") == [first.remote_id]


def test_an_order_whose_answer_was_lost_is_found_even_before_the_search_knows_it(shop):
    shop.faults.add("lost", contains="orderCreate")

    (lost,) = shop.push("orders", order())
    assert lost.outcome is Outcome.UNKNOWN
    made = shop.store.first("Order", lambda doc: doc["sourceIdentifier"] == "TT-9001")
    shop.store.put("_shop", "index", {"hidden": [made["id"]]})

    assert shop.find("orders", order(), order(sourceIdentifier="other")) == [made["id"], None]


def test_the_same_number_of_another_source_is_another_order(shop):
    shop.push("orders", order())

    (other,) = shop.push("orders", order(email="someone.else@example.com"))

    assert other.outcome is Outcome.CREATED


def test_one_bad_order_does_not_spoil_its_neighbours(shop):
    verdicts = shop.push(
        "orders",
        order(sourceIdentifier="a"),
        order(sourceIdentifier="b", lineItems=[{"sku": "NOPE", "quantity": 1}]),
        order(sourceIdentifier="c", email="not an address"),
        order(sourceIdentifier="d", lineItems=[{"sku": "FF-0001", "quantity": 1.5}]),
        order(sourceIdentifier="e"),
    )

    assert [v.outcome.value for v in verdicts] == ["created", "rejected", "rejected", "rejected", "created"]
    assert isinstance(verdicts[1].error, MissingReference)
    assert "NOPE" in verdicts[1].error.message
    assert verdicts[2].error.field == "email"
    assert "Email is invalid" in verdicts[2].error.message
    assert verdicts[3].error.field == "lineItems[0].quantity"


def test_an_unknown_sku_can_become_a_line_by_its_title(shop):
    record = order(lineItems=[{"sku": "NOPE", "title": "Gift wrap", "quantity": 1, "price": "2"}])

    (verdict,) = shop.push("orders", record, unknown_sku="custom_line")

    line = created(shop, verdict.remote_id)["lineItems"][0]
    assert (line["title"], line["sku"], line["variant"]) == ("Gift wrap", "NOPE", None)


def test_a_sku_that_two_variants_share_is_refused_by_both_their_ids(shop):
    shop.push("variants", {"id": "5002", "sku": "FF-0001"})

    (verdict,) = shop.push("orders", order())

    assert verdict.outcome is Outcome.REJECTED
    assert "5001" in verdict.error.message
    assert "5002" in verdict.error.message


def test_a_known_order_is_updated_in_what_can_be_changed(shop):
    (made,) = shop.push("orders", order())

    (changed,) = shop.push("orders", order(note="Ring twice", tags="a, b"), remote_id=made.remote_id)

    assert changed.outcome is Outcome.UPDATED
    record = created(shop, made.remote_id)
    assert (record["note"], record["tags"]) == ("Ring twice", ["a", "b"])


def test_tags_are_added_to_those_of_a_known_order_when_the_service_says_so(shop):
    (made,) = shop.push("orders", order())

    (changed,) = shop.push("orders", {"id": made.remote_id, "tags": "b, marketplace"}, tags="add")

    assert changed.outcome is Outcome.UPDATED
    assert created(shop, made.remote_id)["tags"] == ["marketplace", "b"]


def test_an_order_is_marked_as_paid_and_cancelled_once(shop):
    (made,) = shop.push("orders", order(financialStatus="PENDING"))
    ask = {"id": made.remote_id, "markAsPaid": True, "cancel": "yes", "cancelReason": "customer", "restock": False}

    (done,) = shop.push("orders", ask)
    (again,) = shop.push("orders", ask)

    record = created(shop, made.remote_id)
    assert record["displayFinancialStatus"] == "PAID"
    assert record["cancelReason"] == "CUSTOMER"
    assert (done.outcome, again.outcome) == (Outcome.UPDATED, Outcome.UNCHANGED)


def test_cancelling_a_despatched_order_is_refused_in_the_shops_words(shop):
    (verdict,) = shop.push("orders", {"id": shop.first_order(number=1001)["id"], "cancel": True})

    assert verdict.outcome is Outcome.REJECTED
    assert "fulfillments" in verdict.error.message


def test_an_order_read_from_one_shop_can_be_written_to_another(shop):
    record = next(o for o in shop.read("orders") if o["name"] == "#1012")
    record.pop("id")

    (verdict,) = shop.push("orders", {**record, "sourceIdentifier": "copy"})

    assert verdict.outcome is Outcome.CREATED
    copy = created(shop, verdict.remote_id)
    assert len(copy["lineItems"]) == 34
    assert copy["totalPriceSet"] == record["totalPriceSet"]


def test_after_an_outage_the_rest_of_the_batch_is_not_tried(shop, monkeypatch):
    monkeypatch.setattr("topstitch.net.http.pause", lambda seconds, stop: None)
    shop.faults.add("expired", count=99, contains="orderCreate")

    verdicts = shop.push("orders", order(sourceIdentifier="a"), order(sourceIdentifier="b"))

    assert {v.outcome for v in verdicts} == {Outcome.LATER}
    assert shop.faults.struck["expired"] == 1


def test_a_telephone_beside_an_email_goes_to_the_address_and_does_not_name_the_customer(shop):
    (verdict,) = shop.push("orders", order(customer={"firstName": "Zoë", "phone": "+447700900999"}))

    made = created(shop, verdict.remote_id)
    assert made["shippingAddress"]["phone"] == "+447700900999"
    assert made["customer"]["defaultPhoneNumber"] is None


def test_a_discount_code_without_an_amount_is_kept(shop):
    (verdict,) = shop.push("orders", order(discountCode="FREESHIP", lineItems=[{"sku": "FF-0001", "quantity": 1}]))

    assert created(shop, verdict.remote_id)["discountCodes"] == ["FREESHIP"]


def shipped_to(shop, region, country, **options):
    place = {"city": "Somewhere", "countryCode": country, "address2": "Flat 2", **region}
    (verdict,) = shop.push("orders", order(shippingAddress=place), **options)
    assert verdict.outcome is Outcome.CREATED, verdict.error
    made = created(shop, verdict.remote_id)["shippingAddress"]
    return made["provinceCode"], made["address2"]


@pytest.mark.parametrize(
    ("region", "country", "code"),
    [
        ({"province": "California"}, "US", "CA"),
        ({"province": "us-ca"}, "US", "CA"),
        ({"provinceCode": "OR", "province": "Oregon"}, "US", "OR"),
        ({"province": "Québec"}, "CA", "QC"),
        ({"province": "Newfoundland and Labrador"}, "CA", "NL"),
        ({"province": "new south wales"}, "AU", "NSW"),
        ({"province": "Co. Galway"}, "IE", "G"),
        ({"province": "County Cork"}, "IE", "CO"),
        ({"provinceCode": "JP-13"}, "JP", "JP-13"),
        ({"provinceCode": "IT-MI"}, "IT", "MI"),
    ],
)
def test_regions_go_by_code_whether_they_are_named_or_not(shop, region, country, code):
    assert shipped_to(shop, region, country) == (code, "Flat 2")


def test_a_region_without_a_code_is_left_out_and_the_log_says_so(shop):
    assert shipped_to(shop, {"province": "Nottinghamshire"}, "GB") == (None, "Flat 2")
    assert any("shippingAddress.province: 'Nottinghamshire'" in line for line in shop.log)


def test_a_region_without_a_code_can_go_to_the_second_line(shop):
    assert shipped_to(shop, {"province": "Kent"}, "GB", unknown_region="address2") == (None, "Flat 2, Kent")


def test_a_region_without_a_code_can_reject_the_record(shop):
    place = {"city": "Reno", "countryCode": "US", "province": "Nevadda"}

    (verdict,) = shop.push("orders", order(shippingAddress=place), unknown_region="reject")

    assert (verdict.outcome, verdict.error.field) == (Outcome.REJECTED, "shippingAddress.province")


@pytest.mark.parametrize("name", ["userErrors", "orderCancelUserErrors"])
def test_a_cancellation_is_refused_by_either_list_of_errors(shop, name, monkeypatch):
    def refuse(context, parent, args):
        empty = {"job": None, "userErrors": [], "orderCancelUserErrors": []}
        return {**empty, name: [{"field": ["orderId"], "message": "Not allowed"}]}

    monkeypatch.setitem(RESOLVERS, ("Mutation", "orderCancel"), refuse)

    (verdict,) = shop.push("orders", {"id": shop.first_order(number=1002)["id"], "cancel": True})

    assert verdict.outcome is Outcome.REJECTED
    assert "Not allowed" in verdict.error.message
