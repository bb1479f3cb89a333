"""What many failed records have in common."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.engine.cause import MAX_SENTENCE, cause_of, row_of, sentence
from topstitch.engine.ports import Problem


def problem(message="The SKU 'A' does not exist", field="sku", key="rejected", desk_class="value"):
    return Problem(key, desk_class, message, field)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("The SKU 'AB-1' does not exist", "The SKU '…' does not exist"),
        ('Product "Käse" has no price', 'Product "…" has no price'),
        ("order 1001 is cancelled, so it cannot be sent", "order … is cancelled, so it cannot be sent"),
        ("Unknown item TS-RED-42.", "Unknown item …."),
        ("no customer ada@example.com here", "no customer … here"),
        ("see https://shop.example/a?b=1 for more", "see … for more"),
        ("8f14e45f-ceea-467f-9b0e-1c2d3e4f5a6b is taken", "… is taken"),
        ("The shop answered HTTP 503", "The shop answered HTTP 503"),
        ("quantity -3 is below 0.5", "quantity -… is below …"),
        ("several of them (records 1, 2, 3 and 4)", "several of them (records …)"),
        ("the customer doesn't exist and won't", "the customer doesn't exist and won't"),
        ("it   is \n late", "it is late"),
        ("", ""),
    ],
)
def test_a_sentence_leaves_out_what_differs(message, said):
    assert sentence(message) == said


@pytest.mark.parametrize("end", ["1", "234", "5678 90"])
def test_records_that_fail_alike_have_one_cause(end):
    one = cause_of(7, problem("Stock of 'X1' is 4"))
    other = cause_of(7, problem(f"Stock of 'Y{end}' is {end.replace(' ', '')}"))
    assert one == other


def test_what_is_said_for_every_line_is_one_cause_however_many_lines_there_are():
    line = "#10{0}: Item type 'FF-{0}' was not found"
    lines = [" ".join(line.format(n) for n in range(1, 1 + many)) for many in (1, 2, 5, 200)]
    said = {sentence(f"#1001 lacks FF-1: Peoplevox: {each}"[:2000]) for each in lines}
    assert said == {"… lacks …: Peoplevox: …: Item type '…' was not found"}
    assert sentence("a: no stock, b: no stock, b: no stock.") == "a: no stock, b: no stock."
    assert sentence("no stock of A and no price of B") == "no stock of A and no price of B"


def test_service_place_class_key_and_sentence_tell_causes_apart():
    ids = {
        cause_of(service, problem(message, field, key, desk_class)).id
        for service in (1, 2)
        for message in ("is missing", "is wrong")
        for field in ("sku", "email")
        for key in ("a", "b")
        for desk_class in ("value", "missing")
    }
    assert len(ids) == 32


def test_kin_is_the_same_in_all_services():
    one, other = cause_of(1, problem()), cause_of(2, problem())
    assert one.kin == other.kin
    assert one.id != other.id


def test_the_records_own_names_are_left_out_even_unquoted():
    one = cause_of(1, problem("Unknown SKU RED"), values=("RED", "RED"))
    other = cause_of(1, problem("Unknown SKU BLUE"), values=("BLUE",))
    assert one == other
    assert one.sentence == "Unknown SKU …"


def test_a_mapping_row_stands_for_the_field_and_places_in_lists_do_not_count():
    assert cause_of(1, problem(field=""), row="address1").place == "address1"
    assert cause_of(1, problem(field="email"), row="address1").place == "email"
    assert cause_of(1, problem(key="broken_record", field=""), row="orders.csv line 12").place == ""
    assert cause_of(1, problem(field="lines.0.sku")).place == "lines.….sku"
    assert cause_of(1, problem(field="lines[0].sku")).id == cause_of(1, problem(field="lines[17].sku")).id
    assert row_of({"row": "email"}) == "email"
    assert row_of(None) == row_of({"mapped": {}}) == ""


@given(st.text(max_size=3000), st.integers(0, 2**40))
def test_any_message_has_a_cause_that_can_be_stored(message, service):
    found = cause_of(service, problem(message, message[:50]), values=(message[:3], message[-5:]))
    assert 0 <= found.id < 2**59
    assert len(found.sentence) <= MAX_SENTENCE + 20 * message.count("\0") + 6 * MAX_SENTENCE
    assert "\0" not in found.sentence
    found.sentence.encode()


@pytest.mark.parametrize(
    "hostile",
    [
        "'" * 2000,
        "a" * 2000,
        "1-" * 1000,
        "a@" * 1000,
        "x://" * 500,
        "\"'`" * 600,
        "a b " * 500,
        "a b c d e f g h " * 120 + "i",
    ],
)
def test_no_message_takes_long(hostile):
    began = time.perf_counter()
    sentence(hostile)
    assert time.perf_counter() - began < 0.1
