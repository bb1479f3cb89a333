"""Metafields and meta data by name between practice shops: pulled, mapped and pushed over real sockets."""

from __future__ import annotations

import pytest

from topstitch.engine.environment import FrozenEnvironment
from topstitch.engine.mapping import compile_mapping
from topstitch.engine.mapping.path_check import check_paths
from topstitch.engine.mapping.paths import Notation, canonical_rows
from topstitch.engine.spec import MappingRow
from topstitch.sdk import CATALOGUE, Outgoing, Query

ROWS = {
    "woocommerce": [
        {"to": "products.0.name", "from": "products.0.title"},
        {"to": "sku", "from": "variants[0].sku"},
        {"to": "meta_data._colour", "from": "metafields.custom.colour"},
        {"to": "products.0.meta_data._weight", "from": "products.0.metafields.custom.weight_g"},
    ],
    "shopify": [
        {"to": "title", "from": "title"},
        {"to": "handle", "value": "copied-by-name"},
        {"to": "metafields.custom.shade", "from": "metafields.custom.colour"},
        {"to": "metafields.custom.weight_g", "value": 250},
        {"to": "metafields.custom.places", "value": 2},
        {"to": "metafields.custom.places.type", "value": "number_integer"},
        {"to": "variants[*].sku", "from": "variants[*].sku", "do": [{"string.prefix": {"text": "COPY-"}}]},
        {"to": "products.0.variants.0.metafields.custom.made_in", "value": "Wales"},
    ],
}


def product_with_colour(conn):
    """The first product of the shop that has the metafield."""
    read = conn.entry.entity("products").read
    options = {option.name: option.default for option in read.options}
    for page in read.pages(conn, Query(page_size=25, options=options), None):
        for record in page.records:
            if any(field["key"] == "colour" for field in record["metafields"]):
                return record
    return pytest.fail("no product has a colour")


def push(practices, destination, record, **options):
    """The record through the rows of a destination, pushed there; its id."""
    source, entry = CATALOGUE.get("shopify"), CATALOGUE.get(destination)
    ends = Notation.of(source, "products"), Notation.of(entry, "products")
    given = [MappingRow.model_validate(row) for row in ROWS[destination]]
    rows = canonical_rows(given, *ends, place=lambda *parts: "")
    fields = entry.fields("products")
    assert check_paths(rows, source.fields("products"), fields, [record]) == []
    out = Outgoing(key="1", record=compile_mapping(rows, FrozenEnvironment(), fields)(record), idempotency_key="1")
    write = entry.entity("products").write
    defaults = {option.name: option.default for option in write.options}
    (verdict,) = write.push(practices.connect(destination), [out], {**defaults, **options})
    assert verdict.error is None
    return verdict.remote_id


def test_metafields_become_meta_data(practices):
    record = product_with_colour(practices.connect("shopify"))
    colour = next(field["value"] for field in record["metafields"] if field["key"] == "colour")
    made = practices.store("woocommerce").get("products", push(practices, "woocommerce", record))
    assert {"_colour": colour}.items() <= {meta["key"]: meta["value"] for meta in made["meta_data"]}.items()


def test_metafields_are_written_with_the_type_that_is_mapped_else_defined_else_a_line_of_text(practices):
    record = product_with_colour(practices.connect("shopify"))
    store = practices.store("shopify")
    product = push(practices, "shopify", record, default_location="London warehouse")
    written = [field for field in store.all("Metafield") if field["_owner"] == product]
    assert {field["key"]: field["type"] for field in written} == {
        "shade": "single_line_text_field",
        "weight_g": "number_integer",
        "places": "number_integer",
    }
    variants = [variant["id"] for variant in store.all("ProductVariant") if variant["_product"] == product]
    assert len(variants) == len(record["variants"])
    found = {field["_owner"]: field["value"] for field in store.all("Metafield") if field["key"] == "made_in"}
    assert found == dict.fromkeys(variants, "Wales")
