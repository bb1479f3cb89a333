from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import pytest

from topstitch.errors import ConfigError, FormatError, LimitExceeded
from topstitch.formats import BadRow, Row, XmlFormat

FIXTURES = Path(__file__).parent / "fixtures"
ORDERS = XmlFormat(record_path="orders/order")


def records(rows):
    return [row.record for row in rows if isinstance(row, Row)]


def one(read_bytes, inner, **settings):
    (row,) = read_bytes(
        XmlFormat(record_path="orders/order", **settings), f"<orders><order>{inner}</order></orders>".encode()
    )
    return row.record


def test_elements_become_records(read_file):
    rows = read_file(ORDERS, "orders.xml")

    assert rows[0] == Row(
        {
            "@id": "7",
            "order_number": "SO-9001",
            "note": "",
            "total": {"@currency": "GBP", "#text": "24.98"},
            "lines": [{"sku": "0012", "quantity": "2"}],
            "street": ["1 Mill Lane", "Leeds"],
        },
        "record 1, line 3",
    )
    assert rows[1] == Row({"@id": "8", "order_number": "SO-9002"}, "record 2, line 12")


@pytest.mark.parametrize(
    ("inner", "record"),
    [
        ("<a>1</a>", {"a": "1"}),
        ("<a> 1 </a>", {"a": " 1 "}),
        ("<a/>", {"a": ""}),
        ("<a>\n </a>", {"a": ""}),
        ('<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>', {"a": None}),
        ("<a><b>1</b><c>2</c></a>", {"a": {"b": "1", "c": "2"}}),
        ("<a><b>1</b><b>2</b></a>", {"a": {"b": ["1", "2"]}}),
        ("<a>1</a><b/><a>2</a>", {"a": ["1", "2"], "b": ""}),
        ("<lines><line>1</line></lines>", {"lines": ["1"]}),
        ("<lines><line>1</line><line>2</line></lines>", {"lines": ["1", "2"]}),
        ('<lines n="1"><line>1</line></lines>', {"lines": {"@n": "1", "line": ["1"]}}),
        ("<lines><line>1</line><total>2</total></lines>", {"lines": {"line": ["1"], "total": "2"}}),
        ("<Addresses><Address><x/></Address></Addresses>", {"Addresses": [{"x": ""}]}),
        ("<categories><category>x</category></categories>", {"categories": ["x"]}),
        ("<address><street>x</street></address>", {"address": {"street": "x"}}),
        ("<a>x<b>1</b>y</a>", {"a": {"b": "1", "#text": "xy"}}),
        ("<a><![CDATA[1 < 2]]></a>", {"a": "1 < 2"}),
        ("<a>1<!-- not this -->2</a>", {"a": "12"}),
        ("just text", {"#text": "just text"}),
        ("", {}),
    ],
)
def test_the_rules_of_elements(read_bytes, inner, record):
    assert one(read_bytes, inner) == record


def test_list_elements_settle_what_names_do_not_tell(read_bytes):
    inner = "<Rows><Item>1</Item></Rows><Empty/><street>x</street>"

    assert one(read_bytes, inner, list_elements=["Rows/Item", "Empty/Thing", "street"]) == {
        "Rows": ["1"],
        "Empty": [],
        "street": ["x"],
    }


def test_a_single_name_takes_the_file_as_one_record(read_bytes):
    assert records(read_bytes(XmlFormat(record_path="order"), b"<order><a>1</a></order>")) == [{"a": "1"}]


def test_a_star_stands_for_any_one_element(read_bytes):
    data = b"<x><shop1><order><n>1</n></order></shop1><shop2><order><n>2</n></order></shop2><order><n>3</n></order></x>"

    assert records(read_bytes(XmlFormat(record_path="x/*/order"), data)) == [{"n": "1"}, {"n": "2"}]


def test_an_element_of_the_same_name_elsewhere_is_no_record(read_bytes):
    data = b"<orders><order><order>inner</order></order><x><order/></x></orders>"

    assert records(read_bytes(ORDERS, data)) == [{"order": "inner"}]


def test_prefixes_are_dropped_or_kept(read_file):
    path = "rss/channel/item"

    assert records(read_file(XmlFormat(record_path=path), "google_feed.xml"))[0] == {"id": "A-1", "price": "4.00 GBP"}
    kept = records(read_file(XmlFormat(record_path=path, strip_namespaces=False), "google_feed.xml"))
    assert kept == [{"g:id": "A-1", "g:price": "4.00 GBP"}, {"g:id": "A-2"}]


def test_the_declared_encoding_counts_unless_one_is_set(read_file):
    assert records(read_file(ORDERS, "declared_windows_1252.xml")) == [{"name": "Zoë"}]
    right = XmlFormat(record_path="orders/order", encoding="cp1252")
    assert records(read_file(right, "wrong_encoding_cp1252.xml")) == [{"name": "Zoë"}]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("half_file.xml", r"line 3, column \d+: this is no XML"),
        ("tags_crossed.xml", r"line 3, column \d+: this is no XML: Opening and ending tag mismatch"),
        ("file_from_dtd.xml", "the file has a DTD, which is not accepted"),
        ("entities_that_explode.xml", "the file has a DTD, which is not accepted"),
        ("entity_unknown.xml", r"line 2, column \d+: this is no XML: Entity 'nbsp' not defined"),
        ("other_root.xml", "the root element is 'Orders'; the record path begins with 'orders'"),
        ("other_record_name.xml", "there is no orders/order; in its place there is Order"),
        ("wrong_encoding_cp1252.xml", r"line 2, column \d+: this is no XML: "),
        ("good.csv", "this is no XML: Start tag expected"),
    ],
)
def test_broken_files_are_refused_with_the_place(read_file, name, message):
    with pytest.raises(FormatError, match=message):
        read_file(ORDERS, name)


