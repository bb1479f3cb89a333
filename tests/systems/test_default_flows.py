"""Default mappings from practice server to practice server: every record is taken, and nothing required is left to fill."""

from __future__ import annotations

import pytest
from tests.systems.cases import BY_PAIR, CASES, LEFT_OUT, every_pair
from tests.systems.running import run

from topstitch.engine.proposals.defaults import default_mapping, unmapped_required
from topstitch.sdk import CATALOGUE, Outcome


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.source}>{case.destination}")
def test_every_record_is_taken_with_the_default_mapping(practices, case):
    run(practices, *case.pair)


def test_every_pair_is_tried_or_left_out_for_a_reason():
    assert sorted([*BY_PAIR, *LEFT_OUT]) == sorted(every_pair())


@pytest.mark.parametrize(("source", "destination"), list(every_pair()))
def test_no_required_field_is_left_to_fill(source, destination):
    (from_, pulled), (to, pushed) = source.split("/"), destination.split("/")
    fields = CATALOGUE.get(to).fields(pushed)
    kind = CATALOGUE.get(to).entity(pushed).taxonomy
    rows = default_mapping(CATALOGUE.get(from_).fields(pulled), fields, kind)

    assert unmapped_required(fields, rows) == []


def test_sending_everything_again_makes_nothing_new(practices):
    run(practices, "woocommerce/orders", "odoo/orders")

    assert run(practices, "woocommerce/orders", "odoo/orders").outcomes == {Outcome.UNCHANGED}
