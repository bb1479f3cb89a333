"""Contacts, addresses below them, and what a version has for their telephones."""

from __future__ import annotations

from topstitch.sdk import Connection, Outcome
from topstitch.systems.odoo.practice import PRACTICE

from .conftest import Connect, contact, outcomes, push, records


def test_a_contact_is_made_then_changed(conn: Connection) -> None:
    person = {
        "name": "Ida Holm",
        "email": "ida@example.com",
        "city": "Aarhus",
        "country_id": {"code": "DK"},
        "is_company": "no",
    }
    first = push(conn, "customers", person)[0]
    assert first.outcome is Outcome.CREATED
    again = push(conn, "customers", {**person, "email": "IDA@example.com", "city": "Odense"})[0]
    assert (again.outcome, again.remote_id) == (Outcome.UPDATED, first.remote_id)
    (made,) = contact(conn, "ida@example.com")
    assert (made["city"], made["country_id"]["code"], made["customer_rank"]) == ("Odense", "DK", 1)


def test_a_contact_is_found_by_reference_first(conn: Connection) -> None:
    verdict = push(conn, "customers", {"ref": "C-1001", "email": "new@harbour.example.com", "name": "Harbour Hotels"})[
        0
    ]
    assert verdict.outcome is Outcome.UPDATED
    assert contact(conn, "new@harbour.example.com")[0]["ref"] == "C-1001"


def test_the_same_new_contact_twice_in_a_batch_is_one(conn: Connection) -> None:
    person = {"name": "Ida Holm", "email": "ida@example.com"}
    assert outcomes(push(conn, "customers", person, person)) == ["created", "updated"]


def test_a_contact_that_could_not_be_found_again_is_refused(conn: Connection) -> None:
    verdicts = push(conn, "customers", {"name": "Nobody"}, {"name": "Ida", "email": "ida@example.com"})
    assert outcomes(verdicts) == ["rejected", "created"]


def test_a_contact_without_a_name_takes_its_email(conn: Connection) -> None:
    push(conn, "customers", {"email": "only@example.com"})
    assert contact(conn, "only@example.com")[0]["name"] == "only@example.com"


def test_a_language_is_matched_with_the_installed_ones(conn: Connection) -> None:
    for at, (given, kept) in enumerate((("en-GB", "en_GB"), ("de", "de_DE"), ("tlh", "en_US"))):
        push(conn, "customers", {"name": "L", "email": f"l{at}@example.com", "lang": given})
        assert contact(conn, f"l{at}@example.com")[0]["lang"] == kept


def test_a_lost_contact_is_not_made_twice(connect: Connect) -> None:
    conn = connect()
    PRACTICE.faults.add("lost", contains='"create"')
    person = {"name": "Ida Holm", "email": "ida@example.com"}
    assert push(conn, "customers", person)[0].outcome is Outcome.UNKNOWN
    assert push(conn, "customers", person)[0].outcome is Outcome.UPDATED
    assert len(contact(conn, "ida@example.com")) == 1


def test_a_mobile_number_takes_the_place_of_the_telephone_where_there_is_one_field(connect: Connect) -> None:
    conn = connect("v19")
    person = {"name": "Ida Holm", "email": "ida@example.com", "mobile": "+45 20 55 01 01"}
    push(conn, "customers", person)
    assert contact(conn, "ida@example.com")[0]["phone"] == "+45 20 55 01 01"
    push(conn, "customers", {**person, "comment": "Likes blue"})
    for _ in range(2):
        push(conn, "customers", {**person, "phone": "+45 86 55 01 02"})
    (made,) = contact(conn, "ida@example.com")
    assert (made["phone"], made["comment"]) == ("+45 86 55 01 02", "Likes blue<p>Mobile: +45 20 55 01 01</p>")


def test_a_mobile_number_keeps_its_field_where_there_is_one(connect: Connect) -> None:
    conn = connect("v17")
    push(conn, "customers", {"name": "Ida", "email": "ida@example.com", "phone": "1", "mobile": "2"})
    (made,) = contact(conn, "ida@example.com")
    assert (made["phone"], made["mobile"], made["comment"]) == ("1", "2", None)


def test_an_address_is_made_below_its_company_once(conn: Connection) -> None:
    company = {"ref": "C-77", "name": "Holm ApS", "email": "holm@example.com", "is_company": True}
    store = {
        "parent_id": {"ref": "C-77"},
        "type": "delivery",
        "name": "Store",
        "street": "Havn 1",
        "city": "Aarhus",
        "email": "holm@example.com",
        "country_id": {"code": "DK"},
    }
    verdicts = push(conn, "customers", company, store, {**store, "phone": "5"}, company)
    assert outcomes(verdicts) == ["created", "created", "updated", "updated"]
    assert verdicts[1].remote_id == verdicts[2].remote_id != verdicts[3].remote_id == verdicts[0].remote_id
    (made,) = [r for r in records(conn, "customers", options={"which": "addresses too"}) if r["name"] == "Store"]
    assert (made["type"], str(made["parent_id"]["id"]), made["phone"]) == ("delivery", verdicts[0].remote_id, "5")


def test_an_address_with_a_reference_may_move(conn: Connection) -> None:
    depot = {"parent_id": {"email": "buying@harbour.example.com"}, "type": "delivery", "ref": "D-1", "name": "Depot"}
    first = push(conn, "customers", {**depot, "street": "Old Road 1"})[0]
    again = push(conn, "customers", {**depot, "street": "New Road 2"})[0]
    assert (again.outcome, again.remote_id) == (Outcome.UPDATED, first.remote_id)


def test_a_person_belongs_to_a_company(conn: Connection) -> None:
    parent = next(r for r in records(conn, "customers") if r["ref"] == "C-1001")
    push(conn, "customers", {"name": "Bo", "email": "bo@example.com", "parent_id": {"id": str(parent["id"])}})
    assert contact(conn, "bo@example.com")[0]["parent_id"]["id"] == parent["id"]


def test_an_address_without_a_known_company_is_refused(conn: Connection) -> None:
    verdicts = push(
        conn,
        "customers",
        {"type": "delivery", "name": "Lost", "street": "Nowhere 1"},
        {"type": "delivery", "name": "Lost", "parent_id": {"ref": "C-404"}},
        {"name": "Lost", "email": "lost@example.com", "parent_id": 98765},
        {"name": "Lost", "email": "lost@example.com", "type": "shed", "parent_id": {"ref": "C-1001"}},
    )
    assert outcomes(verdicts) == ["rejected"] * 4
    assert [verdict.error.field for verdict in verdicts] == ["parent_id", "parent_id", "parent_id", "type"]
    assert "C-404" in verdicts[1].error.message
