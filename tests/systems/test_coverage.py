"""Every field of every pair of systems is filled by its default mapping, or left to a person for a reason from the data."""

from __future__ import annotations

from functools import cache

import pytest
from tests.systems.cases import LEFT_OUT, SYSTEMS

from topstitch.engine.proposals.coverage import Why, coverage
from topstitch.engine.proposals.defaults import default_mapping
from topstitch.sdk import CATALOGUE
from topstitch.sdk.taxonomy import entities, taxonomy

ALL = [entry for entry in CATALOGUE if entry.folder]
ENTITIES = [(entry, entity) for entry in ALL for entity in entry.system.entities]


@cache
def every():
    return tuple(coverage(ALL, ALL))


def test_every_pair_of_systems_is_covered():
    pairs = {(each.source, each.destination) for each in every()}

    assert {pair for pair in LEFT_OUT if pair[0].split("/")[0] in SYSTEMS} <= pairs
    assert len(pairs) == len(every()) > 100
    assert all(source.split("/")[0] != destination.split("/")[0] for source, destination in pairs)


def test_every_writable_field_is_filled_or_has_its_reason():
    for each in every():
        slug, name = each.destination.split("/")
        paths = [f.path for f in each.filled] + [left.field.path for left in each.left]
        fields = CATALOGUE.get(slug).fields(name)
        wanted = {f.path for f in fields if f.writable and (f.required or f.type not in ("object", "array"))}

        assert len(paths) == len(set(paths))
        assert wanted <= set(paths), each.destination
        assert all(left.reason for left in each.left)


def test_no_required_field_of_any_pair_is_left_without_being_told():
    for each in every():
        slug, name = each.destination.split("/")
        required = {f.path for f in CATALOGUE.get(slug).fields(name) if f.required and f.writable}

        told = {f.path for f in each.required_filled} | {left.field.path for left in each.required_left}
        assert told == required, f"{each.source} -> {each.destination}"


@pytest.mark.parametrize(
    ("source", "destination", "path", "why", "words"),
    [
        ("woocommerce/stock", "shopify/stock", "location.name", Why.OPTION, "default_location"),
        ("peoplevox/orders", "woocommerce/orders", "status", Why.WORDS, "processing"),
        ("odoo/orders", "woocommerce/orders", "line_items[*].variation_id", Why.OTHER_ID, "lookup"),
        ("peoplevox/orders", "shopify/orders", "note", Why.NO_MEANING, "'Note'"),
        ("peoplevox/products", "shopify/products", "variants[*].sku", Why.NO_LIST, "variants"),
        ("odoo/orders", "shopify/orders", "taxesIncluded", Why.WRITE_ONLY, "does not give"),
        ("shopify/products", "woocommerce/products", "backorders", Why.CHOICE, "no, notify, yes"),
        ("woocommerce/orders", "shopify/orders", "markAsPaid", Why.CHOICE, "yes or no"),
        ("shopify/products", "peoplevox/products", "ReorderPoint", Why.PECULIAR, "peculiar"),
    ],
)
def test_the_reason_is_what_the_two_field_lists_say(source, destination, path, why, words):
    (found,) = (each for each in every() if (each.source, each.destination) == (source, destination))
    (left,) = (left for left in found.left if left.field.path == path)

    assert left.why == why
    assert words in left.reason


def test_options_that_fields_name_are_options_of_the_destination():
    named = 0
    for entry, entity in ENTITIES:
        options = {option.name for option in entity.write.options} if entity.write else set()
        for field in entry.fields(entity.name):
            if field.option:
                named += 1
                assert field.option in options, f"{entry.slug}/{entity.name}: {field.path}"
    assert named > 5


def test_what_choices_mean_is_said_in_the_words_of_the_taxonomy():
    told = 0
    for entry, entity in ENTITIES:
        for field in entry.fields(entity.name):
            if field.means:
                told += 1
                assert entity.taxonomy in entities()
                term = taxonomy(entity.taxonomy).terms[field.tag]
                assert {meaning for _, meaning in field.means} <= set(term.choices), f"{entry.slug}: {field.path}"
    assert told > 3


def test_every_row_of_a_default_mapping_has_a_heading():
    for source, read in ENTITIES:
        for destination, write in ENTITIES:
            if read.read and write.write and read.taxonomy == write.taxonomy in entities():
                have, wanted = source.fields(read.name), destination.fields(write.name)
                for row in default_mapping(have, wanted, write.taxonomy):
                    assert row.category, f"{source.slug} -> {destination.slug}: {row.to}"
                    assert row.name
                    assert row.locked == ("destination" if row.required else "")
