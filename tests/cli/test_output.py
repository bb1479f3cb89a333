"""What programs get from `--json`, whatever a record holds."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from topstitch.cli.output import as_json


def test_a_number_has_its_own_digits(capsys):
    as_json({"total": Decimal("99999999999989999.99")})
    assert capsys.readouterr().out == '{\n  "total": 99999999999989999.99\n}\n'


@pytest.mark.parametrize("odd", [10**40, "\ud800"])
def test_what_few_programs_can_write_is_written_all_the_same(capsys, odd):
    as_json({"odd": odd})
    assert json.loads(capsys.readouterr().out) == {"odd": odd}
