"""What Odoo's exceptions mean, in the words of each API."""

from __future__ import annotations

import pytest

from topstitch.sdk import (
    AuthError,
    Bug,
    ConfigError,
    DuplicateRecord,
    MissingReference,
    RemoteRejected,
    TemporaryError,
    TopstitchError,
)
from topstitch.systems.odoo.erp.faults import AppError
from topstitch.systems.odoo.erp.faults import UserError as PracticeUserError
from topstitch.systems.odoo.erp.registry import METHODS
from topstitch.systems.odoo.faults import field_of, from_xml_fault, to_error
from topstitch.systems.odoo.names import named

from .conftest import Connect, odoo

CASES: list[tuple[str, str, type[TopstitchError], str]] = [
    ("odoo.exceptions.AccessDenied", "Access Denied", AuthError, ""),
    ("odoo.exceptions.AccessError", "You are not allowed to access 'Sales Order' records.", RemoteRejected, "access"),
    ("odoo.exceptions.UserError", "There is nothing to invoice!", RemoteRejected, "rejected"),
    ("odoo.exceptions.ValidationError", "product_product_barcode_uniq", DuplicateRecord, "duplicate"),
    ("odoo.exceptions.ValidationError", "sale_order_partner_id_fkey", MissingReference, "missing_reference"),
    (
        "odoo.exceptions.MissingError",
        "Record does not exist or has been deleted.",
        MissingReference,
        "missing_reference",
    ),
    ("odoo.exceptions.UserError", "Object no.such doesn't exist", ConfigError, "module"),
    ("odoo.http.SessionExpiredException", "Session expired", AuthError, ""),
    ("werkzeug.exceptions.Unauthorized", "Invalid apikey", AuthError, ""),
    # What is quoted of another system is no trouble of Odoo's own.
    ("odoo.exceptions.UserError", "The carrier said: 401 Unauthorized", RemoteRejected, "rejected"),
    ("UserError", "AccessDenied by the payment provider", RemoteRejected, "rejected"),
    ("odoo.exceptions.ValidationError", "Tax service: deadlock detected", RemoteRejected, "rejected"),
    ("odoo.exceptions.UserError", "Import: psycopg2.OperationalError", RemoteRejected, "rejected"),
    ("odoo.exceptions.UserError", "the AccessError of the carrier", RemoteRejected, "rejected"),
    ("requests.exceptions.HTTPError", "401 Client Error: Unauthorized for url", RemoteRejected, "application_error"),
    ("DETAIL", "could not serialize access due to concurrent update", TemporaryError, "busy"),
    ("builtins.ValueError", "Invalid field 'nope' on model 'sale.order'", RemoteRejected, "application_error"),
    (
        "psycopg2.errors.SerializationFailure",
        "could not serialize access due to concurrent update",
        TemporaryError,
        "busy",
    ),
    (
        "psycopg2.errors.LockNotAvailable",
        'could not obtain lock on row in relation "sale_order"',
        TemporaryError,
        "busy",
    ),
    ("odoo.exceptions.LockError", "Cannot grab a lock on records", TemporaryError, "busy"),
    ("psycopg2.OperationalError", 'FATAL:  database "shop" does not exist', ConfigError, "database"),
    ("werkzeug.exceptions.NotFound", "the model 'no.such' does not exist", ConfigError, "module"),
]


@pytest.mark.parametrize(("name", "message", "kind", "key"), CASES)
def test_an_exception_is_classified_by_what_to_do_next(name: str, message: str, kind: type, key: str) -> None:
    error = to_error(name, message, model="sale.order")
    assert type(error) is kind
    assert not key or error.key == key


@pytest.mark.parametrize(
    ("message", "model", "field"),
    [
        ("Invalid field 'nope' on model 'sale.order'", "sale.order", "nope"),
        ("Wrong value for product.template.type: 'x'", "product.template", "type"),
        ("a mandatory field is not set.\nModel: Contact (res.partner), Field: Name (name)", "res.partner", "name"),
        ("sale_order_partner_id_fkey", "sale.order", "partner_id"),
        ("product_product_barcode_uniq", "product.product", "barcode"),
        ("product_product_barcode_uniq", "product.template", "barcode"),
        ("There is nothing to invoice!", "sale.order", ""),
    ],
)
def test_the_field_at_fault_is_found(message: str, model: str, field: str) -> None:
    assert field_of(message, model) == field


