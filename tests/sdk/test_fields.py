"""Field lists: what a line may say, and how a wrong one is told."""

from __future__ import annotations

import pytest

from topstitch.errors import ConfigError
from topstitch.sdk.fields import Field, element_path, load_fields, parse_field
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


def test_a_list_may_go_by_names():
    line = {"type": "array", "names": ["scriptId"], "short": "custom", "value": "value", "defaults": {"type": "text"}}
    field = parse_field("custom.fields[*]", line)
    assert (field.names, field.short, field.value, field.defaults) == (
        ("scriptId",),
        "custom",
        "value",
        (("type", "text"),),
    )


@pytest.mark.parametrize(
    ("path", "line", "words"),
    [
        ("a[*]", {"type": "array", "names": "key"}, "names must be a list"),
        ("a[*]", {"type": "array", "names": ["key", 5]}, "names must be a list"),
        ("a[*]", {"type": "array", "names": [""]}, "names must be a list"),
        ("a[*]", {"type": "array", "names": ["key"], "defaults": {"type": 5}}, "defaults a table"),
        ("a[*]", {"type": "array", "names": ["key"], "defaults": ["type"]}, "defaults a table"),
        ("a", {"type": "array", "names": ["key"]}, "names are for a list"),
        ("a[*]", {"type": "text", "names": ["key"]}, "names are for a list"),
        ("a[*]", {"type": "array", "names": ["key"], "short": "b"}, "beginning of its path"),
        ("ab.c[*]", {"type": "array", "names": ["key"], "short": "a"}, "beginning of its path"),
        ("a[*]", {"type": "array", "value": "value"}, "go with names"),
        ("a[*]", {"type": "array", "defaults": {"type": "x"}}, "go with names"),
    ],
)
def test_a_list_by_names_that_cannot_be_is_told(path, line, words):
    with pytest.raises(ConfigError, match=words):
        parse_field(path, line, place="acme/orders.toml")


@pytest.mark.parametrize(
    ("names", "path"),
    [
        (["custom", "care"], "metafields.custom.care"),
        (["custom", "a.b"], 'metafields.custom["a.b"]'),
        (["custom", "12"], 'metafields.custom["12"]'),
    ],
)
def test_the_short_form_of_an_element_quotes_what_needs_it(names, path):
    assert element_path("metafields", *names) == path
