"""Default mappings of two invented systems: what is joined, and what the values become on their way."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.engine.mapping_support import ENV

from topstitch.engine.mapping import compile_mapping
from topstitch.engine.proposals.convert import conversion
from topstitch.engine.proposals.defaults import default_mapping, unmapped_required
from topstitch.errors import MappingError
from topstitch.sdk.fields import Field, parse_field


def field(path, tag="", type="text", format="", flags="", choices=()):
    return Field(path, type, path, tag, frozenset(flags.split()), format, choices=choices)


def mapped(source, destination, record, entity="orders"):
    return compile_mapping(default_mapping(source, destination, entity), ENV, destination)(record)


def through(source, destination, value):
    """A value on its way from one field to the other, by the default mapping."""
    rows = default_mapping([source], [destination], "orders")
    return compile_mapping(rows, ENV, [destination])({source.path: value}).get(destination.path, "nothing")


@pytest.mark.parametrize(
    ("source", "destination", "value", "arrives"),
    [
        (("datetime", ""), ("datetime", "d/m/Y"), "2026-01-31T23:30:00-05:00", "01/02/2026"),
        (("datetime", "d/m/Y H:i"), ("datetime", ""), "31/01/2026 10:00", "2026-01-31T10:00:00Z"),
        (("datetime", "U"), ("datetime", ""), 1767225600, "2026-01-01T00:00:00Z"),
        (("datetime", ""), ("datetime", ""), "2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z"),
        (("money", ""), ("money", "number"), "12.50", 12.5),
        (("money", "number"), ("money", ""), 12.5, "12.5"),
        (("country", "name"), ("country", ""), "Germany", "DE"),
        (("country", ""), ("country", "iso3"), "GB", "GBR"),
        (("language", "posix"), ("language", ""), "en_GB", "en-GB"),
        (("language", ""), ("language", "posix"), "de-CH", "de_CH"),
        (("weight", "g"), ("weight", "kg"), 1500, 1.5),
        (("length", "cm"), ("length", "m"), 250, 2.5),
        (("text", ""), ("boolean", ""), "yes", True),
        (("boolean", ""), ("boolean", "Y/N"), False, "N"),
        (("boolean", ""), ("boolean", "true/false"), True, "true"),
        (("boolean", "ja/nein"), ("boolean", "1/0"), "Nein", "0"),
        (("boolean", "True/False"), ("boolean", ""), "False", False),
        (("text", ""), ("integer", ""), "12", 12),
        (("text", ""), ("decimal", ""), "12.5", 12.5),
        (("text", ""), ("array", ""), "a, b", ["a", "b"]),
        (("array", ""), ("text", ""), ["a", "b"], "a, b"),
        (("id", ""), ("text", ""), 77, "77"),
    ],
)
def test_a_value_arrives_as_the_destination_writes_it(source, destination, value, arrives):
    assert through(field("a", "x", *source), field("b", "x", *destination), value) == arrives


def test_choices_are_copied_only_where_both_have_the_same():
    open_closed = field("a", "status", "enum", choices=("open", "closed"))
    assert conversion(open_closed, field("b", "status", "enum", choices=("open", "closed"))) == []
    assert conversion(open_closed, field("b", "status", "enum", choices=("1", "2"))) is None
    assert conversion(open_closed, field("b", "status")) == []
    assert conversion(field("b", "status"), open_closed) is None


def test_choices_are_translated_by_what_they_mean():
    ours = parse_field(
        "a", {"type": "enum", "tag": "active", "choices": {"live": "true", "shown": "true", "off": "false", "?": ""}}
    )
    theirs = parse_field("b", {"type": "enum", "tag": "active", "choices": {"ON": "true", "OFF": "false"}})
    words = field("b", "active", "boolean", "Y/N")

    assert [mapped([ours], [theirs], {"a": v}) for v in ("live", "shown", "off")] == [
        {"b": "ON"},
        {"b": "ON"},
        {"b": "OFF"},
    ]
    assert mapped([ours], [theirs], {"a": "?"}) == mapped([ours], [theirs], {"a": "new"}) == {}
    assert mapped([theirs], [ours], {"b": "ON"}) == {"a": "live"}
    assert [mapped([ours], [words], {"a": v}) for v in ("shown", "off", "?")] == [{"b": "Y"}, {"b": "N"}, {}]
    assert [mapped([words], [ours], {"b": v}) for v in ("Y", "N")] == [{"a": "live"}, {"a": "off"}]


def test_a_choice_without_counterpart_fails_where_the_destination_needs_one():
    ours = parse_field("a", {"type": "enum", "tag": "active", "choices": {"live": "true", "off": "false", "?": ""}})
    theirs = parse_field("b", {"type": "enum", "tag": "active", "flags": "required", "choices": {"ON": "true"}})

    with pytest.raises(MappingError, match="none of the rows is for 'off'"):
        mapped([ours], [theirs], {"a": "off"})


@pytest.mark.parametrize(
    ("currency", "minor", "amount"),
    [("GBP", 1250, "12.50"), ("JPY", 1250, "1250"), ("kwd", 1250, "1.250"), ("EUR", -5, "-0.05")],
)
def test_minor_units_go_by_the_currency_of_the_record(currency, minor, amount):
    coin, pence = field("c", "currency", "currency"), field("a", "totals.grand", "money", "minor")
    text = field("b", "totals.grand", "money")

    out = mapped([coin, pence], [text], {"c": currency, "a": minor})
    assert Decimal(out["b"]) == Decimal(amount)
    assert mapped([coin, text], [pence], {"c": currency, "b": amount}) == {"a": minor}
    line, row = field("l[*].a", "lines[*].total", "money", "minor"), field("k[*].b", "lines[*].total", "money")
    assert mapped([coin, line], [row], {"c": currency, "l": [{"a": minor}]}) == {"k": [{"b": out["b"]}]}


def test_minor_units_are_never_worked_out_in_a_guessed_currency():
    coin, pence = field("c", "currency", "currency"), field("a", "totals.grand", "money", "minor")
    text = field("b", "totals.grand", "money")

    assert default_mapping([pence], [text], "orders") == []
    with pytest.raises(MappingError, match="currency is empty"):
        mapped([coin, pence], [text], {"c": "", "a": 1250})
    assert mapped([coin, pence], [text], {"c": "GBP", "a": None}) == {}
    with pytest.raises(MappingError, match="Doubloon"):
        mapped([coin, pence], [text], {"c": "Doubloon", "a": 1250})
    with pytest.raises(MappingError, match="whole"):
        mapped([coin, pence], [text], {"c": "JPY", "a": "12.5"})


def test_an_amount_that_stands_in_for_another_keeps_its_currency():
    coin, lines = field("c", "currency", "currency"), field("lines", "available", "money", "minor")
    more = field("more", "on_hand", "money", "minor")
    wanted = [field("b", "available", "money", flags="required")]

    for given in ({"lines": 1250, "more": 7}, {"lines": None, "more": 1250}):
        assert mapped([coin, lines, more], wanted, {"c": "JPY", **given}, "stock") == {"b": "1250"}


def test_tags_are_one_list_however_they_are_kept():
    plain, each = field("tags", "tags", "array"), field("tags[*].name", "tags")
    text = field("words", "tags")

    assert mapped([plain], [each], {"tags": ["a", "b"]}) == {"tags": [{"name": "a"}, {"name": "b"}]}
    assert mapped([each], [plain], {"tags": [{"name": "a"}, {"name": "b"}]}) == {"tags": ["a", "b"]}
    assert mapped([each], [text], {"tags": [{"name": "a"}, {"name": "b"}]}) == {"words": "a, b"}
    assert mapped([text], [plain], {"words": "a, b"}) == {"tags": ["a", "b"]}
    assert default_mapping([text], [each], "orders") == []


def test_a_discount_in_percent_is_an_amount_where_amounts_are_wanted():
    source = [field(f"l[*].{name}", f"lines[*].{tag}", kind, "number") for name, tag, kind in PERCENT]
    destination = [field("k[*].off", "lines[*].discount", "money")]
    lines = [
        {"price": 54.0, "qty": 3.0, "off": 12.5},
        {"price": 14, "qty": 1, "off": 0},
        {"price": 0.99, "qty": 7, "off": 33},
    ]

    assert mapped(source, destination, {"l": lines}) == {"k": [{"off": "20.25"}, {"off": "0.00"}, {"off": "2.29"}]}
    assert default_mapping(source[:2], destination, "orders") == []


PERCENT = [("price", "unit_price", "money"), ("qty", "quantity", "decimal"), ("off", "discount_percent", "decimal")]
REGULAR = [field("regular", "price", "money"), field("sale", "sale_price", "money")]
ASKED = [field("price", "price", "money"), field("before", "compare_price", "money")]
NOW = field("on_sale", "on_sale", "boolean")


def test_a_reduced_price_is_the_price_asked_where_the_destination_has_one_before():
    def asked(**record):
        return mapped([*REGULAR, *([NOW] if "on_sale" in record else [])], ASKED, record, "products")

    assert asked(regular="20.00", sale="15.00") == {"price": "15.00", "before": "20.00"}
    assert asked(regular="20.00", sale="") == {"price": "20.00", "before": "20.00"}
    assert asked(regular="20.00", sale="15.00", on_sale=False) == {"price": "20.00", "before": "20.00"}
    assert asked(regular="20.00", sale="15.00", on_sale=True) == {"price": "15.00", "before": "20.00"}


def test_a_price_before_reduction_is_the_regular_one_and_a_reduction_that_is_over_ends():
    def regular(**record):
        return mapped(ASKED, REGULAR, record, "products")

    assert regular(price="15.00", before="20.00") == {"regular": "20.00", "sale": "15.00"}
    for over in (None, "", "0.00"):
        assert regular(price="15.00", before=over) == {"regular": "15.00", "sale": ""}


def test_of_the_two_ways_to_say_a_reduction_nothing_is_changed_where_both_systems_have_the_same():
    every = [*REGULAR, ASKED[1]]
    assert [row.to for row in default_mapping(every, ASKED, "products")] == ["price", "before"]
    assert mapped(REGULAR, [ASKED[0]], {"regular": "20.00", "sale": "15.00"}, "products") == {"price": "20.00"}


def test_the_time_of_payment_falls_back_to_the_time_of_the_order():
    source = [field("paid", "processed_at", "datetime"), field("made", "created_at", "datetime")]
    destination = [field("at", "processed_at", "datetime")]

    assert mapped(source, destination, {"paid": None, "made": "2026-01-02T03:04:05Z"}) == {"at": "2026-01-02T03:04:05Z"}


def test_of_many_values_none_is_chosen_for_one_field():
    assert conversion(field("lines[*].sku", "x"), field("sku", "x")) is None


def test_rows_come_in_the_destinations_order_for_writable_tagged_fields_only():
    source = [field("order_no", "number"), field("mail", "customer.email"), field("secret", "note", flags="writeonly")]
    destination = [
        field("e_mail", "customer.email"),
        field("free"),
        field("ref", "number", flags="required locked"),
        field("made", "created_at", flags="readonly"),
        field("memo", "note"),
    ]
    rows = default_mapping(source, destination, "orders")
    assert [(row.to, row.sources[0].path) for row in rows] == [("e_mail", "mail"), ("ref", "order_no")]
    assert rows[1].required
    assert rows[1].locked == "destination"
    assert rows[0].category == "Customer"


def test_a_name_is_put_together_and_taken_apart():
    parts = [field("first", "customer.first_name"), field("last", "customer.last_name")]
    whole = [field("full", "customer.name")]
    join = compile_mapping(default_mapping(parts, whole, "orders"), ENV)
    assert join({"first": " Jo ", "last": "Bloggs"}) == {"full": "Jo Bloggs"}
    assert join({"last": "Bloggs"}) == {"full": "Bloggs"}
    split = compile_mapping(default_mapping(whole, parts, "orders"), ENV)
    assert split({"full": "Mary Ann Bloggs"}) == {"first": "Mary", "last": "Ann Bloggs"}
    assert split({"full": "Bloggs"})["first"] == "Bloggs"


def test_a_tag_that_is_alike_stands_in():
    rows = default_mapping([field("id", "id", "id")], [field("no", "number", flags="required")], "orders")
    assert [(row.to, row.sources[0].path) for row in rows] == [("no", "id")]


def test_lists_are_joined_line_by_line_and_left_out_without_a_list_at_the_source():
    destination = [field("rows[*].code", "lines[*].sku"), field("rows[*].order", "number")]
    with_lines = [field("items[*].sku", "lines[*].sku"), field("no", "number")]
    rows = default_mapping(with_lines, destination, "orders")
    assert compile_mapping(rows, ENV)({"no": "7", "items": [{"sku": "a"}]}) == {"rows": [{"code": "a", "order": "7"}]}
    assert default_mapping([field("no", "number")], destination, "orders") == []


def test_required_fields_that_no_row_fills_are_told():
    destination = [
        field("a", "x", flags="required"),
        field("b", flags="required"),
        field("c", flags="required readonly"),
    ]
    rows = default_mapping([field("s", "x")], destination, "orders")
    assert [f.path for f in unmapped_required(destination, rows)] == ["b"]
    off = [row.model_copy(update={"enabled": False}) for row in rows]
    assert [f.path for f in unmapped_required(destination, off)] == ["a", "b"]


def test_an_entity_without_a_dictionary_is_joined_by_its_tags_alone():
    rows = default_mapping([field("a", "x")], [field("b", "x")], "no_such_entity")
    assert [row.to for row in rows] == ["b"]
