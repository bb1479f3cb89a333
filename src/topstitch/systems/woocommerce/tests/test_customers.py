"""Writing customers: one account an e-mail address."""

from __future__ import annotations

import pytest

from topstitch.sdk import Connection, DuplicateRecord, Outcome, Outgoing
from topstitch.systems.woocommerce import customers
from topstitch.systems.woocommerce.practice import PRACTICE
from topstitch.systems.woocommerce.tests.support import Shop, push

ANNA = {
    "email": "Anna@example.org",
    "first_name": "Anna",
    "billing": {"city": "Ulm", "country": "DE", "phone": None, "email": ""},
}


def test_a_customer_is_created_updated_and_then_left_alone(shop: Shop, conn: Connection):
    count = shop.store.count("customers")

    verdicts = push(conn, "customers", [ANNA, ANNA | {"email": "anna@EXAMPLE.org", "last_name": "Groß"}, ANNA])

    assert [str(verdict.outcome) for verdict in verdicts] == ["created", "updated", "unchanged"]
    assert {verdict.remote_id for verdict in verdicts} == {verdicts[0].remote_id}
    made = shop.store.get("customers", verdicts[0].remote_id)
    assert (made["last_name"], made["billing"]["city"]) == ("Groß", "Ulm")
    assert shop.store.count("customers") == count + 1


def test_an_account_in_another_role_is_found_too(conn: Connection):
    (verdict,) = push(conn, "customers", [{"email": "customer12@example.com", "first_name": "Tess"}])
    assert verdict.outcome is Outcome.UNCHANGED


def test_a_known_customer_may_change_the_address(shop: Shop, conn: Connection):
    (made,) = push(conn, "customers", [ANNA])
    moved = Outgoing(key="k0", record=ANNA | {"email": "anna@new.example.org"}, remote_id=made.remote_id)

    (verdict,) = push(conn, "customers", [moved])

    assert verdict.remote_id == made.remote_id
    assert shop.store.get("customers", made.remote_id)["email"] == "anna@new.example.org"


@pytest.mark.parametrize("email", ["", None, "nobody"])
def test_a_customer_without_an_address_is_refused_alone(conn: Connection, email: str | None):
    verdicts = push(conn, "customers", [ANNA | {"email": email}, ANNA])
    assert [verdict.error and verdict.error.field for verdict in verdicts] == ["email", None]


def test_the_shops_own_words_about_an_address_come_without_html(conn: Connection):
    (verdict,) = push(conn, "customers", [ANNA | {"email": "a b@example"}])
    assert verdict.error.field == "email"
    assert "Invalid email address" in verdict.error.message


def test_an_account_made_meanwhile_is_updated(conn: Connection, monkeypatch: pytest.MonkeyPatch):
    push(conn, "customers", [ANNA])
    real, asked = customers._there, []

    def blind_at_first(conn, email, remote_id):
        asked.append(email)
        return real(conn, email, remote_id) if len(asked) > 1 else None

    monkeypatch.setattr(customers, "_there", blind_at_first)
    (verdict,) = push(conn, "customers", [ANNA | {"last_name": "New"}])

    assert verdict.outcome is Outcome.UPDATED


def test_an_account_that_cannot_be_found_again_stays_a_duplicate(conn: Connection, monkeypatch: pytest.MonkeyPatch):
    push(conn, "customers", [ANNA])
    monkeypatch.setattr(customers, "_there", lambda *_: None)

    (verdict,) = push(conn, "customers", [ANNA])

    assert isinstance(verdict.error, DuplicateRecord)
    assert "<a" not in verdict.error.message


def test_a_lost_answer_and_a_second_try_make_one_account(shop: Shop, conn: Connection):
    count = shop.store.count("customers")
    PRACTICE.faults.add("lost", method="POST", contains="/customers")

    (first,), (second,) = push(conn, "customers", [ANNA]), push(conn, "customers", [ANNA])

    assert (first.outcome, second.outcome) == (Outcome.UNKNOWN, Outcome.UNCHANGED)
    assert shop.store.count("customers") == count + 1


def test_meta_data_that_the_shop_keeps_as_text_is_no_change(conn: Connection):
    record = ANNA | {"meta_data": [{"key": "_points", "value": 12}, {"key": "_vip", "value": True}]}
    verdicts = push(conn, "customers", [record, record, record | {"meta_data": [{"key": "_points", "value": 13}]}])
    assert [str(verdict.outcome) for verdict in verdicts] == ["created", "unchanged", "updated"]
