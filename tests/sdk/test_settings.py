"""What a person types into a connector's form is checked, cast and completed."""

from __future__ import annotations

from datetime import date

import pytest

from topstitch.errors import ConfigError
from topstitch.sdk.model import Setting
from topstitch.sdk.settings import MAX_LENGTH, checked_settings

FORM = (
    Setting(name="url", label="Address", kind="url", required=True, find="In the browser's bar."),
    Setting(name="method", label="Sign-in", kind="choice", choices=("token", "password"), default="token"),
    Setting(name="token", label="Token", required=True, secret=True, when={"method": ["token"]}),
    Setting(name="password", label="Password", required=True, secret=True, when={"method": ["password"]}),
    Setting(name="days", label="Days", kind="integer", default=7),
    Setting(name="rate", label="Rate", kind="number"),
    Setting(name="test", label="Test shop", kind="boolean", default=False),
    Setting(name="ends", label="Ends on", kind="date"),
    Setting(name="key", label="Key", kind="multiline"),
)
GOOD = {"url": "https://shop.example.com/", "token": "abc"}


def test_defaults_are_filled_in_and_values_cast():
    values = checked_settings(
        FORM, {**GOOD, "days": "14", "rate": "0.5", "test": "yes", "ends": date(2027, 1, 31), "key": " a\nb \n"}
    )

    assert values == {
        "url": "https://shop.example.com",
        "method": "token",
        "token": "abc",
        "password": None,
        "days": 14,
        "rate": 0.5,
        "test": True,
        "ends": "2027-01-31",
        "key": " a\nb \n",
    }


def test_blanks_around_a_pasted_secret_are_cut():
    assert checked_settings(FORM, {**GOOD, "token": " abc\n"})["token"] == "abc"


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_value_takes_the_default(empty):
    assert checked_settings(FORM, {**GOOD, "days": empty})["days"] == 7


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"token": "abc"}, "Address (url) is missing"),
        ({"url": "https://a.example.com"}, "Token (token) is missing"),
        ({**GOOD, "method": "password"}, "Password (password) is missing"),
        ({**GOOD, "tokens": "x"}, "unknown setting 'tokens'"),
        ({**GOOD, "method": "magic"}, "'magic' is not one of token, password"),
        ({**GOOD, "days": "many"}, "'many' is not a whole number"),
        ({**GOOD, "days": 1.5}, "is not a whole number"),
        ({**GOOD, "days": True}, "is not a whole number"),
        ({**GOOD, "rate": "fast"}, "'fast' is not a number"),
        ({**GOOD, "rate": "nan"}, "is not a number"),
        ({**GOOD, "test": "perhaps"}, "neither yes nor no"),
        ({**GOOD, "ends": "31.01.2027"}, "'31.01.2027' is not a date such as 2027-01-31"),
        ({**GOOD, "url": "shop.example.com"}, "begins with https://"),
        ({**GOOD, "url": "ftp://shop.example.com"}, "begins with https://"),
        ({**GOOD, "url": "https://"}, "begins with https://"),
        ({**GOOD, "url": "https://[shop.example.com"}, "Address (url)"),
        ({**GOOD, "url": "https://me:secret@shop.example.com"}, "must not hold a user name"),
        ({**GOOD, "token": ["a"]}, "the value given must be text"),
        ({**GOOD, "key": "x" * (MAX_LENGTH + 1)}, "Key is longer than"),
    ],
)
def test_what_is_wrong_is_named(given, words):
    with pytest.raises(ConfigError) as wrong:
        checked_settings(FORM, given, place="My shop")

    assert words in wrong.value.message and wrong.value.message.startswith("My shop: ")


def test_a_wrong_secret_is_not_repeated_in_the_error():
    with pytest.raises(ConfigError) as wrong:
        checked_settings([Setting(name="pin", label="PIN", kind="integer", secret=True)], {"pin": "hunter2"})

    assert "hunter2" not in wrong.value.message


def test_a_missing_setting_hints_where_to_find_it():
    with pytest.raises(ConfigError) as wrong:
        checked_settings(FORM, {"token": "abc"})

    assert wrong.value.hint == "In the browser's bar."


@pytest.mark.parametrize(
    ("choice", "said"),
    [("jsonl", "JSON lines"), ("leave_out", "Leave out"), ("ref, then email", "ref, then email"), ("wc/v3", "wc/v3")],
)
def test_choices_read_as_words_and_codes_stay_as_they_are(choice, said):
    setting = Setting(name="x", label="X", kind="choice", choices=(choice,), words={"jsonl": "JSON lines"})
    assert setting.in_words(choice) == said
