"""YAML as people mean it, and as it is written back."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from topstitch.store.files.yaml_text import load


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("NO", "NO"),
        ("on", "on"),
        ("007", "007"),
        ("12:30", "12:30"),
        ("2026-01-31", "2026-01-31"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("1E3", "1E3"),
        ("+44", 44),
        ("-5", -5),
        ("0", 0),
        ("1.50", 1.5),
        (".5", 0.5),
        ("-.5", "-.5"),
        ("-0.5", -0.5),
        ("1.0e+3", 1000.0),
        ("true", True),
        ("~", None),
        ("", None),
        ('"5"', "5"),
    ],
)
def test_what_is_written_is_what_is_meant(text, value):
    read = load(f"a: {text}")["a"]
    assert (type(read), read) == (type(value), value)


def test_a_country_may_be_norway_on_both_sides():
    assert load("{NO: NOR, SE: SWE, NOR: NO}") == {"NO": "NOR", "SE": "SWE", "NOR": "NO"}


SCALARS = st.text(st.characters(exclude_categories=["Cs", "Cc"])) | st.booleans() | st.integers() | st.none()
SCALARS |= st.floats(allow_nan=False, allow_infinity=False) | st.from_regex(r"[-+0-9a-fxoe_.:]{1,8}", fullmatch=True)


@example(["-.0", "+.5", ".5"])
@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text("ab01no", min_size=1), inner)))
def test_what_is_exported_is_read_as_it_was(value):
    assert load(yaml.safe_dump(value, allow_unicode=True)) == value
