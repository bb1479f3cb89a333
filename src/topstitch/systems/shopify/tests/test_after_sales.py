"""Writing fulfilments and refunds: partly, over locations, once, and with the payment it goes back through."""

from __future__ import annotations

import pytest

from topstitch.sdk import MissingReference, Outcome


@pytest.fixture
def name(shop):
    """A fresh order of three lines, all from one location."""
    lines = [{"sku": sku, "quantity": q} for sku, q in (("FF-0001", 3), ("FF-0007", 1), ("FF-0008", 2))]
    paid = [{"amount": "100", "gateway": "card"}]
    record = {"sourceIdentifier": "x", "email": "a@example.com", "lineItems": lines, "transactions": paid}
    for number in range(3):
        (made,) = shop.push("orders", {**record, "sourceIdentifier": f"x{number}"})
        order = shop.store.get("Order", made.remote_id)
        if len(shop.store.all("FulfillmentOrder", lambda d, o=order: d["_order"] == o["id"])) == 1:
            return order["name"]
    raise AssertionError("the practice shop split every order")


def despatch(name, *lines, number="TRK1", **more):
    return {
        "order": {"name": name},
        "trackingInfo": [{"company": "Royal Mail", "number": number}] if number else [],
        "fulfillmentLineItems": [{"lineItem": {"sku": sku}, "quantity": quantity} for sku, quantity in lines],
        **more,
    }


def sent(shop, name):
    return [
        (f["trackingInfo"] and f["trackingInfo"][0]["number"], sum(i["quantity"] for i in f["fulfillmentLineItems"]))
        for f in shop.read("fulfilments")
        if f["order"]["name"] == name
    ]


def test_part_of_an_order_is_despatched_then_the_rest(shop, name):
    (part,) = shop.push("fulfilments", despatch(name, ("FF-0001", 2)))
    (rest,) = shop.push("fulfilments", despatch(name, number="TRK2"))

    assert (part.outcome, rest.outcome) == (Outcome.CREATED, Outcome.CREATED)
    assert sent(shop, name) == [("TRK1", 2), ("TRK2", 4)]


def test_the_same_despatch_twice_is_one_despatch(shop, name):
    record = despatch(name, ("FF-0001", 2))
    (made,) = shop.push("fulfilments", record)

    (again,) = shop.push("fulfilments", record)

    assert (again.outcome, again.remote_id) == (Outcome.UNCHANGED, made.remote_id)
    assert shop.find("fulfilments", record) == [made.remote_id]
    assert sent(shop, name) == [("TRK1", 2)]


def test_a_despatch_whose_answer_was_lost_is_found(shop, name):
    record = despatch(name, ("FF-0001", 1), number="")
    shop.faults.add("lost", contains="fulfillmentCreate")

    (lost,) = shop.push("fulfilments", record)

    assert lost.outcome is Outcome.UNKNOWN
    assert shop.find("fulfilments", record, despatch(name, ("FF-0007", 1), number="")) != [None, None]
    assert len(sent(shop, name)) == 1


def test_other_lines_under_the_same_tracking_number_are_sent_as_well(shop, name):
    shop.push("fulfilments", despatch(name, ("FF-0001", 3)))

    (more,) = shop.push("fulfilments", despatch(name, ("FF-0007", 1)))

    assert more.outcome is Outcome.CREATED
    assert sent(shop, name) == [("TRK1", 3), ("TRK1", 1)]


def test_a_corrected_carrier_updates_the_tracking(shop, name):
    (made,) = shop.push("fulfilments", despatch(name, ("FF-0001", 3)))
    record = despatch(name, ("FF-0001", 3))
    record["trackingInfo"][0]["company"] = "DPD"

    (changed,) = shop.push("fulfilments", record)
    (by_id,) = shop.push("fulfilments", despatch(name, number="TRK9"), remote_id=made.remote_id)

    assert (changed.outcome, changed.remote_id) == (Outcome.UPDATED, made.remote_id)
    assert by_id.outcome is Outcome.UPDATED
    assert sent(shop, name) == [("TRK9", 3)]


def test_an_order_of_two_locations_is_despatched_from_each(shop):
    order = next(
        o
        for o in shop.store.all("Order")
        if o["displayFulfillmentStatus"] == "UNFULFILLED"
        and len({p["_location"] for p in shop.store.all("FulfillmentOrder", lambda d, o=o: d["_order"] == o["id"])})
        == 2
        and not o["cancelledAt"]
    )

    (verdict,) = shop.push("fulfilments", despatch(order["name"]))

    assert verdict.outcome is Outcome.CREATED
    assert len(sent(shop, order["name"])) == 2


