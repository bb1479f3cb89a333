"""The rules of default mappings, each by two or three fields."""

from __future__ import annotations

from dataclasses import replace

import pytest

from topstitch.engine.environment import FrozenEnvironment
from topstitch.engine.mapping import compile_mapping
from topstitch.engine.proposals.defaults import default_mapping
from topstitch.errors import MappingError
from topstitch.sdk import Field


def mapped(source, destination, record, kind="orders"):
    """What a default mapping between these fields makes of a record."""
    return compile_mapping(default_mapping(source, destination, kind), FrozenEnvironment(), destination)(record)


def test_an_id_of_another_record_is_not_copied_but_the_records_own_is():
    source = [Field("id", "id", tag="id"), Field("place", "id", tag="location.id")]
    destination = [Field("ref", "id", tag="id"), Field("location", "id", tag="location.id")]
    assert mapped(source, destination, {"id": 7, "place": 3}, "stock") == {"ref": "7"}

    a_file = [Field("location_id", "text", tag="location.id")]
    assert mapped(source, a_file, {"id": 7, "place": 3}, "stock") == {"location_id": "3"}


def test_the_id_stands_in_for_a_number_only_where_there_must_be_one():
    source = [Field("id", "id", tag="id"), Field("no", "text", tag="number")]
    needed = [Field("ref", "text", tag="number", flags=frozenset(["required"]))]

    assert mapped(source[:1], [Field("ref", "text", tag="number")], {"id": 7}, "customers") == {}
    assert mapped(source[:1], needed, {"id": 7}, "customers") == {"ref": "7"}
    assert mapped(source, needed, {"id": 7, "no": ""}, "customers") == {"ref": "7"}
    assert mapped(source, needed, {"id": 7, "no": "C-1"}, "customers") == {"ref": "C-1"}


def test_a_telephone_is_taken_from_wherever_the_record_has_one_and_an_address_line_is_not():
    source = [Field(f"{a}_{b}", "text", tag=f"{a}.{b}") for a in ("shipping", "billing") for b in ("phone", "line2")]
    destination = [Field("phone", "phone", tag="shipping.phone"), Field("line2", "text", tag="shipping.line2")]
    record = {"shipping_phone": "", "shipping_line2": "", "billing_phone": "0115", "billing_line2": "Flat 3"}

    assert mapped(source, destination, record) == {"phone": "0115", "line2": ""}


def test_the_first_name_of_one_person_never_meets_the_last_name_of_another():
    source = [Field(f"{a}_{b}", "text", tag=f"{a}.{b}") for a in ("to", "by") for b in ("first_name", "last_name")]
    source = [replace(f, tag=f.tag.replace("to.", "shipping.").replace("by.", "billing.")) for f in source]
    destination = [Field(part, "text", tag=f"shipping.{part}") for part in ("first_name", "last_name")]
    record = {"to_first_name": "", "to_last_name": "Hoffmann", "by_first_name": "Nora", "by_last_name": "Whitfield"}

    assert mapped(source, destination, record) == {"first_name": "", "last_name": "Hoffmann"}


def test_a_name_shared_by_people_and_companies_is_split_of_people_only_and_never_lost():
    source = [Field("name", "text", tag="name"), Field("firm", "boolean", tag="is_company")]
    parts = [Field("first", "text", tag="first_name"), Field("last", "text", tag="last_name")]
    company = Field("company", "text", tag="address.company")
    firm, person = {"name": "Harbour Hotels", "firm": True}, {"name": "Nora Whitfield", "firm": False}

    assert mapped(source, [*parts, company], firm, "customers") == {"company": "Harbour Hotels"}
    assert mapped(source, [*parts, company], person, "customers") == {"first": "Nora", "last": "Whitfield"}
    assert mapped(source, [*parts, company], {"name": "Nora Whitfield"}, "customers") == {
        "first": "Nora",
        "last": "Whitfield",
    }
    assert mapped(source, parts, firm, "customers") == {"first": "Harbour", "last": "Hotels"}


def test_a_company_that_the_source_names_apart_gives_way_to_the_name_of_one():
    source = [Field(f"s_{tag}", "text", tag=tag) for tag in ("name", "company")]
    source += [Field("firm", "boolean", tag="is_company")]
    company = [Field("company", "text", tag="company")]

    assert mapped(source, company, {"s_name": "A Ltd", "s_company": "", "firm": True}, "customers") == {
        "company": "A Ltd"
    }
    assert mapped(source, company, {"s_name": "Ann", "s_company": "B Ltd", "firm": False}, "customers") == {
        "company": "B Ltd"
    }


def test_the_third_of_three_figures_of_stock_is_worked_out():
    fields = {tag: Field(tag, "decimal", tag=tag) for tag in ("on_hand", "allocated", "available")}

    def made(wanted, **record):
        source = [fields[tag] for tag in record]
        return mapped(source, [Field("n", "integer", tag=wanted)], record, "stock")

    assert made("available", on_hand="9", allocated="4") == {"n": 5}
    assert made("on_hand", available="5", allocated="4") == {"n": 9}
    assert made("available", on_hand="9", allocated="4", available="6") == {"n": 6}
    assert made("available", on_hand="9") == {"n": 9}
    assert made("available", on_hand="", allocated="") == {}


def test_markup_is_for_pages_only():
    plain, page = Field("text", "text", tag="description"), Field("body", "text", tag="description", format="html")

    assert mapped([page], [plain], {"body": "<p>Tea &amp; cake</p>"}, "products") == {"text": "Tea & cake"}
    assert mapped([page], [page], {"body": "<p>Tea</p>"}, "products") == {"body": "<p>Tea</p>"}


def test_half_a_piece_is_not_for_sale_and_nobody_orders_one():
    stock = [Field("free", "decimal", tag="available")], [Field("n", "integer", tag="available")]
    line = [Field("l[*].q", "decimal", tag="lines[*].quantity")], [Field("k[*].q", "integer", tag="lines[*].quantity")]

    assert mapped(*stock, {"free": 12.5}, "stock") == {"n": 12}
    assert mapped(*line, {"l": [{"q": 2.0}]}) == {"k": [{"q": 2}]}
    with pytest.raises(MappingError, match="whole number"):
        mapped(*line, {"l": [{"q": 0.5}]})
