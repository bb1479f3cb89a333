"""Paths of a service in any notation, stored in one; elements of lists by name, read and written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.mapping_support import ENV, mapped

from topstitch.engine.mapping import compile_mapping
from topstitch.engine.mapping.paths import Notation, canonical_row, canonical_rows, canonical_service, tops_of
from topstitch.engine.spec import MappingRow, Service
from topstitch.errors import ConfigError
from topstitch.sdk.fields import element_path, parse_field
from topstitch.sdk.file import system_from_data
from topstitch.values.paths import canonical


def fields(**lines):
    return tuple(parse_field(path.replace("__", "."), line) for path, line in lines.items())


METAFIELDS = {"type": "array", "names": ["namespace", "key"], "defaults": {"type": "single_line_text_field"}}
SHOP = tuple(
    parse_field(path, line)
    for path, line in {
        "title": {},
        "metafields[*]": METAFIELDS,
        "metafields[*].value": {"type": "any"},
        "metafields[*].type": {},
        "variants[*]": {"type": "array"},
        "variants[*].sku": {},
        "variants[*].price": {"type": "money"},
        "variants[*].metafields[*]": METAFIELDS,
    }.items()
)
ERP = tuple(
    parse_field(path, line)
    for path, line in {
        "tranId": {},
        "customFieldList.customField[*]": {"type": "array", "names": ["scriptId"], "short": "customFieldList"},
        "customFieldList.customField[*].internalId": {"type": "id"},
        "itemList[*].customFieldList.customField[*]": {
            "type": "array",
            "names": ["scriptId"],
            "short": "itemList[*].customFieldList",
        },
    }.items()
)
shop, erp = Notation(tops_of("products"), SHOP), Notation(tops_of("sales_orders"), ERP)
CARE = "metafields[namespace=custom,key=care]"


@pytest.mark.parametrize(
    ("notation", "path", "stored"),
    [
        (shop, "metafields.custom.care", f"{CARE}.value"),
        (shop, "products.0.metafields.custom.care", f"{CARE}.value"),
        (shop, f"{CARE}.value", f"{CARE}.value"),
        (shop, "metafields.custom.care.value", f"{CARE}.value"),
        (shop, "metafields.custom.care.type", f"{CARE}.type"),
        (shop, "metafields.custom.care.unit", f"{CARE}.value.unit"),
        (shop, "metafields.Custom.Care", "metafields[namespace=Custom,key=Care].value"),
        (shop, 'metafields.custom["a.b]"]', 'metafields[namespace=custom,key="a.b]"].value'),
        (shop, "metafields.custom.12", "metafields[namespace=custom,key=12].value"),
        (shop, "products.0.metafields.custom.12", "metafields[namespace=custom,key=12].value"),
        (shop, "metafields", "metafields"),
        (shop, "metafields[0].value", "metafields[0].value"),
        (shop, "products.0.metafields.0.value", "metafields[*].value"),
        (shop, "variants[*].metafields.custom.care", f"variants[*].{CARE}.value"),
        (shop, "products.0.variants.0.metafields.custom.care", f"variants[*].{CARE}.value"),
        (shop, "variants[2].metafields.custom.care", f"variants[2].{CARE}.value"),
        (shop, "product.0.title", "title"),
        (shop, "variants[*].@number", "variants[*].@number"),
        (shop, "@value", "@value"),
        (erp, "customFieldList.cseg_type", "customFieldList.customField[scriptId=cseg_type].value"),
        (erp, "customFieldList.cseg_type.name", "customFieldList.customField[scriptId=cseg_type].value.name"),
        (erp, "customFieldList.cseg_type.internalId", "customFieldList.customField[scriptId=cseg_type].internalId"),
        (erp, "customFieldList.customField[*].scriptId", "customFieldList.customField[*].scriptId"),
        (
            erp,
            "salesorders.0.itemList.0.customFieldList.custcol_x",
            "itemList[*].customFieldList.customField[scriptId=custcol_x].value",
        ),
    ],
)
def test_a_path_is_stored_in_one_form_however_it_is_written(notation, path, stored):
    assert notation(path) == stored
    assert notation(stored) == stored


@pytest.mark.parametrize(
    "path", ["metafields.custom", "products.0.metafields.custom.0", "variants[*].metafields.custom"]
)
def test_a_name_that_lacks_a_part_is_told_with_what_to_write(path):
    with pytest.raises(ConfigError, match=r"<namespace>\.<key>"):
        shop(path)


@pytest.mark.parametrize(
    ("name", "tops"),
    [
        ("orders", ["orders", "order"]),
        ("sales_orders", ["sales_orders", "salesorder", "salesorders"]),
        ("categories", ["category", "categories"]),
        ("fulfilments", ["fulfilment", "fulfillments", "fulfillment"]),
    ],
)
def test_the_top_of_a_path_is_the_entity_in_either_number_and_spelling(name, tops):
    assert set(tops) <= tops_of(name)


def test_a_field_called_as_the_record_is_read_as_a_field():
    notation = Notation(tops_of("products"), fields(products={"type": "array"}))
    assert notation("products[0].sku") == "products[0].sku"
    assert notation("products.0.products.0.sku") == "products[*].sku"
    assert notation("products.name") == "products.name"


PRODUCT = {
    "care": "Wash cold",
    "fit": "",
    "weight": 600,
    "variants": [{"sku": "A", "note": "new"}, {"sku": "B", "note": None}],
}


def written(*rows):
    """Rows as a person writes them, to what they write."""
    plain = canonical_rows(
        [MappingRow.model_validate(row) for row in rows], Notation((), ()), shop, place=lambda *parts: ""
    )
    return compile_mapping(plain, ENV, SHOP)(PRODUCT)


def test_each_metafield_written_is_one_element_with_its_name_value_and_type():
    assert written(
        {"to": "metafields.custom.care", "from": "care"},
        {"to": "metafields.custom.fit", "from": "gone"},
        {"to": "metafields.specs.weight", "from": "weight"},
        {"to": "metafields.specs.weight.type", "value": "number_integer"},
    ) == {
        "metafields": [
            {"type": "single_line_text_field", "namespace": "custom", "key": "care", "value": "Wash cold"},
            {"type": "number_integer", "namespace": "specs", "key": "weight", "value": 600},
        ]
    }


def test_metafields_of_variants_are_written_into_each():
    assert written(
        {"to": "variants[*].sku", "from": "variants[*].sku"},
        {"to": "products.0.variants.0.metafields.custom.note", "from": "variants[*].note"},
    )["variants"] == [
        {
            "sku": "A",
            "metafields": [
                {"type": "single_line_text_field", "namespace": "custom", "key": "note", "value": "new"},
            ],
        },
        {"sku": "B"},
    ]


def test_a_field_of_one_element_is_written_as_that_of_each_is():
    assert mapped({"price": 5}, {"to": "variants[0].price", "from": "price"}, fields=SHOP) == {
        "variants": [{"price": "5"}]
    }


def test_metafields_are_read_by_name_the_first_of_two():
    record = {"metafields": [{"namespace": "custom", "key": "care", "value": v} for v in ("first", "second")]}
    row = {"to": "note", "from": shop("metafields.custom.care")}
    assert mapped(record, row) == {"note": "first"}
    assert mapped({"metafields": []}, row) == mapped({"metafields": None}, row) == mapped({}, row) == {}
    assert mapped(record, {"to": "note", "from": shop("metafields.custom.Care")}) == {}


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)


@given(NAMES, NAMES, st.integers())
def test_any_name_can_be_written_and_read_again(namespace, key, value):
    path = shop(element_path("metafields", namespace, key))
    assert shop(path) == path
    out = compile_mapping([MappingRow(to=path, value=value)], ENV, SHOP)({})
    assert out["metafields"][0]["namespace"] == namespace and out["metafields"][0]["key"] == key
    assert mapped(out, {"to": "back", "from": path}) == {"back": value}


ENTRY = system_from_data(
    {
        "slug": "acme",
        "name": "Acme",
        "base": "http://acme.example",
        "test": "/",
        "entities": {
            "orders": {
                "read": {"path": "/o", "records": "orders"},
                "fields": {"lines[*].sku": {}, "extra[*]": {"type": "array", "names": ["key"]}},
            }
        },
    }
)


def service(**parts):
    end = {"connector": "a", "entity": "orders"}
    source = {**end, **parts.pop("source", {})}
    return Service.model_validate({"source": source, "destination": end, **parts})


def stored(spec):
    return canonical_service(spec, ENTRY, ENTRY, place=lambda *parts: ".".join(map(str, parts)))


def test_every_path_of_a_service_is_stored_in_one_form():
    spec = stored(
        service(
            source={
                "key": "orders.0.id",
                "reference": "order.0.extra.ref",
                "filters": [{"field": "orders.0.state", "op": "is_empty"}],
            },
            mapping=[
                {
                    "to": "orders.0.lines.0.code",
                    "from": [{"path": "orders.0.lines.0.sku", "do": [{"function": "x", "inputs": ["orders.0.a"]}]}],
                    "do": [{"function": "x", "inputs": ["@value", "orders.0.b.1"]}],
                    "when": [{"field": "orders.0.lines.0.qty", "op": "greater", "value": 0}],
                }
            ],
        )
    )
    row = spec.mapping[0]
    assert (spec.source.key, spec.source.reference, spec.source.filters[0].field) == (
        "id",
        "extra[key=ref].value",
        "state",
    )
    assert (row.to, row.sources[0].path, row.when[0].field) == ("lines[*].code", "lines[*].sku", "lines[*].qty")
    assert (row.sources[0].do[0].inputs, row.do[0].inputs) == (["a"], ["@value", "b[1]"])
    assert stored(spec) is spec


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        ({"source": {"key": "orders.0"}}, "source.key"),
        ({"source": {"filters": [{"field": "a[", "op": "is_empty"}]}}, "source.filters.0"),
        ({"mapping": [{"to": "a", "from": "b"}, {"to": "c..d", "from": "b"}]}, "mapping.1"),
        ({"mapping": [{"to": "a", "from": "orders.7.b"}]}, "mapping.0"),
    ],
)
def test_a_path_that_cannot_be_read_is_told_where_it_stands(parts, place):
    with pytest.raises(ConfigError) as caught:
        stored(service(**parts))
    assert caught.value.place == place


@given(st.text(st.characters(exclude_categories=[]), max_size=60))
def test_any_text_becomes_a_path_that_stays_as_it_is_or_a_clear_error(text):
    for path in (text, f"products.0.{text}", f"metafields.{text}", f"customFieldList.{text}"):
        for notation in (shop, erp):
            try:
                made = notation(path)
            except ConfigError:
                continue
            if not made.startswith("@"):
                assert notation(made) == made == canonical(made)
                made.encode()


def test_fields_that_a_function_names_are_written_in_the_canonical_form_too():
    branch = {
        "other.if": {"op": "is_empty", "field": "orders.0.lines.0.sku", "then": "field", "then_field": "orders.0.id"}
    }
    row = MappingRow.model_validate({"to": "a", "from": "id", "do": [branch]})
    args = canonical_row(row, Notation({"orders"}, ()), Notation((), ())).do[0].args
    assert (args["field"], args["then_field"]) == ("lines[*].sku", "id")
