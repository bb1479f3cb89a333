"""Suggestions by names in any notation, where fields stand, types and samples."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.engine.proposals.suggest import split_words, suggest
from topstitch.sdk import CATALOGUE
from topstitch.sdk.fields import Field


def fields(*paths, **types):
    return [Field(path, types.get(path, "text")) for path in paths]


def best(to, *paths, samples=(), type="text", choices=(), **types):
    ((_, found),) = suggest(fields(*paths, **types), [Field(to, type, choices=choices)], samples)
    return found[0].field.path if found else None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("custShipAddr1", ["customer", "ship", "address", "1", "line"]),
        ("shipping_address_line_1", ["shipping", "address", "line", "1"]),
        ("ShippingAddressLine1", ["shipping", "address", "line", "1"]),
        ("QTY", ["quantity"]),
        ("SKUCode", ["sku"]),
        ("itemCode", ["sku"]),
        ("orderNo", ["order", "number"]),
        ("PO-Number", ["purchase", "order", "number"]),
        ("zip", ["postcode"]),
        ("street2", ["address", "line", "2"]),
        ("countryCodeV2", ["country"]),
        ("größeBrutto", ["grösse", "brutto"]),
        ("", []),
    ],
)
def test_a_name_is_split_into_words_in_any_notation(name, words):
    assert sorted(split_words(name)) == sorted(words)


@pytest.mark.parametrize(
    ("to", "paths", "wanted"),
    [
        ("qty", ["unitPrice", "quantity", "title"], "quantity"),
        ("OrderNumber", ["order_id", "orderNo", "line_no"], "orderNo"),
        ("InvoicePostcode", ["shipping.zip", "billing.zip"], "billing.zip"),
        ("deliveryCity", ["billing_city", "shipping_city", "city"], "shipping_city"),
        ("addr2", ["address1", "address2", "street"], "address2"),
        ("lines[*].sku", ["sku", "items[*].itemCode", "items[*].name"], "items[*].itemCode"),
        ("customer.phone", ["tel_customer", "customer_fax", "company"], "tel_customer"),
        ("Surname", ["first_name", "lastName"], "lastName"),
        ("billing.phone", ["shipping.phone"], None),
        ("sku", ["lines[*].sku"], None),
        ("colour", ["weight", "size"], None),
    ],
)
def test_the_most_alike_is_suggested_first_and_nothing_where_nothing_is_alike(to, paths, wanted):
    assert best(to, *paths) == wanted


def test_samples_speak_for_or_against_a_name():
    samples = [{"contact": "Jo", "contact_mail": "jo@example.com"}, {"contact": "Al", "contact_mail": "al@example.com"}]
    ((_, found),) = suggest(fields("contact", "contact_mail"), [Field("contact", "email")], samples)
    assert [each.field.path for each in found] == ["contact_mail"]
    assert "samples look like e-mail addresses" in found[0].reason

    prices = [{"price": "on request", "price_net": "12.50"}]
    assert best("price", "price", "price_net", samples=prices, type="money") == "price_net"
    words = [{"state_code": "open", "state_text": "Open since Monday"}]
    assert (
        best("state", "state_text", "state_code", samples=words, type="enum", choices=("OPEN", "CLOSED"))
        == "state_code"
    )


def test_the_reason_says_what_is_in_common():
    ((_, found),) = suggest(fields("ship_to_zip"), fields("shipping.postcode"))
    assert found[0].reason == "both say postcode, both are of shipping"
    assert 0 < found[0].score <= 1


def test_without_any_tag_most_of_what_the_tags_say_is_found():
    """The tags of the systems are the right answers; the functions never look at them."""
    asked = first = among = 0
    began = time.perf_counter()
    for source in ("shopify", "woocommerce", "odoo", "sftp"):
        for destination in ("shopify", "woocommerce", "peoplevox", "sftp"):
            if source != destination:
                have, wanted = CATALOGUE.get(source).fields("orders"), CATALOGUE.get(destination).fields("orders")
                known = {f.tag for f in have if f.tag and f.readable and f.type != "array"}
                for field, found in suggest(have, wanted, CATALOGUE.get(source).samples("orders")):
                    if field.tag in known:
                        tags = [each.field.tag for each in found]
                        asked += 1
                        first += tags[:1] == [field.tag]
                        among += field.tag in tags

    assert asked > 300
    assert first / asked > 0.7
    assert among / asked > 0.8
    assert time.perf_counter() - began < 10


@given(st.lists(st.text(min_size=1, max_size=30), max_size=5), st.lists(st.text(min_size=1, max_size=30), max_size=5))
def test_whatever_fields_are_called_scores_are_in_bounds(ours, theirs):
    paths = [
        f'["{"".join(c for c in name if c.isprintable() and c not in chr(34) + chr(92)) or "x"}"]' for name in ours
    ]
    for _, found in suggest([Field(path) for path in paths], [Field(name) for name in theirs], [{}]):
        assert all(0 <= each.score <= 1 for each in found)
        assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
