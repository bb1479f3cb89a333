"""Nothing that comes in a record, and no pattern that somebody writes, holds a worker or fills its memory."""

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.errors import ConfigError, MappingError
from topstitch.functions import bind
from topstitch.functions.lookup import EXAMPLE_ENVIRONMENT as ENV
from topstitch.functions.patterns import TIMEOUT

LONG = 1_000_000


def run(name, value, /, **args):
    return bind(name, args, ENV)(value)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(a|aa)+$", "a" * 100 + "!"),
        (r"(x+x+)+y", "x" * LONG),
        (r"\s+$", " " * 999_999 + "x"),
        (r"(\w+\s?)*\d$", "ab " * 300_000),
    ],
)
@pytest.mark.parametrize("name", ["string.extract_pattern", "string.replace_pattern"])
def test_a_pattern_that_would_take_for_ever_fails_the_record(name, pattern, text):
    start = time.process_time()

    with pytest.raises(MappingError, match="the pattern takes more than 1 second"):
        run(name, text, pattern=pattern)
    assert time.process_time() - start < TIMEOUT + 3


@pytest.mark.parametrize("pattern", ["(((a{1000}){1000}){1000}){1000}", "(?:ab{250}c){250}", "a{50001}"])
def test_a_pattern_that_is_huge_when_written_out_is_refused(pattern):
    with pytest.raises(ConfigError, match="repeats what is repeated too often"):
        run("string.extract_pattern", "a", pattern=pattern)


@pytest.mark.parametrize(
    "pattern", ["(?R)", "(?1)(a)", r"\p{L}", "(", "a**", "(?<n>a)", r"a\K", "(?V1)a", "a{99999999999999999999}"]
)
def test_the_syntax_is_that_of_python(pattern):
    with pytest.raises(ConfigError, match="cannot be read"):
        run("string.extract_pattern", "a", pattern=pattern)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("x{e}", "x{e}"),
        ("a{i<=1}", "a{i<=1}"),
        ("[{]", "{"),
        (r"\{{", "{{"),
        ("{", "{"),
        (r"([^#]{20})([^#]{30})", "x" * 50),
        (r"(?<=#)\d+(?!\d)", "1001"),
        (r"(\w)\1", "öö"),
    ],
)
def test_braces_that_repeat_nothing_are_braces_and_what_else_python_knows_works(pattern, text):
    assert run("string.extract_pattern", f"#{text}", pattern=pattern, group=0) == text


def test_a_group_that_took_no_part_is_empty():
    assert run("string.replace_pattern", "ab", pattern="(a)|b", replacement="<$1>") == "<a><>"


@pytest.mark.parametrize(
    ("name", "text", "args"),
    [
        ("string.replace_pattern", "x" * LONG, {"pattern": "(.)(.*)", "replacement": "$2" * 400}),
        ("string.replace_pattern", "x" * LONG, {"pattern": "(?=(.*))", "replacement": "$1"}),
        ("string.replace_pattern", "x" * LONG, {"pattern": "x", "replacement": "y" * 900}),
        ("string.replace", "x" * LONG, {"find": "x", "replace_with": "y" * 900}),
        ("string.replace", "x" * LONG, {"find": "X", "replace_with": "y" * 900, "ignore_case": True}),
        ("string.remove_line_breaks", "\n" * LONG, {"replacement": "y" * 900}),
        ("string.slug", "a " * LONG, {"separator": "y" * 900}),
        ("array.join", [1] * LONG, {"delimiter": "y" * 900}),
    ],
)
def test_no_text_becomes_endless(name, text, args):
    with pytest.raises(MappingError, match="longer than 10000000 characters"):
        run(name, text, **args)


def test_long_replacements_that_fit_are_made():
    assert run("string.replace", "x" * LONG + "y", find="y", replace_with="z" * 1000) == "x" * LONG + "z" * 1000
    made = run("string.replace_pattern", "x" * (LONG - 1) + "y", pattern="(y)", replacement="$1" * 400)
    assert made == "x" * (LONG - 1) + "y" * 400


@pytest.mark.parametrize("length", [10**9, 10**30])
def test_padding_has_a_bound(length):
    for name in ("string.pad_left", "string.pad_right"):
        with pytest.raises(ConfigError, match="at most 10000"):
            run(name, "x", length=length)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("string.remove_line_breaks", " " * LONG + "x"),
        ("string.strip_accents", "a" + "\u0301\u0316" * 100_000),
        ("string.slug", "a" + "\u0301\u0316" * 100_000),
        ("string.strip_html", "<p>" * 50_000 + " " * LONG),
        ("string.sentence", ". " * LONG),
        ("string.title", "a'" * LONG),
        ("string.decode_entities", "&" * LONG),
    ],
)
def test_time_grows_with_the_length_of_the_text_and_not_with_its_square(name, text):
    start = time.process_time()
    run(name, text)
    assert time.process_time() - start < 5


@given(st.text(st.sampled_from(" \t\n\r\u2028ab"), max_size=12))
def test_line_breaks_go_with_the_blanks_around_them(text):
    lines = f"|{text}|".replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").split("\n")

    cleaned = run("string.remove_line_breaks", f"|{text}|", replacement="/")
    assert cleaned == "/".join(line.strip(" \t") for line in lines)


def test_an_entity_with_an_endless_number_is_told():
    with pytest.raises(MappingError, match="number is too long"):
        run("string.decode_entities", "&#" + "9" * 5000 + ";")
    assert run("string.decode_entities", "&#" + "9" * 20 + ";") == "\ufffd"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12345678901234567890123", 12345678901234567890123),
        ("[0.1, 19.99, 1e3]", [0.1, 19.99, 1000.0]),
        ("12345678901234567.89", Decimal("12345678901234567.89")),
        ('{"id": 9007199254740993}', {"id": 9007199254740993}),
        ('"1234567890123456789.5"', "1234567890123456789.5"),
    ],
)
def test_json_is_read_without_losing_a_digit(text, value):
    assert run("string.json_decode", text) == value


@pytest.mark.parametrize(
    "text", ["[" * LONG, "1" * 5000, "[NaN, 1234567890123456789012]", "1e400", "\ud800", "{'a': 1}"]
)
def test_hostile_json_is_no_json(text):
    with pytest.raises(MappingError, match="is not JSON"):
        run("string.json_decode", text)


def test_a_message_quotes_little_of_a_value_whatever_is_in_it():
    with pytest.raises(MappingError) as caught:
        run("number.round", "\ud800" * 1000)

    assert len(caught.value.message) < 200
