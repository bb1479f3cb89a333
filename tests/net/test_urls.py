"""Addresses from templates and parameters."""

from __future__ import annotations

from topstitch.net.urls import encode, fill, with_params


def test_values_cannot_leave_their_place_in_a_path():
    assert fill("orders/{id}/lines", id="a/b?c#d") == "orders/a%2Fb%3Fc%23d/lines"
    assert fill("orders/{id}/lines", id="..") == "orders/%2E%2E/lines"
    assert fill("orders/{id}", id=7) == "orders/7"


def test_parameters_are_put_before_a_fragment_and_after_a_query():
    assert with_params("http://a/x?b=1#f", {"c": 2}) == "http://a/x?b=1&c=2#f"
    assert with_params("http://a/x?", {"c": ["1", "2"]}) == "http://a/x?c=1&c=2"
    assert with_params("http://a/x", {"c": None}) == "http://a/x"


def test_forms_and_queries_encode_blanks_differently():
    assert encode([("a", "b c"), ("t", True)]) == "a=b%20c&t=true"
    assert encode({"a": "b c"}, form=True) == "a=b+c"