def test_an_xml_rpc_fault_tells_class_and_message_by_code_or_traceback() -> None:
    trace = "Traceback (most recent call last):\n  File \"x\", line 1\nValueError: Invalid field 'nope' on model 'sale.order'\n"
    assert from_xml_fault(1, trace) == ("ValueError", "Invalid field 'nope' on model 'sale.order'")
    assert from_xml_fault(2, "res_partner_check_name") == ("UserError", "res_partner_check_name")
    assert from_xml_fault(3, "Access Denied")[0] == "AccessDenied"
    assert from_xml_fault(4, "no")[0] == "AccessError"


@pytest.mark.parametrize("style", ["jsonrpc", "xmlrpc", "json2"])
def test_the_three_apis_agree_on_errors(connect: Connect, style: str) -> None:
    client = odoo(connect("v19", api_style=style))
    with pytest.raises(ConfigError):
        client.call("no.such", "search_read", [[]], safe=True)
    with pytest.raises(MissingReference):
        client.write("sale.order", [99999], {"note": "x"})
    with pytest.raises(RemoteRejected) as unknown:
        client.create("res.partner", {"name": "A", "nope": 1})
    assert unknown.value.field == "nope"
    with pytest.raises(RemoteRejected) as unnamed:
        client.create("res.partner", {"email": "a@example.com"})
    assert "res_partner_check_name" in unnamed.value.message
    with pytest.raises(MissingReference):
        client.create("res.partner", {"name": "A", "country_id": 99999})
    with pytest.raises(RemoteRejected):
        client.run("sale.order", "_create_invoices", [1])
    assert client.by_ids("sale.order", [99999], ["name"]) == []


@pytest.mark.parametrize("style", ["jsonrpc", "xmlrpc", "json2"])
def test_a_method_that_returns_nothing_is_a_success(connect: Connect, style: str) -> None:
    client = odoo(connect("v19", api_style=style))
    assert client.run("purchase.order", "button_cancel", [1]) is None
    assert client.by_ids("purchase.order", [1], ["state"])[0]["state"] == "cancel"


@pytest.mark.parametrize("style", ["jsonrpc", "xmlrpc"])
def test_a_lock_is_waited_for(connect: Connect, style: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = odoo(connect("v17", api_style=style))
    calls: list[int] = []

    def sometimes(env: object, ids: list[int]) -> bool:
        calls.append(1)
        if len(calls) == 1:
            raise AppError(
                "could not serialize access due to concurrent update", name="psycopg2.errors.SerializationFailure"
            )
        return True

    monkeypatch.setitem(METHODS, ("sale.order", "action_draft"), sometimes)
    assert client.run("sale.order", "action_draft", [1]) is True
    assert len(calls) == 2


def test_a_refusal_is_not_repeated(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    client = odoo(connect())
    calls: list[int] = []

    def never(env: object, ids: list[int]) -> bool:
        calls.append(1)
        raise PracticeUserError("No.")

    monkeypatch.setitem(METHODS, ("sale.order", "action_draft"), never)
    with pytest.raises(RemoteRejected, match=r"No\."):
        client.run("sale.order", "action_draft", [1], repeatable=True)
    assert len(calls) == 1


def test_positional_arguments_get_their_names() -> None:
    assert named("search_read", [[["id", "=", 1]]], {"fields": ["name"], "context": {}}) == {
        "domain": [["id", "=", 1]],
        "fields": ["name"],
        "context": {},
    }
    assert named("create", [[{"name": "A"}]], {}) == {"vals_list": [{"name": "A"}]}
    assert named("write", [[1], {"name": "A"}], {}) == {"ids": [1], "vals": {"name": "A"}}
    assert named("action_confirm", [[1]], {}) == {"ids": [1]}
    with pytest.raises(Bug):
        named("action_confirm", [[1], 2], {})
