"""The practice shop itself: it refuses what the vendor refuses, in the vendor's shapes."""

from __future__ import annotations

import pytest

from topstitch.sdk.practice import ORDERS


def codes(answer):
    return [error.get("extensions", {}).get("code") for error in answer["errors"]]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{ shop { nmae } }", "undefinedField"),
        ("{ orders(frist: 2) { nodes { id } } }", "argumentNotAccepted"),
        ("{ order { id } }", "missingRequiredArguments"),
        ("{ shop { plan } }", "selectionMismatch"),
        ("{ shop { name { first } } }", "selectionMismatch"),
        ('{ orders(first: "2") { nodes { id } } }', "argumentLiteralsIncompatible"),
        ("{ orders(first: 2, sortKey: SIZE) { nodes { id } } }", "argumentLiteralsIncompatible"),
        ("query Q($n: Int) { shop { name } }", "variableNotUsed"),
        ("query Q { orders(first: $n) { nodes { id } } }", "variableNotDefined"),
        ("query Q($id: ID) { order(id: $id) { id } }", "variableMismatch"),
        ("{ shop { ...Missing } }", "useAndDefineFragment"),
        ("{ shop @idem(key: 1) { name } }", "undefinedDirective"),
    ],
)
def test_a_query_that_does_not_fit_the_schema_is_refused(shop, text, code):
    assert code in codes(shop.ask(text))


def test_text_that_is_no_graphql_is_refused_with_its_place(shop):
    (error,) = shop.ask("{ shop { name }")["errors"]

    assert error["locations"] == [{"line": 1, "column": 16}]


def test_variables_are_checked_field_by_field(shop):
    text = "mutation M($o: OrderCreateOrderInput!) { orderCreate(order: $o) { order { id } } }"

    answer = shop.ask(text, {"o": {"lineItems": [{"quantity": "1", "colour": "red"}]}})

    assert codes(answer) == ["INVALID_VARIABLE"]
    paths = [problem["path"] for problem in answer["errors"][0]["extensions"]["problems"]]
    assert paths == [["lineItems", 0, "colour"], ["lineItems", 0, "quantity"]]


def test_the_version_break_of_stock_is_kept(shop):
    text = (
        "mutation S($i: InventorySetQuantitiesInput!) "
        "{ inventorySetQuantities(input: $i) { userErrors { field message code } } }"
    )
    old = {"name": "available", "reason": "correction", "ignoreCompareQuantity": True, "quantities": []}
    new = {"name": "available", "reason": "correction", "quantities": []}

    assert "errors" not in shop.ask(text, {"i": old}, version="2025-10")
    assert codes(shop.ask(text, {"i": old}, version="2026-04")) == ["INVALID_VARIABLE"]
    assert codes(shop.ask(text, {"i": new}, version="2026-04")) == ["BAD_REQUEST"]
    keyed = text.replace("(input: $i)", '(input: $i) @idempotent(key: "k")')
    assert "errors" not in shop.ask(keyed, {"i": new}, version="2026-04")
    assert codes(shop.ask(keyed, {"i": new}, version="2025-10")) == ["undefinedDirective"]


def test_a_key_gives_its_first_answer_again_and_refuses_other_parameters(shop):
    text = (
        "mutation S($i: InventorySetQuantitiesInput!) { inventorySetQuantities(input: $i) @idempotent(key: "
        '"once") { inventoryAdjustmentGroup { id } userErrors { code } } }'
    )
    level = {"inventoryItemId": "gid://shopify/InventoryItem/35001", "locationId": "gid://shopify/Location/1"}
    given = {
        "name": "available",
        "reason": "correction",
        "quantities": [{**level, "quantity": 5, "changeFromQuantity": None}],
    }

    first, again = shop.ask(text, {"i": given}), shop.ask(text, {"i": given})
    given["quantities"][0]["quantity"] = 6
    other = shop.ask(text, {"i": given})

    assert first["data"] == again["data"]
    assert other["data"]["inventorySetQuantities"]["userErrors"][0]["code"] == "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"


def test_costs_are_told_and_one_query_may_not_cost_too_much(shop):
    small = shop.ask("{ products(first: 3) { nodes { id } } }")
    large = shop.ask(
        "{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { variant { product { "
        "variants(first: 9) { nodes { product { id } } } } } } } } } }"
    )

    cost = small["extensions"]["cost"]
    assert cost["requestedQueryCost"] >= cost["actualQueryCost"] > 0
    assert codes(large) == ["MAX_COST_EXCEEDED"]


def test_an_unknown_search_field_is_ignored_with_a_warning(shop):
    answer = shop.ask('{ orders(first: 99, query: "colour:red") { nodes { id } } }')

    assert len(answer["data"]["orders"]["nodes"]) == 45 + len(ORDERS)
    assert answer["extensions"]["search"][0]["warnings"][0]["code"] == "invalid_field"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("name:#1001 OR name:#1002", 2),
        ("(name:#1001 OR name:#1002) AND -name:1002", 1),
        ("NOT tag:gift", 36 + len(ORDERS)),
        ("tag_not:gift", 36 + len(ORDERS)),
        ("updated_at:>'2026-01-07T18:00:00Z'", 3 + len(ORDERS)),
        ("status:cancelled", 1),
    ],
)
def test_the_search_syntax_is_understood(shop, query, count):
    answer = shop.ask("query Q($q: String) { orders(first: 50, query: $q) { nodes { id } } }", {"q": query})

    assert len(answer["data"]["orders"]["nodes"]) == count


def test_aliases_fragments_and_conditions_work(shop):
    text = """
    query Q($no: Boolean!) {
      one: order(id: "gid://shopify/Order/450001") { ...Head  lineItems(first: 1) { edges { cursor node { sku } } } }
      node(id: "gid://shopify/Order/450002") { ... on Order { name note @include(if: $no) } __typename }
    }
    fragment Head on Order { id name @skip(if: $no) }
    """

    data = shop.ask(text, {"no": False})["data"]

    assert data["one"]["name"] == "#1001"
    assert data["one"]["lineItems"]["edges"][0]["node"]["sku"]
    assert data["node"] == {"name": "#1002", "__typename": "Order"}


def test_a_refund_of_an_order_paid_in_another_currency_needs_that_currency(shop):
    text = 'mutation R($i: RefundInput!) { refundCreate(input: $i) @idempotent(key: "k") { userErrors { field message } } }'
    order = shop.first_order(number=1019)
    payment = {"orderId": order["id"], "parentId": order["transactions"][0]["id"], "gateway": "x", "kind": "REFUND"}
    given = {"orderId": order["id"], "transactions": [{**payment, "amount": "5.00"}]}

    for wrong in ({}, {"currency": "GBP"}):
        (error,) = shop.ask(text, {"i": {**given, **wrong}})["data"]["refundCreate"]["userErrors"]
        assert error["field"] == ["currency"]
    assert shop.ask(text, {"i": {**given, "currency": "EUR"}})["data"]["refundCreate"]["userErrors"] == []
