"""Writing customers."""

from __future__ import annotations

from topstitch.sdk import DuplicateRecord, Outcome


def customer(**changes):
    return {
        "email": "maya@example.com",
        "firstName": "Maya",
        "lastName": "Byrne",
        "tags": "trade, vip",
        "taxExempt": "yes",
        "defaultAddress": {"address1": "1 Quay", "city": "Cork", "zip": "T12", "countryCode": "IE"},
        "metafields": [{"key": "account", "value": 42}],
        **changes,
    }


def test_a_customer_is_made_once_and_then_updated(shop):
    (made,) = shop.push("customers", customer())
    (again,) = shop.push(
        "customers", customer(firstName="Maia", defaultAddress={"city": "Galway", "countryCode": "IE"})
    )

    assert (made.outcome, again.outcome) == (Outcome.CREATED, Outcome.UPDATED)
    assert again.remote_id == made.remote_id
    read = next(c for c in shop.read("customers") if c["id"] == made.remote_id)
    assert (read["firstName"], read["tags"], read["taxExempt"]) == ("Maia", ["trade", "vip"], True)
    assert read["defaultAddress"]["city"] == "Cork"
    assert read["metafields"][0]["value"] == "42"


def test_addresses_of_a_known_customer_are_replaced_when_the_service_says_so(shop):
    (made,) = shop.push("customers", customer())
    shop.push("customers", customer(defaultAddress={"city": "Galway", "countryCode": "IE"}), addresses="replace")

    read = next(c for c in shop.read("customers") if c["id"] == made.remote_id)
    assert [a["city"] for a in read["addressesV2"]] == ["Galway"]


def test_bad_customers_are_refused_one_by_one(shop):
    taken = next(c for c in shop.read("customers") if c["defaultEmailAddress"])
    verdicts = shop.push(
        "customers",
        {"firstName": "Nobody"},
        customer(email="nonsense"),
        customer(),
        customer(id=taken["id"], email="maya@example.com"),
    )

    assert [v.outcome.value for v in verdicts] == ["rejected", "rejected", "created", "rejected"]
    assert isinstance(verdicts[3].error, DuplicateRecord)


def test_a_customer_is_found_by_the_metafield_that_identifies_it(shop):
    record = customer(metafields=[{"key": "erp_id", "value": "C-1"}])
    (made,) = shop.push("customers", record, custom_id="custom.erp_id")

    moved, other, nameless = shop.push(
        "customers",
        {**record, "email": "maya.b@example.com"},
        customer(email="maya.c@example.com", metafields=[{"key": "erp_id", "value": "C-2"}]),
        customer(metafields=[]),
        custom_id="custom.erp_id",
    )

    assert (moved.outcome, moved.remote_id) == (Outcome.UPDATED, made.remote_id)
    assert other.outcome is Outcome.CREATED
    assert nameless.error.field == "metafields"
    read = next(c for c in shop.read("customers") if c["id"] == made.remote_id)
    assert read["defaultEmailAddress"]["emailAddress"] == "maya.b@example.com"


def test_a_customer_that_no_metafield_identifies_yet_is_found_by_email(shop):
    (made,) = shop.push("customers", customer())
    record = customer(metafields=[{"key": "erp_id", "value": "C-1"}])

    first, again = (shop.push("customers", record, custom_id="custom.erp_id")[0] for _ in range(2))

    assert first.remote_id == again.remote_id == made.remote_id
