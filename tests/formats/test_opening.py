from __future__ import annotations

import pytest

from topstitch.errors import ConfigError
from topstitch.formats import CsvFormat, FixedFormat, Format, JsonFormat, XmlFormat, open_format


@pytest.mark.parametrize(
    ("spec", "made"),
    [
        ({"kind": "csv", "delimiter": ";", "columns": ["a"]}, CsvFormat(delimiter=";", columns=("a",))),
        ({"kind": "json", "lines": True}, JsonFormat(lines=True)),
        (
            {"kind": "xml", "record_path": "a/b", "list_elements": ["c"]},
            XmlFormat(record_path="a/b", list_elements=("c",)),
        ),
        (
            {"kind": "fixed", "fields": [["a", 1, 2], {"name": "b", "start": 4, "length": 1}]},
            FixedFormat(fields=(("a", 1, 2), ("b", 4, 1))),
        ),
    ],
)
def test_a_format_is_made_from_settings_data(spec, made):
    assert open_format(spec) == made
    assert isinstance(open_format(spec), Format)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({}, "'kind': kind is None; it must be one of 'csv', 'json', 'xml', 'fixed'"),
        ({"kind": "xlsm"}, "it must be one of 'csv', 'json', 'xml', 'fixed'"),
        ({"kind": "csv", "delim": ";"}, "'delim': there is no such setting; there are delimiter, quote"),
        ({"kind": "xml"}, "'record_path': this setting is needed"),
        ({"kind": "csv", "delimiter": ";;"}, "delimiter is ';;'; it must be exactly one character"),
        ({"kind": "csv", "quote": ","}, "another character than the delimiter"),
        ({"kind": "csv", "header": "yes"}, "header is 'yes'; it must be true or false"),
        ({"kind": "csv", "quoting": "some"}, "it must be one of 'minimal', 'all', 'none'"),
        ({"kind": "csv", "encoding": "utf7"}, "encoding is 'utf7'; it must be one of 'utf-8'"),
        ({"kind": "csv", "columns": ["a", "a"]}, "none comes twice"),
        ({"kind": "csv", "max_cell": True}, "a whole number from 1 to"),
        ({"kind": "json", "group": {}}, "group is for csv and fixed files"),
        ({"kind": "csv", "group": ["a"]}, "a table with key, lines"),
        ({"kind": "csv", "group": {"key": ["a"], "lines": ["b"], "inner": 1, "x": 1}}, "'group.x': there is no such"),
    ],
)
def test_wrong_settings_name_the_key_and_what_it_may_hold(spec, message):
    with pytest.raises(ConfigError) as caught:
        open_format(spec)

    assert message in str(caught.value)
