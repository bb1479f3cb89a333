"""What is written reads back the same, whatever the values."""

from __future__ import annotations

import io
import string
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from topstitch.formats import CsvFormat, FixedFormat, JsonFormat, Row, XmlFormat, flatten, group_lines
from topstitch.formats.xml_names import is_plural, singular

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NAMES = st.text(string.ascii_letters + " .é", min_size=1, max_size=6).filter(lambda name: name == name.strip(" "))
PROFILE = settings(max_examples=120, deadline=None)


def back(made, records):
    """Write and read again, in chunks as small as a network may give."""
    stream = io.BytesIO()
    assert made.write(records, stream) == len(records)
    rows = list(made.read(io.BytesIO(stream.getvalue())))
    assert all(isinstance(row, Row) for row in rows), rows
    return [row.record for row in rows]


@st.composite
def tables(draw, text=TEXT):
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    return draw(st.lists(st.fixed_dictionaries(dict.fromkeys(names, text)), min_size=1, max_size=5))


@PROFILE
@given(
    tables(),
    st.sampled_from([",", ";", "\t", "|", " "]),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.sampled_from(["minimal", "all"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be"]),
)
def test_csv(records, delimiter, line_ending, quoting, encoding):
    made = CsvFormat(delimiter=delimiter, line_ending=line_ending, quoting=quoting, encoding=encoding)

    assert back(made, records) == records


@PROFILE
@given(tables(st.text(string.ascii_letters + "é 0.", max_size=8)))
def test_csv_in_an_old_encoding_without_quotes(records):
    made = CsvFormat(encoding="cp1252", quoting="none", delimiter="|")
    records = [{**record, "last": "x"} for record in records]

    assert back(made, records) == records


FINITE = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | FINITE | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(TEXT, JSON, max_size=4), max_size=4)


@PROFILE
@given(OBJECTS, st.sampled_from(["", "data", "data.orders", '["a.b"].c']), st.sampled_from(["utf-8", "utf-16"]))
def test_json(records, path, encoding):
    assert back(JsonFormat(record_path=path, encoding=encoding), records) == records


@PROFILE
@given(OBJECTS)
def test_json_lines(records):
    assert back(JsonFormat(lines=True), records) == records


@PROFILE
@given(st.decimals(-(10**20), 10**20, allow_nan=False, places=10))
def test_json_decimals_keep_every_digit(number):
    assert back(JsonFormat(decimals=True), [{"a": [number]}]) == [{"a": [number]}]
    assert isinstance(back(JsonFormat(decimals=True), [{"a": Decimal("1.50")}])[0]["a"], Decimal)


# XML has no null, no whitespace-only text, no lists in lists; a list of one needs a plural name or a setting.
XML_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff") | st.sampled_from("\n\t\r<>&\"'"),
    max_size=10,
).filter(lambda text: not text.isspace())
ONE_NAMES = st.text(string.ascii_lowercase + "_é", min_size=1, max_size=5).filter(lambda name: not singular(name))
MANY_NAMES = st.sampled_from(["lines", "addresses", "Categories", "SKUS", "boxes", "prices"])
XML = st.recursive(
    XML_TEXT,
    lambda inner: (
        st.dictionaries(ONE_NAMES, inner, min_size=1, max_size=3)
        | st.fixed_dictionaries({"@id": XML_TEXT, "#text": XML_TEXT.filter(bool)})
        | st.dictionaries(MANY_NAMES, st.lists(inner, min_size=1, max_size=3), min_size=1, max_size=2)
        | st.dictionaries(ONE_NAMES, st.lists(inner, min_size=2, max_size=3), min_size=1, max_size=2)
    ),
    max_leaves=8,
)


@PROFILE
@given(st.lists(st.dictionaries(ONE_NAMES, XML, max_size=3), max_size=4), st.sampled_from(["", "utf-16", "cp1252"]))
def test_xml(records, encoding):
    made = XmlFormat(record_path="data/orders/order", encoding=encoding)

    if encoding == "cp1252":
        records = [record for record in records if str(record).isascii()]
    assert back(made, records) == records


@given(st.lists(st.lists(XML_TEXT, max_size=2), max_size=3))
def test_xml_lists_of_any_length_with_a_setting(lists):
    made = XmlFormat(record_path="a/b", list_elements=("Rows/Item",))
    records = [{"Rows": one} for one in lists]

    assert back(made, records) == records


@given(st.text(string.ascii_letters, min_size=1))
def test_the_singular_of_a_name_is_one_it_is_the_plural_of(name):
    assert not singular(name) or is_plural(name, singular(name))


FIELDS = (("a", 1, 8), ("b", 10, 8, "right"), ("c", 18, 3))


@PROFILE
@given(
    st.lists(
        st.fixed_dictionaries({"a": st.just("x"), "b": XML_TEXT, "c": XML_TEXT}).map(
            lambda record: {name: "".join(text.split())[:3] for name, text in record.items()}
        ),
        max_size=4,
    ),
    st.sampled_from(["\r\n", "\n", "\r"]),
)
def test_fixed_width(records, line_ending):
    assert back(FixedFormat(fields=FIELDS, line_ending=line_ending), records) == records


@given(st.dictionaries(st.sampled_from(["SO-1", "SO-2", "SO-3"]), st.lists(TEXT, min_size=1, max_size=3)))
def test_flat_and_grouped(orders):
    records = [{"number": key, "lines": [{"sku": sku} for sku in skus]} for key, skus in orders.items()]
    flat = [Row(row, "line 1") for record in records for row in flatten(record)]

    assert [row.record for row in group_lines(flat, ["number"], ["sku"])] == records
