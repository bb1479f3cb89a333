"""One file for each record: names, contents, what happens to files that are there, and lost answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from topstitch.sdk import AnswerLost, ConfigError, Idempotency, Outcome, TemporaryError
from topstitch.sdk.files import CapturedRequest
from topstitch.systems.sftp.connect import files

ORDER = {
    "order_number": "SO-1",
    "email": "zoë@example.com",
    "currency": "GBP",
    "lines": [{"sku": "0042", "quantity": 2, "unit_price": "4.00"}, {"sku": "B", "quantity": 1}],
}
MORNING = datetime(2024, 5, 3, 23, 30, 0, tzinfo=UTC)


def outcomes(verdicts):
    return [verdict.outcome for verdict in verdicts]


def test_an_order_becomes_a_file_with_a_row_for_each_line(shop):
    (verdict,) = shop.push([ORDER], folder="/inbound/orders")

    assert (verdict.outcome, verdict.remote_id) == (Outcome.SENT, "inbound/orders/orders_SO-1.csv")
    assert shop.text("inbound/orders/orders_SO-1.csv") == (
        "order_number,email,currency,sku,quantity,unit_price\r\n"
        "SO-1,zoë@example.com,GBP,0042,2,4.00\r\n"
        "SO-1,zoë@example.com,GBP,B,1,\r\n"
    )


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"format": "jsonl"}, '{"sku":"A","note":"a;b"}\n'),
        ({"format": "json"}, '[\n{"sku":"A","note":"a;b"}\n]\n'),
        (
            {"format": "xml"},
            '<?xml version="1.0" encoding="UTF-8"?>\n<stock>\n'
            "<stock_level><sku>A</sku><note>a;b</note></stock_level>\n</stock>\n",
        ),
        ({"delimiter": ";", "line_ending": "LF"}, 'sku;note\nA;"a;b"\n'),
        ({"quoting": "all", "header": False}, '"A","a;b"\r\n'),
        ({"columns": "note, extra, sku"}, "note,extra,sku\r\na;b,,A\r\n"),
    ],
)
def test_formats_and_dialects(shop, options, text):
    shop.push([{"sku": "A", "note": "a;b"}], "stock", file_name="x", **options)

    assert shop.text("x") == text


def test_what_was_read_can_be_written_and_read_again(shop):
    shop.push([ORDER], format="xml", folder="xml")
    (record,) = shop.records(format="xml", folder="xml")
    shop.push([record], format="csv", folder="csv")
    (again,) = shop.records(folder="csv")

    assert again["lines"] == [
        {"sku": "0042", "quantity": "2", "unit_price": "4.00"},
        {"sku": "B", "quantity": "1", "unit_price": ""},
    ]


# -- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("o_{order_number}_{timestamp:%Y%m%d%H%M%S}.csv", "o_SO-1_20240504003000.csv"),
        ("{entity}-{key}-{reference}-{id}.{format}", "orders-SO-1-SO-1-SO-1.csv"),
        ("{customer.code}/{order_number}.csv", "C 7/SO-1.csv"),
        ("{{ original_filename }}", "in.csv"),
        ("{original_filename}", "in.csv"),
    ],
)
def test_names_are_made_of_fields(connect, template, name):
    shop = connect(now=lambda: MORNING, zone="Europe/London")
    record = {**ORDER, "customer": {"code": "C 7"}, "original_filename": "in.csv"}

    (verdict,) = shop.push([record], format="jsonl", file_name=template.replace(".csv", ".csv"))

    expected = name.replace("orders-SO-1-SO-1-SO-1.csv", "orders-SO-1-SO-1-SO-1.jsonl")
    assert verdict.remote_id == expected


def test_values_cannot_leave_their_folder(shop):
    values = ["../../etc/x", "a/b", "a\\b", "a:b", "", "..", "ok"]
    verdicts = shop.push(
        [{"sku": value or "", "n": str(n)} for n, value in enumerate(values)], "stock", file_name="{sku}.csv"
    )

    assert outcomes(verdicts) == [
        Outcome.REJECTED,
        Outcome.SENT,
        Outcome.SENT,
        Outcome.SENT,
        Outcome.REJECTED,
        Outcome.REJECTED,
        Outcome.SENT,
    ]
    assert verdicts[0].error.field == "sku"
    names = shop.files()
    assert len(names) == 4 and "ok.csv" in names
    assert all(name.startswith(("a_b-", "ok")) for name in names)


@pytest.mark.parametrize("template", ["../{key}.csv", "a/../{key}", "{key", "{key}}"])
def test_a_template_that_is_none_is_a_setting_to_correct(shop, template):
    with pytest.raises(ConfigError, match="file name"):
        shop.push([ORDER], file_name=template)


def test_two_records_never_share_a_file_by_accident(shop):
    verdicts = shop.push([{"sku": "A"}, {"sku": "B"}], "stock", file_name="stock.csv")

    assert outcomes(verdicts) == [Outcome.SENT, Outcome.REJECTED]
    assert "another record of this run (A)" in verdicts[1].error.message
    assert shop.text("stock.csv") == "sku\r\nA\r\n"


# -- files that are there --------------------------------------------------------------------------------------------


def test_the_same_record_is_always_the_same_file(shop, connect):
    shop.push([ORDER])
    connect().push([{**ORDER, "currency": "EUR"}])

    assert shop.files() == ["orders_SO-1.csv"]
    assert "EUR" in shop.text("orders_SO-1.csv")


def test_an_existing_file_can_be_protected(shop):
    shop.put("orders_SO-1.csv", "theirs")

    verdicts = shop.push([ORDER, {**ORDER, "order_number": "SO-2"}], existing="fail")

    assert outcomes(verdicts) == [Outcome.REJECTED, Outcome.SENT]
    assert verdicts[0].error.key == "file_exists"
    assert shop.text("orders_SO-1.csv") == "theirs"


@pytest.mark.parametrize(
    ("form", "before"),
    [
        ("csv", "sku,quantity\nX,9\n"),
        ("json", '[{"sku": "X", "quantity": "9"}]'),
        ("jsonl", '{"sku": "X", "quantity": "9"}\n'),
        ("xml", "<stock><stock_level><sku>X</sku><quantity>9</quantity></stock_level></stock>"),
    ],
)
def test_records_are_added_to_a_file(shop, form, before):
    shop.put("stock", before)

    verdicts = shop.push(
        [{"sku": "A", "quantity": "1"}, {"sku": "B", "note": "new"}],
        "stock",
        format=form,
        file_name="stock",
        existing="append",
    )

    assert outcomes(verdicts) == [Outcome.SENT, Outcome.SENT]
    found = shop.records("stock", format=form)
    assert [(r["sku"], r.get("quantity") or None) for r in found] == [("X", "9"), ("A", "1"), ("B", None)]


def test_a_file_that_holds_something_else_is_not_spoilt(shop):
    shop.put("stock.csv", "sku,quantity\nX,9,7,5\n")

    (verdict,) = shop.push([{"sku": "A"}], "stock", file_name="stock.csv", existing="append")

    assert verdict.outcome is Outcome.REJECTED
    assert shop.text("stock.csv") == "sku,quantity\nX,9,7,5\n"


def test_missing_folders_are_made_only_where_wished(shop):
    (refused,) = shop.push([ORDER], folder="new", create_folders=False)
    (sent,) = shop.push([ORDER], folder="new")

    assert (refused.outcome, refused.error.key) == (Outcome.REJECTED, "no_such_file")
    assert sent.outcome is Outcome.SENT


def test_modes_follow_the_visibility(connect):
    shop = connect(settings={"file_visibility": "private", "dir_visibility": "private"})
    shop.push([ORDER], folder="new")

    assert (shop.folder / "new").stat().st_mode & 0o777 == 0o700
    assert (shop.folder / "new/orders_SO-1.csv").stat().st_mode & 0o777 == 0o600


# -- what goes wrong -------------------------------------------------------------------------------------------------


def test_a_record_that_does_not_fit_the_format_is_refused_alone(shop):
    verdicts = shop.push([{"sku": "A", "deep": {"x": 1}}, {"sku": "B"}], "stock")

    assert outcomes(verdicts) == [Outcome.REJECTED, Outcome.SENT]
    assert "'deep'" in verdicts[0].error.message
    assert shop.files() == ["stock_B.csv"]


def test_an_outage_is_tried_once_for_a_whole_batch(shop, monkeypatch):
    tried = []

    def gone(path, data, *, overwrite=True):
        tried.append(path)
        raise TemporaryError("gone")

    monkeypatch.setattr(files(shop.conn), "put", gone)

    verdicts = shop.push([{"sku": "A"}, {"sku": "B"}, {"sku": "C"}], "stock")

    assert outcomes(verdicts) == [Outcome.LATER] * 3
    assert len(tried) == 1


def lose_answer(server, monkeypatch):
    """The next file is put, and the connection breaks before the server says so."""
    original = server._publish

    def publish(session, temporary, path):
        original(session, temporary, path)
        server._publish = original
        raise ConnectionResetError("gone")

    server._publish = publish


@pytest.mark.parametrize("name", ["{order_number}.csv", "{order_number}_{timestamp:%H%M%S%f}.csv"])
def test_a_lost_answer_is_settled_by_looking(shop, monkeypatch, name):
    lose_answer(files(shop.conn), monkeypatch)

    (verdict,) = shop.push([ORDER], file_name=name)
    assert (verdict.outcome, type(verdict.error)) == (Outcome.UNKNOWN, AnswerLost)
    found = shop.find([ORDER, {**ORDER, "order_number": "SO-2"}, {**ORDER, "currency": "EUR"}], file_name=name)

    assert found == [shop.files()[0], None, None]
    assert shop.entity().write.idempotency is Idempotency.LOOKUP


def test_a_lost_answer_is_settled_in_a_file_that_is_added_to(shop):
    options = {"file_name": "all.csv", "existing": "append"}
    shop.push([{"sku": "A", "quantity": 1}, {"sku": "B", "quantity": 2, "note": "x"}], "stock", **options)

    found = shop.find([{"sku": "A", "quantity": 1}, {"sku": "A", "quantity": 3}], "stock", **options)

    assert found == ["all.csv", None]


def test_nothing_is_found_where_there_is_no_folder(shop):
    assert shop.find([ORDER], folder="none", file_name="{key}_{timestamp}.csv") == [None]
    assert shop.find([ORDER], folder="none") == [None]


def test_a_dry_run_shows_the_file_and_writes_none(connect):
    shop = connect(dry=True)

    with pytest.raises(CapturedRequest) as caught:
        shop.push([ORDER], folder="inbound")

    assert caught.value.request.url.endswith("/inbound/orders_SO-1.csv")
    assert "SO-1,zoë@example.com" in caught.value.request.body
    assert shop.files() == []


def test_fields_of_a_sample_are_offered(shop):
    fields = shop.entity().write.live_fields

    def live(**options):
        return list(fields(shop.conn, shop.options(**options)))

    assert live(sample="order_number,sku,gift\n") == ["order_number", "lines[*].sku", "gift"]
    assert live(sample="order_number,sku,gift\nSO-1,A,no\n") == ["order_number", "gift", "lines[*].sku"]
    assert live(sample=json.dumps({"a": {"b": 1}, "lines": [{"c": "x"}]}), format="json") == ["a.b", "lines[*].c"]
    assert live(columns="order_number, sku") == ["order_number", "lines[*].sku"]
    assert "shipping_city" in live()
