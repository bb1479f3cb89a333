"""Default mappings from practice server to practice server: every record is taken, and what arrives is right."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tests.systems.cases import BY_PAIR, CASES, GOODS_ONLY, LEFT_OUT, every_pair
from tests.systems.flows import Flow, World
from topstitch.engine.mapping.defaults import default_mapping, unmapped_required
from topstitch.sdk import CATALOGUE, Outcome
from topstitch.sdk.practice import GOODS, ORDERS, PEOPLE
from topstitch.systems.odoo.client import connect as odoo_client
from topstitch.systems.odoo.erp.env import Env
from topstitch.systems.odoo.erp.registry import METHODS

COUNTRIES = {"GB": "United Kingdom", "DE": "Germany", "FR": "France", "US": "United States"}
WOO_NUMBERS = [str(780 + n) for n in range(len(ORDERS))]


def run(world: World, source: str, destination: str) -> Flow:
    """The services that come before, then this one; each must get through whole."""
    case = BY_PAIR[source, destination]
    for pair in case.before:
        run(world, *pair)
    if source == "odoo/refunds":
        credit(world)
    flow = world.flow(source, destination, keep=case.keep, read=case.read, write=case.write, rows=case.rows)
    assert flow.refused == []
    assert flow.records
    return flow


def credit(world: World) -> None:
    """The books give back one of the first line of the shop's third order."""
    env = Env(world.store("odoo"), odoo_client(world.connect("odoo")).series, 2)
    invoices = [doc for doc in env.docs("account.move") if doc["move_type"] == "out_invoice"][-len(ORDERS) :]
    invoice = invoices[2]
    line = next(doc for doc in env.docs("account.move.line") if doc["move_id"] == invoice["id"])
    kept = ("product_id", "name", "price_unit", "discount")
    given = {name: line[name] for name in kept} | {"quantity": 1, "tax_ids": [[6, 0, line["tax_ids"]]]}
    head = {name: invoice[name] for name in ("partner_id", "currency_id", "journal_id", "invoice_origin")}
    head |= {"move_type": "out_refund", "ref": "Chipped", "reversed_entry_id": invoice["id"]}
    refund = env.create("account.move", {**head, "invoice_line_ids": [[0, 0, given]]})
    METHODS["account.move", "action_post"](env, [refund])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.source}>{case.destination}")
def test_every_record_is_taken_with_the_default_mapping(practices, case):
    if case.source == "odoo/refunds":
        GOODS_ONLY_REFUNDS = {f"{order}" for order in WOO_NUMBERS} | {f"#10{n}" for n in range(61, 69)}
        for pair in case.before:
            run(practices, *pair)
        credit(practices)
        flow = practices.flow(*case.pair, keep=lambda record: record["order_number"] in GOODS_ONLY_REFUNDS)
        assert (len(flow.records), flow.refused) == (1, [])
        return
    run(practices, *case.pair)