@pytest.mark.parametrize(("name", "count"), [("half_file.xml", 1), ("tags_crossed.xml", 1), ("entity_unknown.xml", 1)])
def test_records_before_the_break_are_yielded_first(read_file, name, count):
    rows = []
    with pytest.raises(FormatError), (FIXTURES / name).open("rb") as stream:
        rows.extend(ORDERS.read(stream))

    assert len(rows) == count


@pytest.mark.parametrize("data", [b"", b"<orders/>", b"  \n<?xml version='1.0'?><orders>\n</orders>"])
def test_no_records(read_bytes, data):
    assert read_bytes(ORDERS, data) == []


def test_a_path_that_does_not_occur_is_refused(read_bytes):
    with pytest.raises(FormatError, match="the record path 'a/b/c' does not occur"):
        read_bytes(XmlFormat(record_path="a/b/c"), b"<a><x/></a>")


def test_a_record_nested_too_deep_is_bad_and_the_rest_goes_on(read_file):
    rows = read_file(ORDERS, "too_deep.xml")

    assert isinstance(rows[0], BadRow)
    assert isinstance(rows[0].error, LimitExceeded)
    assert records(rows) == [{"n": "2"}]


class Endless(io.RawIOBase):
    def __init__(self, start: bytes, again: bytes) -> None:
        self.start, self.again, self.given = start, again, 0

    def read(self, size: int = -1) -> bytes:
        part, self.start = self.start or self.again, b""
        self.given += len(part)
        return part


def test_a_record_without_end_is_refused_early():
    stream = Endless(b"<orders><order>", b"<a>1</a>" * 8192)

    with pytest.raises(LimitExceeded, match="line 1: the record that begins here is longer than 8,388,608 bytes"):
        list(ORDERS.read(stream))
    assert stream.given < 9_000_000


def test_a_comment_without_end_is_refused_early():
    stream = Endless(b"<!--", b"x" * 65536)

    with pytest.raises(FormatError):
        list(ORDERS.read(stream))
    assert stream.given < 2_000_000


def test_writing_is_the_inverse(written):
    record = {
        "@id": 7,
        "n": "SO-1",
        "none": None,
        "total": {"@currency": "GBP", "#text": Decimal("4.50")},
        "lines": [{"sku": "a<b"}, {"sku": "c"}],
        "street": ["x", "y"],
        "address": {"city": "Leeds & co"},
        "empties": [],
    }

    assert written(ORDERS, [record]).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<orders>\n'
        '<order id="7"><n>SO-1</n><none/><total currency="GBP">4.50</total>'
        "<lines><line><sku>a&lt;b</sku></line><line><sku>c</sku></line></lines>"
        "<street>x</street><street>y</street><address><city>Leeds &amp; co</city></address><empties/></order>\n"
        "</orders>\n"
    )


def test_writing_with_root_row_namespaces_and_prefixes(written):
    made = XmlFormat(
        record_path="*/*/item",
        root="rss/channel",
        row="item",
        namespaces={"": "urn:x", "g": "urn:g"},
        encoding="cp1252",
    )

    assert written(made, [{"g:id": "→é"}]) == (
        b'<?xml version="1.0" encoding="windows-1252"?>\n<rss xmlns="urn:x" xmlns:g="urn:g">\n<channel>\n'
        b"<item><g:id>&#8594;\xe9</g:id></item>\n</channel>\n</rss>\n"
    )


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"a": {"b": "x\x00"}}, "record 1, field 'a.b': the value is text with the character U+0000"),
        ({"a": ["x", "\x0b"]}, "record 1, field 'a[1]': the value is text with the character U+000B"),
        ({"unit price": 1}, "record 1, field 'unit price': the value is under the name 'unit price', which XML does"),
        (
            {"g:x": 1},
            "record 1, field 'g:x': the value is under the name 'g:x', which XML does not allow: the prefix 'g'",
        ),
        ({"a": [[1]]}, "record 1, field 'a[0]': the value is a list directly in a list"),
        ({"a": float("nan")}, "record 1, field 'a': the value is nan"),
        ({"a": {"@b": [1]}}, "record 1, field 'a.@b': the value is a list"),
    ],
)
def test_what_xml_cannot_hold_is_refused_with_its_path(written, record, message):
    with pytest.raises(FormatError) as caught:
        written(ORDERS, [record])

    assert str(caught.value).startswith(message)


def test_a_second_record_without_a_root_is_refused(written):
    made = XmlFormat(record_path="order")

    assert written(made, [{"a": 1}]).endswith(b"<order><a>1</a></order>\n")
    with pytest.raises(FormatError, match="record 2: the file holds one record"):
        written(made, [{}, {}])


@pytest.mark.parametrize(
    "settings",
    [
        {"record_path": ""},
        {"record_path": "a//b"},
        {"record_path": "a b"},
        {"record_path": "a", "row": "b/c"},
        {"record_path": "a", "encoding": "cp850"},
        {"record_path": "a", "namespaces": {"g": ""}},
        {"record_path": "a", "list_elements": "b"},
    ],
)
def test_wrong_settings_are_refused(settings):
    with pytest.raises(ConfigError, match="format setting"):
        XmlFormat(**settings)