def test_what_cannot_be_despatched_is_refused_by_its_reason(shop, name):
    verdicts = shop.push(
        "fulfilments",
        despatch(name, ("FF-0001", 4)),
        despatch(name, ("FF-0099", 1)),
        despatch("#9999", ("FF-0001", 1)),
        despatch("#1001", number="NEW"),
        despatch(name, ("FF-0001", 1)),
        {"trackingInfo": []},
    )

    assert [v.outcome.value for v in verdicts] == [
        "rejected",
        "rejected",
        "rejected",
        "rejected",
        "created",
        "rejected",
    ]
    assert "1 × FF-0001 too many" in verdicts[0].error.message
    assert isinstance(verdicts[1].error, MissingReference)
    assert isinstance(verdicts[2].error, MissingReference)
    assert "nothing left to fulfil" in verdicts[3].error.message


def test_an_order_is_found_by_its_name_without_the_sign(shop, name):
    (verdict,) = shop.push("fulfilments", despatch(name.lstrip("#"), ("FF-0001", 1)))

    assert verdict.outcome is Outcome.CREATED


def test_an_order_on_hold_says_so(shop, name):
    part = shop.store.first("FulfillmentOrder", lambda d: d["orderName"] == name)
    shop.store.put("FulfillmentOrder", part["id"], {**part, "status": "ON_HOLD"})

    (verdict,) = shop.push("fulfilments", despatch(name, ("FF-0001", 1)))

    assert "on hold" in verdict.error.message


def refund(name, *lines, **more):
    return {
        "order": {"name": name},
        "note": "Too small",
        "refundLineItems": [
            {
                "lineItem": {"sku": sku},
                "quantity": quantity,
                "restockType": "return",
                "location": {"name": "Leeds shop"},
            }
            for sku, quantity in lines
        ],
        **more,
    }


def refunds(shop, name):
    found = [r for r in shop.read("refunds") if r["order"]["name"] == name]
    return [r["totalRefundedSet"]["shopMoney"]["amount"] for r in found]


@pytest.mark.parametrize("version", ["2025-10", "2026-01", "2026-07", "2026-10"])
def test_a_refund_goes_back_through_the_payment(shop, name, version):
    shop.conn = shop.connect(api_version=version)

    (verdict,) = shop.push("refunds", refund(name, ("FF-0001", 1), amount="12.50"))

    assert verdict.outcome is Outcome.CREATED, verdict.error
    made = shop.store.get("Refund", verdict.remote_id)
    assert made["_transactions"][0]["_parent"]
    assert made["_transactions"][0]["gateway"] == "card"
    assert refunds(shop, name) == ["12.50"]


def test_a_refund_sent_again_with_its_key_is_not_given_twice(shop, name):
    record = refund(name, ("FF-0001", 1), amount=12.5)
    (first,) = shop.push("refunds", record)

    (again,) = shop.push("refunds", record)

    assert again.remote_id == first.remote_id
    assert refunds(shop, name) == ["12.50"]


def test_a_full_refund_sent_again_is_known_by_its_lines_and_amount(shop, name):
    record = refund(name, ("FF-0007", 1), amount="87.40")
    (first,) = shop.push("refunds", record)

    (again,) = shop.push("refunds", record, key="2")

    assert (again.outcome, again.remote_id) == (Outcome.UNCHANGED, first.remote_id)


def test_a_refund_whose_answer_was_lost_is_found(shop, name):
    record = refund(name, ("FF-0001", 1), amount=5)
    shop.faults.add("lost", contains="refundCreate", count=1)

    (verdict,) = shop.push("refunds", record)

    assert verdict.outcome is Outcome.CREATED
    assert refunds(shop, name) == ["5.00"]
    assert shop.find("refunds", record, refund(name, amount=1)) == [verdict.remote_id, None]


def test_bad_refunds_are_refused_one_by_one(shop, name):
    verdicts = shop.push(
        "refunds",
        refund(name, amount=500),
        refund(name, ("FF-0099", 1)),
        refund(name, ("FF-0001", 9), amount=1),
        refund("#9999", amount=1),
        refund(name),
        refund(name, amount=3),
    )

    assert [v.outcome.value for v in verdicts] == [*["rejected"] * 5, "created"], [v.error for v in verdicts]
    assert "left to refund" in verdicts[0].error.message
    assert isinstance(verdicts[1].error, MissingReference)


def test_without_an_amount_the_shop_works_it_out(shop, name):
    (verdict,) = shop.push("refunds", refund(name, ("FF-0001", 2)))

    assert verdict.outcome is Outcome.CREATED, verdict.error
    assert refunds(shop, name) == ["25.00"]


