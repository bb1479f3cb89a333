"""Field lists: what a line may say, and how a wrong one is told."""

from __future__ import annotations

import pytest

from topstitch.errors import ConfigError
from topstitch.sdk.fields import Field, load_fields, parse_field
from topstitch.sdk.taxonomy import entities, taxonomy


def test_a_line_is_a_field():
    line = {"type": "text", "label": "SKU", "tag": "lines[*].sku", "flags": "required personal", "choices": ["a", 1]}

    field = parse_field("lines[*].sku", line)

    assert field == Field(
        "lines[*].sku", "text", "SKU", "lines[*].sku", frozenset(["required", "personal"]), choices=("a", "1")
    )
    assert field.required and field.writable and field.readable


def test_a_label_alone_is_enough_and_without_one_it_is_made_from_the_path():
    assert parse_field("a.b", "Shown").label == "Shown"
    assert parse_field("customer.first_name", {}).label == "first name"


def test_flags_say_which_way_a_field_goes():
    assert not parse_field("id", {"flags": "readonly"}).writable
    assert not parse_field("id", {"flags": "writeonly"}).readable


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"type": "colour"}, "unknown colour"),
        ({"flags": "required shiny"}, "unknown shiny"),
        ({"tags": "number"}, "unknown tags"),
        ({"type": ["text"]}, "field 'a'"),
    ],
)
def test_an_unknown_word_in_a_line_is_named(line, words):
    with pytest.raises(ConfigError, match=words):
        parse_field("a", line, place="acme/orders.toml")


@pytest.mark.parametrize("text", ['"a" = ', '"a" = 5', '"a" = "x"\n"a" = "y"', '"a[" = "x"'])
def test_a_broken_list_is_told_with_its_file(tmp_path, text):
    path = tmp_path / "acme" / "fields" / "orders.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")

    with pytest.raises(ConfigError) as wrong:
        load_fields(path)

    assert "orders.toml" in str(wrong.value)


@pytest.mark.parametrize("entity", entities())
def test_every_neutral_entity_reads_and_its_stand_ins_exist(entity):
    neutral = taxonomy(entity)

    assert neutral.terms and neutral.mode in ("create_only", "create_and_update")
    for term in neutral.terms.values():
        assert set(term.alike) <= set(neutral.terms), f"{term.tag} is alike to something that does not exist"


@pytest.mark.parametrize("name", ["nothing", "../orders", ""])
def test_an_unknown_neutral_entity_names_those_there_are(name):
    with pytest.raises(ConfigError, match="there are customers"):
        taxonomy(name)
