"""The examples that the practice server gives of records it takes and refuses."""

from __future__ import annotations

import pytest

from topstitch.sdk import Connection
from topstitch.systems.odoo.practice import BAD_RECORDS, GOOD_RECORDS

from .conftest import outcomes, push


@pytest.mark.parametrize("entity", sorted(GOOD_RECORDS))
def test_the_examples_are_taken_and_refused_side_by_side(conn: Connection, entity: str) -> None:
    good, bad = list(GOOD_RECORDS[entity]), list(BAD_RECORDS[entity])
    verdicts = push(conn, entity, good[0], bad[0], *good[1:])
    assert outcomes(verdicts)[1] == "rejected"
    assert {*outcomes(verdicts[:1]), *outcomes(verdicts[2:])} <= {"created", "updated"}
    assert all(verdict.remote_id for verdict in (verdicts[0], *verdicts[2:]))
    again = push(conn, entity, *good)
    assert "created" not in outcomes(again)
    assert [v.remote_id for v in again] == [v.remote_id for v in (verdicts[0], *verdicts[2:])]