def test_a_refund_of_an_order_paid_in_another_currency_goes_back_in_that_currency(shop):
    (verdict,) = shop.push("refunds", refund("#1019", amount="11.50", currency="EUR"))

    assert verdict.outcome is Outcome.CREATED, verdict.error
    made = shop.store.get("Refund", verdict.remote_id)
    assert made["totalRefundedSet"]["presentmentMoney"] == {"amount": "11.50", "currencyCode": "EUR"}
    assert refunds(shop, "#1019") == ["10.00"]
    (again,) = shop.push("refunds", refund("#1019", amount="11.50", currency="EUR"))
    assert again.remote_id == verdict.remote_id


def test_an_amount_in_the_currency_of_the_shop_is_converted_at_the_rate_of_the_order(shop):
    total = shop.first_order(number=1019)["totalPriceSet"]
    (part,) = shop.push("refunds", refund("#1019", amount=10, currency="GBP"))
    left = shop.first_order(number=1019)["transactions"][0]["amountSet"]["shopMoney"]["amount"]

    (rest,) = shop.push("refunds", refund("#1019", amount=float(left) - 10, currency="GBP"), key="2")

    assert shop.store.get("Refund", part.remote_id)["totalRefundedSet"]["presentmentMoney"]["amount"] == "11.50"
    assert rest.outcome is Outcome.CREATED, rest.error
    assert shop.first_order(number=1019)["totalRefundedSet"] == total


def test_without_an_amount_another_currency_is_no_matter(shop):
    sku = shop.first_order(number=1019)["_lines"][0]["sku"]

    (verdict,) = shop.push("refunds", refund("#1019", (sku, 1)))

    assert verdict.outcome is Outcome.CREATED, verdict.error


def test_an_amount_whose_currency_is_not_clear_is_refused(shop):
    verdicts = shop.push(
        "refunds",
        refund("#1019", amount=10),
        refund("#1019", amount=10, currency="USD"),
        refund("#1018", amount=10, currency="EUR"),
    )

    assert [(v.outcome, v.error.field) for v in verdicts] == [(Outcome.REJECTED, "currency")] * 3
    assert "EUR" in verdicts[0].error.message and "GBP" in verdicts[0].error.message


def tracked(shop, name, *infos, **more):
    record = despatch(name, ("FF-0001", 1), **more)
    (verdict,) = shop.push("fulfilments", {**record, "trackingInfo": list(infos)})
    if verdict.error:
        return verdict.error.field
    return [(t["number"], t["url"]) for t in shop.store.get("Fulfillment", verdict.remote_id)["trackingInfo"]]


def test_each_tracking_address_stands_beside_its_number(shop, name):
    where = "https://t.example.com/2"

    assert tracked(shop, name, {"number": "T1"}, {"number": "T2", "url": where}) == [("T2", where), ("T1", None)]


def test_a_flat_tracking_address_goes_with_the_flat_number(shop, name):
    where = "https://t.example.com/3"

    assert tracked(shop, name, trackingNumber="T3, T4", trackingUrl=where) == [("T3", where), ("T4", None)]


def test_a_tracking_address_without_a_number_is_refused_since_no_customer_would_see_it(shop, name):
    assert tracked(shop, name, {"company": "DPD", "url": "https://t.example.com"}) == "trackingInfo.number"
    assert tracked(shop, name, trackingUrl="https://t.example.com") == "trackingInfo.number"
    assert sent(shop, name) == []


def test_a_refund_that_failed_is_tried_again_although_its_key_is_used_up(shop, name):
    shop.conn = shop.connect(api_version="2026-10")
    record = refund(name, ("FF-0007", 1), amount=5)
    order = shop.first_order(number=int(name[1:]))
    line = next(each for each in order["_lines"] if each["sku"] == "FF-0007")
    line["refundableQuantity"] = 0
    shop.store.put("Order", order["id"], order)

    (failed,) = shop.push("refunds", record)
    line["refundableQuantity"] = 1
    shop.store.put("Order", order["id"], order)
    (again,) = shop.push("refunds", record)

    assert (failed.outcome, again.outcome) == (Outcome.REJECTED, Outcome.CREATED), again.error
    assert refunds(shop, name) == ["5.00"]


def test_a_refund_whose_key_stands_for_other_contents_says_so(shop, name):
    shop.push("refunds", refund(name, ("FF-0001", 1), amount=5))

    (other,) = shop.push("refunds", refund(name, ("FF-0001", 1), amount=6))

    assert other.outcome is Outcome.REJECTED
    assert "sent this record before with other contents" in other.error.message
    assert refunds(shop, name) == ["5.00"]
