"""Text out of values, booleans out of words, and readable text out of HTML."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.errors import MappingError
from topstitch.values.html import strip_html
from topstitch.values.text import as_text, show, strip_accents
from topstitch.values.truth import as_boolean, is_empty


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (-0.0, "0"),
        (5.0, "5"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (1e22, "10000000000000000000000"),
        (123456789012345680.0, "123456789012345680"),
        (Decimal("12.50"), "12.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        (date(2023, 10, 26), "2023-10-26"),
        (datetime(2023, 10, 26, 7, 51, 7, tzinfo=UTC), "2023-10-26T07:51:07+00:00"),
    ],
)
def test_values_become_plain_text(value, text):
    assert as_text(value) == text


@pytest.mark.parametrize(
    "value",
    [
        ["a"],
        {"a": 1},
        b"a",
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("1e999999"),
        Decimal("0." + "1" * 401),
        pytest.param(10**5000, id="huge integer"),
        object(),
        1j,
    ],
)
def test_what_has_no_text_is_a_mapping_error(value):
    with pytest.raises(MappingError):
        as_text(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_float_is_the_float(number):
    text = as_text(number)

    assert float(text) == number
    assert "e" not in text


@given(st.integers(-(10**300), 10**300))
def test_the_text_of_an_integer_is_the_integer(number):
    assert int(as_text(number)) == number


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON)
def test_an_error_quotes_any_value_shortly(value):
    assert len(show(value)) < 130


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Ærøskøbing", "AEroskobing"), ("Straße", "Strasse"), ("Łódź", "Lodz"), ("東京", "東京"), ("ﬁne", "fine")],
)
def test_accents_are_stripped_and_other_scripts_stay(text, plain):
    assert strip_accents(text) == plain


def test_no_letter_keeps_a_second_accent():
    letters = [chr(code) for code in range(0x250) if chr(code).isalpha()]

    assert [c for c in letters if strip_accents(strip_accents(c)) != strip_accents(c)] == []
    assert strip_accents("ǿǣǻ") == "oaea"


@given(st.text())
def test_stripping_accents_twice_changes_nothing_more(text):
    once = strip_accents(text)

    assert strip_accents(once) == once


@pytest.mark.parametrize("value", [True, 1, 1.0, Decimal("1.00"), "TRUE", " yes ", "y", "1", "on"])
def test_true_words_are_true(value):
    assert as_boolean(value) is True


@pytest.mark.parametrize("value", [False, 0, 0.0, Decimal(0), "False", "no", "N", "0", "off"])
def test_false_words_are_false(value):
    assert as_boolean(value) is False


@pytest.mark.parametrize("value", ["maybe", "", 2, -1, 0.5, float("nan"), Decimal("sNaN"), None, [], {}])
def test_anything_else_is_neither(value):
    with pytest.raises(MappingError, match="neither true nor false"):
        as_boolean(value)


@pytest.mark.parametrize(
    ("value", "empty"),
    [(None, True), ("", True), ([], True), ({}, True), (0, False), (False, False), (" ", False), ([None], False)],
)
def test_only_nothing_is_empty(value, empty):
    assert is_empty(value) is empty


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain\ntext", "plain\ntext"),
        ("<p>One</p>\n\n<p>Two<br>Three</p>", "One\nTwo\nThree"),
        ("a <b>bold</b> word", "a bold word"),
        ("5 &lt; 6 &amp;&nbsp;7 &eacute;", "5 < 6 & 7 é"),
        ("<a title='x>y' href=#>link</a>", "link"),
        ("before<!-- no -->after<style>p{}</style>", "beforeafter"),
        ("Sizes < 40 and > 30", "Sizes < 40 and > 30"),
        ("<p>unclosed <b>tags", "unclosed tags"),
        ("<>", "<>"),
        ("<b></b>", ""),
        ("x\x00<b>\ud800y</b>", "xy"),
        ("日本<br/>語", "日本\n語"),
        ("</div><b>left the wrapper</b>", "left the wrapper"),
    ],
)
def test_html_becomes_readable_text(html, text):
    assert strip_html(html) == text


@pytest.mark.parametrize("piece", ["<", "<!--", "<a ", "<div>", "&", "<![CDATA[", "</", "<a href='", "&#x110000;"])
def test_hostile_html_ends_soon(piece):
    assert isinstance(strip_html(piece * 20_000), str)


@given(st.text(st.sampled_from("<>/&!-ab \"'=;#x\n") | st.characters()))
def test_any_text_is_read_as_html(text):
    assert isinstance(strip_html(text), str)


def test_show_is_one_line_of_json_like_text():
    assert show("two\nlines") == json.dumps("two\nlines").replace('"', "'")
